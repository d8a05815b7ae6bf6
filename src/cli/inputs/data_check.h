/* What is odd about data, each in a line on standard error. */
#ifndef MINNOW_CLI_DATA_CHECK_H
#define MINNOW_CLI_DATA_CHECK_H

#include "cli/inputs/data_source.h"

/* Of training and test samples together: classes that only the test has, and test samples that are training samples too,
   where they are so many that they show in a result. `names` are those of the classes, or NULL. Returns 0 or an exit
   status. */
int data_check_sets(const struct data *data, char *const *names, unsigned threads);

/* Whole numbers that single precision rounds. */
void data_check_precision(const struct data *data);

/* Whether there is anything to tell apart: training samples of one class are refused. Returns 0 or an exit status. */
int data_check_classes(const struct data *data);

#endif
