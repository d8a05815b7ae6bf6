/* What a run of training is to be, checked. */
#ifndef MINNOW_TRAIN_CONFIG_H
#define MINNOW_TRAIN_CONFIG_H

#include "minnow/minnow.h"
#include "train/comm/link.h"

#define MAX_LEARNING_RATE 1e30
enum { SUB_BATCHES_MOST = RANKS_MOST };

/* The caller's configuration over the defaults, every value within what the public header allows. What it says of
   distortion is copied to *distortion, to which out->distortion then points; that is NULL where images are left as
   they are. Errors: ARGUMENT. */
minnow_status training_config_read(const minnow_training_config *given, minnow_training_config *out,
                                   minnow_distortion_config *distortion);

/* The parts of that. The copy fails for a struct that was never initialised; its distortion is still the caller's,
   which the second part checks and takes: afterwards config->distortion is NULL only if it was before. The third
   checks the other values. Errors: ARGUMENT. */
minnow_status training_config_copy(const minnow_training_config *given, minnow_training_config *out);
minnow_status training_config_take_distortion(minnow_training_config *config,
                                              minnow_distortion_config *distortion);
minnow_status training_config_check(const minnow_training_config *config);

/* The communicator of the caller's configuration, whatever else is wrong with that; NULL: none, or none that can be used, or
   of one rank. */
minnow_comm *training_config_comm(const minnow_training_config *given);

/* Whether a checked configuration can train that network: its loss, and its number of layers. Errors: ARGUMENT. */
minnow_status training_config_check_network(const minnow_training_config *config,
                                            const minnow_network *network);

#endif
