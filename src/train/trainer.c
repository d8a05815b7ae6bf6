#include "train/trainer.h"

#include <math.h>
#include <time.h>

#include "base/argument.h"
#include "base/random.h"
#include "base/sized.h"
#include "base/status.h"
#include "net/ensemble.h"
#include "train/config.h"
#include "train/optimizers.h"
#include "train/pace.h"
#include "train/schedules.h"

/* ---- Making and releasing ---- */

/* The number of the epoch under way by which it draws. */
static uint32_t epoch_of_draws(const minnow_trainer *trainer) {
    return (uint32_t)(trainer->epochs_before + trainer->state.epoch);
}

static void begin_epoch(minnow_trainer *trainer) {
    const struct random_sequence draws = {
        .seed = trainer->config.seed, .purpose = RANDOM_SHUFFLE, .a = epoch_of_draws(trainer), .words = 4};
    if (trainer->order != NULL)
        random_shuffle(trainer->order, trainer->dataset->count, &draws);
    plan_begin_epoch(trainer->plan, epoch_of_draws(trainer));
    trainer->plateau_share = plateau_share(&trainer->state.plateau, &trainer->config);
}

static minnow_status allocate(minnow_trainer *trainer, unsigned threads) {
    if (trainer->config.shuffle) {
        trainer->order = memory_allocate(trainer->dataset->count, sizeof *trainer->order);
        if (trainer->order == NULL)
            return fail_memory("training");
    }
    minnow_status status =
        plan_create(trainer->network, trainer->dataset, &trainer->config, threads, &trainer->plan);
    if (status == MINNOW_OK)
        tuner_open(&trainer->tuner, trainer->plan, trainer->steps_per_epoch * trainer->config.epochs,
                   (minnow_plan)trainer->config.plan);
    return status;
}

minnow_status trainer_create(minnow_network *network, const minnow_dataset *dataset,
                             const minnow_training_config *config, unsigned threads,
                             const struct training_state *state, minnow_trainer **out) {
    *out = NULL;
    minnow_status status = network_check_single(network, "training");
    if (status == MINNOW_OK)
        status = network_check_data(network, dataset);
    if (status == MINNOW_OK)
        status = training_config_check_network(config, network);
    if (status == MINNOW_OK)
        status = answers_check_weights(network, dataset, true);
    if (status == MINNOW_OK && config->sub_batches > dataset->count)
        status = fail(MINNOW_ERROR_ARGUMENT, "%s: %zu samples, fewer than the %zu sub-batches",
                      dataset->source, dataset->count, config->sub_batches);
    if (status != MINNOW_OK)
        return status;
    minnow_trainer *trainer = memory_allocate(1, sizeof *trainer);
    if (trainer == NULL)
        return fail_memory("a trainer");

    trainer->network = network;
    trainer->dataset = dataset;
    trainer->config = *config;
    trainer->shown = SLOT_COUNT;
    if (config->distortion != NULL) {
        trainer->distortion = *config->distortion;
        trainer->config.distortion = &trainer->distortion;
    }
    trainer->steps_per_epoch = (dataset->count - 1) / config->batch + 1;
    status = allocate(trainer, threads);
    if (status != MINNOW_OK) {
        minnow_trainer_free(trainer);
        return status;
    }

    if (state != NULL) {
        trainer->state = *state;
        begin_epoch(trainer); /* advance does so only for an epoch from its first sample on */
        status = slots_copy_kept(&trainer->plan->slots, network);
        if (status != MINNOW_OK) {
            minnow_trainer_free(trainer);
            return status;
        }
    }
    network_forget_checkpoint(network);
    status = trainer_keep_good(trainer);
    if (status != MINNOW_OK) {
        minnow_trainer_free(trainer);
        return status;
    }
    *out = trainer;
    return MINNOW_OK;
}

minnow_status minnow_trainer_create(minnow_network *network, const minnow_dataset *dataset,
                                    const minnow_training_config *config, minnow_trainer **out) {
    if (!CLEARED(out) || !GIVEN(network) || !GIVEN(dataset) || !GIVEN(config))
        return MINNOW_ERROR_ARGUMENT;

    minnow_training_config own;
    minnow_distortion_config distortion;
    minnow_comm *comm = training_config_comm(config);
    minnow_status status = training_config_read(config, &own, &distortion);
    if (status == MINNOW_OK) /* 0: as many of the configuration's threads as pay */
        status = trainer_create(network, dataset, &own, 0, NULL, out);
    return trainer_agree(comm, status, out);
}

void minnow_trainer_free(minnow_trainer *trainer) {
    if (trainer == NULL)
        return;
    plan_free(trainer->plan);
    parameters_free(trainer->good);
    memory_free(trainer->order);
    memory_free(trainer);
}

unsigned minnow_trainer_threads(const minnow_trainer *trainer) {
    return GIVEN(trainer) ? trainer->plan->threads : 0;
}

minnow_status minnow_trainer_set_learning_rate(minnow_trainer *trainer, double rate) {
    if (!GIVEN(trainer))
        return MINNOW_ERROR_ARGUMENT;
    if (!(rate >= 0.0 && rate <= MAX_LEARNING_RATE))
        return fail(MINNOW_ERROR_ARGUMENT, "learning rate %g, expected 0 or a number above it and at most %g",
                    rate, MAX_LEARNING_RATE);
    trainer->set_rate = rate;
    return MINNOW_OK;
}

minnow_status trainer_change_rate(minnow_trainer *trainer, double rate) {
    if (!(rate > 0.0 && rate <= MAX_LEARNING_RATE))
        return fail(MINNOW_ERROR_ARGUMENT, "learning rate %g, expected a number above 0 and at most %g", rate,
                    MAX_LEARNING_RATE);
    trainer->config.learning_rate = rate;
    return MINNOW_OK;
}

void minnow_trainer_stop(minnow_trainer *trainer) {
    if (trainer != NULL) /* without a message: setting one is not safe in a signal handler */
        atomic_store(&trainer->stop, true);
}

/* ---- The loop ---- */

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* What one call of advance covers. Each member of the team walks through it by itself; members that sleep for a
   while (pace.h) go on where the first one is. */
struct run {
    minnow_trainer *trainer;
    size_t end;          /* a position in the epoch */
    uint64_t first_step; /* of the whole training, at the epoch's begin */

    /* Written by the first member alone, when a mini-batch is done and before the others may begin the next. */
    size_t position; /* in the epoch: the next mini-batch's first sample */

    double tuning; /* when the tuner began what it is busy with, as the first member saw it; 0: it is not */
};

static struct minibatch minibatch_at(const minnow_trainer *trainer, size_t position, double rate,
                                     uint64_t step) {
    struct update update = optimizer_update(&trainer->config, rate, trainer->steps_before + step);
    size_t count = size_min(trainer->config.batch, trainer->dataset->count - position);
    struct minibatch batch = {
        .order = trainer->order,
        .position = position,
        .count = count,
        .epoch = epoch_of_draws(trainer),
        .loss_scale = 1.0f / (float)count,
        .update = update,
        .bias_update = optimizer_bias_update(update),
    };
    batch.mixing = mixing_draw(trainer->config.mixup, trainer->config.seed, &batch);
    batch.weighing = answers_weighing(&trainer->plan->answers, &batch);
    return batch;
}

static double rate_at(const minnow_trainer *trainer, uint64_t step) {
    const minnow_training_config *config = &trainer->config;
    if (trainer->set_rate > 0.0)
        return trainer->set_rate;
    double rate = schedule_rate(config->schedule, config->learning_rate,
                                config->warmup_epochs * (double)trainer->steps_per_epoch, step,
                                trainer->steps_per_epoch * config->epochs);
    return config->schedule == MINNOW_SCHEDULE_PLATEAU ? rate * trainer->plateau_share : rate;
}

/* Adds the mini-batch to the epoch's loss and accuracy, in sample order. */
static void account(minnow_trainer *trainer, const struct minibatch *batch) {
    const struct answers *answers = &trainer->plan->answers;
    for (size_t i = 0; i < batch->count; i++) {
        trainer->state.loss_sum += (double)answers->loss[i];
        trainer->state.correct += answers->predicted[i] == answers->label[i];
    }
}

/* The first layer of all ranks: each looks at its own samples. */
static size_t diverged_layer(minnow_trainer *trainer, size_t count) {
    size_t layer = divergence_layer(trainer->plan, count);
    return trainer->plan->ranks != NULL ? ranks_first(trainer->plan, layer) : layer;
}

/* What the first member does between a mini-batch and the next. */
static void end_minibatch(struct run *run, const struct minibatch *batch, double rate) {
    minnow_trainer *trainer = run->trainer;
    const struct ranks *ranks = trainer->plan->ranks;
    double before = trainer->state.loss_sum;
    run->position = batch->position + batch->count;
    if (ranks != NULL && ranks->link.failed) {
        trainer->halt = true;
        return;
    }
    account(trainer, batch);
    double loss = (trainer->state.loss_sum - before) / (double)batch->count;
    trainer->state.last_rate = (double)(float)rate;
    trainer->halt = ranks != NULL ? ranks->stop : atomic_load_explicit(&trainer->stop, memory_order_relaxed);
    if (divergence_in_loss(&trainer->state, loss)) {
        trainer->diverged = (struct divergence){.minibatch = batch->position / trainer->config.batch + 1,
                                                .layer = diverged_layer(trainer, batch->count),
                                                .loss = loss};
        trainer->halt = true;
    }
}

/* How many members the pace wants. It stands still while the tuner tries something. */
static unsigned step_pace(struct run *run, struct team_member team, unsigned active, size_t samples,
                          double time) {
    minnow_trainer *trainer = run->trainer;
    if (tuner_is_busy(&trainer->tuner)) {
        run->tuning = run->tuning > 0.0 ? run->tuning : time;
        return active;
    }
    if (run->tuning > 0.0)
        pace_skip(&trainer->pace, time - run->tuning, time, team_slept(team));
    run->tuning = 0.0;
    return pace_step(&trainer->pace, samples, time, team_slept(team));
}

/* Decides how many members train the next mini-batch, and how. All of them leave the loop together at the end. */
static void set_pace(struct run *run, struct team_member team, unsigned active, size_t samples) {
    minnow_trainer *trainer = run->trainer;
    double time = now();
    tuner_step(&trainer->tuner, time, samples == trainer->plan->batch,
               trainer->pace.phase == PACE_STEADY && run->tuning == 0.0);
    unsigned wanted = team.count > 1 ? step_pace(run, team, active, samples, time) : 1;
    trainer->tuner.acts |= wanted != active;
    if (run->position >= run->end || trainer->halt)
        wanted = team.count;
    if (wanted != active) {
        team_set_active(team, wanted);
        team_set_patience(team, wanted == team.count);
    }
}

/* What the tuner changes, while no member trains. */
static void tune(minnow_trainer *trainer, struct team_member member) {
    if (member.index == 0)
        tuner_do(&trainer->tuner, trainer->plan, member.count, now());
    team_barrier(member);
}

static void run_member(struct team_member team, void *context) {
    struct run *run = context;
    minnow_trainer *trainer = run->trainer;

    for (;;) {
        struct team_member member = team.count > 1 ? team_active(team) : team;
        size_t position = run->position;
        if (position >= run->end || trainer->halt)
            return;

        uint64_t step = run->first_step + position / trainer->config.batch;
        double rate = rate_at(trainer, step);
        struct minibatch batch = minibatch_at(trainer, position, rate, step);
        if (member.index == 0 && trainer->plan->ranks != NULL)
            trainer->plan->ranks->stop_here = atomic_load(&trainer->stop);
        if (trainer->tuner.acts)
            tune(trainer, member);
        plan_run(trainer->plan, &batch, member, trainer->tuner.record);
        if (member.index == 0) {
            end_minibatch(run, &batch, rate);
            if (team.count > 1 || trainer->tuner.state != TUNER_OFF)
                set_pace(run, team, member.count, batch.count);
        }
        if (team.count > 1)
            team_barrier(member);
    }
}

/* Ranks stop together, behind a mini-batch: what was asked of one alone since then waits for the next one. */
bool trainer_take_stop(minnow_trainer *trainer) {
    const struct ranks *ranks = trainer->plan->ranks;
    return (ranks == NULL || ranks->stop) && atomic_exchange(&trainer->stop, false);
}

/* Advances by at least one mini-batch, within the epoch under way. */
static void advance(minnow_trainer *trainer, size_t max_samples) {
    size_t count = trainer->dataset->count, position = trainer->state.position;
    struct run run = {
        .trainer = trainer,
        .end = max_samples != 0 && max_samples < count - position ? position + max_samples : count,
        .first_step = trainer->state.epoch * trainer->steps_per_epoch,
        .position = position,
    };

    minnow_trainer_use_average(trainer, false);
    trainer->halt = false;
    plan_refresh(trainer->plan);
    double time = now();
    unsigned active = trainer->pace.active; /* a few, where the last call ended amid a trial of them */
    pace_start(&trainer->pace, trainer->plan->threads, time);
    tuner_start(&trainer->tuner, time);
    if (active != 0 && trainer->pace.active != active)
        trainer->tuner.acts = true;
    team_run_active(trainer->plan->threads, trainer->pace.active, run_member, &run);
    if (trainer_take_stop(trainer)) /* also one that came behind the last mini-batch */
        trainer->halt = true;
    trainer->state.position = run.position;

    /* The plan's own copies follow its updates; those of another trainer of this network do not. */
    parameters_changed(trainer->network->parameters);
    trainer->plan->version = parameters_version(trainer->network->parameters);
}

static bool epoch_done(const minnow_trainer *trainer) {
    return trainer->state.position == trainer->dataset->count;
}

/* Does nothing if `progress` is NULL. */
static void report(const minnow_trainer *trainer, minnow_progress *progress) {
    const struct training_state *state = &trainer->state;
    double done = state->position > 0 ? (double)state->position : 1.0;
    bool diverged = trainer->diverged.minibatch != 0;
    minnow_progress own = {
        .epoch = state->epoch + 1,
        .epoch_samples = state->position,
        .epoch_done = epoch_done(trainer) && !diverged,
        .run_done = epoch_done(trainer) && !diverged && state->epoch + 1 == trainer->config.epochs,
        .train_loss = state->loss_sum / done,
        .train_accuracy = (double)state->correct / done,
        .epoch_seconds = state->seconds,
        .learning_rate = state->last_rate,
        .gradient_norm = trainer->plan->gradient_norm,
        .best_epoch = state->best_epoch,
        .best_score = state->best_score,
        .diverged_minibatch = trainer->diverged.minibatch,
        .diverged_layer = trainer->diverged.layer,
    };
    sized_write(&own, sizeof own, progress);
}

/* Behind the last mini-batch of an epoch that is not the last one. */
static void go_to_next_epoch(minnow_trainer *trainer) {
    struct training_state *state = &trainer->state;
    if (trainer->config.schedule == MINNOW_SCHEDULE_PLATEAU)
        plateau_judge(&state->plateau, &trainer->config, state->epoch + 1,
                      state->loss_sum / (double)state->position);
    *state = (struct training_state){.epoch = state->epoch + 1,
                                     .last_rate = state->last_rate,
                                     .first_loss = state->first_loss,
                                     .best_epoch = state->best_epoch,
                                     .best_score = state->best_score,
                                     .plateau = state->plateau};
}

minnow_status minnow_trainer_advance(minnow_trainer *trainer, size_t max_samples, minnow_progress *progress) {
    if (!GIVEN(trainer) || sized_check("progress", progress) != MINNOW_OK)
        return MINNOW_ERROR_ARGUMENT;
    if (trainer->in_callback)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "minnow_trainer_advance from within a callback of minnow_trainer_run");

    double start = now();
    struct training_state *state = &trainer->state;
    if (trainer->diverged.minibatch != 0) {
        report(trainer, progress);
        return fail(MINNOW_ERROR_ARGUMENT, "training is over, as it diverged in epoch %zu", state->epoch + 1);
    }
    minnow_status status =
        trainer->plan->ranks != NULL ? link_status(&trainer->plan->ranks->link) : MINNOW_OK;
    if (status != MINNOW_OK)
        return status;
    if (epoch_done(trainer)) {
        if (state->epoch + 1 == trainer->config.epochs) {
            report(trainer, progress);
            return fail(MINNOW_ERROR_ARGUMENT, "training is over after %zu epochs", trainer->config.epochs);
        }
        go_to_next_epoch(trainer);
    }
    if (state->position == 0)
        begin_epoch(trainer);

    advance(trainer, max_samples);
    state->seconds += now() - start;
    status = trainer_meet(trainer);
    if (status != MINNOW_OK) {
        report(trainer, progress);
        return status;
    }
    if (epoch_done(trainer) && trainer->diverged.minibatch == 0)
        trainer->diverged = divergence_in_parameters(trainer->network, trainer->steps_per_epoch);
    report(trainer, progress);
    if (trainer->diverged.minibatch != 0) {
        trainer_restore_good(trainer);
        return divergence_fail(&trainer->diverged, &trainer->config, state->epoch + 1);
    }
    return epoch_done(trainer) ? trainer_keep_good(trainer) : MINNOW_OK;
}

minnow_status minnow_trainer_tell_loss(minnow_trainer *trainer, double loss) {
    if (!GIVEN(trainer))
        return MINNOW_ERROR_ARGUMENT;
    if (!isfinite(loss))
        return fail(MINNOW_ERROR_ARGUMENT, "loss %g, expected a finite number", loss);
    if (!epoch_done(trainer))
        return fail(MINNOW_ERROR_ARGUMENT, "no epoch has ended, whose loss this could be");
    trainer->state.plateau.told_epoch = trainer->state.epoch + 1;
    trainer->state.plateau.told = loss;
    return MINNOW_OK;
}

/* ---- Progress ---- */

void minnow_progress_init(minnow_progress *progress, size_t size) {
    sized_init(progress, size, &(minnow_progress){0}, sizeof(minnow_progress));
}

void minnow_trainer_progress(const minnow_trainer *trainer, minnow_progress *progress) {
    if (GIVEN(trainer) && GIVEN(progress) && sized_check("progress", progress) == MINNOW_OK)
        report(trainer, progress);
}
