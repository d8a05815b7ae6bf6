/* A network as files describe it, whatever their format: sizes, names, and where its numbers are. */
#ifndef MINNOW_MODEL_BLUEPRINT_H
#define MINNOW_MODEL_BLUEPRINT_H

#include "model/model.h"
#include "net/network.h"

enum { MODEL_MAX_RANK = 8 };

/* An array as it lies in a file. */
struct model_array {
    const char *name;
    size_t rank, shape[MODEL_MAX_RANK];
    const uint8_t *data; /* without alignment; NULL: there is no such array */
    bool is_double;      /* otherwise float32 */
    bool big_endian;
    bool fortran_order; /* the first index runs fastest */
};

struct blueprint {
    minnow_activation activations[NETWORK_MAX_LAYERS]; /* of the hidden layers */
    minnow_loss loss;
    size_t layer_count;
    size_t sizes[NETWORK_MAX_LAYERS + 1];
    struct model_array parts[NETWORK_MAX_LAYERS][PART_COUNT]; /* weight [outputs][inputs], bias [outputs] */
};

/* Fills a block of the network's layout from arrays whose shapes are the layers'. Errors: INPUT. */
minnow_status blueprint_fill(const char *name, const minnow_network *network,
                             const struct model_array parts[][PART_COUNT], struct parameters *block);

/* Fills in the sizes of layer `layer`, those before it being known: the ranks are right, the sizes are within
   the limits and chain. A layer may lack its bias. `name` is the file, for messages. Errors: INPUT. */
minnow_status blueprint_check_layer(const char *name, struct blueprint *blueprint, size_t layer);

/* Checks what says how a file of another program is to be used, and fills in what it leaves out.
   Errors: ARGUMENT. */
minnow_status foreign_config_read(const minnow_foreign_config *given, minnow_foreign_config *out);

/* Sets the activations and the loss of a blueprint whose layers are known. Errors: ARGUMENT (another number of
   activations than there are hidden layers). */
minnow_status blueprint_set_form(const char *name, struct blueprint *blueprint,
                                 const minnow_foreign_config *config);

/* A network from arrays that have been checked; a missing bias is zeros. Errors: INPUT (a parameter that is
   too large for single precision), MEMORY, UNSUPPORTED. */
minnow_status blueprint_build(const char *name, const struct blueprint *blueprint, const char *isa,
                              minnow_network **out);

#endif
