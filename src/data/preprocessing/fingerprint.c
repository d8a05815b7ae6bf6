#include "base/crc32.h"
#include "data/dataset.h"

uint32_t dataset_crc32(const minnow_dataset *dataset) {
    size_t values = dataset->count * dataset->features;
    uint32_t crc = crc32_u64(crc32_u64(0, dataset->count), dataset->features);

    if (dataset_is_sparse(dataset)) {
        const struct sparse_features *sparse = &dataset->sparse;
        size_t entries = sparse->start[dataset->count];
        crc = crc32_u32s(crc, sparse->start, dataset->count + 1);
        crc = crc32_floats(crc32_u32s(crc, sparse->index, entries), sparse->value, entries);
    } else if (dataset->bytes != NULL)
        crc = crc32_bytes(crc, dataset->bytes, values);
    else
        crc = crc32_floats(crc, dataset->values, values);

    crc = crc32_u32s(crc, dataset->labels, dataset->count);
    if (dataset->targets != NULL)
        crc = crc32_floats(crc, dataset->targets, dataset->count * dataset->classes);
    return crc;
}
