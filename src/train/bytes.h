/* A mini-batch's samples as the bytes they are, many of them 0: by sample for the forward product, by feature
 * for the weight gradient. */
#ifndef MINNOW_TRAIN_BYTES_H
#define MINNOW_TRAIN_BYTES_H

#include "data/dataset.h"
#include "kernels.h"

struct byte_batch {
    uint8_t *samples;  /* [batch][sample_stride] */
    uint8_t *features; /* [features][feature_stride]: the transpose */
    size_t sample_stride, feature_stride;
    float value[256]; /* what each byte stands for */
};

/* Room for mini-batches of a dataset of bytes. Errors: MEMORY; then nothing is kept. */
minnow_status byte_batch_create(const minnow_dataset *dataset, size_t batch, struct byte_batch *out);
void byte_batch_free(struct byte_batch *bytes);

/* Fills sample row `row` of the mini-batch with a sample of the dataset. */
void byte_batch_gather(struct byte_batch *bytes, const minnow_dataset *dataset, size_t row, size_t sample);

/* Asks the cache for a sample. */
void byte_batch_prefetch(const minnow_dataset *dataset, size_t sample);

/* Fills features [begin, end) from the m samples. */
void byte_batch_transpose(struct byte_batch *bytes, const struct kernels *kernels, size_t m, size_t begin,
                          size_t end);

#endif
