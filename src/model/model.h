/* Model files from memory, for the fuzzers too. */
#ifndef MINNOW_MODEL_MODEL_H
#define MINNOW_MODEL_MODEL_H

#include "minnow/minnow.h"

/* A network from the bytes of a safetensors file; `name` is for messages. Errors: INPUT, MEMORY, UNSUPPORTED.
 */
minnow_status safetensors_parse(const char *name, const uint8_t *bytes, size_t size, const char *isa,
                                minnow_network **out);

/* One file of the original's values/ folder: rows of comma-separated numbers, all rows equally long, all
 * finite. */
struct values_table {
    size_t rows, columns;
    float *numbers; /* [rows][columns]; release with memory_free */
};
minnow_status values_parse(const char *name, const uint8_t *bytes, size_t size, struct values_table *out);

#endif
