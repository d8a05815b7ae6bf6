/* The network behind the public handle. */
#ifndef MINNOW_NET_NETWORK_H
#define MINNOW_NET_NETWORK_H

#include <stdbool.h>

#include "kernels.h"
#include "minnow/minnow.h"

enum { NETWORK_MAX_LAYERS = 64, NETWORK_MAX_SIZE = 65536 };

/* y = act(x·W + b). Rows are padded with zeros to whole cache lines, and start on one. */
struct layer {
    size_t inputs, outputs;
    size_t stride;            /* of weights, in floats: outputs rounded up to 16 */
    size_t transposed_stride; /* of transposed: inputs rounded up to 16 */
    float *weights;           /* [inputs][stride] */
    float *biases;            /* [stride] */
    float *transposed; /* [outputs][transposed_stride], for the backward pass; NULL in the first layer */
};

/* What is known of a network beyond its parameters, as model files keep it: pairs of UTF-8 strings in their
   order, all owned. */
struct metadata {
    size_t count, capacity;
    struct metadata_entry {
        char *key, *value;
    } * entries;
};

struct minnow_network {
    const struct kernels *kernels;
    minnow_activation activation;
    minnow_loss loss;
    size_t layer_count;
    float *arena; /* every layer's parameters */
    struct metadata metadata;
    struct layer layers[];
};

/* Adds a pair whose key is not there yet. Errors: MEMORY; then nothing has changed. */
minnow_status metadata_append(struct metadata *metadata, const char *key, const char *value);
void metadata_free(struct metadata *metadata);

/* As minnow_network_nonfinite_count, of one layer. */
uint64_t layer_nonfinite_count(const struct layer *layer);

/* Whether the value of a key follows from the network itself, so that saving writes it anew. */
bool metadata_is_derived(const char *key);

/* The kernels' name for the activation of weight layer `layer`; the last one is linear: losses take logits.
 */
enum activation network_layer_activation(const minnow_network *network, size_t layer);

/* The table of that name (NULL or "auto": the widest this machine runs). Errors: UNSUPPORTED, naming what
 * there is. */
minnow_status network_choose_kernels(const char *isa, const struct kernels **out);

/* Refreshes each layer's transposed copy from its weights; after weights were written from outside. */
void network_transpose(minnow_network *network);

/* Draws the starting parameters; each value is a function of its place and the seed alone. */
void network_initialize(minnow_network *network, minnow_init init, uint64_t seed);

/* The widest row of activations, in floats: every layer's outputs rounded up to 16. */
size_t network_widest(const minnow_network *network);

/* Runs x[m][inputs] through every layer. `scratch` holds two [m][network_widest] matrices, cache-line
   aligned; the logits end in one of them: returned, rows network_widest apart. */
float *network_logits(const minnow_network *network, size_t m, const float *x, size_t ldx, float *scratch);

/* Turns logits z[m][outputs] into the output activation's values, in place. */
void network_output_activation(const minnow_network *network, size_t m, float *z, size_t ldz);

/* From logits: each sample's loss, and z becomes scale · ∂loss/∂z. */
void network_loss(const minnow_network *network, size_t m, float *z, size_t ldz, const uint32_t *label,
                  float scale, float *loss);

/* The name of each enumerator as the command line and model files spell it, and back; NULL or false if there
 * is none. */
const char *activation_name(minnow_activation activation);
const char *loss_name(minnow_loss loss);
bool activation_parse(const char *name, minnow_activation *out);
bool loss_parse(const char *name, minnow_loss *out);

#endif
