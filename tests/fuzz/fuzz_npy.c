/* The reader of NumPy's arrays on arbitrary bytes. Input that starts with '{' is a header up to the first
   newline, and the data after it: so the fuzzer need not keep the header's length right. */
#include <stdlib.h>
#include <string.h>
#include "model/npy/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted lies inside the bytes and fills them to the end. */
static void parse(const uint8_t *bytes, size_t size) {
    struct model_array array;
    if (npy_parse("input", bytes, size, &array) != MINNOW_OK) {
        if (array.data != NULL || minnow_last_error()[0] == '\0' || strchr(minnow_last_error(), '\n') != NULL)
            abort();
        return;
    }
    size_t length = array.is_double ? 8 : 4;
    if (array.rank > MODEL_MAX_RANK)
        abort();
    for (size_t i = 0; i < array.rank; i++)
        length *= array.shape[i];
    if (array.data < bytes + 10 || array.data > bytes + size || (size_t)(bytes + size - array.data) != length)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *newline = size > 0 && data[0] == '{' ? memchr(data, '\n', size) : NULL;
    if (newline == NULL) {
        parse(data, size);
        return 0;
    }
    static const uint8_t start[] = {0x93, 'N', 'U', 'M', 'P', 'Y', 3, 0};
    size_t header = (size_t)(newline - data) + 1, rest = size - header;
    uint8_t *bytes = malloc(12 + size);
    if (bytes == NULL)
        return 0;
    memcpy(bytes, start, sizeof start);
    for (int i = 0; i < 4; i++)
        bytes[8 + i] = (uint8_t)((uint64_t)header >> (8 * i));
    memcpy(bytes + 12, data, size);
    parse(bytes, 12 + header + rest);
    free(bytes);
    return 0;
}
