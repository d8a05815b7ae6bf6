/* minnow_network_save_c: a network as one C99 header that needs nothing but <stdint.h>. */
#include <stdio.h>
#include <string.h>
#include "base/argument.h"
#include "base/status.h"
#include "model/c_source/source.h"
#include "model/formats.h"
#include "model/model.h"
#include "model/table_encoder.h"
#include "net/ensemble.h"

enum { NAME = SOURCE_NAME, LINE = 100 };

/* ---- Names ---- */

/* Of ASCII alone, whatever the locale. */
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_identifier(const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++)
        if (!is_letter(name[i]) && !is_digit(name[i]))
            return false;
    return length > 0 && length < NAME && !is_digit(name[0]);
}

/* "out/my-digits.h" makes my_digits. C leaves names that begin with an underscore to compilers. */
static void name_from_path(const char *path, char name[NAME]) {
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
    size_t used = 0, length = strcspn(base, ".");
    if (length == 0 || !is_letter(base[0]) || base[0] == '_')
        used = (size_t)snprintf(name, NAME, "model_");
    for (size_t i = 0; i < length && used + 1 < NAME; i++)
        name[used++] = is_letter(base[i]) || is_digit(base[i]) ? base[i] : '_';
    name[used] = '\0';
}

/* ---- Numbers ---- */

void source_float(float value, char text[FLOAT_LITERAL]) {
    size_t length = number_write_shortest(value, text);
    snprintf(text + length, 4, "%s", strpbrk(text, ".e") != NULL ? "f" : ".0f");
}

/* The elements of an array, in lines. */
struct elements {
    struct output *output;
    size_t column;
};

static void write_element(struct elements *elements, const char *text) {
    size_t length = strlen(text) + 1; /* and a comma */
    if (elements->column == 0 || elements->column + 1 + length > LINE) {
        output_write(elements->output, "\n    ", 5);
        elements->column = 4;
    } else {
        output_write(elements->output, " ", 1);
        elements->column++;
    }
    output_write(elements->output, text, length - 1);
    output_write(elements->output, ",", 1);
    elements->column += length;
}

static void write_floats(const struct source *source, const char *kind, size_t layer, const float *x,
                         size_t rows, size_t columns, size_t stride) {
    struct elements elements = {source->output, 0};
    output_printf(source->output, "\nstatic const float %s_%s_%zu[%llu] = {", source->part, kind, layer,
                  (unsigned long long)rows * columns);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) {
            char text[FLOAT_LITERAL];
            source_float(x[r * stride + c], text);
            write_element(&elements, text);
        }
    output_printf(source->output, "\n};\n");
}

static void write_bytes(const struct source *source, size_t layer, const int8_t *x, size_t count) {
    struct elements elements = {source->output, 0};
    output_printf(source->output, "\nstatic const int8_t %s_weights_%zu[%zu] = {", source->part, layer,
                  count);
    for (size_t i = 0; i < count; i++) {
        char text[8];
        snprintf(text, sizeof text, "%d", x[i]);
        write_element(&elements, text);
    }
    output_printf(source->output, "\n};\n");
}

static void write_arrays(const struct source *source) {
    for (size_t l = 0; l < source->member->layer_count; l++) {
        const struct layer *layer = &source->member->layers[l];
        struct matrix w = parameters_weights(source->member->parameters, l);
        const float *biases = parameters_biases(source->member->parameters, l);
        if (source->quantized == NULL) {
            write_floats(source, "weights", l, w.data, layer->inputs, layer->outputs, w.stride);
        } else {
            const struct quantized_layer *quantized = &source->quantized->layers[l];
            write_bytes(source, l, quantized->weights, layer->inputs * layer->outputs);
            write_floats(source, "scales", l, quantized->scales, 1, layer->outputs, layer->outputs);
        }
        write_floats(source, "biases", l, biases, 1, layer->outputs, layer->outputs);
    }
}

/* ---- Functions ---- */

void source_write(const struct source *source, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '$')
            output_write(source->output, source->name, strlen(source->name));
        else if (*text == '@')
            output_write(source->output, source->upper, strlen(source->upper));
        else
            output_write(source->output, text, 1);
    }
}

static void write_start(const struct source *source) {
    const minnow_network *network = source->network;
    size_t sizes[NETWORK_MAX_LAYERS + 1];
    char architecture[MODEL_ARCHITECTURE_TEXT], scaling[FLOAT_LITERAL], activations[ACTIVATIONS_TEXT];
    char what[64] = "A neural network";
    for (size_t i = 0; i <= network->layer_count; i++)
        sizes[i] = minnow_network_layer_size(network, i);
    model_architecture(sizes, network->layer_count, architecture);
    source_float(minnow_network_input_scaling(network), scaling);
    network_activations_text(network, "relu", activations);
    if (network_members(network) > 1)
        snprintf(what, sizeof what, "An ensemble of %zu neural networks", network_members(network));
    output_printf(source->output,
                  "/*\n"
                  " * %s, %s, %s, %s, parameters' CRC-32 %08x, written by minnow %s.\n"
                  " * C99 that needs no library and allocates nothing; weights are %s.\n *\n",
                  what, architecture, activations, loss_rows[network->loss].name,
                  (unsigned)minnow_network_params_crc32(network), minnow_version(),
                  source->quantized == NULL ? "floats" : "bytes, with a scale for each output");
    source_write(source, " *     float probabilities[@_OUTPUTS];\n"
                         " *     unsigned label = $_predict_");
    source_write(source,
                 source->encoder != NULL ? "row(&row, probabilities);\n" : "pixels(image, probabilities);\n");
    source_write(source, " */\n"
                         "#ifndef MINNOW_@_H\n"
                         "#define MINNOW_@_H\n\n"
                         "#include <stdint.h>\n\n");
    output_printf(source->output,
                  "#define %s_INPUTS %zu\n#define %s_OUTPUTS %zu\n"
                  "#define %s_INPUT_SCALING %s /* features are pixels times this */\n",
                  source->upper, sizes[0], source->upper, sizes[network->layer_count], source->upper,
                  scaling);
}

/* The polynomial is e^r's Taylor series: for |r| up to ln(2)/2 the first term left out is below 1e-8. */
static const char exp_text[] =
    "\n/* e^x as 2^k e^r with |r| <= ln(2)/2; ln(2) in two parts, of which k times the first is exact. */\n"
    "static inline float $_exp(float x) {\n"
    "    union {\n"
    "        uint32_t bits;\n"
    "        float value;\n"
    "    } power;\n"
    "    if (!(x > -87.0f))\n"
    "        return 0.0f;\n"
    "    if (x > 88.0f)\n"
    "        x = 88.0f;\n"
    "    int32_t k = (int32_t)(x * 1.44269504f + (x < 0.0f ? -0.5f : 0.5f));\n"
    "    float r = x - (float)k * 0.693359375f + (float)k * 2.12194440e-4f;\n"
    "    float p = 1.0f / 720 + r * (1.0f / 5040);\n"
    "    p = 1.0f + r * (1.0f + r * (0.5f + r * (1.0f / 6 + r * (1.0f / 24 + r * (1.0f / 120 + r * p)))));\n"
    "    power.bits = (uint32_t)(k + 127) << 23;\n"
    "    return p * power.value;\n"
    "}\n";

/* The functions that layers' activations call, each once. */
static void write_helpers(const struct source *source) {
    const minnow_network *network = source->network;
    for (size_t l = 0; l + 1 < network->layer_count; l++) {
        const char *helper = activation_rows[network->layers[l].activation].c_source.helper;
        bool written = helper == NULL;
        for (size_t k = 0; k < l && !written; k++)
            written = activation_rows[network->layers[k].activation].c_source.helper == helper;
        if (!written)
            source_write(source, helper);
    }
}

static void write_layer(const struct source *source, size_t l) {
    const struct layer *layer = &source->network->layers[l];
    bool bytes = source->quantized != NULL;
    struct output *output = source->output;
    const char *name = source->part;
    output_printf(output,
                  "\n/* y[%zu] from x[%zu]. */\n"
                  "static inline void %s_layer_%zu(const float *x, float *y) {\n"
                  "    const %s *w = %s_weights_%zu;\n"
                  "    for (int32_t o = 0; o < %zu; o++)\n",
                  layer->outputs, layer->inputs, name, l, bytes ? "int8_t" : "float", name, l,
                  layer->outputs);
    if (bytes)
        output_printf(output, "        y[o] = 0.0f;\n");
    else
        output_printf(output, "        y[o] = %s_biases_%zu[o];\n", name, l);
    output_printf(output,
                  "    for (int32_t i = 0; i < %zu; i++, w += %zu)\n"
                  "        if (x[i] < 0.0f || x[i] > 0.0f) /* many inputs are 0 */\n"
                  "            for (int32_t o = 0; o < %zu; o++)\n"
                  "                y[o] += x[i] * %sw[o];\n",
                  layer->inputs, layer->outputs, layer->outputs, bytes ? "(float)" : "");
    if (bytes)
        output_printf(output,
                      "    for (int32_t o = 0; o < %zu; o++)\n"
                      "        y[o] = y[o] * %s_scales_%zu[o] + %s_biases_%zu[o];\n",
                      layer->outputs, name, l, name, l);
    if (l + 1 < source->network->layer_count) {
        output_printf(output,
                      "    for (int32_t o = 0; o < %zu; o++) {\n"
                      "        float z = y[o];\n"
                      "        y[o] = ",
                      layer->outputs);
        source_write(source, activation_rows[layer->activation].c_source.text);
        output_printf(output, ";\n    }\n");
    }
    output_printf(output, "}\n");
}

/* Layers alternate between two rows, each as long as the longest that it takes. */
static void write_calls(const struct source *source) {
    const minnow_network *network = source->network;
    size_t longest[2] = {0, 0}, last = network->layer_count - 1;
    for (size_t l = 0; l < last; l++)
        if (network->layers[l].outputs > longest[l % 2])
            longest[l % 2] = network->layers[l].outputs;
    for (size_t i = 0; i < 2; i++)
        if (longest[i] > 0)
            output_printf(source->output, "    float row_%zu[%zu];\n", i, longest[i]);
    for (size_t l = 0; l <= last; l++) {
        char from[16] = "inputs", to[16] = "outputs";
        if (l > 0)
            snprintf(from, sizeof from, "row_%zu", (l - 1) % 2);
        if (l < last)
            snprintf(to, sizeof to, "row_%zu", l % 2);
        output_printf(source->output, "    %s_layer_%zu(%s, %s);\n", source->part, l, from, to);
    }
}

/* The index of the largest output, the first of equals. */
static const char label_text[] = "    unsigned label = 0;\n"
                                 "    for (int32_t o = 1; o < @_OUTPUTS; o++)\n"
                                 "        if (outputs[o] > outputs[label])\n"
                                 "            label = (unsigned)o;\n";

/* From inputs to outputs, by the layers of the member. */
static void write_body(const struct source *source) {
    write_calls(source);
    source_write(source, label_text);
    source_write(source, loss_rows[source->network->loss].c_source);
    source_write(source, "    return label;\n}\n");
}

/* The mean of what the networks of an ensemble give. */
static void write_mean(const struct source *source) {
    size_t members = network_members(source->network);
    source_write(source, "    float given[@_OUTPUTS];\n"
                         "    for (int32_t o = 0; o < @_OUTPUTS; o++)\n"
                         "        outputs[o] = 0.0f;\n");
    for (size_t m = 0; m < members; m++) {
        output_printf(source->output, "    (void)%s_member_%zu_predict(inputs, given);\n", source->name, m);
        source_write(source, "    for (int32_t o = 0; o < @_OUTPUTS; o++)\n"
                             "        outputs[o] += given[o];\n");
    }
    source_write(source, "    for (int32_t o = 0; o < @_OUTPUTS; o++)\n");
    output_printf(source->output, "        outputs[o] /= %zu.0f;\n", members);
    source_write(source, label_text);
    source_write(source, "    return label;\n}\n");
}

static void write_predict(const struct source *source) {
    source_write(
        source,
        "\n/* Runs inputs[@_INPUTS], pixels times @_INPUT_SCALING, through the network. Returns the most\n"
        "   likely label, the first of equals, and fills outputs[@_OUTPUTS] with the probabilities. */\n"
        "static inline unsigned $_predict(const float *inputs, float *outputs) {\n");
    if (network_members(source->network) > 1)
        write_mean(source);
    else
        write_body(source);
    source_write(source, "\n/* The same for pixels, 0 to 255. */\n"
                         "static inline unsigned $_predict_pixels(const uint8_t *pixels, float *outputs) {\n"
                         "    float inputs[@_INPUTS];\n"
                         "    for (int32_t i = 0; i < @_INPUTS; i++)\n"
                         "        inputs[i] = (float)pixels[i] * @_INPUT_SCALING;\n"
                         "    return $_predict(inputs, outputs);\n"
                         "}\n");
    if (source->encoder != NULL)
        source_write_table(source);
    source_write_names(source);
    source_write(source, "\n#endif\n");
}

/* ---- The file ---- */

static void choose_member(struct source *source, size_t m) {
    source->member = network_member(source->network, m);
    if (network_members(source->network) == 1)
        snprintf(source->part, sizeof source->part, "%s", source->name);
    else
        snprintf(source->part, sizeof source->part, "%s_member_%zu", source->name, m);
}

/* The layers of a network, and, of one of an ensemble, the function that runs it. */
static void write_layers(const struct source *source) {
    for (size_t l = 0; l < source->network->layer_count; l++)
        write_layer(source, l);
    if (network_members(source->network) == 1)
        return;
    output_printf(source->output,
                  "\nstatic inline unsigned %s_predict(const float *inputs, float *outputs) {\n",
                  source->part);
    write_body(source);
}

static minnow_status write_source(struct source *source, const char *path) {
    minnow_status status = output_open(path, &source->output);
    if (status != MINNOW_OK)
        return status;
    size_t members = network_members(source->network);
    write_start(source);
    for (size_t m = 0; m < members; m++) {
        choose_member(source, m);
        write_arrays(source);
    }
    source_write(source, exp_text);
    write_helpers(source);
    for (size_t m = 0; m < members; m++) {
        choose_member(source, m);
        write_layers(source);
    }
    write_predict(source);
    return output_commit(source->output);
}

minnow_status minnow_network_save_c(const minnow_network *network, const char *path, const char *name,
                                    bool int8) {
    if (!GIVEN(network) || !GIVEN(path))
        return MINNOW_ERROR_ARGUMENT;

    struct source source = {.network = network};
    struct quantized quantized = {0};
    if (name != NULL && !is_identifier(name))
        return fail(MINNOW_ERROR_ARGUMENT, "\"%s\": expected a C identifier of at most %d characters", name,
                    NAME - 1);
    if (name != NULL)
        snprintf(source.name, sizeof source.name, "%s", name);
    else
        name_from_path(path, source.name);
    for (size_t i = 0; i < NAME; i++)
        source.upper[i] =
            source.name[i] >= 'a' && source.name[i] <= 'z' ? (char)(source.name[i] - 32) : source.name[i];
    minnow_status status = model_check_finite(network, path);
    if (status == MINNOW_OK && int8)
        status = quantize(network, &quantized);
    if (status != MINNOW_OK)
        return status;
    source.quantized = int8 ? &quantized : NULL;
    status = table_encoder_in(network, &source.encoder);
    if (status == MINNOW_OK)
        status = write_source(&source, path);
    encoder_free(source.encoder);
    quantized_free(&quantized);
    return status;
}

/* ---- The format's row ---- */

static minnow_status save(const minnow_network *network, const char *path,
                          const struct model_save_options *options) {
    return minnow_network_save_c(network, path, options->name, options->int8);
}

const struct model_format model_format_c = {
    .name = "c",
    .title = "C source",
    .help = "one header of C99 that needs no library",
    .extensions = (const char *const[]){".h", ".c", NULL},
    .holds_scaling = true,
    .options = MODEL_SAVE_INT8 | MODEL_SAVE_NAME,
    .save = save,
};
