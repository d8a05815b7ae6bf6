/* The table of schedules: the learning rate as a function of the step. */
#ifndef MINNOW_TRAIN_SCHEDULES_H
#define MINNOW_TRAIN_SCHEDULES_H

#include <stdbool.h>
#include <stdint.h>

#include "minnow/minnow.h"

struct schedule_row {
    const char *name; /* as the command line and checkpoints spell it */
    const char *help;

    /* The share of the full rate when `part`, 0 to 1, of the steps behind the warm-up are over. */
    double (*share)(double part);
};

extern const struct schedule_row schedule_rows[]; /* by minnow_schedule */
extern const size_t schedule_row_count;

/* The schedule of that name. False if there is none. */
bool schedule_find(const char *name, minnow_schedule *out);

/* The rate of mini-batch `step` (from 0) of `steps`. During the first `warmup` steps it rises linearly, to
   reach `rate` with the last of them; then the schedule takes the steps that are left. The same bits on every
   machine. */
double schedule_rate(minnow_schedule schedule, double rate, double warmup, uint64_t step, uint64_t steps);

#endif
