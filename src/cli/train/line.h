/* The lines that minnow train shows on a terminal, as wide as that is. */
#ifndef MINNOW_CLI_TRAIN_LINE_H
#define MINNOW_CLI_TRAIN_LINE_H

#include "cli/train/train.h"

/* Whether epochs are told so: standard error is a terminal. */
bool train_line_wanted(void);

/* The line that stays, of an epoch that is done. */
void train_line_epoch(const struct train_run *run);

/* The line that is redrawn, within an epoch. */
void train_line_within_epoch(const struct train_run *run);

#endif
