/* Where the training of a network stands, as its checkpoint tells: a model file with two more metadata. */
#ifndef MINNOW_TRAIN_CHECKPOINT_H
#define MINNOW_TRAIN_CHECKPOINT_H

#include <stdint.h>

#include "minnow/minnow.h"
#include "train/state.h"

/* All that a checkpoint says beside the network itself. */
struct checkpoint {
    /* But for sparse and threads, which do not matter to the result, and distortion, which stands beside it. */
    minnow_training_config config;
    minnow_distortion_config distortion; /* all amounts 0: none; in the file only if there is one */
    uint32_t params_crc32;               /* of the network's parameters */

    /* The training data. */
    size_t samples;
    uint32_t dataset_crc32;
    uint32_t weights_crc32; /* of how much they and their classes weigh; 0: all the same */
    float feature_scale;    /* of its bytes; 1 for floats */

    struct training_state state;
    uint32_t kept_crc32; /* of what is kept beside the parameters (slots.h); 0: nothing is */
};

/* What a checkpoint of the trainer would say. */
void trainer_describe(minnow_trainer *trainer, struct checkpoint *out);

/* ---- As text (checkpoint_text.c): a JSON object with a member for each row of a table of fields ---- */

/* From malloc; NULL when there is no memory. */
char *checkpoint_write(const struct checkpoint *checkpoint);

/* Nothing that the text says is believed before it is checked. Errors: INPUT, MEMORY. */
minnow_status checkpoint_parse(const char *text, struct checkpoint *out);

/* ---- Comparing (checkpoint_text.c) ---- */

enum checkpoint_part { CHECKPOINT_CONFIG, CHECKPOINT_DISTORTION, CHECKPOINT_DATA, CHECKPOINT_STATE };

/* Whether a part of what is given is what was recorded, in `whose` ("the checkpoint's"). Errors: ARGUMENT, naming both. */
minnow_status checkpoint_compare(enum checkpoint_part part, const struct checkpoint *given,
                                 const struct checkpoint *recorded, const char *whose);

#endif
