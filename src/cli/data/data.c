/* minnow data: what a table or a data set holds, as training would take it. */
#include "cli/data/data.h"

static const struct option options[] = {
    TABLE_LEARNING_OPTIONS(struct data_settings, reading, learning),
    TABLE_READING_OPTIONS(struct data_settings, reading),
    PICTURE_OPTIONS(struct data_settings, size, colour),
};

static int run_data(const struct command *command, int argc, char **argv) {
    static const char *const of_running[] = {"isa", NULL}, *const of_pictures[] = {"size", "colour", NULL};
    struct data_settings settings = {.reading = TABLE_READING_UNSET, .learning = TABLE_LEARNING_UNSET};
    struct command_line line;
    int status = command_begin(command, argc, argv, &settings, &line);
    if (status != BEGUN)
        return status;
    status = command_refuse_any(command, &line, of_running, "has no effect: data runs no network");
    if (status != STATUS_SUCCESS)
        return status;

    const char *path = line.operands.value[0];
    struct data_source source;
    status = data_source_find(path, true, &source);
    if (status != STATUS_SUCCESS)
        return status;
    data_watch_files(&source);
    bool table = table_source_is(&source);
    if (table)
        status = command_refuse_any(command, &line, of_pictures, "has no effect: the data are a table");
    if (table && status == STATUS_SUCCESS)
        return data_describe_table(&source, &settings, &line.common);
    if (status != STATUS_SUCCESS)
        return status;
    status = table_refuse_options(&line, true, "has no effect: the data are no table");
    return status == STATUS_SUCCESS ? data_describe_samples(path, &settings, &line.common) : status;
}

const struct command command_data = {
    .name = "data",
    .summary = "describes a table or a data set as training would take it",
    .usage = "PATH [OPTIONS]",
    .about =
        "Of a table: how it is written, its columns with their kinds, ranges, values and gaps, which of "
        "them\n"
        "are learned from and which left out, the label and its classes, and the rows that are kept for\n"
        "the test. Of a folder or an archive of samples: how many there are of each class, and the first\n"
        "images. Rows that training would refuse are counted, and the first ones told; the exit status is 3\n"
        "then. The options are those of 'minnow train'; nothing is trained or written.\n\n" DATA_HELP,
    .examples = "  minnow data iris.csv\n"
                "  minnow data houses.csv.gz --label price --ignore street\n"
                "  minnow data ~/mnist\n"
                "  minnow data digits --json | jq .test.classes\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .min_operands = 1,
    .max_operands = 1,
    .run = run_data,
};
