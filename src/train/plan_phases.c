/* What the phases of a step do, and which a plan has. */
#include "train/plan.h"

static struct range samples_of(const struct plan *plan, const struct minibatch *batch, unsigned thread) {
    const struct share *share = &plan->shares[thread];
    return batch->count == plan->batch ? share->samples : share->rest;
}

static void load(struct plan *plan, const struct minibatch *batch, struct range samples, unsigned thread) {
    answers_load(&plan->answers, batch, samples);
    plan->stages[0].kind->load(&plan->stages[0], batch, samples, thread);
}

/* A stage that keeps its weighted sums for the backward pass computes its output from them. */
static void activate(struct stage *stage, struct range samples, struct range columns) {
    if (stage->sums.data == stage->output.data) {
        stage->kind->forward(stage, samples, columns, stage->activation);
        return;
    }

    stage->kind->forward(stage, samples, columns, ACTIVATION_IDENTITY);
    for (size_t i = samples.begin; i < samples.end; i++)
        stage->kernels->activate(range_count(columns), stage->activation,
                                 stage->sums.data + i * stage->sums.stride + columns.begin,
                                 stage->output.data + i * stage->output.stride + columns.begin);
}

/* ---- Split by samples ---- */

static void forward(struct stage *stage, const struct minibatch *batch, struct range samples) {
    activate(stage, samples, stage_columns(stage));
    if (stage->dropout.share > 0.0f)
        dropout_forward(&stage->dropout, stage->kernels, batch, samples, &stage->output);
}

static void backward(struct stage *stage, struct range samples) {
    const struct stage *before = stage->before;
    stage->kind->backward(stage, samples, (struct range){0, stage->inputs});
    if (before->dropout.share > 0.0f)
        dropout_backward(&before->dropout, before->kernels, samples, &before->delta);
}

static void propagate(struct plan *plan, const struct phase *phase, const struct minibatch *batch,
                      unsigned thread) {
    struct range samples = samples_of(plan, batch, thread);
    if (samples.begin == samples.end)
        return;

    if (phase->loads)
        load(plan, batch, samples, thread);
    for (size_t l = phase->forward.begin; l < phase->forward.end; l++)
        forward(&plan->stages[l], batch, samples);
    const struct stage *last = &plan->stages[plan->stage_count - 1];
    if (phase->compares)
        answers_compare(&plan->answers, batch, samples,
                        last->output.data + samples.begin * last->output.stride, last->output.stride);
    for (size_t l = phase->backward.end; l-- > phase->backward.begin;)
        backward(&plan->stages[l], samples);
}

/* ---- Split by columns ---- */

/* Of all samples. The first stage's are arranged here for the update, which wants all of them. */
static void forward_owned(struct plan *plan, const struct phase *phase, const struct minibatch *batch,
                          unsigned thread) {
    size_t l = phase->forward.begin;
    struct stage *stage = &plan->stages[l];
    const struct share *share = &plan->shares[thread];
    if (range_count(share->outputs[l]) > 0)
        activate(stage, (struct range){0, batch->count}, share->outputs[l]);
    if (stage->kind->arrange != NULL && range_count(share->inputs[l]) > 0)
        stage->kind->arrange(stage, (struct range){0, batch->count}, share->inputs[l]);
}

static void backward_owned(struct plan *plan, const struct phase *phase, const struct minibatch *batch,
                           unsigned thread) {
    struct stage *stage = &plan->stages[phase->backward.begin];
    struct range inputs = plan->shares[thread].inputs[phase->backward.begin];
    if (range_count(inputs) > 0)
        stage->kind->backward(stage, (struct range){0, batch->count}, inputs);
}

/* ---- Split by parameters ---- */

static void update(struct plan *plan, const struct phase *phase, const struct minibatch *batch,
                   unsigned thread) {
    (void)phase;
    const struct share *share = &plan->shares[thread];
    for (size_t l = plan->stage_count; l-- > 0;) {
        struct stage *stage = &plan->stages[l];
        struct range rows = share->rows[l], columns = share->columns[l];
        if (range_count(rows) > 0 && range_count(columns) > 0)
            sub_batches_update(&plan->sub, stage, batch, rows, columns, thread);
        if (share->biases[l])
            sub_batches_update_biases(&plan->sub, stage, batch, thread);
    }
    if (plan_clips(plan))
        plan_square(plan, thread);
}

/* ---- The list ---- */

static struct phase *add(struct plan *plan, struct phase phase) {
    plan->phases[plan->phase_count] = phase;
    return &plan->phases[plan->phase_count++];
}

/* The phase that is open if it is split by samples, or a new one. */
static struct phase *by_samples(struct plan *plan) {
    struct phase *last = plan->phase_count > 0 ? &plan->phases[plan->phase_count - 1] : NULL;
    if (last != NULL && last->split == SPLIT_SAMPLES)
        return last;
    return add(plan, (struct phase){
                         .name = "propagate", .splits = "samples", .split = SPLIT_SAMPLES, .run = propagate});
}

static void list_forward(struct plan *plan, size_t l) {
    if (plan->ways[plan->way].owned[l]) {
        add(plan, (struct phase){.name = "forward",
                                 .splits = "columns of weights",
                                 .split = SPLIT_COLUMNS,
                                 .run = forward_owned,
                                 .forward = {l, l + 1}});
        return;
    }
    struct phase *phase = by_samples(plan);
    if (range_count(phase->forward) == 0)
        phase->forward.begin = l;
    phase->forward.end = l + 1;
}

static void list_backward(struct plan *plan, size_t l) {
    if (plan->ways[plan->way].owned[l]) {
        add(plan, (struct phase){.name = "backward",
                                 .splits = "rows of weights",
                                 .split = SPLIT_COLUMNS,
                                 .run = backward_owned,
                                 .backward = {l, l + 1}});
        return;
    }
    struct phase *phase = by_samples(plan);
    if (range_count(phase->backward) == 0)
        phase->backward.end = l + 1;
    phase->backward.begin = l;
}

void plan_list_phases(struct plan *plan) {
    static const struct phase last[] = {{.name = "update", .splits = "rows of weights", .run = update},
                                        {.name = "apply", .splits = "rows of weights", .run = plan_apply},
                                        {.name = "limit", .splits = "columns of weights", .run = plan_limit}};
    plan->phase_count = 0;
    by_samples(plan)->loads = true;
    for (size_t l = 0; l < plan->stage_count; l++)
        list_forward(plan, l);
    by_samples(plan)->compares = true;
    for (size_t l = plan->stage_count; l-- > 1;)
        list_backward(plan, l);
    const bool needed[] = {true, plan_clips(plan), plan_limits(plan)};
    for (size_t p = 0; p < sizeof last / sizeof *last; p++)
        if (needed[p])
            add(plan, last[p])->split = SPLIT_UPDATE;
}
