/*
 * Distorted images: each sample is resampled once an epoch, at points moved by an affine map and by a field of
 * displacements of its own. minnow.h defines them (group distortion). What a sample
 * becomes depends on the configuration, the seed, the epoch and the sample's number alone.
 */
#ifndef MINNOW_DATA_AUGMENTATION_DISTORTION_H
#define MINNOW_DATA_AUGMENTATION_DISTORTION_H

#include "data/dataset.h"
#include "kernels.h"

struct distortion;

/* The defaults, the members that the caller's struct has, and whether they make sense. Errors: ARGUMENT. */
minnow_status distortion_config_read(const minnow_distortion_config *given, minnow_distortion_config *out);
minnow_status distortion_config_check(const minnow_distortion_config *config);

/* The configuration that leaves images as they are, and whether it is one. */
void distortion_config_none(minnow_distortion_config *out);
bool distortion_is_none(const minnow_distortion_config *config);

/* For a configuration that has been checked, and callers on `threads` threads at the same time. The dataset is
   borrowed. Errors: ARGUMENT (no images, or too large ones), MEMORY. */
minnow_status distortion_create(const minnow_distortion_config *config, const minnow_dataset *dataset,
                                const struct kernels *kernels, uint64_t seed, unsigned threads,
                                struct distortion **out);
void distortion_free(struct distortion *distortion);

/* Before the samples of an epoch: draws its fields, on all threads. */
void distortion_begin_epoch(struct distortion *distortion, size_t epoch);

/* Fetches into the cache what a sample that will be asked for soon is made from. Shuffled samples, and their fields,
   lie anywhere in memory. */
void distortion_prefetch(const struct distortion *distortion, size_t sample);

/* The distorted sample as bytes, of a dataset of bytes: out[features]. `thread` tells apart who calls. */
void distortion_bytes(const struct distortion *distortion, unsigned thread, size_t sample, uint8_t *out);

/* The same as features, of any dataset; of bytes, the products with the scale that gather_bytes forms. */
void distortion_floats(const struct distortion *distortion, unsigned thread, size_t sample, float *out);

#endif
