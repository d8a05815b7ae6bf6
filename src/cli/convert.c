#include <string.h>
#include "cli/commands.h"
#include "cli/data_source.h"
#include "cli/files.h"
#include "cli/terminal.h"
#include "data/dataset.h"

enum form { FORM_CSV, FORM_IDX, FORM_VALUES, FORM_SAFETENSORS, FORM_UNSET };
static const char *const forms[] = {"csv", "idx", "values", "safetensors", NULL};

struct settings {
    int to;
    uint64_t classes;
};

static const struct option options[] = {
    {.name = "to",
     .value = "FORM",
     .help = "csv or idx for data; values or safetensors for a network\n"
             "[the one of the two that FROM is not]",
     .kind = OPTION_CHOICE,
     .offset = offsetof(struct settings, to),
     .choices = forms},
    {.name = "classes",
     .value = "N",
     .help = "labels are below N",
     .show_default = true,
     .kind = OPTION_COUNT,
     .offset = offsetof(struct settings, classes),
     .least = 1,
     .most = 65536},
};

/* what: "parameters", "training", "test" */
static void tell(const struct common_options *common, const char *target, enum form to, size_t count,
                 const char *what) {
    if (common->json)
        print_json(json_pack("{s:s, s:s, s:s, s:I}", "event", "wrote", "path", target, "form", forms[to],
                             what, (json_int_t)count));
    else
        note("wrote: %s, %zu %s%s as %s", target, count, what,
             to == FORM_CSV || to == FORM_IDX ? " samples" : "", forms[to]);
}

/* ---- Networks ---- */

static int convert_network(enum form to, const char *from, const char *target,
                           const struct common_options *common) {
    minnow_network *network;
    int status = model_open(from, common->kernels->name, &network);
    if (status != STATUS_SUCCESS)
        return status;
    minnow_status written = to == FORM_VALUES ? minnow_network_save_values(network, target)
                                              : minnow_network_save(network, target);
    if (written != MINNOW_OK)
        status = report(written);
    else
        tell(common, target, to, (size_t)minnow_network_parameter_count(network), "parameters");
    minnow_network_free(network);
    return status;
}

/* ---- Data ---- */

static int load(const char *from, minnow_subset subset, size_t classes, minnow_dataset **out) {
    minnow_status status;
    if (strcmp(from, "digits") == 0 && !is_folder(from))
        status = data_source_digits(subset, out);
    else
        status = minnow_dataset_open(from, subset, classes, out);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

static int convert_subset(enum form to, const char *from, const char *target, minnow_subset subset,
                          size_t classes, const struct common_options *common) {
    minnow_dataset *dataset;
    int status = load(from, subset, classes, &dataset);
    if (status != STATUS_SUCCESS)
        return status;
    minnow_status written = to == FORM_CSV ? dataset_write_csv(dataset, subset, target)
                                           : dataset_write_idx(dataset, subset, target);
    if (written != MINNOW_OK)
        status = report(written);
    else
        tell(common, target, to, minnow_dataset_count(dataset), subset == MINNOW_TRAIN ? "training" : "test");
    minnow_dataset_free(dataset);
    return status;
}

/* Both subsets; one of them may be missing, but not both: then opening says so. */
static int convert_data(enum form to, const char *from, const char *target, size_t classes,
                        const struct common_options *common) {
    bool has[2] = {dataset_folder_has(from, MINNOW_TRAIN), dataset_folder_has(from, MINNOW_TEST)};
    bool any = has[0] || has[1];
    int status = STATUS_SUCCESS;
    for (int subset = 0; subset < 2 && status == STATUS_SUCCESS; subset++)
        if (has[subset] || !any)
            status = convert_subset(to, from, target, (minnow_subset)subset, classes, common);
    return status;
}

/* ---- Which is it? ---- */

static int run_convert(const struct command *command, int argc, char **argv) {
    struct settings settings = {.to = FORM_UNSET, .classes = 10};
    struct common_options common;
    struct operands operands;
    int status = options_parse(command, argc, argv, &common, &settings, &operands);
    if (status != PARSED)
        return status;
    if (common.json && !output_usable())
        return STATUS_FAILURE;
    const char *from = operands.value[0], *target = operands.value[1];
    bool folder = is_folder(from);
    bool is_values = folder && folder_has(from, "weights_1.csv");
    bool is_network = is_values || (!folder && strcmp(from, "digits") != 0);
    bool is_csv = folder && (folder_has(from, "train_images.csv") || folder_has(from, "test_images.csv"));
    enum form to = (enum form)settings.to;
    if (to == FORM_UNSET && is_network)
        to = is_values ? FORM_SAFETENSORS : FORM_VALUES;
    else if (to == FORM_UNSET)
        to = is_csv || !folder ? FORM_IDX : FORM_CSV;
    if (is_network != (to == FORM_VALUES || to == FORM_SAFETENSORS))
        return problem(STATUS_USAGE, "convert: --to %s: %s is %s, which becomes %s", forms[to], from,
                       is_network ? "a network" : "data",
                       is_network ? "values or safetensors" : "csv or idx");
    return is_network ? convert_network(to, from, target, &common)
                      : convert_data(to, from, target, (size_t)settings.classes, &common);
}

const struct command command_convert = {
    .name = "convert",
    .summary = "rewrites data (IDX, CSV) or a network (safetensors, values/) in another form",
    .usage = "FROM TO [OPTIONS]",
    .about = "FROM is a folder of data: the four IDX files of MNIST, gzip-compressed or not, or the CSV\n"
             "files of the original program; TO is a folder, made if it is missing. FROM may also be\n"
             "'digits', the built-in ones. Or FROM is a network: a safetensors file, or a folder of\n"
             "weights_1.csv, biases_1.csv, ...; TO is a folder or a file. No number changes on the way.\n",
    .examples = "  minnow convert ~/mnist DATA                     IDX to CSV\n"
                "  minnow convert DATA idx                         CSV to IDX\n"
                "  minnow convert digits my-digits                 the built-in digits to IDX\n"
                "  minnow convert values digits.safetensors        the original program's network\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .min_operands = 2,
    .max_operands = 2,
    .run = run_convert,
};
