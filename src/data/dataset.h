/* The dataset behind the public handle. */
#ifndef MINNOW_DATA_DATASET_H
#define MINNOW_DATA_DATASET_H

#include "base/file.h"

/* What turns a pixel, 0 to 255, into a feature unless another scale is given: the original program's
   converter divided by 256. A power of two, so that products with it and quotients by it are exact. */
#define PIXEL_SCALE 0x1p-8F

struct minnow_dataset {
    size_t count, features, classes;
    size_t height, width;   /* of an image, or 0: then features have no shape. height · width == features */
    uint8_t *bytes;         /* [count][features], value = byte · scale; or NULL and values is set */
    struct file_bytes file; /* what `bytes` lies in, if it is a file's */
    float *values;          /* [count][features], or NULL */
    float scale;
    uint32_t *labels; /* [count] */
    char *source;     /* where it came from, for messages: a folder, or "built-in digits, seed 1" */
};

/* minnow_dataset_open; with `map`, images that are not compressed stay in the file's own pages, which takes a
   tenth of the time of reading them. That is for a program that is prepared for SIGBUS, see file_map. */
minnow_status dataset_open(const char *folder, minnow_subset subset, size_t classes, bool map,
                           minnow_dataset **out);

/* An empty dataset (all zero) that takes ownership of what is put into it; NULL when there is no memory. */
minnow_dataset *dataset_new(void);

/* src/data/write.c: the four files of a folder from a train and a test set. CSV: train_images.csv, … as the
   original's converter wrote them. IDX: train-images-idx3-ubyte, … uncompressed. The folder is created if it
   is missing. Errors: OUTPUT, ARGUMENT (IDX of features that are not bytes / 256), MEMORY. */
minnow_status dataset_write_csv(const minnow_dataset *dataset, minnow_subset subset, const char *folder);
minnow_status dataset_write_idx(const minnow_dataset *dataset, minnow_subset subset, const char *folder);

/* Makes features of bytes from now on byte · scale; those that are floats stay. */
void dataset_scale(minnow_dataset *dataset, float scale);

/* A fingerprint: CRC-32 of the number of samples and of features (as 64-bit integers), the features (as
   bytes, or else floats) and the labels (as 32-bit integers), little-endian. The same samples have the same
   one whichever file format they were read from. */
uint32_t dataset_crc32(const minnow_dataset *dataset);

/* Whether a folder holds something minnow_dataset_open(folder, subset, …) would try to read. */
bool dataset_folder_has(const char *folder, minnow_subset subset);

/* Readers of one file from memory, for the fuzzers too; `name` is for messages. They allocate nothing before
   every size is checked against `size`. */
struct idx {
    const uint8_t *data; /* inside `bytes` */
    size_t rank;         /* 1 to 3 */
    size_t size[3];
};
/* An uncompressed IDX file of unsigned bytes with `rank` dimensions. */
minnow_status idx_parse(const char *name, const uint8_t *bytes, size_t size, size_t rank, struct idx *out);

/* The same in two steps, for a file whose end is not there yet: `size` bytes, at least the header if that is
   complete; then, how many bytes of data follow it in all. */
static inline size_t idx_header_size(size_t rank) {
    return 4 + 4 * rank;
}
minnow_status idx_parse_header(const char *name, const uint8_t *bytes, size_t size, size_t rank,
                               struct idx *out, size_t *elements);
minnow_status idx_check_length(const char *name, size_t elements, size_t available);

#endif
