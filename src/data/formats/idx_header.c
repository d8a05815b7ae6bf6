/* The header of IDX files, and whether as much follows it as it announces. */
#include "base/byte_order.h"
#include "base/file_kind.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/formats/idx.h"

enum { IMAGE_RANK = 3, LABEL_RANK = 1 }; /* as MNIST's files have them, for messages */

/* The types of elements by their code in byte 2. */
static bool find_type(uint8_t code, enum array_type *out) {
    static const struct {
        uint8_t code;
        enum array_type type;
    } types[] = {{8, ARRAY_UINT8},    {9, ARRAY_INT8},       {0x0b, ARRAY_INT16},
                 {0x0c, ARRAY_INT32}, {0x0d, ARRAY_FLOAT32}, {0x0e, ARRAY_FLOAT64}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].code == code) {
            *out = types[i].type;
            return true;
        }
    return false;
}

/* Labels have one dimension, or two: QMNIST's facts of each image, or one-hot rows. */
static bool rank_fits(size_t rank, enum idx_content content) {
    return rank >= 1 && rank <= ARRAY_MAX_RANK && (content == IDX_LABELS ? rank <= 2 : rank >= 2);
}

static minnow_status check_header(const char *name, const uint8_t *bytes, size_t size,
                                  enum idx_content content) {
    size_t usual = content == IDX_LABELS ? LABEL_RANK : IMAGE_RANK;
    enum array_type type;
    if (size == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: is empty, expected an IDX file; get it again", name);
    if (size >= 2 && (bytes[0] != 0 || bytes[1] != 0))
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: begins with %02x %02x, expected the magic 00 00 08 %02zx of an IDX file; get it again", name,
            bytes[0], bytes[1], usual);
    if (size < 4)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: %zu bytes, too short for the IDX header of %zu bytes; the file is cut short, get it again",
            name, size, idx_header_size(usual));
    if (!find_type(bytes[2], &type))
        return fail(MINNOW_ERROR_INPUT,
                    "%s: byte 2: element type %02x, expected 08 (unsigned bytes), 09, 0b, 0c, 0d or 0e", name,
                    bytes[2]);
    if (!rank_fits(bytes[3], content))
        return fail(MINNOW_ERROR_INPUT,
                    "%s: byte 3: %d dimensions, expected %zu; are images and labels mixed up?", name,
                    bytes[3], usual);
    if (size < idx_header_size(bytes[3]))
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: %zu bytes, too short for the IDX header of %zu bytes; the file is cut short, get it again",
            name, size, idx_header_size(bytes[3]));
    return MINNOW_OK;
}

minnow_status idx_parse_header(const char *name, const uint8_t *bytes, size_t size, enum idx_content content,
                               struct array *out, size_t *announced) {
    *out = (struct array){0};
    *announced = 1;
    minnow_status status = check_header(name, bytes, size, content);
    if (status != MINNOW_OK && file_kind_check(name, bytes, size, FILE_KIND_IDX, FILE_AS_DATA) != MINNOW_OK)
        return MINNOW_ERROR_INPUT; /* which explains more: what kind of file it is instead */
    if (status != MINNOW_OK)
        return status;

    struct array array = {.big_endian = true, .rank = bytes[3], .data = bytes + idx_header_size(bytes[3])};
    find_type(bytes[2], &array.type);
    *announced = array_element_size(array.type);
    for (size_t i = 0; i < array.rank; i++) {
        array.shape[i] = load_be32(bytes + 4 + 4 * i);
        if (!size_multiply(*announced, array.shape[i], announced))
            return fail(MINNOW_ERROR_INPUT,
                        "%s: byte %zu: the product of the dimensions overflows; the header is damaged", name,
                        4 + 4 * i);
    }
    *out = array;
    return MINNOW_OK;
}

minnow_status idx_check_length(const char *name, size_t announced, size_t available) {
    if (announced > available)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: the header announces %zu bytes of data, %zu follow; the file is cut short, get it again",
            name, announced, available);
    if (announced < available)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: %zu bytes follow the %zu that the header announces; the file is damaged, get it again", name,
            available - announced, announced);
    return MINNOW_OK;
}

minnow_status idx_parse(const char *name, const uint8_t *bytes, size_t size, enum idx_content content,
                        struct array *out) {
    size_t announced;
    minnow_status status = idx_parse_header(name, bytes, size, content, out, &announced);
    if (status == MINNOW_OK)
        status = idx_check_length(name, announced, size - idx_header_size(out->rank));
    if (status != MINNOW_OK)
        *out = (struct array){0};
    return status;
}
