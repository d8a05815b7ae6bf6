/* A curve in one line of text. */
#ifndef MINNOW_CLI_SPARK_H
#define MINNOW_CLI_SPARK_H

#include <stdbool.h>
#include <stddef.h>

/* Prints `count` finite values as signs whose height tells the value, in at most `columns` columns; where there are more
   values, a sign stands for the mean of several. `logarithmic`: heights go by the logarithm, of values that are all
   above 0. Without `utf8` denser signs stand for higher ones. */
void spark_print(const double *value, size_t count, size_t columns, bool logarithmic, bool utf8);

#endif
