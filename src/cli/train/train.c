/* minnow train: a run from the data to the result. */
#include <math.h>
#include <string.h>

#include "cli/command.h"
#include "cli/frame/clock.h"
#include "cli/frame/interrupt.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/choices.h"
#include "cli/inputs/data_check.h"
#include "cli/inputs/evaluation.h"
#include "cli/inputs/feature_scale.h"
#include "cli/inputs/model_file.h"
#include "cli/inputs/provenance.h"
#include "cli/ranks/ranks.h"
#include "cli/train/line.h"
#include "cli/train/live.h"
#include "cli/train/log.h"
#include "cli/train/presets.h"
#include "cli/train/summary.h"
#include "cli/train/train.h"
#include "data/dataset.h"

/* ---- Before training ---- */

static int create_network(struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    size_t sizes[NETWORK_MAX_LAYERS + 1];
    size_t layers = settings->hidden.count + 1;
    sizes[0] = minnow_dataset_features(run->data.train);
    memcpy(&sizes[1], settings->hidden.size, settings->hidden.count * sizeof sizes[0]);
    sizes[layers] = minnow_dataset_classes(run->data.train);
    choices_note_sizes(sizes, layers + 1);

    minnow_activation activations[NETWORK_MAX_LAYERS];
    choices_activations(&settings->activation, activations);

    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = layers;
    config.activations = activations;
    config.loss = (minnow_loss)settings->loss;
    config.init = choice_init_of((size_t)settings->init_weights);
    config.seed = settings->seed;
    config.isa = run->common.kernels->name;
    minnow_status status = minnow_network_create(&config, &run->network);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

static void set_distortion(struct train_run *run) {
    distortion_settings_to(&run->settings.distortion, &run->distortion);
    run->config.distortion = &run->distortion;
}

static int create_trainer(struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    minnow_training_config_init(&run->config, sizeof run->config);
    run->config.batch = (size_t)settings->batch;
    run->config.epochs = (size_t)settings->epochs;
    run->config.optimizer = (minnow_optimizer)settings->optimizer;
    train_constants_to_config(settings, &run->config);
    run->config.schedule = (minnow_schedule)settings->schedule;
    run->config.warmup_epochs = settings->warmup;
    run->config.plateau_patience = (size_t)settings->plateau_patience;
    run->config.seed = settings->seed;
    run->config.sparse = (minnow_sparsity)settings->sparse;
    run->config.plan = (uint64_t)settings->plan;
    run->config.threads = run->common.threads;
    run->config.sub_batches = (size_t)settings->sub_batches;
    run->config.comm = world_comm();
    set_distortion(run);
    minnow_status status = minnow_trainer_create(run->network, run->data.train, &run->config, &run->trainer);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

static int start(struct train_run *run) {
    const char *init = run->settings.init;
    int status = init == NULL ? create_network(run)
                              : evaluation_check(run->network, init, run->data.train,
                                                 data_source_name(&run->data.source));
    status = world_agree(status); /* making a trainer takes all ranks */
    return status == STATUS_SUCCESS ? create_trainer(run) : status;
}

static int resume(struct train_run *run) {
    run->config.sparse = (minnow_sparsity)run->settings.sparse;
    run->config.plan = (uint64_t)run->settings.plan;
    run->config.threads = run->common.threads;
    run->config.comm = world_comm();
    set_distortion(run);
    int status = evaluation_check(run->network, run->settings.resume, run->data.train,
                                  data_source_name(&run->data.source));
    status = world_agree(status);
    return status == STATUS_SUCCESS ? train_resume(run) : status;
}

/* What is read must not be written over, as --save with the name of the table would. A network may be trained on into its
   own file. */
static int check_targets(const struct train_settings *settings) {
    const char *const inputs[] = {settings->data, settings->validation, settings->learning.test};
    const size_t count = sizeof inputs / sizeof *inputs;
    int status = target_check_spares("train: --save", settings->save, inputs, count);
    if (status == STATUS_SUCCESS)
        status = target_check_spares("train: --checkpoint", settings->checkpoint, inputs, count);
    if (status == STATUS_SUCCESS)
        status = target_check_spares("train: --log", settings->log, inputs, count);
    return status;
}

/* What can be found wrong before the data are read, which takes a while. */
static int check(struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    if (settings->warmup > (double)settings->epochs)
        return problem(STATUS_USAGE, "train: --warmup %g: expected at most the number of epochs, %llu",
                       settings->warmup, (unsigned long long)settings->epochs);
    if (!output_usable())
        return STATUS_FAILURE;

    int status = validation_parse("train", settings->validation, &run->held_out);
    if (status == STATUS_SUCCESS)
        status = check_targets(settings);
    if (status == STATUS_SUCCESS)
        status = train_check_checkpoint(run);
    if (status == STATUS_SUCCESS)
        status = train_log_check(run);
    if (status == STATUS_SUCCESS)
        status = live_check(run);
    if (status == STATUS_SUCCESS)
        status = train_check_many(run);
    if (status == STATUS_SUCCESS && settings->save != NULL)
        status = target_format("train: --save", settings->save, &run->save_format);
    if (status == STATUS_SUCCESS && settings->save != NULL)
        status = target_check_network(run->line.command, "save", settings->save);
    return status;
}

static int load(struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    bool table;
    int status = train_load_table(run, &table);
    if (status != STATUS_SUCCESS || table)
        return status;
    enum data_test test = table_test_none(&settings->learning) ? DATA_TEST_NONE : DATA_TEST_OPTIONAL;
    struct data_request request = {.classes = (size_t)settings->classes, .transpose = settings->transpose};
    if (run->network != NULL)
        request.features = minnow_network_layer_size(run->network, 0);
    status = data_picture_options(settings->size, settings->colour, &request);
    if (status == STATUS_SUCCESS)
        status = data_load_parts(settings->data, true, test, &request, run->common.threads, &run->data);
    if (status == STATUS_SUCCESS)
        status = data_check_pictures(&run->data, &request);
    if (status == STATUS_SUCCESS)
        train_settle_pictures(run);
    if (status == STATUS_SUCCESS && !option_given(&run->line, "classes"))
        status = data_check_classes(&run->data);
    if (status == STATUS_SUCCESS)
        run->settings.classes = minnow_dataset_classes(run->data.train);
    if (status == STATUS_SUCCESS)
        status = provenance_check_names(settings->class_names, minnow_dataset_classes(run->data.train));
    if (status == STATUS_SUCCESS)
        status = distortion_check_classes(run->line.command, &settings->distortion, run->settings.classes);
    if (status == STATUS_SUCCESS && run->network != NULL) {
        dataset_scale(run->data.train, minnow_network_input_scaling(run->network));
        if (run->data.test != NULL)
            dataset_scale(run->data.test, minnow_network_input_scaling(run->network));
    }
    if (status == STATUS_SUCCESS)
        feature_scale_warn(run->data.train);
    if (status != STATUS_SUCCESS)
        return status;
    status = validation_take(&run->held_out, settings->seed, &request, run->data.train, &run->validation);
    if (run->validation != NULL)
        dataset_scale(run->validation, run->data.train->scale);
    return status;
}

int train_load(struct train_run *run) {
    int status = check(run);
    if (status == STATUS_SUCCESS)
        status = load(run);
    if (status == STATUS_SUCCESS && run->data.test == NULL && run->settings.test_each_epoch)
        status = command_refuse(run->line.command, "test-each-epoch", "has no effect: there is no test set");
    return status == STATUS_SUCCESS ? train_weigh_classes(run, run->data.train) : status;
}

int train_begin(struct train_run *run) {
    int status = run->settings.resume != NULL ? resume(run) : start(run);
    if (status == STATUS_SUCCESS)
        status = train_record_table(run);
    if (run->settings.resume == NULL && run->network != NULL) /* what the run before it did, of --init */
        (void)minnow_network_set_metadata(run->network, TRAIN_RATE_CHANGES_KEY, NULL);
    if (status == STATUS_SUCCESS && run->settings.resume != NULL)
        curves_parse(minnow_network_metadata(run->network, CURVES_KEY), &run->curves);
    if (status == STATUS_SUCCESS)
        minnow_trainer_progress(run->trainer, &run->progress);
    run->first_epoch = run->progress.epoch + run->progress.epoch_done;
    return status;
}

/* ---- Training ---- */

int train_evaluate(const struct train_run *run, const minnow_dataset *dataset, struct outcome *out) {
    struct minnow_evaluation evaluation;
    *out = (struct outcome)OUTCOME_UNKNOWN;
    minnow_evaluation_init(&evaluation, sizeof evaluation);
    bool shared = world_comm() != NULL && run->trainer != NULL;
    minnow_status status =
        shared ? minnow_trainer_evaluate(run->trainer, dataset, &evaluation, NULL)
               : minnow_network_evaluate(run->network, dataset, run->common.threads, &evaluation, NULL);
    if (status != MINNOW_OK)
        return shared ? world_give_up(report(status)) : report(status);
    out->loss = evaluation.loss;
    out->accuracy = (double)evaluation.correct / (double)evaluation.total;
    if (!train_predicts_numbers(run))
        return STATUS_SUCCESS;
    return number_scores_of(run->network, dataset, run->encoder, run->common.threads, NULL, &out->numbers);
}

/* On the samples that are not trained on: those for validation and, where asked for or at the end, for testing. */
static int evaluate_held_out(struct train_run *run) {
    int status = STATUS_SUCCESS;
    minnow_trainer_use_average(run->trainer, true);
    if (run->validation != NULL)
        status = train_evaluate(run, run->validation, &run->on_validation);
    bool tests = run->data.test != NULL && (run->settings.test_each_epoch || run->progress.run_done);
    if (status == STATUS_SUCCESS && tests)
        status = train_evaluate(run, run->data.test, &run->on_test);
    return status;
}

/* Whether a file will hold the network. */
static bool is_kept(const struct train_run *run) {
    return run->settings.save != NULL || run->settings.checkpoint != NULL;
}

/* The line of a run's beginning, for those who draw curves: what the untrained network makes of the samples. */
static int tell_start(struct train_run *run) {
    struct outcome on_train;
    int status = train_evaluate(run, run->data.train, &on_train);
    if (status == STATUS_SUCCESS)
        status = evaluate_held_out(run);
    return status == STATUS_SUCCESS && !train_print_start(run, &on_train) && !is_kept(run) ? STATUS_FAILURE
                                                                                           : status;
}

static void add_to_curves(struct train_run *run) {
    const struct minnow_progress *now = &run->progress;
    const struct outcome *held_out = &run->on_validation;
    bool numbers = train_predicts_numbers(run), validated = run->validation != NULL;
    const float value[CURVE_COUNT] = {
        [TRAIN_LOSS] = (float)now->train_loss,
        [TRAIN_ACCURACY] = numbers ? NAN : (float)now->train_accuracy,
        [VALIDATION_LOSS] = validated ? (float)held_out->loss : NAN,
        [VALIDATION_ACCURACY] = validated && !numbers ? (float)held_out->accuracy : NAN,
        [VALIDATION_RMSE] = validated && numbers ? (float)held_out->numbers.rmse : NAN,
        [LEARNING_RATE] = (float)now->learning_rate,
    };
    curves_add(&run->curves, now->epoch, value);
}

static int end_epoch(struct train_run *run) {
    run->train_seconds += run->progress.epoch_seconds;
    int status = evaluate_held_out(run);
    if (status != STATUS_SUCCESS)
        return status;
    train_show_epoch(run);
    train_history_add(run);
    add_to_curves(run);
    train_log_epoch(run);
    status = train_judge_epoch(run);
    if (status != STATUS_SUCCESS)
        return status;
    /* When the reader of the results is gone, training goes on only if a file will hold the network. */
    return run->common.json && !train_print_epoch(run) && !is_kept(run) ? STATUS_FAILURE : STATUS_SUCCESS;
}

/* Seconds between two meetings of ranks: mpirun kills a second after Ctrl-C, and a checkpoint is to be written before. */
static const double RANKS_MEET = 0.1;

/* Samples to advance by so that the line on a terminal and the page of --serve move four times a second, an interrupt is seen as soon where
   no trainer is watched for one, ranks meet as often, and no checkpoint is late;
   each stop costs a little, the bits do not depend on it. 0, no stop within an epoch, where neither is
   wanted. */
static size_t next_stretch(const struct train_run *run, size_t samples, double seconds) {
    double interval = train_checkpoint_wait(run);
    size_t most = train_log_stretch(run);
    bool seen_soon = progress_wanted() || run->side_by_side || run->live != NULL;
    if (seen_soon && interval > 0.25)
        interval = 0.25;
    if (world_comm() != NULL && interval > RANKS_MEET)
        interval = RANKS_MEET;
    if (isinf(interval))
        return most;
    double stretch = seconds > 0 ? (double)samples * interval / seconds : 1e6;
    size_t due = stretch < 1 ? 1 : stretch < 1e9 ? (size_t)stretch : 1000000000;
    return most != 0 && most < due ? most : due;
}

/* One call of the library, and what is due after it. */
static int advance(struct train_run *run, size_t *stretch) {
    size_t before = run->progress.epoch_done ? 0 : run->progress.epoch_samples;
    double begin = clock_seconds();
    minnow_status advanced = minnow_trainer_advance(run->trainer, *stretch, &run->progress);
    if (advanced == MINNOW_ERROR_DIVERGED)
        return train_end_diverged(run);
    if (advanced != MINNOW_OK)
        return world_give_up(report(advanced));

    run->checkpoint_up_to_date = false;
    size_t samples = run->progress.epoch_samples - before;
    double seconds = clock_seconds() - begin;
    int status = STATUS_SUCCESS;
    train_log_steps(run);
    if (run->progress.epoch_done)
        status = end_epoch(run);
    else
        train_line_within_epoch(run);
    live_show(run);

    *stretch = next_stretch(run, samples, seconds);
    bool due = train_checkpoint_due(run);
    status = train_meet(run, status, stretch, &due);
    return status == STATUS_SUCCESS && due ? train_write_checkpoint(run) : status;
}

int train_epochs(struct train_run *run) {
    run->checkpoint_time = clock_seconds();
    run->load_seconds = run->checkpoint_time - clock_began();
    size_t stretch = next_stretch(run, 1000, 0.25);

    int status = train_collapse_start(run);
    bool begins = run->progress.epoch <= 1 && run->progress.epoch_samples == 0;
    if (status == STATUS_SUCCESS && begins && run->common.json)
        status = tell_start(run);
    if (status == STATUS_SUCCESS && run->progress.epoch_done) /* in the checkpoint already */
        status = evaluate_held_out(run);
    if (status == STATUS_SUCCESS && run->progress.epoch_done)
        status = train_judge_epoch(run);
    bool due = false;
    status = train_meet(run, status, &stretch, &due);
    while (status == STATUS_SUCCESS && !train_is_over(run) && !train_interrupted(run)) {
        status = live_control(run, &stretch);
        if (status == STATUS_SUCCESS && !train_interrupted(run))
            status = advance(run, &stretch);
    }
    return status;
}

/* ---- After training ---- */

static int finish(struct train_run *run) {
    int status = train_write_checkpoint(run);
    int concluded = train_conclude(run);
    if (concluded != STATUS_SUCCESS)
        return concluded;
    int saved = train_save_result(run);
    run->saved = saved == STATUS_SUCCESS && run->settings.save != NULL;
    train_print_end(run);
    if (status == STATUS_SUCCESS)
        status = saved;
    return status == STATUS_SUCCESS && !train_is_over(run) ? interrupt_status() : status;
}

/* Trains, with interrupts caught meanwhile. */
static int train_watched(struct train_run *run) {
    train_show_network(run);
    train_show_ranks(run);
    if (run->settings.resume != NULL)
        train_show_start(run);

    int status = world_agree(train_log_open(run));
    if (status != STATUS_SUCCESS)
        return status;
    interrupt_watch(world_comm() == NULL ? run->trainer : NULL); /* ranks stop where they meet */
    status = live_start(run);
    if (status == STATUS_SUCCESS)
        status = train_epochs(run);
    if (status == STATUS_SUCCESS)
        status = finish(run);
    live_end(run);
    interrupt_release();
    int logged = train_log_close(run);
    if (status == STATUS_SUCCESS)
        status = logged;
    return status;
}

static int run_command(struct train_run *run) {
    run->common = run->line.common;
    int status = train_settle(run);
    if (status == STATUS_SUCCESS && run->settings.print_options)
        return preset_print(run);
    status = train_join_ranks(run, status);
    if (status == STATUS_SUCCESS)
        status = world_agree(train_load(run));
    if (status == STATUS_SUCCESS && train_is_many(run))
        return train_many(run);
    if (status == STATUS_SUCCESS)
        status = world_agree(train_begin(run));
    if (status == STATUS_SUCCESS)
        status = run->settings.explain_plan ? train_explain(run) : train_watched(run);
    return status;
}

void train_free(struct train_run *run) {
    live_end(run);
    minnow_trainer_free(run->trainer);
    minnow_network_free(run->network);
    minnow_dataset_free(run->validation);
    data_free(&run->data);
    encoder_free(run->encoder);
    train_history_free(run);
    (void)train_log_close(run);
    json_decref(run->record);
}

int train_main(const struct command *command, int argc, char **argv) {
    struct train_run run = {.on_test = OUTCOME_UNKNOWN,
                            .on_validation = OUTCOME_UNKNOWN,
                            .on_train = OUTCOME_UNKNOWN,
                            .best_accuracy = NAN,
                            .best_loss = NAN};
    minnow_progress_init(&run.progress, sizeof run.progress);
    run.settings = train_default_settings();
    struct preset_line line;
    int status = preset_expand(command, argc, argv, &line);
    if (status == STATUS_SUCCESS)
        status = command_begin(command, line.argc, line.argv, &run.settings, &run.line);
    if (status == BEGUN)
        status = run_command(&run);

    preset_free(&line);
    train_free(&run);
    return status;
}
