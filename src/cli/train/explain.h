/* What shows a plan: of minnow train --explain-plan and minnow info --plan. */
#ifndef MINNOW_CLI_TRAIN_EXPLAIN_H
#define MINNOW_CLI_TRAIN_EXPLAIN_H

#include <stdbool.h>

#include "train/plan.h"

/* Prints it as text or JSON; returns the exit status. */
int explain_plan(const minnow_network *network, const struct plan *plan, bool json);

#endif
