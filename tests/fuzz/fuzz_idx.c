/* IDX files, compressed or not, of one to three dimensions, on arbitrary bytes. */
#include <stdlib.h>
#include <string.h>
#include "data/formats/gzip.h"
#include "data/formats/idx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted lies inside the bytes and fills them to the end. */
static void check(const uint8_t *bytes, size_t size, size_t rank) {
    struct idx idx;
    if (idx_parse("input", bytes, size, rank, &idx) != MINNOW_OK) {
        if (idx.data != NULL || *minnow_last_error() == '\0' || strchr(minnow_last_error(), '\n') != NULL)
            abort();
        return;
    }
    size_t elements = 1;
    for (size_t i = 0; i < rank; i++)
        elements *= idx.size[i];
    if (idx.rank != rank || idx.data != bytes + 4 + 4 * rank || elements != size - (4 + 4 * rank))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { LIMIT = 1 << 20 };
    for (size_t rank = 1; rank <= 3; rank++)
        check(data, size, rank);
    struct file_bytes expanded;
    if (gzip_expand("input", data, size, LIMIT, &expanded) != MINNOW_OK) {
        if (expanded.data != NULL)
            abort();
        return 0;
    }
    if (expanded.size > LIMIT)
        abort();
    for (size_t rank = 1; rank <= 3; rank++)
        check(expanded.data, expanded.size, rank);
    file_bytes_free(&expanded);
    return 0;
}
