/* Dropout of a layer's outputs: which units each sample of a mini-batch keeps. */
#ifndef MINNOW_TRAIN_DROPOUT_H
#define MINNOW_TRAIN_DROPOUT_H

#include "kernels.h"
#include "minnow/minnow.h"
#include "net/parameters.h"

struct minibatch;
struct range;

/* What a configuration says of layer `layer` of units, 0 being the inputs: the share that is left out. */
double dropout_share(const minnow_training_config *config, size_t layer);

struct dropout {
    float share, scale; /* of units left out; what the others are multiplied by. share 0: there is none */
    uint64_t seed;
    uint32_t purpose;
    size_t units;
    uint8_t *kept; /* [batch][stride]: 0 for units that are left out */
    size_t stride;
    struct matrix output; /* [batch][units]: what the layer behind reads */
};

/* Only share, scale, seed and purpose: whoever needs only draws asks for no memory. */
struct dropout dropout_of(const minnow_training_config *config, size_t layer);

/* Memory for mini-batches of `batch` samples. Errors: MEMORY; dropout_close frees in any case. */
minnow_status dropout_open(size_t batch, size_t units, struct dropout *dropout);
void dropout_close(struct dropout *dropout);

/* Draws which units these samples keep, and fills in output from what the units gave. */
void dropout_forward(struct dropout *dropout, const struct kernels *kernels, const struct minibatch *batch,
                     struct range samples, const struct matrix *given);

/* The gradient by what the units gave, from that by output, in place. */
void dropout_backward(const struct dropout *dropout, const struct kernels *kernels, struct range samples,
                      const struct matrix *delta);

#endif
