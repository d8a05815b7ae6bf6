/* The network behind the public handle. */
#ifndef MINNOW_NET_NETWORK_H
#define MINNOW_NET_NETWORK_H

#include <stdbool.h>

#include "kernels.h"
#include "minnow/minnow.h"
#include "net/activations.h"
#include "net/losses.h"
#include "net/metadata.h"
#include "net/parameters.h"

enum { NETWORK_MAX_LAYERS = 64, NETWORK_MAX_SIZE = 65536 };

/* Inputs may be more than other layers are wide, as sparse samples have many features. */
enum { NETWORK_MAX_INPUTS = 1 << 24 };

/* y = activation(x·W + b). */
struct layer {
    size_t inputs, outputs;
    minnow_activation activation; /* IDENTITY in the last layer: losses take logits */
};

/* An optimiser's first and second moments, the running average, and the parameters that were best so far. */
enum { NETWORK_KEPT = 4 };

struct minnow_network {
    const struct kernels *kernels;
    minnow_loss loss;
    struct metadata metadata;
    struct parameters *parameters;

    /* Of an ensemble, the networks beside this one: of the same shape, and without others or metadata of their own. */
    size_t other_count;
    minnow_network **others; /* NULL where there are none */

    /* What a checkpoint held beside the parameters, for the trainer that goes on from it; NULL: nothing. */
    struct parameters *kept[NETWORK_KEPT];

    size_t layer_count;
    struct layer layers[];
};

/* What each of them is called in a checkpoint. */
extern const char *const network_kept_names[NETWORK_KEPT];

/* The table of that name (NULL or "auto": the widest this machine runs). Errors: UNSUPPORTED, naming what
   there is. */
minnow_status network_choose_kernels(const char *isa, const struct kernels **out);

/* A network with parameters that are all 0. Errors: as of minnow_network_create. */
minnow_status network_create_zero(const minnow_network_config *config, minnow_network **out);

/* Removes what makes a model file a checkpoint: from the metadata, and what is kept. */
void network_forget_checkpoint(minnow_network *network);

static inline const struct layer *network_last_layer(const minnow_network *network) {
    return &network->layers[network->layer_count - 1];
}

/* What the kernels call the activation behind a layer. */
static inline enum activation network_kernel_activation(const minnow_network *network, size_t layer) {
    return activation_rows[network->layers[layer].activation].kernel;
}

/* ---- The activations of the hidden layers as text: "relu" if they are all the same, else "relu,tanh" ---- */

enum { ACTIVATIONS_TEXT = NETWORK_MAX_LAYERS * ACTIVATION_NAME_MOST };

/* Of a network without hidden layers, `alone`: files name an activation in any case. */
void network_activations_text(const minnow_network *network, const char *alone, char text[ACTIVATIONS_TEXT]);

/* One name for all of `hidden` layers, or as many names. Errors: INPUT, with a message that begins with
   `name`. */
minnow_status activations_parse(const char *name, const char *text, size_t hidden,
                                minnow_activation out[NETWORK_MAX_LAYERS]);

/* ---- Inference (forward.c) ---- */

/* The floats of scratch for m samples: two matrices [m][network_widest], of an ensemble three. */
size_t network_scratch(const minnow_network *network, size_t m);

/* The distance between rows of a matrix that holds any layer's outputs: whole cache lines. */
size_t network_widest(const minnow_network *network);

/* Runs x[m][inputs] through one layer, into y[m][outputs]; of the last one those are the logits. */
void network_forward_layer(const minnow_network *network, size_t layer, size_t m, const float *x, size_t ldx,
                           float *y, size_t ldy);

/* Runs x[m][inputs] through every layer. `scratch` holds network_scratch floats, cache-line
   aligned; the logits end in it: returned, rows network_widest apart. */
float *network_logits(const minnow_network *network, size_t m, const float *x, size_t ldx, float *scratch);

/* The same for m sparse rows over the inputs, to the same bits. */
float *network_logits_sparse(const minnow_network *network, size_t m, const struct sparse_rows *x,
                             float *scratch);

/* Turns logits z[m][outputs] into the output activation's values, in place. */
void network_output_activation(const minnow_network *network, size_t m, float *z, size_t ldz);

/* From logits: each sample's loss, and z becomes scale · ∂loss/∂z. */
void network_loss(const minnow_network *network, size_t m, float *z, size_t ldz, const uint32_t *label,
                  float scale, float *loss);

/* The same with targets[m][outputs] instead of labels, for a loss that takes them. */
void network_target_loss(const minnow_network *network, size_t m, float *z, size_t ldz,
                         const struct matrix *target, float scale, float *loss);

/* right[i]: 1 where the logits answer the targets rightly, else 0, as for numbers. */
void network_right(const minnow_network *network, size_t m, const float *z, size_t ldz,
                   const struct matrix *target, uint32_t *right);

/* Whether the data's features and classes, and labels or targets, fit the network. Errors: ARGUMENT, naming both. */
minnow_status network_check_data(const minnow_network *network, const minnow_dataset *dataset);

#endif
