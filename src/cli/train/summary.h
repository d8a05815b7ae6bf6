/* What minnow train shows at the end of a run on a terminal, beside the result. */
#ifndef MINNOW_CLI_TRAIN_SUMMARY_H
#define MINNOW_CLI_TRAIN_SUMMARY_H

#include "cli/train/train.h"

/* After an epoch: keeps what the curves are drawn from. Without memory for it there will be no curves. */
void train_history_add(struct train_run *run);
void train_history_free(struct train_run *run);

/* Where standard output is a terminal and not silenced: the loss as a curve, which classes were taken for which, and
   commands to go on with. */
void train_summary(const struct train_run *run);

#endif
