/* Which rows of a table are trained on, and which are kept out of training. */
#ifndef MINNOW_DATA_TABLE_SPLIT_H
#define MINNOW_DATA_TABLE_SPLIT_H

#include "data/table/encoder.h"

/* Rows by their numbers, ascending. */
struct row_list {
    size_t count;
    uint32_t *row; /* from memory_allocate */
};

/* The rows of a table that have a label; all of them if `labels` is NULL. Errors: MEMORY. */
minnow_status rows_with_label(const struct table *table, const uint32_t *labels, struct row_list *out);

/* Moves a part of the rows to `out`: by_share, about share · count, drawn by the seed, the same share of each class (or,
   of numbers to predict, of the small and the large ones); otherwise those whose number in the table leaves 4 when
   divided by 5. At least one row stays. Errors: MEMORY, ARGUMENT (no row would be moved, or none would stay). */
minnow_status rows_divide(const struct encoder *encoder, const struct encoder_split *division,
                          const uint32_t *labels, struct row_list *rows, struct row_list *out);

/* Moves the rows that are taken to `out`. Errors: as above. */
minnow_status rows_move(struct row_list *rows, const bool *taken, struct row_list *out);
void row_list_free(struct row_list *list);

#endif
