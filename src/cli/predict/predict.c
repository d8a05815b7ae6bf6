/* minnow predict: what a network takes samples for. */
#include <jansson.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/team.h"
#include "cli/command.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/model_file.h"
#include "data/inputs.h"

/* Samples of a batch: enough for several threads, and of at most so many values. GRAIN: of a thread's
   share. */
enum { BATCH_MOST = 1024, BATCH_VALUES = 1 << 22, GRAIN = 64 };

struct settings {
    const char *model;
    struct model_form form;
};

static const struct option options[] = {
    MODEL_OPTION(struct settings, model),
    MODEL_FORM_OPTIONS(struct settings, form),
};

struct prediction {
    const minnow_network *network;
    const struct common_options *common;
    size_t features, classes, inputs; /* the last: how many files there are */
    json_t *names;                    /* a string per class; or NULL */
    size_t batch, count;
    float *values;        /* [batch][features], of which `count` are filled, as of the next two */
    uint32_t *labels;     /* [batch] */
    float *probabilities; /* [batch][classes] */
    atomic_bool failed;
};

/* ---- Predicting ---- */

static void predict_slice(struct team_member member, void *context) {
    struct prediction *p = context;
    size_t begin, end;
    team_slice(member, p->count, GRAIN, &begin, &end);
    minnow_status status = minnow_network_predict(p->network, p->values + begin * p->features, end - begin,
                                                  p->labels + begin, p->probabilities + begin * p->classes);
    if (status != MINNOW_OK)
        atomic_store(&p->failed, true);
}

static int predict_batch(struct prediction *p) {
    unsigned threads = team_threads(p->common->threads);
    size_t grains = (p->count + GRAIN - 1) / GRAIN;
    team_run((unsigned)size_min(threads, grains), predict_slice, p);
    if (atomic_load(&p->failed))
        return problem(STATUS_FAILURE, "not enough memory for %zu predictions", p->count);
    return STATUS_SUCCESS;
}

/* ---- Telling ---- */

/* A name as JSON, from malloc. Names of files may be in no encoding: what is not ASCII is replaced then. */
static char *quote(const char *name) {
    char *copy = NULL;
    json_t *text = json_string(name);
    if (text == NULL && (copy = memory_copy_string(name)) != NULL) {
        for (char *c = copy; *c != '\0'; c++)
            *c = (unsigned char)*c < 0x80 ? *c : '?';
        text = json_string(copy);
    }
    char *quoted = json_dumps(text, JSON_ENCODE_ANY);
    json_decref(text);
    free(copy);
    return quoted;
}

static const char *class_name(const struct prediction *p, size_t label, char number[24]) {
    snprintf(number, 24, "%zu", label);
    return p->names != NULL ? json_string_value(json_array_get(p->names, label)) : number;
}

/* Printed without the JSON library, which is slow for many numbers and writes the seventeen digits of a
   double where nine tell any two floats apart. */
static void print_as_json(const struct prediction *p, size_t i, const char *quoted, size_t index) {
    const float *probabilities = p->probabilities + i * p->classes;
    print("{\"input\":%s,\"index\":%zu,\"label\":%u", quoted, index, (unsigned)p->labels[i]);
    if (p->names != NULL) {
        char *name = json_dumps(json_array_get(p->names, p->labels[i]), JSON_ENCODE_ANY);
        print(",\"class\":%s", name != NULL ? name : "null");
        free(name);
    }
    for (size_t c = 0; c < p->classes; c++)
        if (isfinite(probabilities[c]))
            print("%s%.9g", c == 0 ? ",\"probabilities\":[" : ",", (double)probabilities[c]);
        else
            print("%snull", c == 0 ? ",\"probabilities\":[" : ",");
    print("]}\n");
}

/* The class of the largest probability but for those that are taken; `classes` if there is none. */
static size_t next_likeliest(const float *probabilities, size_t classes, const size_t *taken, size_t count) {
    size_t best = classes;
    for (size_t c = 0; c < classes; c++) {
        bool is_taken = false;
        for (size_t t = 0; t < count; t++)
            is_taken = is_taken || taken[t] == c;
        if (!is_taken && (best == classes || probabilities[c] > probabilities[best]))
            best = c;
    }
    return best;
}

static void print_as_text(const struct prediction *p, size_t i, const char *name, size_t index) {
    enum { SHOWN = 3 };
    const struct colours *colour = output_colours();
    const float *probabilities = p->probabilities + i * p->classes;
    size_t shown[SHOWN] = {p->labels[i]};
    char number[24];
    print_harmless(p->inputs > 1 ? name : "");
    print("%s%zu: %s", p->inputs > 1 ? " " : "", index, colour->bold);
    print_harmless(class_name(p, shown[0], number));
    print("%s %.2f %%", colour->plain, 100 * (double)probabilities[shown[0]]);
    for (size_t n = 1; n < SHOWN && n < p->classes; n++) {
        shown[n] = next_likeliest(probabilities, p->classes, shown, n);
        print("%s", n == 1 ? "  (" : ", ");
        print_harmless(class_name(p, shown[n], number));
        print(" %.2f %%", 100 * (double)probabilities[shown[n]]);
    }
    print("%s\n", p->classes > 1 ? ")" : "");
}

static int tell_batch(const struct prediction *p, const char *name, const char *quoted, size_t first) {
    for (size_t i = 0; i < p->count; i++)
        if (p->common->json)
            print_as_json(p, i, quoted, first + i);
        else
            print_as_text(p, i, name, first + i);
    return print_flush() ? STATUS_SUCCESS : STATUS_FAILURE;
}

/* ---- Inputs ---- */

/* What was read before a failure is told before it. */
static int predict_inputs(struct prediction *p, struct inputs *inputs, const char *name) {
    char *quoted = quote(name);
    if (quoted == NULL)
        return problem(STATUS_FAILURE, "not enough memory for the name of a file");
    int status = STATUS_SUCCESS;
    minnow_status read;
    size_t first = 0;
    do {
        read = inputs_read(inputs, p->batch, p->values, &p->count);
        char *why = read != MINNOW_OK ? memory_copy_string(minnow_last_error()) : NULL;
        if (p->count > 0)
            status = predict_batch(p);
        if (p->count > 0 && status == STATUS_SUCCESS)
            status = tell_batch(p, name, quoted, first);
        if (status == STATUS_SUCCESS && read != MINNOW_OK)
            status = report_message(read, why != NULL ? why : name);
        free(why);
        first += p->count;
    } while (status == STATUS_SUCCESS && p->count > 0);
    free(quoted);
    return status;
}

static int predict_path(struct prediction *p, const char *path) {
    bool standard = strcmp(path, "-") == 0;
    struct byte_stream stream;
    struct inputs *inputs;
    minnow_status status =
        standard ? stream_from_fd("standard input", STDIN_FILENO, &stream) : stream_open(path, &stream);
    if (status == MINNOW_OK)
        status = inputs_open(&stream, p->features, minnow_network_input_scaling(p->network), &inputs);
    if (status != MINNOW_OK)
        return report(status);
    int result = predict_inputs(p, inputs, path);
    inputs_close(inputs);
    return result;
}

/* ---- The command ---- */

static json_t *read_names(const minnow_network *network, size_t classes) {
    const char *text = minnow_network_metadata(network, "class_names");
    json_t *names = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    bool usable = json_array_size(names) == classes;
    for (size_t c = 0; c < classes && usable; c++)
        usable = json_is_string(json_array_get(names, c));
    if (usable)
        return names;
    json_decref(names); /* not one name for each class: the classes go by their numbers */
    return NULL;
}

static int prepare(struct prediction *p) {
    size_t layers = minnow_network_layer_count(p->network);
    p->features = minnow_network_layer_size(p->network, 0);
    p->classes = minnow_network_layer_size(p->network, layers);
    size_t widest = p->features > p->classes ? p->features : p->classes;
    p->batch = size_min(BATCH_MOST, BATCH_VALUES / widest);
    p->names = read_names(p->network, p->classes);
    p->values = memory_allocate(p->batch * p->features, sizeof *p->values);
    p->labels = memory_allocate(p->batch, sizeof *p->labels);
    p->probabilities = memory_allocate(p->batch * p->classes, sizeof *p->probabilities);
    if (p->values == NULL || p->labels == NULL || p->probabilities == NULL)
        return problem(STATUS_FAILURE, "not enough memory for a batch of %zu samples", p->batch);
    return STATUS_SUCCESS;
}

static int predict_all(const minnow_network *network, const struct common_options *common,
                       const struct operands *operands) {
    struct prediction prediction = {.network = network, .common = common, .inputs = operands->count};
    int status = prepare(&prediction);
    if (status == STATUS_SUCCESS && operands->count == 0)
        status = predict_path(&prediction, "-");
    for (size_t i = 0; status == STATUS_SUCCESS && i < operands->count; i++)
        status = predict_path(&prediction, operands->value[i]);
    json_decref(prediction.names);
    memory_free(prediction.values);
    memory_free(prediction.labels);
    memory_free(prediction.probabilities);
    return status;
}

static int run_predict(const struct command *command, int argc, char **argv) {
    struct settings settings = {.form = MODEL_FORM_UNSET};
    struct command_line line;
    int status = command_begin(command, argc, argv, &settings, &line);
    if (status != BEGUN)
        return status;
    if (line.operands.count == 0 && isatty(STDIN_FILENO))
        return problem(STATUS_USAGE, "predict: of what? a file of images or of rows of numbers, or '-'");
    minnow_network *network;
    status = model_open_first(command, settings.model, line.common.kernels->name, &settings.form, &network);
    if (status != STATUS_SUCCESS)
        return status;
    status = predict_all(network, &line.common, &line.operands);
    minnow_network_free(network);
    return status;
}

static const struct option_answer answers[] = {
    {"data images image input i",
     "the images are named without an option: minnow predict --model FILE IMAGES"},
    {"save output out o", "predictions go to standard output: minnow predict … >FILE"},
    {NULL, NULL},
};

const struct command command_predict = {
    .name = "predict",
    .words = "infer inference classify run",
    .summary = "tells what a saved network takes images for",
    .usage = "--model PATH [IMAGES...] [OPTIONS]",
    .about = "Prints a line per image: its file, if there are several, its number there, from 0, the class\n"
             "with the largest output, and the two that come next. IMAGES are IDX files of images, or CSV\n"
             "files with a sample's values on a line, gzip-compressed or not, and without labels; without\n"
             "any, or for '-', standard input. Bytes are multiplied by the network's input scaling. So are\n"
             "rows of CSV that hold nothing but bytes / 256, as the original program's files do; all others\n"
             "are features as they are. Results come as soon as their images are there, and each is the\n"
             "same, to the last bit, alone or among others. The first bad input ends it.\n",
    .examples = "  minnow predict --model digits.safetensors ~/mnist/t10k-images-idx3-ubyte.gz\n"
                "  minnow predict --model digits.safetensors DATA/test_images.csv --json | jq .label\n"
                "  head -n 5 DATA/test_images.csv | minnow predict --model digits.safetensors\n"
                "  minnow predict --model torch.safetensors --activation relu --loss softmax images\n",
    .common = true,
    .options = options,
    .answers = answers,
    .option_count = sizeof options / sizeof options[0],
    .max_operands = ANY_OPERANDS,
    .run = run_predict,
};
