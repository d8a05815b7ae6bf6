/* minnow lr-find: looks for a learning rate by trying them all in one pass. */
#include "cli/lr_find/lr_find.h"

#include <math.h>

#include "cli/command.h"
#include "cli/frame/clock.h"
#include "cli/frame/interrupt.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/choices.h"
#include "cli/train/train.h"

struct settings {
    struct train_settings train; /* first: those of the options that train has too */
    double from, to;
    uint64_t steps;
    const char *svg;
};

static const struct option options[] = {
    {.name = "from",
     .aliases = "start-lr min-lr lr-min",
     .value = "X",
     .help = "learning rate of the first mini-batch",
     .show_default = true,
     .kind = OPTION_REAL,
     .offset = offsetof(struct settings, from),
     .low = 1e-12,
     .high = 1e6},
    {.name = "to",
     .aliases = "end-lr max-lr lr-max",
     .value = "X",
     .help = "of the last one, unless the loss rises far before",
     .show_default = true,
     .kind = OPTION_REAL,
     .offset = offsetof(struct settings, to),
     .low = 1e-12,
     .high = 1e6},
    {.name = "steps",
     .aliases = "iterations num-iter num-training",
     .value = "N",
     .help = "mini-batches in between [one pass over the training samples,\n"
             "but at least 200 mini-batches]",
     .kind = OPTION_COUNT,
     .offset = offsetof(struct settings, steps),
     .least = 20,
     .most = 1000000},
    {.name = "svg",
     .aliases = "plot save-plot",
     .value = "FILE",
     .help = "also draw the curve as a picture",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct settings, svg)},
};

/* ---- The sweep ---- */

enum { LEAST_STEPS = 200 };

/* As many as one pass over the samples has, but on small data enough to see anything. */
static size_t steps_wanted(const struct settings *settings, const struct train_run *run) {
    size_t batch = (size_t)run->settings.batch, count = minnow_dataset_count(run->data.train);
    size_t pass = (count - 1) / batch + 1;
    if (settings->steps != 0)
        return (size_t)settings->steps;
    return pass > LEAST_STEPS ? pass : LEAST_STEPS;
}

/* Trains on one mini-batch. What the trainer reports is the mean over the epoch so far. */
static minnow_status train_one(struct train_run *run, double rate, double *loss) {
    struct minnow_progress *now = &run->progress;
    size_t before = now->epoch_done ? 0 : now->epoch_samples;
    double sum = before > 0 ? now->train_loss * (double)before : 0.0;
    minnow_status status = minnow_trainer_set_learning_rate(run->trainer, rate);
    if (status == MINNOW_OK)
        status = minnow_trainer_advance(run->trainer, 1, now);
    *loss = (now->train_loss * (double)now->epoch_samples - sum) / (double)(now->epoch_samples - before);
    return status;
}

static int carry_out(struct train_run *run, struct sweep *sweep) {
    bool going = true;
    double told = clock_seconds();
    interrupt_watch(run->trainer);
    while (going && !interrupted()) {
        double loss;
        minnow_status status = train_one(run, sweep_next_rate(sweep), &loss);
        if (status != MINNOW_OK && status != MINNOW_ERROR_DIVERGED)
            return report(status);
        going = sweep_add(sweep, loss) && status == MINNOW_OK;
        sweep->diverged |= status == MINNOW_ERROR_DIVERGED;
        if (clock_seconds() - told > 0.25) {
            told = clock_seconds();
            progress("%3.0f %%  rate %.3g  loss %.4f", 100.0 * (double)sweep->count / (double)sweep->planned,
                     sweep_next_rate(sweep), sweep->smooth[sweep->count - 1]);
        }
    }
    interrupt_release();
    if (going)
        return interrupt_status();
    sweep_conclude(sweep);
    return STATUS_SUCCESS;
}

/* ---- The result ---- */

static json_t *json_numbers(const double *number, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_number(number[i]));
    return array;
}

static bool print_object(const struct train_run *run, const struct sweep *sweep) {
    double steepest = sweep->found ? sweep->rate[sweep->steepest] : NAN;
    double least = sweep->found ? sweep->rate[sweep->least] : NAN;
    return print_json(json_pack(
        "{s:s, s:I, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s}", "event", "done", "steps",
        (json_int_t)sweep->count, "diverged", (int)sweep->diverged, "steepest", json_number(steepest),
        "minimum", json_number(least), "minimum_tenth", json_number(sweep->found ? sweep->suggested : NAN),
        "rates", json_numbers(sweep->rate, sweep->count), "losses", json_numbers(sweep->loss, sweep->count),
        "smoothed", json_numbers(sweep->smooth, sweep->count), "optimizer",
        choice_optimizer((size_t)run->settings.optimizer), "data", data_source_name(&run->data.source)));
}

/* Losses of fewer samples than this differ much from one mini-batch to the next. */
enum { FEW_SAMPLES = 32 };

static void print_nothing(const struct sweep *sweep, uint64_t batch) {
    char few[96] = "";
    if (batch < FEW_SAMPLES)
        snprintf(few, sizeof few, "; losses of %llu samples differ much by chance: try a larger --batch",
                 (unsigned long long)batch);
    print("the loss never fell for good, from %.4f at a rate of %.3g to %.4f at %.3g: nothing to suggest%s\n",
          sweep->smooth[0], sweep->rate[0], sweep->smooth[sweep->count - 1], sweep->rate[sweep->count - 1],
          few);
}

static void print_text(const struct sweep *sweep, uint64_t batch) {
    const struct colours *colour = output_colours();
    curve_print(sweep);
    if (sweep->count == 0)
        print("the loss was no number from the first mini-batch on\n");
    else if (!sweep->found)
        print_nothing(sweep, batch);
    if (!sweep->found)
        return;
    print("steepest fall of the loss  --lr %s%.2g%s\n", colour->bold, sweep->rate[sweep->steepest],
          colour->plain);
    print("minimum / 10               --lr %s%.2g%s   the loss is lowest, %.4f, at %.2g%s\n", colour->bold,
          sweep->suggested, colour->plain, sweep->smooth[sweep->least], sweep->rate[sweep->least],
          sweep->diverged ? "" : ", and has not risen far by the end: try a higher --to");
}

static int tell(const struct settings *settings, const struct train_run *run, const struct sweep *sweep) {
    char title[TRAIN_NETWORK_TEXT];
    train_network_text(run->network, title);
    minnow_status status = MINNOW_OK;
    if (run->common.json)
        print_object(run, sweep);
    else
        print_text(sweep, run->settings.batch);
    if (settings->svg != NULL)
        status = curve_save_svg(sweep, title, settings->svg);
    if (status != MINNOW_OK)
        return report(status);
    if (settings->svg != NULL)
        note("saved: %s", settings->svg);
    return sweep->found ? STATUS_SUCCESS : STATUS_FAILURE;
}

/* ---- The command ---- */

static int run_sweep(const struct settings *settings, struct train_run *run) {
    struct sweep sweep = {0};
    int status = train_load(run);
    if (status != STATUS_SUCCESS)
        return status;

    /* A table's own defaults are no matter here: a run as long as it takes, at rates that are set. */
    run->settings.epochs = 1000000;
    run->settings.schedule = MINNOW_SCHEDULE_CONSTANT;
    status = train_begin(run);
    if (status != STATUS_SUCCESS)
        return status;
    minnow_status made = sweep_create(settings->from, settings->to, steps_wanted(settings, run), &sweep);
    if (made != MINNOW_OK)
        return report(made);

    train_show_network(run);
    note("rates: %.3g to %.3g in %zu mini-batches of %llu, %s", sweep.from, sweep.to, sweep.planned,
         (unsigned long long)run->settings.batch, choice_optimizer((size_t)run->settings.optimizer));
    status = carry_out(run, &sweep);
    if (status == STATUS_SUCCESS)
        status = tell(settings, run, &sweep);
    sweep_free(&sweep);
    return status;
}

static int run_lr_find(const struct command *command, int argc, char **argv) {
    struct settings settings = {.train = train_default_settings(), .from = 1e-6, .to = 100};
    struct train_run run = {0};
    int status = command_begin(command, argc, argv, &settings, &run.line);
    if (status != BEGUN)
        return status;
    if (!(settings.from < settings.to))
        return problem(STATUS_USAGE, "lr-find: --from %g: expected less than --to, %g", settings.from,
                       settings.to);

    minnow_progress_init(&run.progress, sizeof run.progress);
    run.common = run.line.common;
    run.settings = settings.train;
    status = train_settle(&run);
    if (status == STATUS_SUCCESS)
        status = run_sweep(&settings, &run);
    train_free(&run);
    return status;
}

/* What says how long a run is, how its rate changes, and how good the network is. */
static const char *const without[] = {
    "lr",       "schedule",   "warmup",         "epochs",           "ema", "validation",
    "patience", "keep-epoch", "plateau-factor", "plateau-patience", NULL};

static const struct option_answer answers[] = {
    {"lr learning-rate", "--from X and --to X are the first and the last rate to try"},
    {"epochs", "--steps N says for how many mini-batches the sweep goes on"},
    {NULL, NULL},
};

const struct command command_lr_find = {
    .name = "lr-find",
    .words = "lr-finder find-lr lr-range lrfind",
    .summary = "looks for a good learning rate in one pass",
    .usage = "[OPTIONS]",
    .about = "Trains for one pass over the samples while the learning rate grows by the same factor\n"
             "with each mini-batch, and ends when the loss rises again (Smith 2015). The curve of the\n"
             "loss then says which rates work: where it falls most steeply, or a tenth of the rate at\n"
             "its lowest point, is a good --lr for 'minnow train' with the same options. The loss is\n"
             "smoothed over a fiftieth of the sweep. The result does not depend on the CPU or the\n"
             "number of threads. Where the loss never falls there is no suggestion, and the exit\n"
             "status is 1.\n",
    .examples = "  minnow lr-find\n"
                "  minnow lr-find --hidden 1000,500 --optimizer momentum --batch 128 --svg rates.svg\n"
                "  minnow lr-find --json | jq .minimum_tenth\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .base = &command_train,
    .without = without,
    .answers = answers,
    .run = run_lr_find,
};
