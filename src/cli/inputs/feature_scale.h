/* Whether features are of the size that training is made for. */
#ifndef MINNOW_CLI_FEATURE_SCALE_H
#define MINNOW_CLI_FEATURE_SCALE_H

#include "minnow/minnow.h"

/* One line on standard error if the features are far from unit scale: how large they are, and what to do. */
void feature_scale_warn(const minnow_dataset *dataset);

#endif
