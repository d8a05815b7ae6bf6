/* The dataset behind the public handle. */
#ifndef MINNOW_DATA_DATASET_H
#define MINNOW_DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file.h"
#include "minnow/minnow.h"

enum { DATASET_FEATURES_MAX = 65536, DATASET_CLASSES_MAX = 65536 };

/* A sample's index has 31 bits, so that it also fits the counters of random draws. */
static const size_t DATASET_COUNT_MAX = (size_t)1 << 31;

/* What turns a pixel, 0 to 255, into a feature unless another scale is given: the original program's
   converter divided by 256. A power of two, so that products with it and quotients by it are exact. */
#define PIXEL_SCALE 0x1p-8F

struct minnow_dataset {
    size_t count, features, classes;
    size_t height, width; /* of an image, height · width == features; both 0 when features have no shape */

    /* The features [count][features] are either bytes, a byte b standing for the value b · scale, or values;
       the other pointer is NULL. */
    uint8_t *bytes;
    float *values;
    float scale;
    struct file_bytes file; /* the file that `bytes` points into, if it does */

    uint32_t *labels; /* [count] */
    char *source;     /* where it came from, for messages: a folder, or "built-in digits, seed 1" */
};

/* minnow_dataset_open, for a folder in any of the formats of formats/format.h. With `map`, IDX images that are
   not compressed stay in the file's own pages, which takes a tenth of the time of reading them; the program
   must be prepared for SIGBUS, see file_map. */
minnow_status dataset_open(const char *folder, minnow_subset subset, size_t classes, bool map,
                           minnow_dataset **out);

/* An empty dataset (all zero) that takes ownership of what is put into it; NULL when there is no memory. */
minnow_dataset *dataset_new(void);

/* Gives features that are bytes another scale; features that are floats stay as they are. */
void dataset_scale(minnow_dataset *dataset, float scale);

/* A fingerprint (preprocessing/fingerprint.c): CRC-32 of the number of samples and of features (as 64-bit
   integers), the features (as bytes, or else floats) and the labels (as 32-bit integers), little-endian. The
   same samples have the same fingerprint whichever file format they were read from. */
uint32_t dataset_crc32(const minnow_dataset *dataset);

/* Whether a folder holds something minnow_dataset_open(folder, subset, …) would try to read. */
bool dataset_folder_has(const char *folder, minnow_subset subset);

#endif
