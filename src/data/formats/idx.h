/* IDX files of unsigned bytes, as MNIST's: 00 00, the element type (08: unsigned bytes), the number of
   dimensions, each dimension as a big-endian 32-bit number, then the elements, row-major. These functions
   are what the format's row reads with, and what the fuzzers call; `name` is for messages. */
#ifndef MINNOW_DATA_FORMATS_IDX_H
#define MINNOW_DATA_FORMATS_IDX_H

#include <stddef.h>
#include <stdint.h>

#include "minnow/minnow.h"

struct idx {
    const uint8_t *data; /* inside the bytes that were parsed */
    size_t rank;         /* 1 to 3 */
    size_t size[3];
};

/* A whole file, not compressed, of `rank` dimensions. Allocates nothing. Errors: INPUT. */
minnow_status idx_parse(const char *name, const uint8_t *bytes, size_t size, size_t rank, struct idx *out);

/* The same in two steps, for a file whose end has not been read yet. First the header: `size` bytes are
   there, which is at least idx_header_size(rank) unless the file is shorter; *elements is how many bytes of
   data the header announces. Errors: INPUT. */
static inline size_t idx_header_size(size_t rank) {
    return 4 + 4 * rank;
}
minnow_status idx_parse_header(const char *name, const uint8_t *bytes, size_t size, size_t rank,
                               struct idx *out, size_t *elements);

/* Then, when it is known that `available` bytes follow the header: as many as were announced? Errors: INPUT. */
minnow_status idx_check_length(const char *name, size_t elements, size_t available);

#endif
