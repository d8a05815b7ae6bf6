/* Which columns of a table a network can learn from. */
#ifndef MINNOW_DATA_TABLE_COLUMNS_H
#define MINNOW_DATA_TABLE_COLUMNS_H

#include "data/table/encoder.h"

enum column_use {
    COLUMN_USED,
    COLUMN_LABEL,
    COLUMN_WEIGHT,   /* of the rows */
    COLUMN_IGNORED,  /* by --ignore */
    COLUMN_CONSTANT, /* one value, or nothing but gaps */
    COLUMN_COUNTS,   /* numbers the rows */
    COLUMN_DATES,    /* dates, of which the parts are used */
    COLUMN_NAMES     /* a text, or a key, that is another one in nearly each row */
};

/* use[table->columns]. What is left out without being asked for is said. Errors: ARGUMENT (a name that no column has),
   MEMORY. */
minnow_status columns_choose(const struct table *table, const char *label,
                             const struct encoder_options *options, struct notes *notes,
                             enum column_use *use);

/* That the table has no column of that name, for which an option asks; with those that it has. Returns ARGUMENT. */
minnow_status columns_missing(const struct table *table, const char *name, const char *option);

/* Finds the column of weights: an ARGUMENT error unless there is one that is not the label and not kept as a feature too;
   INPUT unless it holds numbers. Without one in the options, *column is table->columns. */
minnow_status columns_find_weight(const struct table *table, const char *label,
                                  const struct encoder_options *options, size_t *column);

/* Whether all used columns are bytes, and so many that they are the pixels of pictures. */
bool columns_are_pixels(const struct table *table, const enum column_use *use);

/* What is to be said of a column for people; "" for one that is used. */
const char *column_use_text(enum column_use use);

#endif
