/* IDX files, compressed or not, of labels and of images, on arbitrary bytes. */
#include <stdlib.h>
#include <string.h>
#include "data/formats/gzip.h"
#include "data/formats/idx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted lies inside the bytes and fills them to the end. */
static void check(const uint8_t *bytes, size_t size, enum idx_content content) {
    struct array array;
    size_t length;
    if (idx_parse("input", bytes, size, content, &array) != MINNOW_OK) {
        if (array.data != NULL || *minnow_last_error() == '\0' || strchr(minnow_last_error(), '\n') != NULL)
            abort();
        return;
    }
    if (!array_product(&array, 0, &length))
        abort();
    length *= array_element_size(array.type);
    if (array.data != bytes + idx_header_size(array.rank) || length != size - idx_header_size(array.rank))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { LIMIT = 1 << 20 };
    check(data, size, IDX_LABELS);
    check(data, size, IDX_IMAGES);
    struct file_bytes expanded;
    if (gzip_expand("input", data, size, LIMIT, &expanded) != MINNOW_OK) {
        if (expanded.data != NULL)
            abort();
        return 0;
    }
    if (expanded.size > LIMIT)
        abort();
    check(expanded.data, expanded.size, IDX_LABELS);
    check(expanded.data, expanded.size, IDX_IMAGES);
    file_bytes_free(&expanded);
    return 0;
}
