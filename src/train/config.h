/* What a run of training is to be, checked. */
#ifndef MINNOW_TRAIN_CONFIG_H
#define MINNOW_TRAIN_CONFIG_H

#include "minnow/minnow.h"

/* The caller's configuration over the defaults, every value within what the public header allows.
   Errors: ARGUMENT. */
minnow_status training_config_read(const minnow_training_config *given, minnow_training_config *out);

/* The two halves of that: the copy, which fails for a struct that was never initialised, and the check of its
   values. Errors: ARGUMENT. */
minnow_status training_config_copy(const minnow_training_config *given, minnow_training_config *out);
minnow_status training_config_check(const minnow_training_config *config);

#endif
