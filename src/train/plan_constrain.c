/* The phases that a step has only where the gradient's or the weights' length is bounded. */
#include <math.h>

#include "train/plan.h"

bool plan_clips(const struct plan *plan) {
    return plan->clip_norm > 0.0;
}

bool plan_limits(const struct plan *plan) {
    return plan->max_norm > 0.0;
}

/* ---- Clipping the gradient by its length over all parameters ---- */

/* Squares are summed by row, whoever has the row, and then over the rows in order: the threads leave no trace. */
void plan_square_rows(struct plan *plan, size_t l, struct range rows, bool biases) {
    const struct stage *stage = &plan->stages[l];
    float *square = plan->squares;
    for (size_t before = 0; before < l; before++)
        square += plan->stages[before].inputs + 1;

    struct trained g = stage_row(stage, rows.begin);
    stage->kernels->sum_squares(rows.end - rows.begin, stage->outputs, g.w, g.ld, square + rows.begin);
    if (biases)
        stage->kernels->sum_squares(1, stage->outputs, stage->biases_to.w, stage->outputs,
                                    square + stage->inputs);
}

void plan_square(struct plan *plan, unsigned thread) {
    const struct share *share = &plan->shares[thread];
    for (size_t l = 0; l < plan->stage_count; l++)
        plan_square_rows(plan, l, share->rows[l], share->biases[l]);
}

static double gradient_norm(const struct plan *plan) {
    double sum = 0.0;
    for (size_t i = 0; i < plan->square_count; i++)
        sum += (double)plan->squares[i];
    return sqrt(sum);
}

void plan_apply_rows(const struct plan *plan, size_t l, const struct update *update, struct range rows) {
    const struct stage *stage = &plan->stages[l];
    struct trained weights = slots_weights(&plan->slots, plan->network, l);
    if (plan_limits(plan))
        weights.average = NULL; /* until they are limited */
    size_t piece = stage_piece_rows(stage);

    for (size_t row = rows.begin; row < rows.end; row += piece) {
        size_t count = size_min(piece, rows.end - row);
        struct trained to = trained_at(&weights, row * weights.ld), g = stage_row(stage, row);
        stage->kernels->apply_update(count, stage->outputs, g.w, g.ld, update, &to);
        if (stage->transposed.data != NULL && !plan_limits(plan))
            stage_renew_copy(stage, (struct range){row, row + count}, stage_columns(stage));
    }
}

void plan_apply_biases(const struct plan *plan, size_t l, const struct update *update) {
    const struct stage *stage = &plan->stages[l];
    struct trained to = slots_biases(&plan->slots, plan->network, l);
    stage->kernels->apply_update(1, stage->outputs, stage->biases_to.w, stage->outputs, update, &to);
}

void plan_clip(struct plan *plan, struct update *update, struct update *bias_update, unsigned thread) {
    double norm = gradient_norm(plan);
    update->clip = bias_update->clip = norm > plan->clip_norm ? (float)(plan->clip_norm / norm) : 1.0f;
    if (thread == 0)
        plan->gradient_norm = norm;
}

void plan_apply(struct plan *plan, const struct phase *phase, const struct minibatch *batch,
                unsigned thread) {
    (void)phase;
    const struct share *share = &plan->shares[thread];
    struct update update = batch->update, bias_update = batch->bias_update;
    plan_clip(plan, &update, &bias_update, thread);
    for (size_t l = 0; l < plan->stage_count; l++) {
        plan_apply_rows(plan, l, &update, share->rows[l]);
        if (share->biases[l])
            plan_apply_biases(plan, l, &bias_update);
    }
}

/* ---- Limiting the length of each unit's incoming weights ---- */

/* The average takes in the weights as they are now: an update without a step. */
static void average_columns(const struct stage *stage, const struct update *update, const struct trained *to,
                            size_t columns) {
    struct update still = {.rule = UPDATE_DECAYING, .average_share = update->average_share};
    if (to->average != NULL)
        stage->kernels->apply_update(stage->inputs, columns, to->w, to->ld, &still, to);
}

void plan_limit(struct plan *plan, const struct phase *phase, const struct minibatch *batch,
                unsigned thread) {
    (void)phase;
    for (size_t l = 0; l < plan->stage_count; l++) {
        const struct stage *stage = &plan->stages[l];
        struct range columns = plan->shares[thread].outputs[l];
        size_t count = columns.end - columns.begin;
        if (count == 0)
            continue;

        struct trained weights = slots_weights(&plan->slots, plan->network, l);
        struct trained to = trained_at(&weights, columns.begin);
        stage->kernels->limit_columns(stage->inputs, count, (float)plan->max_norm, to.w, to.ld);
        average_columns(stage, &batch->update, &to, count);
        if (stage->transposed.data != NULL)
            stage->kernels->transpose(stage->inputs, count, to.w, to.ld,
                                      stage->transposed.data + columns.begin * stage->transposed.stride,
                                      stage->transposed.stride);
    }
}
