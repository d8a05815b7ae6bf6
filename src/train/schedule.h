/* The learning rate as a function of the step. */
#ifndef MINNOW_TRAIN_SCHEDULE_H
#define MINNOW_TRAIN_SCHEDULE_H

#include "minnow/minnow.h"

/* The rate of mini-batch `step` (from 0) of `steps`. During the first `warmup` steps it rises linearly, to
   reach `rate` with the last of them; then the schedule takes the steps that are left. The same bits on every
   machine. */
double schedule_rate(minnow_schedule schedule, double rate, double warmup, uint64_t step, uint64_t steps);

/* The name of each enumerator as the command line and checkpoints spell it, and back; NULL or false if there
   is none. */
const char *schedule_name(minnow_schedule schedule);
bool schedule_parse(const char *name, minnow_schedule *out);

#endif
