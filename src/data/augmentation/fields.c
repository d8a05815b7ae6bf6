/*
 * Elastic distortion after Simard, Steinkraus and Platt (Best Practices for Convolutional Neural Networks Applied to
 * Visual Document Analysis, ICDAR 2003): each pixel's displacement, by columns and by rows, is drawn uniformly from
 * (-1, 1), smoothed by a Gaussian, and multiplied by alpha.
 *
 * The noise is taken to repeat itself beyond the image's edges, so that displacements vary as much there as in the
 * middle. Smoothing is then a product with a circulant matrix, Gᵀ = G, from either side: D = alpha · G_h · N · G_w,
 * which the kernels compute as any product, with the same bits on every instruction set.
 */
#include "data/augmentation/fields.h"

#include "base/exact_math.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"

/* ---- Opening ---- */

/* The Gaussian at distances 0 … n - 1 round a circle of n, all turns added up, not yet normalised. */
static double weight_at(size_t distance, size_t n, double sigma) {
    double sum = 0.0, turns = 39.0 * sigma / (double)n + 1.0; /* beyond 38 sigma it is 0 in doubles */
    for (double turn = -(double)(size_t)turns; turn <= turns; turn++) {
        double x = ((double)distance + turn * (double)n) / sigma, exponent = -0.5 * x * x;
        if (exponent > -700.0)
            sum += exact_exp(exponent);
    }
    return sum;
}

/* matrix[n][n] = factor · G, where the weights of each row of G add up to 1. */
static bool fill_gaussian(size_t n, double sigma, double factor, float *matrix) {
    double *weight = memory_allocate(n, sizeof *weight), sum = 0.0;
    if (weight == NULL)
        return false;

    for (size_t i = 0; i < n; i++)
        sum += weight[i] = weight_at(i, n, sigma);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            matrix[i * n + j] = (float)(factor * (weight[i > j ? i - j : j - i] / sum));
    memory_free(weight);
    return true;
}

minnow_status fields_open(const minnow_distortion_config *config, size_t height, size_t width,
                          const struct kernels *kernels, unsigned threads, struct fields *out) {
    const size_t LARGEST = (size_t)1 << 30; /* floats: a pool of 4 GiB */
    *out = (struct fields){.kernels = kernels,
                           .count = config->elastic_fields,
                           .height = height,
                           .width = width,
                           .plane = size_round_up(height * width, CACHE_LINE_FLOATS)};
    if (out->count > LARGEST / 2 / out->plane)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "distortion config: %zu elastic fields of %zu × %zu pixels would take more than 4 GiB; "
                    "use at most %zu",
                    out->count, height, width, LARGEST / 2 / out->plane);

    out->scratch_size = 4 * out->plane;
    out->displacement = memory_allocate_unset(out->count * 2 * out->plane, sizeof(float));
    out->across = memory_allocate(width * width, sizeof(float));
    out->down = memory_allocate(height * height, sizeof(float));
    out->scratch = memory_allocate(threads, out->scratch_size * sizeof(float));
    if (out->displacement != NULL && out->across != NULL && out->down != NULL && out->scratch != NULL &&
        fill_gaussian(width, config->elastic_sigma, 1.0, out->across) &&
        fill_gaussian(height, config->elastic_sigma, config->elastic_alpha, out->down))
        return MINNOW_OK;
    fields_close(out);
    return fail_memory("the fields of elastic distortion");
}

void fields_close(struct fields *fields) {
    memory_free(fields->displacement);
    memory_free(fields->across);
    memory_free(fields->down);
    memory_free(fields->scratch);
    *fields = (struct fields){0};
}

/* ---- Drawing ---- */

/* A word as a number in (-1, 1): one of 2^24 at equal distances, none of them 0. Exact. */
static float centered(uint32_t word) {
    return ((float)(word >> 8) - 8388607.5f) * 0x1p-23f;
}

static void fill_noise(uint64_t seed, uint32_t epoch, uint32_t field, size_t count, float *noise) {
    for (size_t i = 0; i < count; i += 4) {
        struct random_block block = random_draw(seed, RANDOM_FIELDS, epoch, field, (uint32_t)(i / 4));
        for (size_t w = 0; w < 4 && i + w < count; w++)
            noise[i + w] = centered(block.word[w]);
    }
}

void fields_draw(struct fields *fields, uint64_t seed, uint32_t epoch, struct team_member member) {
    size_t height = fields->height, width = fields->width, pixels = height * width, begin, end;
    float *noise = fields->scratch + member.index * fields->scratch_size, *smooth = noise + 2 * fields->plane;
    team_slice(member, fields->count, 1, &begin, &end);

    for (size_t f = begin; f < end; f++) {
        fill_noise(seed, epoch, (uint32_t)f, 2 * pixels, noise);
        fields->kernels->forward(2 * height, width, width, noise, width, fields->across, width, NULL,
                                 ACTIVATION_IDENTITY, smooth, width);
        for (size_t axis = 0; axis < 2; axis++)
            fields->kernels->forward(height, height, width, fields->down, height, smooth + axis * pixels,
                                     width, NULL, ACTIVATION_IDENTITY,
                                     fields->displacement + (2 * f + axis) * fields->plane, width);
    }
}
