/* The kind whose samples stay the bytes they are: by sample for the forward product, transposed, by feature,
   for the update. The kernels find those that are not 0 and skip the rest. */
#include <string.h>

#include "base/status.h"
#include "train/perturb.h"

struct byte_batch {
    uint8_t *samples;  /* [batch][sample_stride] */
    uint8_t *features; /* [features][feature_stride]: the transpose */
    size_t sample_stride, feature_stride;
    float value[256]; /* what each byte stands for */
};

static bool fits(const struct stage_request *request) {
    return request->layer == 0 && request->batch > 1 && request->dataset->bytes != NULL && !request->filled;
}

/* ---- Cost, in multiply-adds: fitted to measurements, see src/train/README.md ---- */

static double product_work(const struct stage_request *request, double filled) {
    const double OUTPUT = 1.45;   /* a weight of a nonzero's row, which is fetched for it alone */
    const double NONZERO = 25.0;  /* finding one */
    const double INPUT = 8.0;     /* looking at a byte, zero or not */
    const double FEATURE = 190.0; /* beginning and ending a feature, once a mini-batch */
    const double LEAST = 32.0;    /* outputs: with fewer, each sum waits for the one before */
    double width = stage_width(request), wide = width > LEAST ? width : LEAST;
    return filled * (OUTPUT * wide + NONZERO) + INPUT + FEATURE / (double)request->batch;
}

static double update_work(const struct stage_request *request, double filled) {
    const double OUTPUT = 1.5, NONZERO = 8.0, INPUT = 3.0;
    const double START = 400.0; /* of a row, which waits for its own last sum */
    double sample = filled * (OUTPUT * stage_width(request) + NONZERO) + INPUT;
    return (double)request->batch * sample + START + stage_row_work(request);
}

/* ---- Opening ---- */

static void close_bytes(struct stage *stage) {
    struct byte_batch *bytes = stage->own;
    if (bytes == NULL)
        return;
    memory_free(bytes->samples);
    memory_free(bytes->features);
    memory_free(bytes);
    stage->own = NULL;
}

/* Of the products that gather_bytes and, with dropout, keep form, to the bit. */
static float value_of(const struct stage *stage, float value) {
    bool drops = stage->perturbation != NULL && stage->perturbation->dropout.share > 0.0f;
    return drops ? value * stage->perturbation->dropout.scale : value;
}

static minnow_status open_bytes(struct stage *stage, const struct stage_request *request) {
    const minnow_dataset *dataset = request->dataset;
    struct byte_batch *bytes = stage->own = memory_allocate(1, sizeof *bytes);
    if (bytes == NULL)
        return fail_memory("a mini-batch's bytes");

    bytes->sample_stride = size_round_up(dataset->features, CACHE_LINE);
    bytes->feature_stride = size_round_up(request->batch, CACHE_LINE);
    bytes->samples = memory_allocate(request->batch, bytes->sample_stride);
    bytes->features = memory_allocate(dataset->features, bytes->feature_stride);
    if (bytes->samples == NULL || bytes->features == NULL) {
        close_bytes(stage);
        return fail_memory("a mini-batch's bytes");
    }

    for (size_t byte = 0; byte < 256; byte++)
        bytes->value[byte] = value_of(stage, (float)byte * dataset->scale);
    return MINNOW_OK;
}

/* ---- The step ---- */

static void load_distorted(struct stage *stage, const struct minibatch *batch, struct range samples,
                           unsigned thread) {
    const struct byte_batch *bytes = stage->own;
    for (size_t i = samples.begin; i < samples.end; i++) {
        size_t position = batch->position + i;
        stage_prefetch_distorted(stage, batch, position);
        distortion_bytes(stage->distortion, thread, minibatch_sample(batch, position),
                         bytes->samples + i * bytes->sample_stride);
    }
}

static void load_as_they_are(struct stage *stage, const struct minibatch *batch, struct range samples) {
    enum { AHEAD = 6 };
    const struct byte_batch *bytes = stage->own;
    for (size_t i = samples.begin; i < samples.end; i++) {
        size_t position = batch->position + i;
        stage_prefetch_sample(stage, batch, position + AHEAD);
        memcpy(bytes->samples + i * bytes->sample_stride,
               stage->dataset->bytes + minibatch_sample(batch, position) * stage->inputs, stage->inputs);
    }
}

static void load(struct stage *stage, const struct minibatch *batch, struct range samples, unsigned thread) {
    const struct byte_batch *bytes = stage->own;
    if (stage->distortion != NULL)
        load_distorted(stage, batch, samples, thread);
    else
        load_as_they_are(stage, batch, samples);
    for (size_t i = samples.begin; stage->perturbation != NULL && i < samples.end; i++)
        perturb_bytes(stage->perturbation, batch, i, thread, bytes->samples + i * bytes->sample_stride);
}

static void forward(struct stage *stage, struct range samples, struct range columns, enum activation act) {
    const struct byte_batch *bytes = stage->own;
    stage->kernels->bytes_forward(
        range_count(samples), stage->inputs, range_count(columns),
        bytes->samples + samples.begin * bytes->sample_stride, bytes->sample_stride, bytes->value,
        stage->weights.data + columns.begin, stage->weights.stride, stage->biases + columns.begin, act,
        stage->sums.data + samples.begin * stage->sums.stride + columns.begin, stage->sums.stride);
}

static void arrange(struct stage *stage, struct range samples, struct range inputs) {
    const struct byte_batch *bytes = stage->own;
    stage->kernels->transpose_bytes(
        range_count(samples), range_count(inputs),
        bytes->samples + samples.begin * bytes->sample_stride + inputs.begin, bytes->sample_stride,
        bytes->features + inputs.begin * bytes->feature_stride, bytes->feature_stride);
}

static void update(struct stage *stage, const struct gradient_sum *sum, struct range rows,
                   struct range columns, unsigned thread) {
    (void)thread;
    struct range samples = sum->samples;
    const struct byte_batch *bytes = stage->own;
    if (!sum->arranged)
        arrange(stage, samples, rows);
    struct trained to = gradient_sum_at(sum, rows.begin, columns.begin);
    stage->kernels->bytes_weight_update(
        range_count(samples), range_count(rows), range_count(columns),
        bytes->features + rows.begin * bytes->feature_stride, bytes->feature_stride, bytes->value,
        stage->delta.data + samples.begin * stage->delta.stride + columns.begin, stage->delta.stride,
        sum->update, &to);
}

const struct stage_kind stage_bytes = {
    .name = "bytes",
    .help = "bytes, of which those that are 0 are skipped",
    .skips_zeros = true,
    .gathers_itself = true,
    .fits = fits,
    .product_work = product_work,
    .update_work = update_work,
    .open = open_bytes,
    .close = close_bytes,
    .load = load,
    .forward = forward,
    .arrange = arrange,
    .update = update,
    .update_biases = stage_update_biases,
};
