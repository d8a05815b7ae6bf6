/* IDX files, as MNIST's: 00 00, the type of the elements (08: unsigned bytes), the number of dimensions, each
   dimension as a big-endian 32-bit number, then the elements, row-major and big-endian. These functions are
   what the format's row reads with, and what the fuzzers call; `name` is for messages. */
#ifndef MINNOW_DATA_FORMATS_IDX_H
#define MINNOW_DATA_FORMATS_IDX_H

#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "minnow/minnow.h"

/* What a file is to hold: it decides how many dimensions it may have. */
enum idx_content { IDX_LABELS, IDX_IMAGES };

/* A whole file, not compressed. Allocates nothing; the array points into `bytes`. Errors: INPUT. */
minnow_status idx_parse(const char *name, const uint8_t *bytes, size_t size, enum idx_content content,
                        struct array *out);

/* The same in two steps, for a file whose end has not been read yet. First the header: `size` bytes are
   there, which is at least idx_header_size(rank) unless the file is shorter; *announced is how many bytes of
   data the header announces. Errors: INPUT. */
static inline size_t idx_header_size(size_t rank) {
    return 4 + 4 * rank;
}
minnow_status idx_parse_header(const char *name, const uint8_t *bytes, size_t size, enum idx_content content,
                               struct array *out, size_t *announced);

/* Then, when it is known that `available` bytes follow the header: as many as were announced? Errors: INPUT. */
minnow_status idx_check_length(const char *name, size_t announced, size_t available);

#endif
