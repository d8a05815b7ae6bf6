#include "train/plan.h"

#include "train/ranks.h"

static struct range samples_of(const struct plan *plan, const struct minibatch *batch, unsigned thread) {
    const struct share *share = &plan->shares[thread];
    return batch->count == plan->batch ? share->samples : share->rest;
}

/* ---- Phase 1 ---- */

static void load(struct plan *plan, const struct minibatch *batch, struct range samples, unsigned thread) {
    answers_load(&plan->answers, batch, samples);
    plan->stages[0].kind->load(&plan->stages[0], batch, samples, thread);
}

/* A stage that keeps its weighted sums for the backward pass computes its output from them. */
static void activate(struct stage *stage, struct range samples) {
    if (stage->sums.data == stage->output.data) {
        stage->kind->forward(stage, samples, stage->activation);
        return;
    }

    stage->kind->forward(stage, samples, ACTIVATION_IDENTITY);
    for (size_t i = samples.begin; i < samples.end; i++)
        stage->kernels->activate(stage->outputs, stage->activation, stage->sums.data + i * stage->sums.stride,
                                 stage->output.data + i * stage->output.stride);
}

static void forward(struct stage *stage, const struct minibatch *batch, struct range samples) {
    activate(stage, samples);
    if (stage->dropout.share > 0.0f)
        dropout_forward(&stage->dropout, stage->kernels, batch, samples, &stage->output);
}

static void backward(struct stage *stage, struct range samples) {
    const struct stage *before = stage->before;
    stage->kind->backward(stage, samples);
    if (before->dropout.share > 0.0f)
        dropout_backward(&before->dropout, before->kernels, samples, &before->delta);
}

void plan_propagate(struct plan *plan, const struct minibatch *batch, unsigned thread) {
    struct range samples = samples_of(plan, batch, thread);
    if (samples.begin == samples.end)
        return;

    load(plan, batch, samples, thread);
    for (size_t l = 0; l < plan->stage_count; l++)
        forward(&plan->stages[l], batch, samples);
    const struct stage *last = &plan->stages[plan->stage_count - 1];
    answers_compare(&plan->answers, batch, samples, last->output.data + samples.begin * last->output.stride,
                    last->output.stride);
    for (size_t l = plan->stage_count - 1; l > 0; l--)
        backward(&plan->stages[l], samples);
}

/* ---- Phase 2 ---- */

void plan_update(struct plan *plan, const struct minibatch *batch, unsigned thread) {
    const struct share *share = &plan->shares[thread];
    for (size_t l = plan->stage_count; l-- > 0;) {
        struct stage *stage = &plan->stages[l];
        if (share->rows[l].begin < share->rows[l].end)
            sub_batches_update(&plan->sub, stage, batch, share->rows[l], thread);
        if (share->biases[l])
            sub_batches_update_biases(&plan->sub, stage, batch, thread);
    }
    if (plan_clips(plan))
        plan_square(plan, thread);
}

/* ---- The step ---- */

void plan_begin_epoch(struct plan *plan, size_t epoch) {
    if (plan->distortion != NULL)
        distortion_begin_epoch(plan->distortion, epoch);
}

static bool always(const struct plan *plan) {
    (void)plan;
    return true;
}

static const struct phase PHASES[PLAN_PHASES_MOST] = {
    {"propagate", "samples", always, plan_propagate},
    {"update", "rows of weights", always, plan_update},
    {"apply", "rows of weights", plan_clips, plan_apply},
    {"limit", "columns of weights", plan_limits, plan_limit},
};

void plan_choose_phases(struct plan *plan) {
    plan->phase_count = 0;
    for (size_t p = 0; p < PLAN_PHASES_MOST; p++)
        if (PHASES[p].needed(plan))
            plan->phases[plan->phase_count++] = &PHASES[p];
}

void plan_run(struct plan *plan, const struct minibatch *batch, struct team_member member) {
    /* The quickest way for one thread: a mini-batch of one sample takes less than a microsecond. */
    if (plan->threads == 1 && plan->phase_count == 2 && plan->ranks == NULL) {
        plan_propagate(plan, batch, 0);
        plan_update(plan, batch, 0);
        return;
    }

    if (plan->ranks != NULL) {
        ranks_run(plan, batch, member);
        return;
    }
    for (size_t p = 0; p < plan->phase_count; p++) {
        if (p > 0 && member.count > 1)
            team_barrier(member);

        /* A team has fewer members than the plan has shares when the system grants fewer threads, or after fork():
           then each member takes several shares. */
        for (unsigned share = member.index; share < plan->threads; share += member.count)
            plan->phases[p]->run(plan, batch, share);
    }
}
