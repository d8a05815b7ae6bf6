/* Arrays of features and of labels into a dataset, from a .npy or IDX file of arbitrary bytes, and the same array as
   samples to predict from. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/npy.h"
#include "data/formats/arrays.h"
#include "data/formats/idx.h"
#include "data/inputs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_message(minnow_status status) {
    if (status != MINNOW_OK && (*minnow_last_error() == '\0' || strchr(minnow_last_error(), '\n') != NULL))
        abort();
}

/* The array's own first index says how many labels there are, so that features are reached. */
static void read_both(const struct array *array) {
    minnow_dataset *dataset = dataset_new();
    if (dataset == NULL)
        return;
    minnow_status status = arrays_read_labels("labels", array, dataset);
    expect_message(status);
    for (size_t i = 0; status == MINNOW_OK && i < dataset->count; i++)
        if (dataset->labels[i] >= dataset->classes)
            abort();

    if (status != MINNOW_OK)
        dataset->count = array->rank > 0 ? array->shape[0] : 0;
    if (dataset->count > 0) {
        status = arrays_read_features("features", array, "labels", dataset);
        expect_message(status);
        for (size_t i = 0; status == MINNOW_OK && i < dataset->count * dataset->features; i++)
            if (dataset->bytes == NULL && !isfinite(dataset->values[i]))
                abort();
        if (status == MINNOW_OK && dataset->height != 0)
            expect_message(dataset_transpose(dataset));
    }
    minnow_dataset_free(dataset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct array array;
    minnow_status status = npy_read("input", data, size, FILE_AS_DATA, &array);
    expect_message(status);
    if (status == MINNOW_OK || idx_parse("input", data, size, IDX_IMAGES, &array) == MINNOW_OK ||
        idx_parse("input", data, size, IDX_LABELS, &array) == MINNOW_OK)
        read_both(&array);
    return 0;
}
