#include "train/bytes.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"

minnow_status byte_batch_create(const minnow_dataset *dataset, size_t batch, struct byte_batch *out) {
    *out = (struct byte_batch){.sample_stride = size_round_up(dataset->features, CACHE_LINE),
                               .feature_stride = size_round_up(batch, CACHE_LINE)};
    out->samples = memory_allocate(batch, out->sample_stride);
    out->features = memory_allocate(dataset->features, out->feature_stride);
    if (out->samples == NULL || out->features == NULL) {
        byte_batch_free(out);
        return fail_memory("a mini-batch's bytes");
    }
    for (size_t byte = 0; byte < 256; byte++)
        out->value[byte] = (float)byte * dataset->scale; /* the product that gather_bytes forms, to the bit */
    return MINNOW_OK;
}

void byte_batch_free(struct byte_batch *bytes) {
    memory_free(bytes->samples);
    memory_free(bytes->features);
    *bytes = (struct byte_batch){0};
}

void byte_batch_gather(struct byte_batch *bytes, const minnow_dataset *dataset, size_t row, size_t sample) {
    memcpy(bytes->samples + row * bytes->sample_stride, dataset->bytes + sample * dataset->features,
           dataset->features);
}

void byte_batch_prefetch(const minnow_dataset *dataset, size_t sample) {
    const uint8_t *from = dataset->bytes + sample * dataset->features;
    for (size_t i = 0; i < dataset->features; i += CACHE_LINE)
        __builtin_prefetch(from + i);
}

void byte_batch_transpose(struct byte_batch *bytes, const struct kernels *kernels, size_t m, size_t begin,
                          size_t end) {
    kernels->transpose_bytes(m, end - begin, bytes->samples + begin, bytes->sample_stride,
                             bytes->features + begin * bytes->feature_stride, bytes->feature_stride);
}
