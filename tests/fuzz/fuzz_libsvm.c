/* LIBSVM's text of arbitrary bytes into a sparse dataset, whose lists must be in order. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/formats/libsvm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_lists(const minnow_dataset *dataset) {
    const struct sparse_features *sparse = &dataset->sparse;
    for (size_t s = 0; s < dataset->count; s++) {
        if (sparse->start[s] > sparse->start[s + 1] || dataset->labels[s] >= dataset->classes)
            abort();
        for (size_t i = sparse->start[s]; i < sparse->start[s + 1]; i++)
            if (sparse->index[i] >= dataset->features || !isfinite(sparse->value[i]) ||
                (i > sparse->start[s] && sparse->index[i] <= sparse->index[i - 1]))
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    minnow_dataset *dataset = dataset_new();
    if (dataset == NULL)
        return 0;
    minnow_status status = libsvm_read("input", data, size, dataset);
    if (status == MINNOW_OK)
        check_lists(dataset);
    else if (*minnow_last_error() == '\0' || strchr(minnow_last_error(), '\n') != NULL)
        abort();
    minnow_dataset_free(dataset);
    return 0;
}
