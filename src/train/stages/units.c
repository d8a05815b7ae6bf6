/* The kind for layers behind dropout: the units that are not 0 are listed (CSR), so that those left out, and with relu
   those that are off, cost nothing in the forward product and in the gradient of the weights. */
#include "train/stages/csr.h"
#include "train/stages/stage.h"

static bool fits(const struct stage_request *request) {
    return request->layer > 0 && request->batch > 1 && request->dropped;
}

/* ---- Cost, in multiply-adds: fitted to measurements, see src/train/README.md ---- */

/* The mean of the three products, of which the gradient of the units is computed as the dense kind does. */
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

static minnow_status open_units(struct stage *stage, const struct stage_request *request) {
    struct csr_batch *csr;
    minnow_status status = csr_batch_create_for(request, stage->inputs, &csr);
    stage->own = csr;
    return status;
}

/* ---- The step ---- */

static void forward(struct stage *stage, struct range samples, enum activation act) {
    for (size_t i = samples.begin; i < samples.end; i++)
        csr_batch_list_sample(stage->own, i, stage->input.data + i * stage->input.stride, stage->inputs);
    csr_stage_forward(stage, samples, act);
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
    .backward = stage_backward,
    .update = csr_stage_update,
    .update_biases = stage_update_biases,
};
