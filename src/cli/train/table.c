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
    if (status == STATUS_SUCCESS)
        run->settings.classes = minnow_dataset_classes(run->data.train);
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
