/* CSV files of labels and of features on arbitrary bytes; the first byte says how many rows of features are
 * expected. */
#include <math.h>
#include <stdlib.h>
#include "base/memory.h"
#include "data/dataset.h"
#include "data/formats/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct csv_source *open_text(const uint8_t *data, size_t size) {
    struct csv_source *source;
    return csv_from_memory("input", (const char *)data, size, &source) == MINNOW_OK ? source : NULL;
}

static void read_labels(const uint8_t *data, size_t size) {
    struct csv_source *source = open_text(data, size);
    if (source == NULL)
        return;
    uint32_t *labels;
    size_t count, columns;
    minnow_status status = csv_read_labels(source, &labels, &count, &columns);
    if ((status == MINNOW_OK) != (labels != NULL) || (status == MINNOW_OK) != (count > 0))
        abort();
    for (size_t i = 0; i < count; i++)
        if (labels[i] > DATASET_CLASSES_MAX || (columns != 0 && labels[i] >= columns))
            abort();
    memory_free(labels);
    csv_close(source);
}

static void check_features(const minnow_dataset *dataset) {
    if ((dataset->bytes == NULL) == (dataset->values == NULL) || dataset->features == 0)
        abort();
    for (size_t i = 0; i < dataset->count * dataset->features; i++)
        if (!isfinite(dataset->bytes != NULL ? (float)dataset->bytes[i] : dataset->values[i]))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    read_labels(data + 1, size - 1);
    struct csv_source *source = open_text(data + 1, size - 1);
    minnow_dataset *dataset = dataset_new();
    if (source != NULL && dataset != NULL) {
        dataset->count = (size_t)data[0] + 1;
        if (csv_read_features(source, "labels", dataset) == MINNOW_OK)
            check_features(dataset);
    }
    minnow_dataset_free(dataset);
    csv_close(source);
    return 0;
}
