/* --log: a line for each epoch of a run, and where asked for of each so many steps, as CSV or JSON. */
#ifndef MINNOW_CLI_TRAIN_LOG_H
#define MINNOW_CLI_TRAIN_LOG_H

#include "cli/train/train.h"

/* From settings.log and log_steps, before the data are read: whether the file's name makes sense and it can be written.
   Returns 0 or, having said why not, an exit status. */
int train_log_check(const struct train_run *run);

/* Opens it: anew, or for a resumed run at the place where the checkpoint was. Returns 0 or, having said why, an exit
   status. */
int train_log_open(struct train_run *run);

/* The most samples to advance by, so that no step that is due is passed; 0: no limit. */
size_t train_log_stretch(const struct train_run *run);

/* After each advance: the line of steps that is due, if any, and behind an epoch its line. Failures are said once, and
   kept for train_log_close; training goes on. */
void train_log_steps(struct train_run *run);
void train_log_epoch(struct train_run *run);

/* For a checkpoint: where the log is, NULL without one; and back, into the settings and the log. False: it is not as
   written. */
json_t *train_log_record(const struct train_run *run);
bool train_log_read_record(struct train_run *run, json_t *record);

/* Updates since the beginning of the run. */
size_t train_log_step(const struct train_run *run);
/* The mean over the samples since an earlier moment of the epoch, from those over the epoch until then and so far. */
double train_log_since(double now, double then, size_t count, size_t before);

/* Returns 0, or STATUS_FAILURE if anything could not be written. */
int train_log_close(struct train_run *run);

#endif
