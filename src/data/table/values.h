/* The distinct numbers of a column, and its order statistics. */
#ifndef MINNOW_DATA_TABLE_VALUES_H
#define MINNOW_DATA_TABLE_VALUES_H

#include "data/table/table.h"

struct value_set {
    size_t count;
    float *value; /* [count], ascending */
    bool whole;   /* all are whole numbers */
    bool more;    /* there are more than were asked for */
};

/* At most `most` distinct numbers of a column of numbers. Errors: MEMORY. */
minnow_status value_set_of(const struct table *table, size_t column, size_t most, struct value_set *out);
/* From texts, in their order, which is ascending. Errors: MEMORY, INPUT (a text that is no number, or not in order). */
minnow_status value_set_parse(char *const *texts, size_t count, struct value_set *out);
/* The index of a number; count if it is not there. */
size_t value_set_find(const struct value_set *values, float number);
void value_set_free(struct value_set *values);

/* The value at `rank` of the sorted x[count], which is partly sorted on the way. */
float select_rank(float *x, size_t count, size_t rank);

#endif
