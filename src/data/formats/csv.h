/* CSV text, as the original program's files: a row of numbers a line, and for labels a one-hot row a line. */
#ifndef MINNOW_DATA_FORMATS_CSV_H
#define MINNOW_DATA_FORMATS_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stream.h"
#include "minnow/minnow.h"

/* ---- Rows of numbers: csv_rows.c ---- */

/* Text from a file, a pipe or memory. */
struct csv_source;

/* A regular file. Errors: INPUT, MEMORY. */
minnow_status csv_open(const char *path, struct csv_source **out);

/* Text that outlives the source. Errors: MEMORY. */
minnow_status csv_from_memory(const char *name, const char *text, size_t size, struct csv_source **out);

/* Any stream. On success the stream is taken over and the caller's is left empty. Errors: MEMORY. */
minnow_status csv_from_stream(struct byte_stream *stream, struct csv_source **out);
void csv_close(struct csv_source *source);

/* What the source is called in messages; the line last read, from 1; and the most rows of `columns` values
   that can follow in a source whose size is known. */
const char *csv_name(const struct csv_source *source);
size_t csv_line(const struct csv_source *source);
size_t csv_rows_possible(const struct csv_source *source, size_t columns);

/* One row of numbers. *columns is how many it must have; 0 before the first row, which then sets it. *row
   stays the source's and is valid until the next call; it is NULL after the last row. A source without any
   row is an error. Errors: INPUT, MEMORY. */
minnow_status csv_read_row(struct csv_source *source, size_t *columns, const float **row);

/* After a csv_read_row that failed: whether this line alone is bad, so that the next call reads on behind it. Not
   where the first line shows that this is a file of another kind. */
bool csv_line_is_bad(const struct csv_source *source);

/* Whether a value read so far was a whole number that no float has. */
bool csv_is_inexact(const struct csv_source *source);

/* Whether the next row, or the end, can be read without waiting for a pipe's writer. Reads on as far as that
   needs no waiting. Errors: INPUT, MEMORY. */
minnow_status csv_ready(struct csv_source *source, bool *ready);

/* Whether every value of a row is a byte / 256, as in the original program's files; then `bytes` [columns]
   has those bytes, and otherwise unspecified ones. */
bool csv_row_bytes(const float *row, size_t columns, uint8_t *bytes);

/* ---- Files of labels and of features: csv.c ---- */

/* One-hot rows of up to DATASET_CLASSES_MAX columns, or whole numbers, one a line. `labels` receives the column of each
   row's 1, or the number, and is memory from memory_allocate. *columns is how many a one-hot row has; 0 where labels are
   numbers. Errors: INPUT, MEMORY. */
minnow_status csv_read_labels(struct csv_source *source, uint32_t **labels, size_t *count, size_t *columns);

/* Exactly dataset->count (at least 1) rows of features into the dataset: as bytes with scale 1/256 when every
   value is a multiple of 1/256 from 0 to 255/256, otherwise as values. `labels_name` names in messages the
   file that the count came from. Errors: INPUT, MEMORY. */
minnow_status csv_read_features(struct csv_source *source, const char *labels_name, minnow_dataset *dataset);

/* ---- Writing: csv_write.c ---- */

struct pair_outputs;

/* All rows of a dataset to two open files. Errors: MEMORY; those of writing are the outputs'. */
minnow_status csv_write_rows(const minnow_dataset *dataset, const struct pair_outputs *outputs);

#endif
