/* Ways to carry out a plan, and how the threads share the work of one. */
#include "base/status.h"
#include "data/preprocessing/nonzeros.h"
#include "train/plan.h"

/* Rows of weights that one thread updates together: a whole cache line of the transposed copy. */
enum { ROW_GRAIN = 16 };

/* ---- Splitting by columns ---- */

/* Columns that a thread owns together: those of a register tile and more, unless there are few. */
static size_t column_grain(const struct plan *plan, size_t columns) {
    size_t grain = 64;
    while (grain > CACHE_LINE_FLOATS && columns < 4 * grain * plan->threads)
        grain /= 2;
    return grain;
}

/* Units that dropout leaves out are drawn by sample, lengths are bounded by rows, and so are sub-batches added. */
bool plan_can_own(const struct plan *plan, size_t layer) {
    const struct stage *stage = &plan->stages[layer];
    bool drops = stage->dropout.share > 0.0f || (layer > 0 && stage->before->dropout.share > 0.0f);
    return plan->batch > 1 && plan->threads > 1 && stage->outputs >= 2 * CACHE_LINE_FLOATS && !drops &&
           !plan_clips(plan) && !plan_limits(plan) && plan->sub.count == 1;
}

/* ---- The work of the update ---- */

static size_t grains_of(const struct stage *stage) {
    return (stage->inputs + ROW_GRAIN - 1) / ROW_GRAIN;
}

/* All stages' rows stand in one line. Before the first is the work of adding up the losses, which the first thread does. */
void plan_measure_way(const struct plan *plan, struct plan_way *way) {
    double *total = way->line, work = cost_account(plan->batch);
    *total++ = work;
    for (size_t l = 0; l < plan->stage_count; l++) {
        const struct stage_request *request = &plan->choices[l].request;
        const struct stage_kind *kind = plan->opened[l][way->kind[l]].kind;
        for (size_t i = 0; !way->owned[l] && i < plan->stages[l].inputs; i++) {
            double filled = l > 0 || plan->filled == NULL ? request->density : (double)plan->filled[i];
            work += kind->update_work(request, filled);
            if ((i + 1) % ROW_GRAIN == 0 || i + 1 == plan->stages[l].inputs)
                *total++ = work;
        }
    }
}

/* ---- Opening ---- */

static bool skips_zeros(const struct plan *plan) {
    for (size_t k = 0; k < PLAN_KINDS_MOST; k++)
        if (plan->opened[0][k].kind != NULL && plan->opened[0][k].kind->skips_zeros)
            return true;
    return false;
}

static minnow_status count_filled(struct plan *plan) {
    size_t features = plan->dataset->features;
    uint32_t *nonzeros = memory_allocate(features, sizeof *nonzeros);
    plan->filled = memory_allocate(features, sizeof *plan->filled);
    if (nonzeros == NULL || plan->filled == NULL) {
        memory_free(nonzeros);
        return fail_memory("training");
    }
    size_t samples = nonzeros_by_feature(plan->dataset, nonzeros);
    for (size_t i = 0; i < features; i++)
        plan->filled[i] = (float)nonzeros[i] / (float)samples;
    memory_free(nonzeros);
    return MINNOW_OK;
}

minnow_status plan_open_ways(struct plan *plan) {
    minnow_status status = skips_zeros(plan) ? count_filled(plan) : MINNOW_OK;
    if (status != MINNOW_OK)
        return status;

    size_t line = 1, each;
    for (size_t l = 0; l < plan->stage_count; l++)
        line += grains_of(&plan->stages[l]);
    each = line + SPLIT_COUNT * plan->threads;
    plan->shares = memory_allocate(plan->threads, sizeof *plan->shares);
    plan->records = memory_allocate(plan->threads, sizeof *plan->records);
    plan->numbers = memory_allocate(PLAN_WAYS * each, sizeof *plan->numbers);
    if (plan->shares == NULL || plan->records == NULL || plan->numbers == NULL)
        return fail_memory("training");

    for (unsigned w = 0; w < PLAN_WAYS; w++) {
        struct plan_way *way = &plan->ways[w];
        way->line = plan->numbers + w * each;
        for (enum plan_split split = 0; split < SPLIT_COUNT; split++) {
            way->speed[split] = way->line + line + split * plan->threads;
            for (unsigned t = 0; t < plan->threads; t++)
                way->speed[split][t] = 1.0;
        }
    }
    plan_measure_way(plan, &plan->ways[0]);
    return MINNOW_OK;
}

void plan_close_ways(struct plan *plan) {
    memory_free(plan->shares);
    memory_free(plan->records);
    memory_free(plan->numbers);
    memory_free(plan->filled);
}

void plan_copy_way(struct plan *plan, unsigned from, unsigned to) {
    const struct plan_way *given = &plan->ways[from];
    struct plan_way *way = &plan->ways[to];
    for (size_t l = 0; l < plan->stage_count; l++) {
        way->kind[l] = given->kind[l];
        way->owned[l] = given->owned[l];
    }
    for (enum plan_split split = 0; split < SPLIT_COUNT; split++)
        for (unsigned t = 0; t < plan->threads; t++)
            way->speed[split][t] = given->speed[split][t];
    plan_measure_way(plan, way);
}

/* ---- Shares ---- */

/* Where the work up to a thread's share ends, by the speeds of the threads. */
struct bounds {
    double before, with, all;
};

static struct bounds bounds_of(const double *speed, unsigned thread, unsigned count) {
    struct bounds bounds = {0};
    for (unsigned t = 0; t < count; t++) {
        bounds.before += t < thread ? speed[t] : 0.0;
        bounds.with += t <= thread ? speed[t] : 0.0;
        bounds.all += speed[t];
    }
    return bounds;
}

/* A part of [0, total) in multiples of `grain`, but for the end. */
static struct range slice(struct bounds bounds, size_t total, size_t grain) {
    double grains = (double)((total + grain - 1) / grain);
    size_t begin = (size_t)(grains * (bounds.before / bounds.all) + 0.5);
    size_t end = (size_t)(grains * (bounds.with / bounds.all) + 0.5);
    return (struct range){size_min(begin * grain, total), size_min(end * grain, total)};
}

/* Of the samples of a mini-batch of `count` that are propagated here: a rank has its sub-batches. */
static struct range slice_samples(const struct plan *plan, struct bounds bounds, size_t count) {
    struct range own = sub_batches_samples(plan->sub.count, plan->sub.first, plan->sub.end, count);
    struct range part = slice(bounds, range_count(own), 1);
    return (struct range){own.begin + part.begin, own.begin + part.end};
}

/* The first grain before which at least that much of the whole work lies. */
static size_t grain_at(const double *total, size_t grains, double bound) {
    size_t low = 0, high = grains;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (total[middle] < bound)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What a thread updates: its columns of the stages that are owned, and of the others the rows of grains [from, to) of the
   line. */
static void share_update(const struct plan *plan, size_t from, size_t to, struct share *share) {
    size_t place = 0;
    for (size_t l = 0; l < plan->stage_count; l++) {
        const struct stage *stage = &plan->stages[l];
        if (plan->ways[plan->way].owned[l]) {
            share->rows[l] = (struct range){0, stage->inputs};
            share->columns[l] = share->outputs[l];
            continue;
        }
        size_t grains = grains_of(stage);
        size_t first = from > place ? size_min(from - place, grains) : 0;
        size_t last = to > place ? size_min(to - place, grains) : 0;
        share->rows[l] = (struct range){size_min(first * ROW_GRAIN, stage->inputs),
                                        size_min(last * ROW_GRAIN, stage->inputs)};
        share->columns[l] = stage_columns(stage);
        place += grains;
    }
}

static size_t line_grains(const struct plan *plan) {
    size_t grains = 0;
    for (size_t l = 0; l < plan->stage_count; l++)
        grains += plan->ways[plan->way].owned[l] ? 0 : grains_of(&plan->stages[l]);
    return grains;
}

void plan_share_out(struct plan *plan) {
    const struct plan_way *way = &plan->ways[plan->way];
    size_t rest = plan->dataset->count % plan->batch, grains = line_grains(plan), from = 0;
    for (unsigned t = 0; t < plan->sharing; t++) {
        struct share *share = &plan->shares[t];
        struct bounds samples = bounds_of(way->speed[SPLIT_SAMPLES], t, plan->sharing);
        struct bounds columns = bounds_of(way->speed[SPLIT_COLUMNS], t, plan->sharing);
        struct bounds update = bounds_of(way->speed[SPLIT_UPDATE], t, plan->sharing);
        share->samples = slice_samples(plan, samples, plan->batch);
        share->rest = slice_samples(plan, samples, rest);
        for (size_t l = 0; l < plan->stage_count; l++) {
            const struct stage *stage = &plan->stages[l];
            share->biases[l] = l % plan->sharing == t;
            share->outputs[l] = slice(columns, stage->outputs, column_grain(plan, stage->outputs));
            share->inputs[l] = slice(columns, stage->inputs, column_grain(plan, stage->inputs));
        }

        double bound = way->line[grains] * (update.with / update.all);
        size_t to = t + 1 == plan->sharing ? grains : grain_at(way->line, grains, bound);
        share_update(plan, from, to, share);
        from = to;
    }
}
