/* minnow predict: what a network takes samples for. */
#include <jansson.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/team.h"
#include "cli/command.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_names.h"
#include "cli/inputs/model_file.h"
#include "data/inputs.h"

/* Samples of a batch: enough for several threads, and of at most so many values. GRAIN: of a thread's
   share. */
enum { BATCH_MOST = 1024, BATCH_VALUES = 1 << 22, GRAIN = 64 };

struct settings {
    const char *model;
    struct model_form form;
    bool strict;
};

static const struct option options[] = {
    MODEL_OPTION(struct settings, model),
    MODEL_FORM_OPTIONS(struct settings, form),
    {.name = "strict",
     .help = "end at the first bad sample or file",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct settings, strict)},
};

struct prediction {
    const minnow_network *network;
    const struct common_options *common;
    const struct settings *settings;
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

/* A text as JSON, from malloc. Names of files may be in no encoding: what is not ASCII is replaced then. */
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

static const char *number_or_null(float value, char text[NUMBER_TEXT]) {
    if (!isfinite(value))
        return "null";
    number_write_shortest(value, text);
    return text;
}

/* Printed without the JSON library, which is slow for many numbers. */
static void print_as_json(const struct prediction *p, size_t i, const char *quoted, size_t index) {
    const float *probabilities = p->probabilities + i * p->classes;
    char number[NUMBER_TEXT];
    print("{\"input\":%s,\"index\":%zu,\"label\":%u", quoted, index, (unsigned)p->labels[i]);
    if (p->names != NULL) {
        char *name = json_dumps(json_array_get(p->names, p->labels[i]), JSON_ENCODE_ANY);
        print(",\"class\":%s", name != NULL ? name : "null");
        free(name);
    }
    for (size_t c = 0; c < p->classes; c++)
        print("%s%s", c == 0 ? ",\"probabilities\":[" : ",", number_or_null(probabilities[c], number));
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

static void print_index(const struct prediction *p, const char *name, size_t index) {
    print_harmless(p->inputs > 1 ? name : "");
    print("%s%zu: ", p->inputs > 1 ? " " : "", index);
}

/* Only a probability is a percentage: the activations of a quadratic loss come to any sum. */
static void print_output(const struct prediction *p, float output) {
    if (loss_rows[minnow_network_loss(p->network)].probabilities)
        print(" %.2f %%", 100 * (double)output);
    else
        print(" activation %.4f", (double)output);
}

static void print_as_text(const struct prediction *p, size_t i, const char *name, size_t index) {
    enum { SHOWN = 3 };
    const struct colours *colour = output_colours();
    const float *probabilities = p->probabilities + i * p->classes;
    size_t shown[SHOWN] = {p->labels[i]};
    char number[CLASS_NUMBER_TEXT];
    print_index(p, name, index);
    print("%s", colour->bold);
    print_harmless(class_name(p->names, shown[0], number));
    print("%s", colour->plain);
    print_output(p, probabilities[shown[0]]);
    for (size_t n = 1; n < SHOWN && n < p->classes; n++) {
        shown[n] = next_likeliest(probabilities, p->classes, shown, n);
        print("%s", n == 1 ? "  (" : ", ");
        print_harmless(class_name(p->names, shown[n], number));
        print_output(p, probabilities[shown[n]]);
    }
    print("%s\n", p->classes > 1 ? ")" : "");
}

/* Of a sample, or, where there is no index, of a file. */
static void tell_fault_as_json(const char *quoted, const size_t *index, const char *fault) {
    char *text = quote(fault);
    print("{\"input\":%s", quoted);
    if (index != NULL)
        print(",\"index\":%zu", *index);
    print(",\"error\":%s}\n", text != NULL ? text : "null");
    free(text);
}

static void tell_fault_as_text(const struct prediction *p, const char *name, size_t index,
                               const char *fault) {
    print_index(p, name, index);
    print("error: ");
    print_harmless(fault);
    print("\n");
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

/* One file, or standard input. */
struct source {
    const char *name;
    char *quoted; /* the name as JSON */
    struct inputs *inputs;
    size_t next;       /* number of the sample that is read next */
    size_t bad;        /* how many of those before it were bad */
    char *first_fault; /* what was wrong with the first of them */
};

/* Predicts the samples that have been read, and says the results. */
static int predict_and_tell(struct prediction *p, struct source *source) {
    int status = p->count > 0 ? predict_batch(p) : STATUS_SUCCESS;
    if (status == STATUS_SUCCESS && p->count > 0)
        status = tell_batch(p, source->name, source->quoted, source->next);
    source->next += p->count;
    return status;
}

/* A bad sample among others: a line among the results, and reading goes on. */
static int tell_bad(const struct prediction *p, struct source *source, char *fault) {
    if (p->common->json)
        tell_fault_as_json(source->quoted, &source->next, fault);
    else
        tell_fault_as_text(p, source->name, source->next, fault);
    if (source->bad++ == 0)
        source->first_fault = memory_copy_string(fault);
    source->next++;
    return print_flush() ? STATUS_SUCCESS : STATUS_FAILURE;
}

/* A failure that ends the reading of an input: among the results too if they go on with another. */
static int tell_end(const struct prediction *p, const struct source *source, minnow_status status,
                    const char *fault) {
    if (p->common->json && !p->settings->strict && status == MINNOW_ERROR_INPUT)
        tell_fault_as_json(source->quoted, NULL, fault);
    return report_message(status, fault);
}

/* What was read before a failure is told before it. */
static int predict_some(struct prediction *p, struct source *source, bool *more) {
    minnow_status read = inputs_read(source->inputs, p->batch, p->values, &p->count);
    char *fault = read != MINNOW_OK ? memory_copy_string(minnow_last_error()) : NULL;
    int status = STATUS_SUCCESS;
    if (p->settings->form.scaling != NULL && inputs_have_features(source->inputs))
        status =
            command_refuse(&command_predict, "input-scaling",
                           "has no effect: %s holds features, which are taken as they are", source->name);
    if (status == STATUS_SUCCESS)
        status = predict_and_tell(p, source);

    *more = p->count > 0;
    if (status == STATUS_SUCCESS && read != MINNOW_OK) {
        *more = fault != NULL && !p->settings->strict && inputs_sample_is_bad(source->inputs);
        status = *more ? tell_bad(p, source, fault)
                       : tell_end(p, source, read, fault != NULL ? fault : source->name);
    }
    free(fault);
    return status;
}

static int predict_inputs(struct prediction *p, struct source *source) {
    int status = STATUS_SUCCESS;
    for (bool more = true; status == STATUS_SUCCESS && more;)
        status = predict_some(p, source, &more);
    if (status == STATUS_SUCCESS && source->bad > 0)
        status = problem(STATUS_INPUT, "%s: %zu of %zu samples bad%s%s", source->name, source->bad,
                         source->next, source->first_fault != NULL ? ", the first: " : "",
                         source->first_fault != NULL ? source->first_fault : "");
    return status;
}

static int open_and_predict(struct prediction *p, struct source *source) {
    bool standard = strcmp(source->name, "-") == 0;
    struct byte_stream stream;
    minnow_status status = standard ? stream_from_fd("standard input", STDIN_FILENO, &stream)
                                    : stream_open(source->name, &stream);
    if (status == MINNOW_OK)
        status = inputs_open(&stream, p->features, minnow_network_input_scaling(p->network), &source->inputs);
    if (status == MINNOW_OK)
        return predict_inputs(p, source);
    char *fault = memory_copy_string(minnow_last_error());
    int result = tell_end(p, source, status, fault != NULL ? fault : source->name);
    free(fault);
    return result;
}

static int predict_path(struct prediction *p, const char *path) {
    struct source source = {.name = path, .quoted = quote(path)};
    if (source.quoted == NULL)
        return problem(STATUS_FAILURE, "not enough memory for the name of a file");

    int status = open_and_predict(p, &source);
    inputs_close(source.inputs);
    free(source.quoted);
    free(source.first_fault);
    return status;
}

/* After an input that is bad the others have their turn, but for --strict. */
static int predict_paths(struct prediction *p, const struct operands *operands) {
    if (operands->count == 0)
        return predict_path(p, "-");
    int status = STATUS_SUCCESS;
    for (size_t i = 0; i < operands->count; i++) {
        int one = predict_path(p, operands->value[i]);
        if (one != STATUS_SUCCESS)
            status = one;
        if (status != STATUS_SUCCESS && (status != STATUS_INPUT || p->settings->strict))
            break;
    }
    return status;
}

/* ---- The command ---- */

static int prepare(struct prediction *p) {
    size_t layers = minnow_network_layer_count(p->network);
    p->features = minnow_network_layer_size(p->network, 0);
    p->classes = minnow_network_layer_size(p->network, layers);
    size_t widest = p->features > p->classes ? p->features : p->classes;
    p->batch = size_min(BATCH_MOST, BATCH_VALUES / widest);
    p->names = class_names_read(p->network);
    p->values = memory_allocate(p->batch * p->features, sizeof *p->values);
    p->labels = memory_allocate(p->batch, sizeof *p->labels);
    p->probabilities = memory_allocate(p->batch * p->classes, sizeof *p->probabilities);
    if (p->values == NULL || p->labels == NULL || p->probabilities == NULL)
        return problem(STATUS_FAILURE, "not enough memory for a batch of %zu samples", p->batch);
    return STATUS_SUCCESS;
}

static int predict_all(const minnow_network *network, const struct settings *settings,
                       const struct command_line *line) {
    struct prediction prediction = {
        .network = network, .common = &line->common, .settings = settings, .inputs = line->operands.count};
    int status = prepare(&prediction);
    if (status == STATUS_SUCCESS)
        status = predict_paths(&prediction, &line->operands);
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
    status = predict_all(network, &settings, &line);
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
    .about =
        "Prints a line per image: its file, if there are several, its number there, from 0, the class\n"
        "with the largest output, and the two that come next. IMAGES are IDX files of images, or CSV\n"
        "files with a sample's values on a line, gzip-compressed or not, and without labels; without\n"
        "any, or for '-', standard input. Bytes are multiplied by the network's input scaling. So are\n"
        "rows of CSV that hold nothing but bytes / 256, as the original program's files do; all others\n"
        "are features as they are. Results come as soon as their images are there, and each is the\n"
        "same, to the last bit, alone or among others. A bad row has a line that says what is wrong with\n"
        "it, {\"error\": ...} with --json, and the others go on; the exit status is 3 then.\n"
        "Percentages are probabilities; a network of a quadratic loss has activations instead.\n",
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
