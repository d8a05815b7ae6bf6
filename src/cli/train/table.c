/* minnow train on a table. */
#include "cli/frame/terminal.h"
#include "cli/inputs/provenance.h"
#include "cli/train/train.h"

/* A network of a file says how it takes the table. */
static int check_options(const struct train_run *run) {
    static const char *const of_other_data[] = {"classes", NULL};
    bool over_file = run->network != NULL;
    if (over_file)
        return table_refuse_options(&run->line, false,
                                    "has no effect: the network says how it takes a table");
    return command_refuse_any(run->line.command, &run->line, of_other_data,
                              "has no effect: the classes are the values of the table's label");
}

static uint64_t within(uint64_t value, uint64_t least, uint64_t most) {
    return value < least ? least : value < most ? value : most;
}

/* What suits a table where the command line does not say it: three wide layers of a smooth activation, and passes by
   the number of rows, since a small table is soon learned by heart, and a large one in few passes. Chosen on a fifth of
   the training rows of two tables, one of 16,000 rows and 26 classes and one of 3,500 rows and 2 classes. Pictures stay
   with the defaults for pictures. */
static void set_defaults(struct train_run *run) {
    enum {
        ROWS_PER_EPOCH = 400,
        FEWEST = 10,
        MOST = 30,
        ROWS_MOST = 2000000,
        SMALL_TABLE = 1000,
        SMALL_BATCH = 16
    };
    const struct command_line *line = &run->line;
    struct train_settings *settings = &run->settings;
    uint64_t rows = minnow_dataset_count(run->data.train);
    if (run->encoder->bytes || run->network != NULL)
        return;

    bool layers = option_given(line, "hidden");
    if (!layers)
        settings->hidden = (struct size_list){3, {256, 256, 256}};
    if (!option_given(line, "activation") && !(layers && settings->hidden.count == 0))
        settings->activation = (struct choice_list){1, {MINNOW_ACTIVATION_SILU}};
    if (!option_given(line, "schedule"))
        settings->schedule = MINNOW_SCHEDULE_COSINE;
    if (!option_given(line, "batch") && rows < SMALL_TABLE)
        settings->batch = SMALL_BATCH;
    if (!option_given(line, "epochs"))
        settings->epochs = within(within(rows / ROWS_PER_EPOCH, FEWEST, MOST), 1, ROWS_MOST / rows + 1);
}

int train_load_table(struct train_run *run, bool *loaded) {
    const struct train_settings *settings = &run->settings;
    struct data_source source;
    int status = data_source_find(settings->data, true, &source);
    *loaded = status == STATUS_SUCCESS && table_source_is(&source);
    if (status == STATUS_SUCCESS && !*loaded)
        return table_refuse_options(&run->line, true, "has no effect: the data are no table");
    if (status == STATUS_SUCCESS)
        status = check_options(run);
    if (status != STATUS_SUCCESS)
        return status;

    struct table_request request = {
        .reading = &settings->reading,
        .learning = &settings->learning,
        .seed = settings->seed,
        .validation = (double)settings->validation,
        .threads = run->common.threads,
    };
    data_watch_files(&source);
    status =
        table_load_training(&source, &request, run->network, &run->data, &run->validation, &run->encoder);
    if (status == STATUS_SUCCESS) {
        run->settings.classes = minnow_dataset_classes(run->data.train);
        set_defaults(run);
    }
    if (status == STATUS_SUCCESS)
        status = provenance_check_names(settings->class_names, minnow_dataset_classes(run->data.train));
    return status;
}

int train_record_table(struct train_run *run) {
    if (run->encoder == NULL || run->settings.resume != NULL)
        return STATUS_SUCCESS;
    minnow_status status = table_encoder_record(run->encoder, run->network);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}
