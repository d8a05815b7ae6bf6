#include "cli/convert/convert.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/data_source.h"
#include "cli/inputs/model_file.h"
#include "data/dataset.h"

/* ---- The formats ---- */

/* The formats of data that are written, from the last of the table to the first, so that help begins with the
   plain one; NULL behind them. */
static const struct data_format *data_target(size_t index) {
    for (size_t i = data_format_count; i > 0; i--)
        if (data_formats[i - 1]->write != NULL && index-- == 0)
            return data_formats[i - 1];
    return NULL;
}

static const char *data_target_name(size_t index) {
    const struct data_format *format = data_target(index);
    return format != NULL ? format->name : NULL;
}

static const struct data_format *find_data_target(const char *name) {
    const struct data_format *format = data_format_find(name);
    return format != NULL && format->write != NULL ? format : NULL;
}

static const char *model_name(size_t index) {
    return index < model_format_count ? model_formats[index]->name : NULL;
}

/* The choices of --to: the formats of data, then those of networks. */
static const char *format_name(size_t index) {
    size_t data = 0;
    while (data_target(data) != NULL)
        data++;
    return index < data ? data_target(index)->name : model_name(index - data);
}

/* What is written: a format of data or one of networks. The other is NULL. */
struct convert_target {
    const struct data_format *data;
    const struct model_format *model;
};

static const char *target_name(struct convert_target to) {
    return to.model != NULL ? to.model->name : to.data->name;
}

/* ---- The command line ---- */

static const struct option options[] = {
    {.name = "to",
     .aliases = "format form type",
     .value = "FORM",
     .help = "of data or of a network: {}\n"
             "[as TO ends; where it has no ending, another one that can be\n"
             "read again]",
     .kind = OPTION_CHOICE,
     .offset = offsetof(struct convert_settings, to),
     .choice = format_name},
    CLASSES_OPTION(struct convert_settings, classes),
    {.name = "scaled-input",
     .aliases = "scaled-inputs features",
     .help = "ONNX that takes features; without, it takes pixels, 0 to 255,\n"
             "or a table's columns, and scales them itself",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct convert_settings, save.scaled_input)},
    {.name = "int8",
     .aliases = "quantize quantise quantized",
     .help = "C source with weights of 8 bits, and what that costs in accuracy",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct convert_settings, save.int8)},
    DATA_OPTION(struct convert_settings, data, "what to measure that on [the first data found]"),
    {.name = "name",
     .value = "NAME",
     .help = "what the names in C source begin with [TO's name]",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct convert_settings, save.name)},
    MODEL_FORM_OPTIONS(struct convert_settings, form),
};

/* ---- Data ---- */

static void tell(const struct common_options *common, const char *target, const struct data_format *to,
                 size_t count, minnow_subset subset) {
    const char *what = subset == MINNOW_SUBSET_TRAIN ? "training" : "test";
    if (common->json)
        print_json(json_pack("{s:s, s:s, s:s, s:I}", "event", "wrote", "path", target, "form", to->name, what,
                             (json_int_t)count));
    else
        note("wrote: %s, %zu %s samples as %s", target, count, what, to->name);
}

static int load(const char *from, minnow_subset subset, size_t classes, minnow_dataset **out) {
    minnow_status status;
    if (strcmp(from, "digits") == 0 && !is_folder(from))
        status = data_source_digits(subset, out);
    else
        status = dataset_open(from, subset, &(struct data_request){.classes = classes}, out);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

static int convert_subset(const struct data_format *to, const char *from, const char *target,
                          minnow_subset subset, size_t classes, const struct common_options *common) {
    minnow_dataset *dataset;
    int status = load(from, subset, classes, &dataset);
    if (status != STATUS_SUCCESS)
        return status;
    if (dataset_is_sparse(dataset)) {
        status = problem(STATUS_INPUT, "%s: sparse samples of %zu values, which no format of TO holds", from,
                         minnow_dataset_features(dataset));
        minnow_dataset_free(dataset);
        return status;
    }
    minnow_status written = to->write(dataset, subset, target);
    if (written != MINNOW_OK)
        status = report(written);
    else
        tell(common, target, to, minnow_dataset_count(dataset), subset);
    minnow_dataset_free(dataset);
    return status;
}

/* Both subsets; one of them may be missing, but not both: then opening says so. */
static int convert_data(const struct data_format *to, const char *from, const char *target, size_t classes,
                        const struct common_options *common) {
    bool has[2] = {dataset_folder_has(from, MINNOW_SUBSET_TRAIN),
                   dataset_folder_has(from, MINNOW_SUBSET_TEST)};
    bool any = has[0] || has[1];
    int status = STATUS_SUCCESS;
    for (int subset = 0; subset < 2 && status == STATUS_SUCCESS; subset++)
        if (has[subset] || !any)
            status = convert_subset(to, from, target, (minnow_subset)subset, classes, common);
    return status;
}

/* ---- The command ---- */

/* What data becomes when no form is asked for: the first of the table's formats that the folder is not read
   in. The built-in digits are in none. */
static const struct data_format *other_data_format(const char *from) {
    const struct data_format *format = NULL;
    for (int subset = 0; subset < 2 && format == NULL; subset++)
        (void)data_format_of_folder(from, (minnow_subset)subset, &format); /* opening tells what is wrong */
    for (size_t i = 0; i < data_format_count; i++)
        if (data_formats[i] != format && data_formats[i]->write != NULL)
            return data_formats[i];
    return format;
}

/* ".safetensors, .onnx", and so on. */
static void write_endings(char text[CHOICES_TEXT]) {
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < model_format_count; i++)
        for (const char *const *ending = model_formats[i]->extensions;
             *ending != NULL && length < CHOICES_TEXT; ending++)
            length += (size_t)snprintf(text + length, CHOICES_TEXT - length, "%s%s", length > 0 ? ", " : "",
                                       *ending);
}

/* The name of what is read is checked by reading it. */
static int check_name(const char *target) {
    if (target[0] != '\0')
        return STATUS_SUCCESS;
    return problem(STATUS_USAGE,
                   "convert: TO: expected the name of a file or a folder to write, found an empty one");
}

/* Without --to, an ending of TO's name must be one that says what to write. */
static int check_ending(const char *from, const char *target, bool is_network) {
    const char *ending = target_ending(target);
    if (ending == NULL || is_folder(target))
        return STATUS_SUCCESS;
    if (!is_network)
        return problem(STATUS_USAGE,
                       "convert: %s: %s is data, which is written to a folder, and that name is a "
                       "file's; give a name without an ending, or --to FORM",
                       target, from);
    if (model_format_for_target(target) != NULL)
        return STATUS_SUCCESS;

    char endings[CHOICES_TEXT];
    write_endings(endings);
    const struct model_format *named = model_format_find(ending + 1);
    if (named != NULL && named->is_folder)
        return problem(STATUS_USAGE, "convert: %s: %s is %s; --to %s writes it under that name", target,
                       ending, named->help, named->name);
    return problem(STATUS_USAGE,
                   "convert: %s: no form is written to files that end in %s; endings are %s, and --to "
                   "FORM goes before them",
                   target, ending, endings);
}

/* The format that is asked for, or that the names of both suggest. */
static struct convert_target choose_target(const struct convert_settings *settings, bool is_network,
                                           const char *from, const char *target) {
    if (settings->to != TO_UNSET) {
        const char *name = format_name((size_t)settings->to);
        return (struct convert_target){find_data_target(name), model_format_find(name)};
    }
    return is_network ? (struct convert_target){.model = convert_network_format(from, target)}
                      : (struct convert_target){.data = other_data_format(from)};
}

static int check_target(struct convert_target to, bool is_network, const char *from) {
    if (is_network == (to.model != NULL))
        return STATUS_SUCCESS;
    char names[CHOICES_TEXT];
    choices_write(is_network ? model_name : data_target_name, names);
    return problem(STATUS_USAGE, "convert: --to %s: %s is %s, which becomes %s", target_name(to), from,
                   is_network ? "a network" : "data", names);
}

/* Options of writing that the format takes no note of; the message names one that does. */
static int check_save_options(const struct command_line *line, struct convert_target to) {
    static const struct {
        const char *name;
        enum model_save_option bit;
    } rows[] = {
        {"scaled-input", MODEL_SAVE_SCALED_INPUT},
        {"int8", MODEL_SAVE_INT8},
        {"name", MODEL_SAVE_NAME},
    };
    unsigned taken = to.model != NULL ? to.model->options : 0;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!option_given(line, rows[i].name) || (taken & rows[i].bit) != 0)
            continue;
        size_t other = 0;
        while (other + 1 < model_format_count && (model_formats[other]->options & rows[i].bit) == 0)
            other++;
        return problem(STATUS_USAGE, "convert: --%s goes with %s, not %s", rows[i].name,
                       model_formats[other]->title, target_name(to));
    }
    return STATUS_SUCCESS;
}

/* Options that make no difference between this source and this format. */
static int check_effects(const struct command_line *line, const struct convert_settings *settings,
                         struct convert_target to) {
    static const char *const of_data[] = {"classes", NULL};
    static const char *const of_networks[] = {"activation", "loss", "input-scaling", NULL};
    static const char *const of_scaling[] = {"input-scaling", NULL};
    static const char *const of_measuring[] = {"data", "isa", "threads", NULL};
    const struct command *command = line->command;

    int status = check_save_options(line, to);
    if (status == STATUS_SUCCESS)
        status = to.model != NULL
                     ? command_refuse_any(command, line, of_data, "a network says how many classes it has")
                     : command_refuse_any(command, line, of_networks, "goes with a network, not with data");
    if (status == STATUS_SUCCESS && to.model != NULL && !to.model->holds_scaling)
        status = command_refuse_any(command, line, of_scaling, "%s cannot hold it", to.model->name);
    if (status == STATUS_SUCCESS && !settings->save.int8)
        status = command_refuse_any(command, line, of_measuring, "has no effect without --int8");
    return status;
}

static int run_convert(const struct command *command, int argc, char **argv) {
    struct convert_settings settings = {.to = TO_UNSET, .form = MODEL_FORM_UNSET};
    struct command_line line;
    int status = command_begin(command, argc, argv, &settings, &line);
    if (status != BEGUN)
        return status;
    if (line.common.json && !output_usable())
        return STATUS_FAILURE;

    const char *from = line.operands.value[0], *target = line.operands.value[1];
    status = check_name(target);
    if (status != STATUS_SUCCESS)
        return status;
    bool is_network = convert_is_network(from);
    struct convert_target to = choose_target(&settings, is_network, from, target);
    status = settings.to == TO_UNSET ? check_ending(from, target, is_network) : STATUS_SUCCESS;
    if (status == STATUS_SUCCESS)
        status = check_target(to, is_network, from);
    if (status == STATUS_SUCCESS)
        status = check_effects(&line, &settings, to);
    if (status != STATUS_SUCCESS)
        return status;
    return is_network ? convert_network(&settings, to.model, from, target, &line.common)
                      : convert_data(to.data, from, target, (size_t)settings.classes, &line.common);
}

static const struct option_answer answers[] = {
    {"from input i model m", "both are named without an option: minnow convert FROM TO"},
    {"output out o save", "both are named without an option: minnow convert FROM TO"},
    {NULL, NULL},
};

const struct command command_convert = {
    .name = "convert",
    .words = "export import",
    .summary = "rewrites data or a network in another form",
    .usage = "FROM TO [OPTIONS]",
    .about = "FROM is a folder of data: the four IDX files of MNIST, gzip-compressed or not, or the CSV\n"
             "files of the original program; TO is a folder, made if it is missing. FROM may also be\n"
             "'digits', the built-in ones. No number changes on the way.\n\n"
             "Or FROM is a network: a safetensors file, of minnow or, with --activation and --loss, of\n"
             "another program (tensors NAME.weight [outputs, inputs] and NAME.bias); or a folder of\n"
             "weights_1.csv, biases_1.csv, ... or of NumPy's layers.0.weight.npy, layers.0.bias.npy, ...\n"
             "(then also --activation and --loss). TO is a file, or a folder made if it is missing.\n"
             "ONNX takes a batch of images of pixels and gives their probabilities. C source is one\n"
             "header, for any program: NAME_predict_pixels(pixels, probabilities) returns the label.\n",
    .examples = "  minnow convert ~/mnist DATA                     IDX to CSV\n"
                "  minnow convert DATA idx                         CSV to IDX\n"
                "  minnow convert digits my-digits                 the built-in digits to IDX\n"
                "  minnow convert values digits.safetensors        the original program's network\n"
                "  minnow convert digits.safetensors arrays --to npy\n"
                "  minnow convert digits.safetensors digits.onnx\n"
                "  minnow convert digits.safetensors digits.h --int8\n",
    .common = true,
    .options = options,
    .answers = answers,
    .option_count = sizeof options / sizeof options[0],
    .min_operands = 2,
    .max_operands = 2,
    .run = run_convert,
};
