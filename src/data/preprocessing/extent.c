#include "data/preprocessing/extent.h"

#include <math.h>

/* So many values, of samples at even distances, are enough to see it. */
enum { VALUES_SEEN = 1 << 22 };

static void see(struct extent *extent, double value, size_t feature) {
    if (fabs(value) > extent_largest(extent))
        extent->widest = feature;
    extent->least = fmin(extent->least, value);
    extent->most = fmax(extent->most, value);
    extent->squares += value * value;
    extent->whole = extent->whole && value == floor(value);
}

void extent_add(struct extent *extent, const float *values, size_t count, size_t first) {
    for (size_t i = 0; i < count; i++)
        see(extent, (double)values[i], first + i);
    extent->count += count;
}

static void add_sample(struct extent *extent, const minnow_dataset *dataset, size_t sample) {
    size_t features = dataset->features, first = sample * features;
    if (dataset_is_sparse(dataset)) {
        const struct sparse_features *sparse = &dataset->sparse;
        for (size_t i = sparse->start[sample]; i < sparse->start[sample + 1]; i++)
            see(extent, (double)sparse->value[i], sparse->index[i]);
        extent->count += features;
    } else if (dataset->bytes != NULL) {
        for (size_t f = 0; f < features; f++)
            see(extent, (double)((float)dataset->bytes[first + f] * dataset->scale), f);
        extent->count += features;
    } else {
        extent_add(extent, dataset->values + first, features, 0);
    }
}

struct extent extent_of(const minnow_dataset *dataset) {
    struct extent extent = EXTENT_NONE;
    size_t features = dataset_is_sparse(dataset) ? dataset->sparse.start[dataset->count] / dataset->count + 1
                                                 : dataset->features;
    size_t samples_seen = VALUES_SEEN / features + 1;
    size_t stride = dataset->count / samples_seen + 1;
    for (size_t i = 0; i < dataset->count; i += stride)
        add_sample(&extent, dataset, i);
    return extent;
}

double extent_largest(const struct extent *extent) {
    return fmax(fabs(extent->least), fabs(extent->most));
}

double extent_size(const struct extent *extent) {
    return extent->count > 0 ? sqrt(extent->squares / (double)extent->count) : 0.0;
}

bool extent_looks_like_bytes(const struct extent *extent) {
    return extent->whole && extent->least >= 0 && extent->most > 1 && extent->most <= UINT8_MAX;
}
