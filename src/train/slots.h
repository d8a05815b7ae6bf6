/* What training keeps beside each parameter, each in a block of the parameters' own layout: an optimiser's moments,
   the running average of the parameters, those that were best so far, and, where the gradient must be known as a
   whole before it is applied, the gradient. */
#ifndef MINNOW_TRAIN_SLOTS_H
#define MINNOW_TRAIN_SLOTS_H

#include "kernels.h"
#include "net/network.h"

enum training_slot { SLOT_FIRST, SLOT_SECOND, SLOT_AVERAGE, SLOT_BEST, SLOT_GRADIENT, SLOT_COUNT };

/* Those of them that are part of where training stands, and so of a checkpoint. */
_Static_assert((int)NETWORK_KEPT == (int)SLOT_GRADIENT, "the slots before the gradient are kept");

struct slots {
    struct parameters *of[SLOT_COUNT]; /* NULL where the configuration needs none */
};

/* Which slots a checked configuration needs. */
bool slot_needed(const minnow_training_config *config, enum training_slot slot);

/* All 0. Errors: MEMORY; then nothing is kept. */
minnow_status slots_create(const minnow_network *network, const minnow_training_config *config,
                           struct slots *out);
void slots_free(struct slots *slots);

/* Keeps a copy of the parameters as the best ones, in place of those before. Errors: MEMORY. */
minnow_status slots_keep_best(struct slots *slots, const struct parameters *parameters);

/* Copies what the network was read with into the slots of the same kind. Errors: INPUT (one of them is missing, or one
   is there that is not needed). */
minnow_status slots_copy_kept(struct slots *slots, const minnow_network *network);

/* CRC-32 of the CRC-32s of what is kept; 0 where nothing is. */
uint32_t slots_crc32(struct parameters *const kept[NETWORK_KEPT]);

/* A layer's weights or biases and what is kept beside them, as the kernels take them. */
struct trained slots_weights(const struct slots *slots, const minnow_network *network, size_t layer);
struct trained slots_biases(const struct slots *slots, const minnow_network *network, size_t layer);

#endif
