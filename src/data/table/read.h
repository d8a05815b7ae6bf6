/* The steps of reading a table, each on several threads. */
#ifndef MINNOW_DATA_TABLE_READ_H
#define MINNOW_DATA_TABLE_READ_H

#include "data/table/block.h"

struct reading {
    const struct dialect *dialect;
    const struct table_options *options;
    struct table *table;
    bool *wanted;           /* [columns]: the caller says what kind it is */
    const bool *as_numbers; /* [columns]: a first reading showed that they are; or NULL */
    unsigned threads;
    struct block *blocks; /* [block_count] */
    size_t block_count;
    struct parser *parsers; /* [threads] */
};

/* Divides the text into blocks that begin at rows: blocks.c. Errors: MEMORY. */
minnow_status reading_divide(struct reading *reading);
/* Instead, one block of everything. */
void reading_one_block(struct reading *reading);
/* Gives each block room for its rows, and the table memory for all. Errors: MEMORY, INPUT. */
minnow_status reading_make_room(struct reading *reading);

/* Reads all of a text, whose dialect is known. *out is the caller's, and NULL on errors: INPUT, MEMORY. */
minnow_status reading_table(const struct dialect *dialect, const struct table_options *options,
                            struct table **out);

/* ---- faults.c ---- */

/* What made the reading of a block stop, as an error. Errors: INPUT, MEMORY. */
minnow_status reading_block_failure(const struct reading *reading, const struct block *block);
/* How many bytes of the field at `at` a message shows. */
int reading_shown(const struct dialect *dialect, const char *at);
/* Gives the table the bad rows that the parsers have kept. Errors: MEMORY. */
minnow_status reading_keep_faults(struct reading *reading);

/* Whether a column of texts, of which *odd is the first, are numbers but for a few; *odd is value_count if there is none. */
bool reading_is_numbers(const struct dialect *dialect, const struct table_column *column, size_t *odd);

/* Turns the codes of each parser into the table's: texts.c. Errors: MEMORY, INPUT (a column of numbers with a few
   texts in it). */
minnow_status reading_merge_texts(struct reading *reading);

#endif
