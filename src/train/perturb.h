/*
 * What training changes in the samples of a mini-batch when they are loaded, beside distorting images: it mixes them in
 * pairs, adds noise, and leaves out features, in this order. Each draw is a pure function of the seed, the epoch and the
 * sample, or for mixing the mini-batch.
 */
#ifndef MINNOW_TRAIN_PERTURB_H
#define MINNOW_TRAIN_PERTURB_H

#include "train/dropout.h"
#include "train/stages/stage.h"

struct perturbation {
    const struct kernels *kernels;
    const minnow_dataset *dataset;
    const struct distortion *distortion; /* of the samples, or NULL */
    double mixup;                        /* 0: none */
    float noise;                         /* 0: none */
    uint64_t seed;
    struct dropout dropout; /* of the inputs, without its memory */

    /* [threads]: which features the sample in hand keeps, and the one that it is mixed with. */
    size_t stride;
    uint8_t *kept;
    float *partner; /* NULL where none is mixed */
};

/* Whether a configuration changes samples so. */
bool perturbation_needed(const minnow_training_config *config);

/* Whether what it makes of samples is hardly ever 0, and no byte. */
bool perturbation_fills(const minnow_training_config *config);

/* Errors: MEMORY; then nothing is kept. */
minnow_status perturbation_create(const minnow_training_config *config, const minnow_dataset *dataset,
                                  const struct distortion *distortion, const struct kernels *kernels,
                                  unsigned threads, struct perturbation **out);
void perturbation_free(struct perturbation *perturbation);

/* How the samples of a mini-batch are mixed, drawn for it from the seed: by themselves where mixup is 0. */
struct mixing mixing_draw(double mixup, uint64_t seed, const struct minibatch *batch);

/* Sample i of the mini-batch as floats x[features], in place. */
void perturb_floats(const struct perturbation *perturbation, const struct minibatch *batch, size_t i,
                    unsigned thread, float *x);

/* The same as bytes, of which those left out become 0; the others stand for more, which is the reader's to see to. */
void perturb_bytes(const struct perturbation *perturbation, const struct minibatch *batch, size_t i,
                   unsigned thread, uint8_t *x);

/* The features that sample i keeps, [features], valid until the thread's next call. */
const uint8_t *perturb_kept(const struct perturbation *perturbation, const struct minibatch *batch, size_t i,
                            unsigned thread);

#endif
