/* Readers of single files, between minnow_dataset_open and the formats. */
#ifndef MINNOW_DATA_FORMATS_CSV_H
#define MINNOW_DATA_FORMATS_CSV_H

#include "base/file.h"
#include "base/stream.h"
#include "data/dataset.h"

enum { DATASET_FEATURES_MAX = 65536, DATASET_CLASSES_MAX = 65536 };
/* A sample's index has 31 bits, so that it also fits the counters of random draws. */
static const size_t DATASET_COUNT_MAX = (size_t)1 << 31;

/* ---- gzip ---- */

/* Whether bytes begin as every gzip file does. */
bool gzip_detect(const uint8_t *bytes, size_t size);

/* Expands a gzip file of one or more members that is in memory. Memory grows with what has really been
   expanded, never with what the file claims. Errors: INPUT (damaged, cut short, followed by something else,
   or more than `limit` bytes expanded), MEMORY. */
minnow_status gzip_expand(const char *name, const uint8_t *bytes, size_t size, size_t limit,
                          struct file_bytes *out);

/* ---- CSV ---- */

/* CSV text from a file, a pipe or memory. */
struct csv_source;

/* A regular file. Errors: INPUT, MEMORY. */
minnow_status csv_open(const char *path, struct csv_source **out);
/* Text that outlives the source. Errors: MEMORY. */
minnow_status csv_from_memory(const char *name, const char *text, size_t size, struct csv_source **out);
/* Any stream, which is taken over, and left empty, on success. Errors: MEMORY. */
minnow_status csv_from_stream(struct byte_stream *stream, struct csv_source **out);
void csv_close(struct csv_source *source);

/* One row of numbers; *columns, 0 before the first, is how many it must have. *row is the source's, valid
   until the next; NULL after the last. A source without any is an error. Errors: INPUT, MEMORY. */
minnow_status csv_read_row(struct csv_source *source, size_t *columns, const float **row);
/* Reads on as far as that needs no waiting for a pipe's writer; *ready: nor will the next row, or the end.
   Errors: INPUT, MEMORY. */
minnow_status csv_ready(struct csv_source *source, bool *ready);
/* Whether every value of a row is a byte / 256, as in the original program's files; else `bytes` [columns] is
   unspecified. */
bool csv_row_bytes(const float *row, size_t columns, uint8_t *bytes);

/* One-hot rows of up to DATASET_CLASSES_MAX columns: `labels` receives the column of each row's 1 and is
   memory from memory_allocate. Errors: INPUT, MEMORY. */
minnow_status csv_read_labels(struct csv_source *source, uint32_t **labels, size_t *count);

/* Exactly dataset->count (at least 1) rows of features into dataset->features, and bytes with scale 1/256
   when every value is a multiple of 1/256 from 0 to 255/256, otherwise values. `labels_name` names in
   messages the file that the count came from. Errors: INPUT, MEMORY. */
minnow_status csv_read_features(struct csv_source *source, const char *labels_name, minnow_dataset *dataset);

#endif
