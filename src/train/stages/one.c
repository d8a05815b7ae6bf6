/* The kinds for mini-batches of one sample: vectors times matrices, which skip the zeros they meet. */
#include "train/stages/csr.h"
#include "train/stages/stage.h"

static bool fits(const struct stage_request *request) {
    return request->batch == 1;
}

static bool listed_fits(const struct stage_request *request) {
    return request->batch == 1 && request->layer == 0 && !request->filled;
}

/* ---- Cost ---- */

/* Listed nonzeros are read in any case; skipping in place pays until half of the inputs are not 0. */
static double listed_work(const struct stage_request *request, double filled) {
    return 2.0 * filled * stage_dense_work(request, filled);
}

static double update_work(const struct stage_request *request, double filled) {
    return stage_dense_work(request, filled) + stage_row_work(request);
}

/* ---- The step ---- */

static void load(struct stage *stage, const struct minibatch *batch, struct range samples, unsigned thread) {
    enum { AHEAD = 2 };
    if (stage->distortion == NULL) /* which fetches for itself */
        stage_prefetch_sample(stage, batch, batch->position + AHEAD);
    stage_load_floats(stage, batch, samples, thread);
}

static void forward(struct stage *stage, struct range samples, struct range columns, enum activation act) {
    (void)samples;
    (void)columns;
    stage->kernels->forward_one(stage->inputs, stage->outputs, stage->input.data, stage->weights.data,
                                stage->weights.stride, stage->biases, act, stage->sums.data);
}

static void backward(struct stage *stage, struct range samples, struct range inputs) {
    (void)samples;
    (void)inputs;
    const struct stage *before = stage->before;
    struct matrix s = stage_derivative_source(before);
    stage->kernels->input_gradient_one(stage->outputs, stage->inputs, stage->delta.data,
                                       stage->transposed.data, stage->transposed.stride, before->activation,
                                       s.data, before->delta.data);
}

/* The product of an input and a delta commutes: where nothing is kept beside the weights, updating the transposed
   copy by the same product, the other way round, gives the bits that transposing would, and skips the rows whose
   delta is 0. */
static void update(struct stage *stage, const struct gradient_sum *sum, struct range rows,
                   struct range columns, unsigned thread) {
    (void)rows;
    (void)columns;
    (void)thread;
    const struct kernels *kernels = stage->kernels;
    const struct update *update = sum->update;
    const float *x = stage->input.data, *d = stage->delta.data;
    kernels->weight_update_one(stage->inputs, stage->outputs, x, d, update, sum->to);
    if (!sum->renews_copy)
        return;
    if (update->rule != UPDATE_PLAIN) {
        stage_renew_copy(stage, (struct range){0, stage->inputs}, stage_columns(stage));
        return;
    }
    struct trained copy = {.w = stage->transposed.data, .ld = stage->transposed.stride};
    kernels->weight_update_one(stage->outputs, stage->inputs, d, x, update, &copy);
}

/* A bias is the weight of an input that is always 1. */
static void update_biases(struct stage *stage, const struct gradient_sum *sum) {
    stage->kernels->bias_update(1, stage->outputs, stage->delta.data, stage->delta.stride, sum->update,
                                sum->to);
}

static void listed_update(struct stage *stage, const struct gradient_sum *sum, struct range rows,
                          struct range columns, unsigned thread) {
    (void)rows;
    (void)columns;
    (void)thread;
    const struct csr_batch *csr = stage->own;
    struct sparse_rows x = csr_rows(&csr->samples, 0);
    stage->kernels->sparse_weight_update_one(stage->inputs, stage->outputs, &x, stage->delta.data,
                                             sum->update, sum->to);
}

const struct stage_kind stage_one = {
    .name = "one",
    .help = "one sample at a time",
    .fits = fits,
    .product_work = stage_dense_work,
    .update_work = update_work,
    .open = stage_open_nothing,
    .close = stage_close_nothing,
    .load = load,
    .forward = forward,
    .backward = backward,
    .update = update,
    .update_biases = update_biases,
};

const struct stage_kind stage_one_listed = {
    .name = "one-listed",
    .help = "one sample at a time, its nonzeros listed beforehand",
    .skips_zeros = true,
    .gathers_itself = true,
    .fits = listed_fits,
    .product_work = listed_work,
    .update_work = update_work,
    .open = csr_stage_open,
    .close = csr_stage_close,
    .load = csr_stage_load,
    .forward = csr_stage_forward,
    .update = listed_update,
    .update_biases = update_biases,
};
