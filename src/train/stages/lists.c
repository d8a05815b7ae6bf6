/* The kind whose samples are listed nonzeros (CSR): from an index of the whole dataset, by sample for the
   forward product, and from those lists by feature for the update. */
#include "train/perturb.h"
#include "train/stages/csr.h"

/* Bytes are found faster than lists are read, so lists serve datasets of floats. */
static bool fits(const struct stage_request *request) {
    return request->layer == 0 && request->batch > 1 && request->dataset->bytes == NULL && !request->filled;
}

/* ---- Cost, in multiply-adds: fitted to measurements, see src/train/README.md ---- */

static double product_work(const struct stage_request *request, double filled) {
    const double OUTPUT = 2.0;    /* a weight of a nonzero's row, which is fetched for it alone */
    const double NONZERO = 80.0;  /* listing one */
    const double FEATURE = 110.0; /* a feature's list, once a mini-batch, even if it is empty */
    return filled * (OUTPUT * stage_width(request) + NONZERO) + FEATURE / (double)request->batch;
}

static double update_work(const struct stage_request *request, double filled) {
    const double OUTPUT = 1.1, NONZERO = 80.0;
    const double START = 800.0; /* of a row, which waits for its own last sum */
    double sample = filled * (OUTPUT * stage_width(request) + NONZERO);
    return (double)request->batch * sample + START + stage_row_work(request);
}

/* ---- The step ---- */

minnow_status csr_stage_open(struct stage *stage, const struct stage_request *request) {
    struct csr_batch *csr;
    minnow_status status = csr_batch_create(request, &csr);
    stage->own = csr;
    return status;
}

void csr_stage_close(struct stage *stage) {
    csr_batch_free(stage->own);
    stage->own = NULL;
}

static void load_distorted(struct stage *stage, const struct minibatch *batch, struct range samples,
                           unsigned thread) {
    struct csr_batch *csr = stage->own;
    float *x = csr->distorted + thread * stage->inputs;
    for (size_t i = samples.begin; i < samples.end; i++) {
        stage_distort_floats(stage, batch, batch->position + i, thread, x);
        csr_list_row(&csr->samples, i, x, stage->inputs);
    }
}

/* Shuffled samples lie anywhere in memory: each is prefetched some samples before it is needed, even when that
   will be in the next mini-batch. */
static void load_as_they_are(struct stage *stage, const struct minibatch *batch, struct range samples) {
    enum { NEAR = 6, FAR = 14 };
    struct csr_batch *csr = stage->own;
    size_t count = stage->dataset->count;
    for (size_t i = samples.begin; i < samples.end; i++) {
        size_t position = batch->position + i;
        if (position + FAR < count)
            csr_batch_prefetch_place(csr, stage->dataset, minibatch_sample(batch, position + FAR));
        if (position + NEAR < count)
            csr_batch_prefetch(csr, stage->dataset, minibatch_sample(batch, position + NEAR));
        csr_batch_gather(csr, stage->dataset, i, minibatch_sample(batch, position));
    }
}

void csr_stage_load(struct stage *stage, const struct minibatch *batch, struct range samples,
                    unsigned thread) {
    const struct perturbation *perturbation = stage->perturbation;
    if (stage->distortion != NULL)
        load_distorted(stage, batch, samples, thread);
    else
        load_as_they_are(stage, batch, samples);
    for (size_t i = samples.begin; perturbation != NULL && i < samples.end; i++)
        csr_batch_keep(stage->own, i, perturb_kept(perturbation, batch, i, thread),
                       perturbation->dropout.scale);
}

void csr_stage_forward(struct stage *stage, struct range samples, struct range columns, enum activation act) {
    const struct csr_batch *csr = stage->own;
    struct sparse_rows x = csr_rows(&csr->samples, samples.begin);
    stage->kernels->sparse_forward(
        range_count(samples), range_count(columns), &x, stage->weights.data + columns.begin,
        stage->weights.stride, stage->biases + columns.begin, act,
        stage->sums.data + samples.begin * stage->sums.stride + columns.begin, stage->sums.stride);
}

void csr_stage_update(struct stage *stage, const struct gradient_sum *sum, struct range rows,
                      struct range columns, unsigned thread) {
    struct csr_batch *csr = stage->own;
    csr_batch_seek(csr, thread, sum->samples, rows.begin);
    for (size_t first = rows.begin, last; first < rows.end; first = last) {
        last = size_min(first + csr->feature_block, rows.end);
        struct sparse_rows xt = csr_batch_list(csr, thread, sum->samples, first, last);
        struct trained to = gradient_sum_at(sum, first, columns.begin);
        stage->kernels->sparse_weight_update(last - first, range_count(columns), &xt,
                                             stage->delta.data + columns.begin, stage->delta.stride,
                                             sum->update, &to);
        if (sum->renews_copy)
            stage_renew_copy(stage, (struct range){first, last}, columns);
    }
}

const struct stage_kind stage_lists = {
    .name = "lists",
    .help = "floats, of which those that are not 0 are listed",
    .skips_zeros = true,
    .gathers_itself = true,
    .seek_nanoseconds = 40.0,
    .fits = fits,
    .product_work = product_work,
    .update_work = update_work,
    .open = csr_stage_open,
    .close = csr_stage_close,
    .load = csr_stage_load,
    .forward = csr_stage_forward,
    .update = csr_stage_update,
    .update_biases = stage_update_biases,
};
