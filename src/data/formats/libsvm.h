/* The reader of LIBSVM's text, for its row of the table and for the fuzzer. */
#ifndef MINNOW_DATA_FORMATS_LIBSVM_H
#define MINNOW_DATA_FORMATS_LIBSVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/dataset.h"

/* Text in memory, read line by line. */
struct libsvm_reader {
    const char *name; /* for messages */
    const char *at, *end;
    const char *cursor, *line_end; /* of the line being read */
    size_t line;                   /* its number, from 1 */
    int64_t previous;              /* the index of the entry before; -1: none on this line */
    bool inexact;                  /* a value was a whole number that no float has */
    bool labels_optional;          /* a line may begin with its first pair; its label is NaN then */
};
void libsvm_begin(struct libsvm_reader *reader, const char *name, const uint8_t *bytes, size_t size);

/* The label of the next line that is not empty; *got is false behind the last. Errors: INPUT. */
minnow_status libsvm_next_row(struct libsvm_reader *reader, double *label, bool *got);

/* The line's next pair, by its index as it is written; *got is false behind the last. Errors: INPUT. */
minnow_status libsvm_next_entry(struct libsvm_reader *reader, size_t *index, float *value, bool *got);

/* A whole file into a sparse dataset that has its `classes`. Errors: INPUT, MEMORY. */
minnow_status libsvm_read(const char *name, const uint8_t *bytes, size_t size, minnow_dataset *dataset);

#endif
