/* Whether features are of the size that training is made for. */
#ifndef MINNOW_CLI_FEATURE_SCALE_H
#define MINNOW_CLI_FEATURE_SCALE_H

#include <stdbool.h>

#include "data/preprocessing/extent.h"
#include "minnow/minnow.h"

/* One line on standard error if the features are far from unit scale: how large they are, and what to do. */
void feature_scale_warn(const minnow_dataset *dataset);

/* Puts the range of the features into the network's metadata. Errors: MEMORY. */
minnow_status input_range_record(minnow_network *network, const minnow_dataset *dataset);

/* One line on standard error, and true, if features are far beyond what the network was trained on. `data` is where
   they come from. */
bool input_range_warn(const minnow_network *network, const struct extent *extent, const char *data);

#endif
