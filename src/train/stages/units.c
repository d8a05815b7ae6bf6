/* The kind for layers behind dropout: the units that are not 0 are listed (CSR), so that those left out, and with relu
   those that are off, cost nothing in the forward product and in the gradient of the weights. */
#include "train/stages/csr.h"
#include "train/stages/stage.h"

static bool fits(const struct stage_request *request) {
    return request->layer > 0 && request->batch > 1 && request->dropped;
}

/* ---- Cost, in multiply-adds: fitted to measurements, see src/train/README.md ---- */

/* The mean of the three products, of which the gradient of the units is taken to be computed as the dense kind does. */
static double product_work(const struct stage_request *request, double filled) {
    const double FORWARD = 1.7, UPDATE = 1.1; /* a weight of a nonzero's row, which is fetched for it alone */
    const double NONZERO = 40.0;              /* listing one, by sample or by feature */
    double width = stage_width(request);
    return (filled * ((FORWARD + UPDATE) * width + 2.0 * NONZERO) + stage_dense_work(request, filled)) / 3.0;
}

static double update_work(const struct stage_request *request, double filled) {
    const double OUTPUT = 1.1, NONZERO = 40.0, START = 400.0;
    double sample = filled * (OUTPUT * stage_width(request) + NONZERO);
    return (double)request->batch * sample + START + stage_row_work(request);
}

/* ---- Opening ---- */

/* Deltas of units that dropout has left out are 0, too. The sparse product has no derivative to end with; that of relu is
   quickly applied afterwards. */
static bool lists_deltas(const struct stage *stage) {
    return stage->dropout.share > 0.0f && stage->before->activation == ACTIVATION_RELU;
}

static minnow_status open_units(struct stage *stage, const struct stage_request *request) {
    struct csr_batch *csr;
    minnow_status status =
        csr_batch_create_for(request, stage->inputs, lists_deltas(stage) ? stage->outputs : 0, &csr);
    stage->own = csr;
    return status;
}

/* ---- The step ---- */

static void forward(struct stage *stage, struct range samples, struct range columns, enum activation act) {
    struct csr_batch *csr = stage->own;
    for (size_t i = samples.begin; i < samples.end; i++)
        csr_list_row(&csr->samples, i, stage->input.data + i * stage->input.stride, stage->inputs);
    csr_stage_forward(stage, samples, columns, act);
}

static void backward(struct stage *stage, struct range samples, struct range inputs) {
    struct csr_batch *csr = stage->own;
    const struct stage *before = stage->before;
    struct matrix to = before->delta, y = before->output;
    if (!lists_deltas(stage)) {
        stage_backward(stage, samples, inputs);
        return;
    }

    for (size_t i = samples.begin; i < samples.end; i++)
        csr_list_row(&csr->deltas, i, stage->delta.data + i * stage->delta.stride, stage->outputs);
    struct sparse_rows d = csr_rows(&csr->deltas, samples.begin);
    stage->kernels->sparse_forward(samples.end - samples.begin, stage->inputs, &d, stage->transposed.data,
                                   stage->transposed.stride, NULL, ACTIVATION_IDENTITY,
                                   to.data + samples.begin * to.stride, to.stride);
    for (size_t i = samples.begin; i < samples.end; i++)
        for (size_t j = 0; j < stage->inputs; j++)
            to.data[i * to.stride + j] = y.data[i * y.stride + j] > 0.0f ? to.data[i * to.stride + j] : 0.0f;
}

const struct stage_kind stage_units = {
    .name = "units",
    .help = "units that are not 0, listed: dropout leaves out the others",
    .fits = fits,
    .product_work = product_work,
    .update_work = update_work,
    .open = open_units,
    .close = csr_stage_close,
    .forward = forward,
    .backward = backward,
    .update = csr_stage_update,
    .update_biases = stage_update_biases,
};
