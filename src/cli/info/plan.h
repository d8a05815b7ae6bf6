/* minnow info --plan: how this machine would carry out a training step. */
#ifndef MINNOW_CLI_INFO_PLAN_H
#define MINNOW_CLI_INFO_PLAN_H

#include "cli/command.h"

/* For a network of these sizes, inputs and outputs included, and mini-batches of so many samples. Returns the exit status. */
int info_plan(const struct common_options *common, const struct size_list *sizes, size_t batch);

#endif
