#include "model/npy/npy.h"

#include <stdio.h>
#include <string.h>
#include "base/byte_order.h"
#include "base/memory.h"
#include "base/npy.h"
#include "base/status.h"

enum { MAGIC = 6, ALIGNMENT = 64 };
static const uint8_t magic[MAGIC] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

_Static_assert((int)MODEL_MAX_RANK >= (int)ARRAY_MAX_RANK, "every array has room");

minnow_status npy_parse(const char *name, const uint8_t *bytes, size_t size, struct model_array *out) {
    struct array array;
    *out = (struct model_array){0};
    minnow_status status = npy_read(name, bytes, size, FILE_AS_MODEL, &array);
    if (status != MINNOW_OK)
        return status;

    *out = (struct model_array){.name = name,
                                .rank = array.rank,
                                .data = array.data,
                                .is_double = array.type == ARRAY_FLOAT64,
                                .big_endian = array.big_endian,
                                .fortran_order = array.fortran_order};
    memcpy(out->shape, array.shape, array.rank * sizeof array.shape[0]);
    return MINNOW_OK;
}

void npy_write_header(struct output *output, size_t rows, size_t columns) {
    char header[2 * ALIGNMENT], shape[48];
    if (columns > 0)
        snprintf(shape, sizeof shape, "(%zu, %zu)", rows, columns);
    else
        snprintf(shape, sizeof shape, "(%zu,)", rows);
    int length =
        snprintf(header, sizeof header, "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }", shape);
    size_t used = MAGIC + 4 + (size_t)length + 1; /* the last of the header is a newline */
    size_t padding = size_round_up(used, ALIGNMENT) - used, stored = (size_t)length + padding + 1;
    uint8_t start[4] = {1, 0};
    store_le16(start + 2, (uint16_t)stored);
    output_write(output, magic, sizeof magic);
    output_write(output, start, sizeof start);
    output_write(output, header, (size_t)length);
    for (size_t i = 0; i < padding; i++)
        output_write(output, " ", 1);
    output_write(output, "\n", 1);
}
