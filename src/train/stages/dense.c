/* The kind that multiplies whole matrices of floats, zeros included. */
#include "train/batch.h"
#include "train/perturb.h"
#include "train/stages/stage.h"

static bool fits(const struct stage_request *request) {
    return request->batch > 1;
}

/* ---- Cost: fitted to measurements, see src/train/README.md ---- */

double stage_dense_work(const struct stage_request *request, double filled) {
    enum { INPUT = 8 }; /* for broadcasting it */
    (void)filled;
    return stage_width(request) + INPUT;
}

double stage_row_work(const struct stage_request *request) {
    const double ROW = 6.0, COPIED = 12.0; /* for each weight, and for each of the transposed copy */
    return ((request->layer > 0 ? ROW + COPIED : ROW) + request->applying) * stage_width(request);
}

double stage_dense_update_work(const struct stage_request *request, double filled) {
    return (double)request->batch * stage_dense_work(request, filled) + stage_row_work(request);
}

/* ---- Opening ---- */

minnow_status stage_open_nothing(struct stage *stage, const struct stage_request *request) {
    (void)stage;
    (void)request;
    return MINNOW_OK;
}

void stage_close_nothing(struct stage *stage) {
    (void)stage;
}

/* ---- The step ---- */

void stage_prefetch_distorted(const struct stage *stage, const struct minibatch *batch, size_t position) {
    if (position + 1 < stage->dataset->count)
        distortion_prefetch(stage->distortion, minibatch_sample(batch, position + 1));
}

void stage_distort_floats(const struct stage *stage, const struct minibatch *batch, size_t position,
                          unsigned thread, float *out) {
    stage_prefetch_distorted(stage, batch, position);
    distortion_floats(stage->distortion, thread, minibatch_sample(batch, position), out);
}

static void gather(struct stage *stage, const struct minibatch *batch, size_t first, struct range samples) {
    bool ordered = batch->order != NULL;
    batch_gather(stage->kernels, stage->dataset, ordered ? 0 : first, ordered ? batch->order + first : NULL,
                 samples.end - samples.begin, stage->input.data + samples.begin * stage->input.stride,
                 stage->input.stride);
}

void stage_load_floats(struct stage *stage, const struct minibatch *batch, struct range samples,
                       unsigned thread) {
    size_t first = batch->position + samples.begin;
    float *input = stage->input.data;
    if (stage->distortion != NULL) {
        for (size_t i = samples.begin; i < samples.end; i++)
            stage_distort_floats(stage, batch, batch->position + i, thread, input + i * stage->input.stride);
    } else {
        gather(stage, batch, first, samples);
    }
    for (size_t i = samples.begin; stage->perturbation != NULL && i < samples.end; i++)
        perturb_floats(stage->perturbation, batch, i, thread, input + i * stage->input.stride);
}

static void forward(struct stage *stage, struct range samples, struct range columns, enum activation act) {
    stage->kernels->forward(
        range_count(samples), stage->inputs, range_count(columns),
        stage->input.data + samples.begin * stage->input.stride, stage->input.stride,
        stage->weights.data + columns.begin, stage->weights.stride, stage->biases + columns.begin, act,
        stage->sums.data + samples.begin * stage->sums.stride + columns.begin, stage->sums.stride);
}

void stage_backward(struct stage *stage, struct range samples, struct range inputs) {
    const struct stage *before = stage->before;
    struct matrix s = stage_derivative_source(before);
    stage->kernels->input_gradient(
        range_count(samples), stage->outputs, range_count(inputs),
        stage->delta.data + samples.begin * stage->delta.stride, stage->delta.stride,
        stage->transposed.data + inputs.begin, stage->transposed.stride, before->activation,
        s.data + samples.begin * s.stride + inputs.begin, s.stride,
        before->delta.data + samples.begin * before->delta.stride + inputs.begin, before->delta.stride);
}

/* A piece is a multiple of every table's tile rows. */
size_t stage_piece_rows(const struct stage *stage) {
    enum { PIECE_FLOATS = 65536, PIECE_GRAIN = 48 };
    return (PIECE_FLOATS / stage->weights.stride / PIECE_GRAIN + 1) * PIECE_GRAIN;
}

void stage_renew_copy(const struct stage *stage, struct range rows, struct range columns) {
    stage->kernels->transpose(range_count(rows), range_count(columns),
                              stage->weights.data + rows.begin * stage->weights.stride + columns.begin,
                              stage->weights.stride,
                              stage->transposed.data + columns.begin * stage->transposed.stride + rows.begin,
                              stage->transposed.stride);
}

/* Rows whose transposed copy is to be made anew are updated in pieces. */
static void update(struct stage *stage, const struct gradient_sum *sum, struct range rows,
                   struct range columns, unsigned thread) {
    (void)thread;
    struct range samples = sum->samples;
    size_t piece = sum->renews_copy ? stage_piece_rows(stage) : range_count(rows);
    const float *input = stage->input.data + samples.begin * stage->input.stride;
    const float *delta = stage->delta.data + samples.begin * stage->delta.stride + columns.begin;

    for (size_t row = rows.begin; row < rows.end; row += piece) {
        size_t count = size_min(piece, rows.end - row);
        struct trained to = gradient_sum_at(sum, row, columns.begin);
        stage->kernels->weight_update(range_count(samples), count, range_count(columns), input + row,
                                      stage->input.stride, delta, stage->delta.stride, sum->update, &to);
        if (sum->renews_copy)
            stage_renew_copy(stage, (struct range){row, row + count}, columns);
    }
}

void stage_update_biases(struct stage *stage, const struct gradient_sum *sum) {
    struct range samples = sum->samples;
    stage->kernels->bias_update(samples.end - samples.begin, stage->outputs,
                                stage->delta.data + samples.begin * stage->delta.stride, stage->delta.stride,
                                sum->update, sum->to);
}

const struct stage_kind stage_dense = {
    .name = "dense",
    .help = "matrices of floats, zeros multiplied like the rest",
    .fits = fits,
    .product_work = stage_dense_work,
    .update_work = stage_dense_update_work,
    .open = stage_open_nothing,
    .close = stage_close_nothing,
    .load = stage_load_floats,
    .forward = forward,
    .backward = stage_backward,
    .update = update,
    .update_biases = stage_update_biases,
};
