/*
 * minnow_network_save_onnx: a network as an ONNX model of operator set 13, which ONNX Runtime and others run.
 * Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; see graph.h.
 *
 *   input [batch, …] → Flatten → (Mul by the input scaling) → Gemm → activation → … → Gemm → output
 *
 * Of a network that was trained on a table, the inputs hold its columns, and table.c makes features of them; a number that it
 * predicts is scaled back.
 *
 * The networks of an ensemble stand side by side, from the same input to a Mean of their outputs.
 *
 * What an activation and the output are in ONNX stands in their rows, in src/net.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/argument.h"
#include "base/byte_order.h"
#include "base/memory.h"
#include "base/status.h"
#include "model/model.h"
#include "model/blueprint.h"
#include "model/formats.h"
#include "model/onnx/graph.h"
#include "model/onnx/table.h"
#include "model/table_encoder.h"
#include "net/ensemble.h"

enum { IR_VERSION = 7, OPERATOR_SET = 13 };

enum model_field {
    MODEL_IR_VERSION = 1,
    MODEL_PRODUCER_NAME = 2,
    MODEL_PRODUCER_VERSION = 3,
    MODEL_GRAPH = 7,
    MODEL_OPSET_IMPORT = 8,
    MODEL_METADATA_PROPS = 14,
};
/* ---- Nodes ---- */

enum { NAME = 80 };

/* The steps of an activation, from the weighted sums of that name to `output`. What lies between is called
   SUM.1, SUM.2 and so on, and a number that a step takes SUM.1.number. */
static void add_steps(struct proto *graph, const struct onnx_step *steps, const char *sum,
                      const char *output) {
    char from[NAME], to[NAME], number[NAME + 8];
    snprintf(from, sizeof from, "%s", sum);
    for (size_t i = 0; i < ONNX_STEPS_MOST && steps[i].op != NULL; i++) {
        bool last = i + 1 == ONNX_STEPS_MOST || steps[i + 1].op == NULL;
        if (last)
            snprintf(to, sizeof to, "%s", output);
        else
            snprintf(to, sizeof to, "%.48s.%zu", sum, i + 1);

        const char *inputs[2] = {from, sum};
        if (steps[i].second == ONNX_NUMBER) {
            snprintf(number, sizeof number, "%s.number", to);
            graph_add_number(graph, number, steps[i].number);
            inputs[1] = number;
        }
        graph_add_node(graph, &steps[i], inputs, steps[i].second == ONNX_NONE ? 1 : 2, to);
        snprintf(from, sizeof from, "%s", to);
    }
}

/* The name of a layer's tensor, of a network of an ensemble behind its prefix. */
static void tensor_name(const char *prefix, size_t layer, enum part part, char text[NAME]) {
    char name[MODEL_TENSOR_NAME];
    model_tensor_name(layer, part, name);
    snprintf(text, NAME, "%s%s", prefix, name);
}

/* Layer i takes `from`, and leaves in it the name of what it gives. */
static void add_layer(struct proto *graph, const minnow_network *network, const char *prefix, size_t i,
                      char from[NAME]) {
    static const struct onnx_step gemm = {.op = "Gemm", .integer_name = "transB", .integer_value = 1};
    char weight[NAME], bias[NAME], sum[NAME];
    tensor_name(prefix, i, PART_WEIGHT, weight);
    tensor_name(prefix, i, PART_BIAS, bias);
    snprintf(sum, sizeof sum, "%slayers.%zu.sum", prefix, i);
    graph_add_node(graph, &gemm, (const char *const[]){from, weight, bias}, 3, sum);

    if (i + 1 < network->layer_count) {
        snprintf(from, NAME, "%slayers.%zu.output", prefix, i);
        add_steps(graph, activation_rows[network->layers[i].activation].onnx, sum, from);
    } else {
        snprintf(from, NAME, "%sprobabilities", prefix);
        add_steps(graph, loss_rows[network->loss].onnx, sum, from);
    }
}

/* From the input to what the first layer takes, whose name is left in `from`. */
static void add_start(struct proto *graph, const minnow_network *network, bool scale,
                      const struct encoder *encoder, char from[NAME]) {
    static const struct onnx_step flatten = {.op = "Flatten", .integer_name = "axis", .integer_value = 1};
    static const struct onnx_step multiply = {.op = "Mul"};
    snprintf(from, NAME, "%s", scale ? "scaled" : "flat");
    if (scale && encoder != NULL) {
        onnx_add_table(graph, encoder, from);
        return;
    }
    graph_add_node(graph, &flatten, (const char *const[]){"input"}, 1, "flat");
    if (!scale)
        return;
    graph_add_number(graph, "input_scaling", minnow_network_input_scaling(network));
    graph_add_node(graph, &multiply, (const char *const[]){"flat", "input_scaling"}, 2, from);
}

/* The layers of the network, or of each network of an ensemble, from `input` to "probabilities". */
static void add_members(struct proto *graph, const minnow_network *network, const char *input) {
    static const struct onnx_step mean = {.op = "Mean"};
    char names[ENSEMBLE_MOST][NAME];
    const char *outputs[ENSEMBLE_MOST];
    size_t members = network_members(network);
    for (size_t m = 0; m < members; m++) {
        char prefix[ENSEMBLE_PREFIX];
        network_member_prefix(network, m, prefix);
        snprintf(names[m], NAME, "%s", input);
        outputs[m] = names[m];
        for (size_t i = 0; i < network->layer_count; i++)
            add_layer(graph, network, prefix, i, names[m]);
    }
    if (members > 1)
        graph_add_node(graph, &mean, outputs, members, "probabilities");
}

static bool gives_number(const struct encoder *encoder, bool scale) {
    return scale && encoder != NULL && encoder->task == TASK_REGRESSION;
}

static void add_nodes(struct proto *graph, const minnow_network *network, bool scale,
                      const struct encoder *encoder) {
    char from[NAME];
    add_start(graph, network, scale, encoder, from);
    add_members(graph, network, from);
    if (gives_number(encoder, scale))
        onnx_add_prediction(graph, encoder);
}

/* ---- Inputs and outputs ---- */

/* What the metadata say of a sample's sizes, if they make the number of inputs; otherwise that number alone. */
static size_t sample_shape(const minnow_network *network, size_t shape[MODEL_MAX_RANK]) {
    size_t inputs = network->layers[0].inputs, product = 1;
    const char *text = minnow_network_metadata(network, "input_shape");
    json_t *array = text != NULL ? json_loads(text, 0, NULL) : NULL;
    size_t rank = json_array_size(array);
    bool fits = rank >= 1 && rank <= MODEL_MAX_RANK;
    for (size_t i = 0; fits && i < rank; i++) {
        json_int_t size = json_integer_value(json_array_get(array, i));
        fits = size >= 1 && size <= NETWORK_MAX_SIZE && size_multiply(product, (size_t)size, &product);
        shape[i] = (size_t)size;
    }
    json_decref(array);
    if (fits && product == inputs)
        return rank;
    shape[0] = inputs;
    return 1;
}

static void add_values(struct proto *graph, const minnow_network *network, bool scale,
                       const struct encoder *encoder) {
    static const size_t one_number = 1;
    size_t shape[MODEL_MAX_RANK], rank = sample_shape(network, shape);
    if (!scale || encoder == NULL)
        graph_add_value(graph, GRAPH_INPUT, ONNX_FLOAT, "input", scale ? "pixels, 0 to 255" : "features",
                        shape, rank);
    if (gives_number(encoder, scale))
        graph_add_value(graph, GRAPH_OUTPUT, ONNX_FLOAT, "prediction", "the number", &one_number, 1);
    else
        graph_add_value(graph, GRAPH_OUTPUT, ONNX_FLOAT, "probabilities", "of each class",
                        &network->layers[network->layer_count - 1].outputs, 1);
}

/* ---- Tensors ---- */

/* All of a tensor but its data, of which `bytes` must follow. columns 0: a vector. */
static void start_tensor(struct proto *tensor, const char *name, size_t rows, size_t columns,
                         uint64_t *bytes) {
    proto_integer(tensor, TENSOR_DIMS, rows);
    if (columns > 0)
        proto_integer(tensor, TENSOR_DIMS, columns);
    proto_integer(tensor, TENSOR_DATA_TYPE, ONNX_FLOAT);
    proto_string(tensor, TENSOR_NAME, name);
    *bytes = (uint64_t)rows * (columns > 0 ? columns : 1) * sizeof(float);
    proto_begin(tensor, TENSOR_RAW_DATA, *bytes);
}

/* As a field of the graph. Returns its whole size. */
static uint64_t start_initializer(struct proto *start, const minnow_network *network, size_t member, size_t i,
                                  enum part part) {
    char prefix[ENSEMBLE_PREFIX], name[NAME];
    network_member_prefix(network, member, prefix);
    tensor_name(prefix, i, part, name);

    const struct layer *layer = &network->layers[i];
    bool weight = part == PART_WEIGHT;
    struct proto tensor = {0};
    uint64_t bytes;
    start_tensor(&tensor, name, layer->outputs, weight ? layer->inputs : 0, &bytes);
    proto_begin(start, GRAPH_INITIALIZER, tensor.size + bytes);
    proto_append(start, tensor.data, tensor.size);
    start->failed |= tensor.failed;
    proto_free(&tensor);
    return start->size + bytes;
}

/* ---- The file ---- */

static void add_property(struct proto *model, const char *key, const char *value) {
    enum { KEY = 1, VALUE = 2 };
    struct proto pair = {0};
    proto_string(&pair, KEY, key);
    proto_string(&pair, VALUE, value);
    proto_message(model, MODEL_METADATA_PROPS, &pair);
}

static void add_operators(struct proto *model, const char *domain, uint64_t version) {
    enum { DOMAIN = 1, VERSION = 2 };
    struct proto opset = {0};
    proto_string(&opset, DOMAIN, domain);
    proto_integer(&opset, VERSION, version);
    proto_message(model, MODEL_OPSET_IMPORT, &opset);
}

/* All of the model but its graph. */
static void start_model(struct proto *model, const minnow_network *network, bool table) {
    char crc32[9];
    proto_integer(model, MODEL_IR_VERSION, IR_VERSION);
    proto_string(model, MODEL_PRODUCER_NAME, "minnow");
    proto_string(model, MODEL_PRODUCER_VERSION, minnow_version());
    add_operators(model, "", OPERATOR_SET);
    if (table)
        add_operators(model, ONNX_ML_DOMAIN, ONNX_ML_VERSION);
    snprintf(crc32, sizeof crc32, "%08x", (unsigned)minnow_network_params_crc32(network));
    add_property(model, "params_crc32", crc32);
    for (size_t i = 0; i < network->metadata.count; i++)
        if (!metadata_is_derived(network->metadata.entries[i].key))
            add_property(model, network->metadata.entries[i].key, network->metadata.entries[i].value);
}

/* The graph's size once its tensors follow. */
static uint64_t graph_size(const struct proto *graph, const minnow_network *network) {
    uint64_t size = graph->size;
    for (size_t m = 0; m < network_members(network); m++)
        for (size_t i = 0; i < network->layer_count; i++)
            for (enum part part = PART_WEIGHT; part <= PART_BIAS; part++) {
                struct proto start = {0};
                size += start_initializer(&start, network, m, i, part);
                proto_free(&start);
            }
    return size;
}

static minnow_status write_member(struct output *output, const minnow_network *network, size_t m) {
    const minnow_network *member = network_member(network, m);
    minnow_status status = MINNOW_OK;
    for (size_t i = 0; status == MINNOW_OK && i < network->layer_count; i++)
        for (enum part part = PART_WEIGHT; status == MINNOW_OK && part <= PART_BIAS; part++) {
            struct proto start = {0};
            start_initializer(&start, network, m, i, part);
            if (start.failed)
                status = fail_memory("an ONNX model");
            else
                output_write(output, start.data, start.size);
            proto_free(&start);
            if (status == MINNOW_OK && part == PART_WEIGHT)
                status = model_write_weights(output, member, i);
            else if (status == MINNOW_OK)
                model_write_biases(output, member, i);
        }
    return status;
}

static minnow_status write_tensors(struct output *output, const minnow_network *network) {
    minnow_status status = MINNOW_OK;
    for (size_t m = 0; status == MINNOW_OK && m < network_members(network); m++)
        status = write_member(output, network, m);
    return status;
}

/* Protocol buffers, and so ONNX models in one file, end at 2 GiB. */
static minnow_status write_model(const char *path, const minnow_network *network, struct proto *model,
                                 const struct proto *graph) {
    uint64_t size = graph_size(graph, network);
    proto_begin(model, MODEL_GRAPH, size);
    proto_append(model, graph->data, graph->size);
    if (model->failed || graph->failed)
        return fail_memory("an ONNX model");
    if (size + model->size > INT32_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "%s: not written: %llu bytes; an ONNX file holds at most 2 GiB",
                    path, (unsigned long long)size);
    struct output *output;
    minnow_status status = output_open(path, &output);
    if (status != MINNOW_OK)
        return status;
    output_write(output, model->data, model->size);
    status = write_tensors(output, network);
    if (status == MINNOW_OK)
        return output_commit(output);
    output_abort(output);
    return status;
}

minnow_status minnow_network_save_onnx(const minnow_network *network, const char *path, bool scaled_input) {
    if (!GIVEN(network) || !GIVEN(path))
        return MINNOW_ERROR_ARGUMENT;

    minnow_status status = model_check_finite(network, path);
    if (status != MINNOW_OK)
        return status;
    struct encoder *encoder;
    status = table_encoder_in(network, &encoder);
    if (status != MINNOW_OK)
        return status;
    struct proto model = {0}, graph = {0};
    start_model(&model, network, !scaled_input && encoder != NULL);
    proto_string(&graph, GRAPH_NAME, "minnow");
    add_nodes(&graph, network, !scaled_input, encoder);
    add_values(&graph, network, !scaled_input, encoder);
    status = write_model(path, network, &model, &graph);
    proto_free(&model);
    proto_free(&graph);
    encoder_free(encoder);
    return status;
}

/* ---- The format's row ---- */

static minnow_status save(const minnow_network *network, const char *path,
                          const struct model_save_options *options) {
    return minnow_network_save_onnx(network, path, options->scaled_input);
}

const struct model_format model_format_onnx = {
    .name = "onnx",
    .title = "ONNX",
    .help = "a file for ONNX Runtime and others, from pixels to probabilities",
    .extensions = (const char *const[]){".onnx", NULL},
    .holds_scaling = true,
    .options = MODEL_SAVE_SCALED_INPUT,
    .save = save,
};
