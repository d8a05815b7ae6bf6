/* A whole run in one call, with callbacks on the way. */
#include "base/argument.h"
#include "base/sized.h"
#include "base/status.h"
#include "train/trainer.h"

static const minnow_callbacks NO_CALLBACKS = {.struct_size = sizeof(minnow_callbacks), .step_interval = 1};

void minnow_callbacks_init(minnow_callbacks *callbacks, size_t size) {
    sized_init(callbacks, size, &NO_CALLBACKS, sizeof NO_CALLBACKS);
}

/* What one call is about. */
struct whole_run {
    minnow_trainer *trainer;
    minnow_callbacks callbacks;
    minnow_progress progress;
    bool going;       /* no callback has ended it */
    bool epoch_ended; /* and the network is to have the average */
};

static minnow_status check(const minnow_trainer *trainer, const minnow_callbacks *callbacks) {
    if (callbacks->validated != NULL && callbacks->validation == NULL)
        return fail(MINNOW_ERROR_ARGUMENT, "callbacks: validated without a dataset to validate on");
    if (callbacks->step_interval < 1)
        return fail(MINNOW_ERROR_ARGUMENT, "callbacks: a step interval of 0, expected 1 or more");
    if (trainer->in_callback)
        return fail(MINNOW_ERROR_ARGUMENT, "minnow_trainer_run from within a callback of itself");
    return callbacks->validated != NULL ? network_check_data(trainer->network, callbacks->validation)
                                        : MINNOW_OK;
}

/* ---- The callbacks ---- */

/* A callback before may have kept the best parameters, which the progress tells, or saved, which takes the average from
   the network again. */
static void prepare(struct whole_run *run) {
    minnow_trainer_progress(run->trainer, &run->progress);
    if (run->epoch_ended)
        minnow_trainer_use_average(run->trainer, true);
}

static void tell(struct whole_run *run, bool (*callback)(const minnow_progress *, void *)) {
    if (callback == NULL || !run->going)
        return;
    prepare(run);
    run->trainer->in_callback = true;
    run->going = callback(&run->progress, run->callbacks.user);
    run->trainer->in_callback = false;
}

static minnow_status validate(struct whole_run *run) {
    const minnow_callbacks *callbacks = &run->callbacks;
    minnow_trainer *trainer = run->trainer;
    if (callbacks->validated == NULL || !run->going)
        return MINNOW_OK;

    prepare(run);
    minnow_evaluation evaluation;
    minnow_evaluation_init(&evaluation, sizeof evaluation);
    minnow_status status = minnow_trainer_evaluate(trainer, callbacks->validation, &evaluation, NULL);
    if (status != MINNOW_OK)
        return status;
    trainer->in_callback = true;
    run->going = callbacks->validated(&run->progress, &evaluation, callbacks->user);
    trainer->in_callback = false;
    return MINNOW_OK;
}

/* ---- The run ---- */

/* How many samples until somebody wants to be told; 0: all of the epoch. */
static size_t stretch_of(const struct whole_run *run) {
    size_t batch = run->trainer->config.batch, steps = run->callbacks.step_interval;
    size_t most = run->trainer->dataset->count / batch + 1; /* an epoch has no more */
    return run->callbacks.step == NULL ? 0 : (steps < most ? steps : most) * batch;
}

/* One call of minnow_trainer_advance, and what is due after it. */
static minnow_status go_on(struct whole_run *run) {
    minnow_trainer *trainer = run->trainer;
    run->epoch_ended = false;
    minnow_status status = minnow_trainer_advance(trainer, stretch_of(run), &run->progress);
    if (status != MINNOW_OK)
        return status;
    bool stopped = trainer->halt;

    tell(run, run->callbacks.step);
    run->epoch_ended = run->progress.epoch_done;
    if (run->epoch_ended) {
        status = validate(run);
        tell(run, run->callbacks.epoch);
    }
    run->going = run->going && !stopped;
    return status;
}

minnow_status minnow_trainer_run(minnow_trainer *trainer, const minnow_callbacks *callbacks,
                                 minnow_progress *progress) {
    struct whole_run run = {.trainer = trainer, .callbacks = NO_CALLBACKS, .going = true};
    if (!GIVEN(trainer) || sized_check("progress", progress) != MINNOW_OK)
        return MINNOW_ERROR_ARGUMENT;
    minnow_status status = MINNOW_OK;
    if (callbacks != NULL)
        status = sized_read("callbacks", callbacks, &run.callbacks, sizeof run.callbacks);
    if (status == MINNOW_OK)
        status = check(trainer, &run.callbacks);
    if (status != MINNOW_OK)
        return status;

    minnow_progress_init(&run.progress, sizeof run.progress);
    bool stopped = false;
    do {
        status = go_on(&run);
        if (status == MINNOW_OK) /* also where a callback has ended the run, for which the stop was meant */
            stopped = trainer_take_stop(trainer);
    } while (status == MINNOW_OK && run.going && !run.progress.run_done && !stopped);
    if (status == MINNOW_OK || run.epoch_ended) /* a run that was refused changes nothing */
        minnow_trainer_use_average(trainer, true);
    minnow_trainer_progress(trainer, &run.progress);
    sized_write(&run.progress, sizeof run.progress, progress);
    return status;
}
