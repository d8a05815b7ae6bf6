#include "train/perturb.h"

#include <math.h>

#include "base/exact_math.h"
#include "base/status.h"
#include "train/batch.h"
#include "train/draws.h"

/* ---- Making and releasing ---- */

bool perturbation_needed(const minnow_training_config *config) {
    return config->input_dropout > 0.0 || perturbation_fills(config);
}

bool perturbation_fills(const minnow_training_config *config) {
    return config->noise > 0.0 || config->mixup > 0.0;
}

minnow_status perturbation_create(const minnow_training_config *config, const minnow_dataset *dataset,
                                  const struct distortion *distortion, const struct kernels *kernels,
                                  unsigned threads, struct perturbation **out) {
    *out = NULL;
    struct perturbation *p = memory_allocate(1, sizeof *p);
    if (p == NULL)
        return fail_memory("training");

    *p = (struct perturbation){
        .kernels = kernels,
        .dataset = dataset,
        .distortion = distortion,
        .mixup = config->mixup,
        .noise = (float)config->noise,
        .seed = config->seed,
        .dropout = dropout_of(config, 0),
        .stride = size_round_up(dataset->features, CACHE_LINE),
    };
    p->kept = memory_allocate(threads, p->stride);
    if (p->mixup > 0.0)
        p->partner = memory_allocate(threads, p->stride * sizeof *p->partner);
    if (p->kept == NULL || (p->mixup > 0.0 && p->partner == NULL)) {
        perturbation_free(p);
        return fail_memory("training");
    }
    *out = p;
    return MINNOW_OK;
}

void perturbation_free(struct perturbation *perturbation) {
    if (perturbation == NULL)
        return;
    memory_free(perturbation->kept);
    memory_free(perturbation->partner);
    memory_free(perturbation);
}

/* ---- Mixing ---- */

/* The blocks of a mini-batch, one after the other. */
struct mixing_draws {
    uint64_t seed;
    uint32_t epoch, position, next;
};

static struct random_block next_block(struct mixing_draws *draws) {
    return random_draw(draws->seed, RANDOM_MIXUP, draws->epoch, draws->position, draws->next++);
}

/* ln of a Gamma(shape, 1) deviate, by Marsaglia and Tsang's method (A simple method for generating gamma variables, ACM TOMS
   2000). That of a shape below 1 is one of shape + 1 times U^(1/shape), in logarithms, as it may be as small as it likes. */
static double log_gamma_deviate(double shape, struct mixing_draws *draws) {
    double d = (shape < 1.0 ? shape + 1.0 : shape) - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        struct random_block block = next_block(draws);
        double normal[2];
        random_normal_pair(block, normal);
        double x = normal[0], root = 1.0 + c * x, v = root * root * root;
        if (root <= 0.0)
            continue;
        double log_v = exact_log(v), uniform = exact_log(1.0 - random_unit(block.word[2]));
        if (uniform >= 0.5 * x * x + d - d * v + d * log_v)
            continue;
        double boost = shape < 1.0 ? exact_log(1.0 - random_unit(block.word[3])) / shape : 0.0;
        return exact_log(d) + log_v + boost;
    }
}

/* X / (X + Y) of two Gamma deviates is Beta. */
struct mixing mixing_draw(double mixup, uint64_t seed, const struct minibatch *batch) {
    const double FAR = 700.0; /* e^700 is finite */
    if (mixup == 0.0)
        return (struct mixing){.share = 1.0f, .shift = 0};

    struct mixing_draws draws = {seed, batch->epoch, (uint32_t)batch->position, 0};
    size_t others = batch->count - 1;
    uint32_t word = next_block(&draws).word[0];
    double x = log_gamma_deviate(mixup, &draws), y = log_gamma_deviate(mixup, &draws);
    double odds = fmin(fmax(y - x, -FAR), FAR);
    return (struct mixing){
        .share = (float)(1.0 / (1.0 + exact_exp(odds))),
        .shift = others > 0 ? 1 + (size_t)((uint64_t)word * others >> 32) : 0,
    };
}

/* The partner as it would be loaded by itself, with its own distortion. */
static void mix(const struct perturbation *p, const struct minibatch *batch, size_t i, unsigned thread,
                float *x) {
    size_t n = p->dataset->features, sample = minibatch_sample(batch, minibatch_partner(batch, i));
    float *other = p->partner + thread * p->stride, share = batch->mixing.share, rest = 1.0f - share;
    if (p->distortion != NULL) {
        distortion_floats(p->distortion, thread, sample, other);
    } else {
        uint32_t row = (uint32_t)sample;
        batch_gather(p->kernels, p->dataset, 0, &row, 1, other, p->stride);
    }
    for (size_t j = 0; j < n; j++)
        x[j] = share * x[j] + rest * other[j];
}

/* ---- A sample ---- */

const uint8_t *perturb_kept(const struct perturbation *perturbation, const struct minibatch *batch, size_t i,
                            unsigned thread) {
    const struct perturbation *p = perturbation;
    uint32_t draws[DRAWS_WORDS];
    uint8_t *kept = p->kept + thread * p->stride;
    draws_of(p->seed, p->dropout.purpose, batch, minibatch_sample(batch, batch->position + i), draws);
    p->kernels->draw_kept(1, p->dataset->features, draws, p->dropout.share, kept, p->stride);
    return kept;
}

void perturb_floats(const struct perturbation *perturbation, const struct minibatch *batch, size_t i,
                    unsigned thread, float *x) {
    const struct perturbation *p = perturbation;
    size_t n = p->dataset->features;
    if (p->mixup > 0.0)
        mix(p, batch, i, thread, x);
    if (p->noise > 0.0f) {
        uint32_t draws[DRAWS_WORDS];
        draws_of(p->seed, RANDOM_NOISE, batch, minibatch_sample(batch, batch->position + i), draws);
        p->kernels->add_normal(1, n, draws, p->noise, x, n);
    }
    if (p->dropout.share > 0.0f)
        p->kernels->keep(1, n, perturb_kept(p, batch, i, thread), n, p->dropout.scale, x, n, x, n);
}

void perturb_bytes(const struct perturbation *perturbation, const struct minibatch *batch, size_t i,
                   unsigned thread, uint8_t *x) {
    const uint8_t *kept = perturb_kept(perturbation, batch, i, thread);
    for (size_t j = 0; j < perturbation->dataset->features; j++)
        x[j] &= kept[j];
}
