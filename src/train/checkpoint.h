/* Where the training of a network stands, as its checkpoint tells: a model file with two more metadata. */
#ifndef MINNOW_TRAIN_CHECKPOINT_H
#define MINNOW_TRAIN_CHECKPOINT_H

#include "minnow/minnow.h"

struct checkpoint_state {
    minnow_training_config config; /* but for sparse and threads, which do not matter to the result */
    uint32_t params_crc32;         /* of the network's parameters */

    /* The training data. */
    size_t samples;
    uint32_t fingerprint;
    float scale; /* of its bytes; 1 for floats */

    /* See struct minnow_trainer. */
    size_t epoch, position, correct;
    double loss_sum, seconds, last_rate;
};

/* The state as JSON text, from malloc; NULL when there is no memory. */
char *checkpoint_state_write(const struct checkpoint_state *state);
/* Errors: INPUT, MEMORY. */
minnow_status checkpoint_state_parse(const char *text, struct checkpoint_state *out);

/* Removes what the network's metadata tell of a checkpoint. */
void checkpoint_forget(minnow_network *network);

#endif
