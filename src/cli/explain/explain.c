/* minnow explain: what one sample does in a network, forward and backward, with every number. */
#include <string.h>

#include "cli/explain/explain.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_names.h"
#include "cli/inputs/preprocessing.h"
#include "cli/inputs/sample_source.h"

enum { INPUTS_MOST = 65536 };

static const struct option options[] = {
    MODEL_OPTION(struct explain_settings, model),
    {.name = "index",
     .aliases = "sample row image n",
     .value = "N",
     .help = "which sample of INPUT, from 0",
     .show_default = true,
     .kind = OPTION_COUNT,
     .offset = offsetof(struct explain_settings, index),
     .most = UINT32_MAX},
    {.name = "label",
     .aliases = "target class truth",
     .value = "L",
     .help = "the right class, or number to predict, in place of what INPUT\nsays [where that has none: what "
             "the network takes it for]",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct explain_settings, label)},
    {.name = "weight",
     .value = "LAYER,UNIT,INPUT",
     .help = "which weight to follow: a layer from 1, and one of its units and\nof what goes into it, from 0 "
             "[one "
             "with a large gradient]",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct explain_settings, weight)},
    {.name = "rate",
     .aliases = "learning-rate lr eta step-size",
     .value = "X",
     .help = "of the step of gradient descent",
     .show_default = true,
     .kind = OPTION_REAL,
     .offset = offsetof(struct explain_settings, learning_rate),
     .low = 0,
     .above = true,
     .high = 1e30},
    {.name = "o",
     .value = "FILE",
     .help = "write a page of its own (.html) or a picture (.svg) instead of text",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct explain_settings, output)},
    TRANSPOSE_OPTION(struct explain_settings, transpose),
    NO_NORMALISE_OPTION(struct explain_settings, no_normalise),
    MODEL_FORM_OPTIONS(struct explain_settings, form),
    TABLE_READING_OPTIONS(struct explain_settings, reading),
};

/* What -o may end in, and who writes it. */
static const struct target {
    const char *ending;
    minnow_status (*write)(const struct walk *walk, const char *path);
} targets[] = {
    {".html", explain_write_page},
    {".svg", explain_write_svg},
};

static const struct target *find_target(const char *path) {
    const char *ending = target_ending(path);
    for (size_t i = 0; ending != NULL && i < sizeof targets / sizeof *targets; i++)
        if (strcmp(ending, targets[i].ending) == 0)
            return &targets[i];
    return NULL;
}

static int check(const struct explain_settings *settings, const struct command_line *line) {
    if (settings->output == NULL)
        return STATUS_SUCCESS;
    if (line->common.json)
        return command_refuse(line->command, "o",
                              "has no place beside --json, which writes to standard output");
    if (find_target(settings->output) == NULL)
        return problem(STATUS_USAGE,
                       "explain: -o %s: expected a name that ends in .html, for a page, or .svg, for a "
                       "picture",
                       settings->output);
    const char *const inputs[] = {settings->model, line->operands.count > 0 ? line->operands.value[0] : NULL};
    int status = target_check_spares("explain: -o", settings->output, inputs, 2);
    return status == STATUS_SUCCESS ? target_check(settings->output) : status;
}

static int check_network(const minnow_network *network, const char *path) {
    if (minnow_network_layer_size(network, 0) > INPUTS_MOST)
        return problem(STATUS_USAGE, "explain: %s takes %zu inputs, and at most %d can be explained", path,
                       minnow_network_layer_size(network, 0), INPUTS_MOST);
    if (minnow_network_nonfinite_count(network) > 0)
        return problem(STATUS_INPUT, "explain: %s: its training diverged, and there is nothing to explain",
                       path);
    return STATUS_SUCCESS;
}

static int tell(const struct walk *walk, const struct explain_settings *settings, bool json) {
    if (settings->output != NULL) {
        minnow_status status = find_target(settings->output)->write(walk, settings->output);
        return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
    }
    if (json)
        explain_print_json(walk);
    else
        explain_print_text(walk);
    return print_flush() ? STATUS_SUCCESS : STATUS_FAILURE;
}

static int explain(const struct explain_settings *settings, const struct command_line *line,
                   minnow_network *network) {
    struct walk walk = {.network = network, .model = settings->model};
    struct picture_recipe pictures = preprocessing_read(network);
    walk.names = class_names_read(network);
    walk.height = pictures.height;
    walk.width = pictures.width;
    walk.channels = pictures.channels;

    int status = check_network(network, settings->model);
    if (status == STATUS_SUCCESS)
        status = table_encoder_of(network, settings->model, &walk.encoder);
    if (status == STATUS_SUCCESS)
        status = explain_sample_read(settings, line, &walk);
    if (status == STATUS_SUCCESS)
        status = walk_make(&walk, network, settings);
    if (status == STATUS_SUCCESS)
        status = tell(&walk, settings, line->common.json);
    walk_free(&walk);
    return status;
}

static int run_explain(const struct command *command, int argc, char **argv) {
    struct explain_settings settings = {
        .learning_rate = 0.1, .form = MODEL_FORM_UNSET, .reading = TABLE_READING_UNSET};
    struct command_line line;
    int status = command_begin(command, argc, argv, &settings, &line);
    if (status != BEGUN)
        return status;
    settings.data = line.operands.count > 0 ? line.operands.value[0] : NULL;
    status = check(&settings, &line);
    minnow_network *network = NULL;
    if (status == STATUS_SUCCESS)
        status =
            model_open_first(command, settings.model, line.common.kernels->name, &settings.form, &network);
    if (status == STATUS_SUCCESS)
        status = explain(&settings, &line, network);
    minnow_network_free(network);
    return status;
}

static const struct option_answer answers[] = {
    {"data dataset input i", "the data are named without an option: minnow explain --model FILE INPUT"},
    {"html page svg", "the file's name says what it is to be: -o walk.html, -o walk.svg"},
    {NULL, NULL},
};

const struct command command_explain = {
    .name = "explain",
    .words = "walk why show visualise visualize backprop",
    .summary = "walks through one prediction, forward and backward, with every number",
    .usage = "--model PATH [INPUT] [OPTIONS]",
    .about = "Shows what a sample does in a network, in the notation of Nielsen's book: the weighted sums z\n"
             "and activations a of each layer, the loss C, the deltas that it sends back, and the gradients\n"
             "of the weights. One weight is followed through, its gradient checked against a central\n"
             "difference in double precision, and a step of gradient descent taken. At last, which parts of\n"
             "the sample mattered: by gradient times input, and by hiding them one after the other.\n"
             "INPUT is a folder or file of data, of which the test samples count, a table, a picture, or\n"
             "whatever else 'minnow predict' takes, '-' for standard input; without one, the data that\n"
             "'minnow test' takes. All numbers are the floats that training computes. --json prints every\n"
             "one of them; -o FILE.html writes a page to walk through, -o FILE.svg the walk as a picture.\n",
    .examples = "  minnow explain --model digits.safetensors --index 7\n"
                "  minnow explain --model digits.safetensors three.png --label 3\n"
                "  minnow explain --model iris.safetensors iris.csv --index 100 -o walk.html\n"
                "  minnow explain --model digits.safetensors --weight 1,12,345 --json | jq .weight\n",
    .common = true,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .answers = answers,
    .max_operands = 1,
    .run = run_explain,
};
