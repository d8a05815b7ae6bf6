/* IDX, the format of MNIST: 00 00, a type (08: unsigned bytes), the number of dimensions, each dimension as a
   big-endian 32-bit number, then the elements, row-major. */
#include "base/byte_order.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/dataset.h"

enum { TYPE_UNSIGNED_BYTE = 8 };

static minnow_status check_header(const char *name, const uint8_t *bytes, size_t size, size_t rank) {
    size_t header = idx_header_size(rank);
    if (size == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: is empty, expected an IDX file; get it again", name);
    if (size >= 2 && (bytes[0] != 0 || bytes[1] != 0))
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: begins with %02x %02x, expected the magic 00 00 08 %02zx of an IDX file; get it again", name,
            bytes[0], bytes[1], rank);
    if (size < header)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: %zu bytes, too short for the IDX header of %zu bytes; the file is cut short, get it again",
            name, size, header);
    if (bytes[2] != TYPE_UNSIGNED_BYTE)
        return fail(MINNOW_ERROR_INPUT, "%s: byte 2: element type %02x, expected 08 (unsigned bytes)", name,
                    bytes[2]);
    if (bytes[3] != rank)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: byte 3: %d dimensions, expected %zu; are images and labels mixed up?", name,
                    bytes[3], rank);
    return MINNOW_OK;
}

minnow_status idx_parse_header(const char *name, const uint8_t *bytes, size_t size, size_t rank,
                               struct idx *out, size_t *elements) {
    *out = (struct idx){0};
    *elements = 1;
    minnow_status status = check_header(name, bytes, size, rank);
    if (status != MINNOW_OK)
        return status;
    struct idx idx = {.data = bytes + idx_header_size(rank), .rank = rank};
    for (size_t i = 0; i < rank; i++) {
        idx.size[i] = load_be32(bytes + 4 + 4 * i);
        if (!size_multiply(*elements, idx.size[i], elements))
            return fail(MINNOW_ERROR_INPUT,
                        "%s: byte %zu: the product of the dimensions overflows; the header is damaged", name,
                        4 + 4 * i);
    }
    *out = idx;
    return MINNOW_OK;
}

minnow_status idx_check_length(const char *name, size_t elements, size_t available) {
    if (elements > available)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: the header announces %zu bytes of data, %zu follow; the file is cut short, get it again",
            name, elements, available);
    if (elements < available)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: %zu bytes follow the %zu that the header announces; the file is damaged, get it again", name,
            available - elements, elements);
    return MINNOW_OK;
}

minnow_status idx_parse(const char *name, const uint8_t *bytes, size_t size, size_t rank, struct idx *out) {
    size_t elements;
    minnow_status status = idx_parse_header(name, bytes, size, rank, out, &elements);
    if (status == MINNOW_OK)
        status = idx_check_length(name, elements, size - idx_header_size(rank));
    if (status != MINNOW_OK)
        *out = (struct idx){0};
    return status;
}
