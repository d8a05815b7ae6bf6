/* The dataset behind the public handle. */
#ifndef MINNOW_DATA_DATASET_H
#define MINNOW_DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file.h"
#include "minnow/minnow.h"

enum { DATASET_FEATURES_MAX = 65536, DATASET_CLASSES_MAX = 65536 };

/* Features of samples that are listed without their zeros. */
enum { DATASET_SPARSE_FEATURES_MAX = 1 << 24 };

/* A sample's index has 31 bits, so that it also fits the counters of random draws. */
static const size_t DATASET_COUNT_MAX = (size_t)1 << 31;

/* What turns a pixel, 0 to 255, into a feature unless another scale is given: the original program's
   converter divided by 256. A power of two, so that products with it and quotients by it are exact. */
#define PIXEL_SCALE 0x1p-8F

/* How pictures become samples. */
enum picture_method {
    PICTURES_UNKNOWN, /* nobody has said */
    PICTURES_MNIST,   /* as MNIST's makers did, see pictures/normalise.h */
    PICTURES_AREA     /* shrunk to a size, with means over areas */
};
struct picture_recipe {
    enum picture_method method;
    size_t height, width, channels; /* PICTURES_AREA */
};

/* The features that are not 0, as compressed sparse rows (CSR): sample s has the features index[start[s]] …
   index[start[s + 1] - 1], ascending, and their values beside them. */
struct sparse_features {
    uint32_t *start; /* [count + 1]; NULL: the dataset is not sparse */
    uint32_t *index; /* [start[count]] */
    float *value;
};

struct minnow_dataset {
    size_t count, features, classes;
    size_t height, width; /* of an image, height · width == features; both 0 when features have no shape */

    /* The features [count][features] are either bytes, a byte b standing for the value b · scale, or values, or listed
       without their zeros; the other pointers are NULL. */
    uint8_t *bytes;
    float *values;
    struct sparse_features sparse;
    float scale;
    struct file_bytes file; /* the file that `bytes` points into, if it does */
    bool borrowed;          /* `bytes` or `values` are the caller's: neither written to nor freed */

    uint32_t *labels; /* [count] */
    float *targets;   /* [count][classes]: in place of labels, which are all 0 then; or NULL */
    float *weights;   /* [count]: how much each sample counts in a loss; NULL: each as much as any other */
    float *class_weights; /* [classes]: and by how much that grows for samples of a class; or NULL */
    char *source;         /* where it came from, for messages: a folder, or "built-in digits, seed 1" */
    const char *format;   /* the name of its row of formats/format.h; NULL: none of them */

    struct picture_recipe pictures; /* what the samples were made by, if they were pictures */
    char **class_names;             /* [classes], each from malloc; NULL: the data do not name them */
    bool whole;                     /* as read: not yet cut to the subset that was asked for */
    bool from_one;                  /* labels began at 1, and were lowered */
    size_t label_columns;           /* of one-hot labels, a column a class; 0: labels were numbers */
    bool inexact;                   /* a feature was a whole number that no float has */
};

/* The height, width and channels of its pictures; a height of 0 where it has none. */
static inline struct picture_recipe dataset_picture(const minnow_dataset *dataset) {
    struct picture_recipe made = dataset->pictures;
    if (made.height > 0 && made.height * made.width * made.channels == dataset->features)
        return made;
    return (struct picture_recipe){.height = dataset->height, .width = dataset->width, .channels = 1};
}

/* How data are to be read. All zero: as the files say. */
struct data_request {
    size_t classes;  /* labels are below it; 0: as many as the largest label needs */
    bool map;        /* bytes may stay in the file's own pages, see dataset_open */
    size_t features; /* that the network takes; 0: nobody knows. Sparse samples may show fewer */
    bool all;        /* a source that knows no subsets is not split */
    bool transpose;  /* images lie on their sides, rows for columns, as EMNIST's do */

    /* Of pictures: what each is brought to; 0: all have one size. `colour`: three values a pixel. */
    size_t height, width;
    bool colour;
};

/* minnow_dataset_open, for a folder or file in any of the formats of formats/format.h; also for a folder that has
   it one or a few folders further in. A source that knows no subsets is split: every fifth sample is for the test.
   With `map`, IDX images that are not compressed stay in the file's own pages, which takes a tenth of the time of
   reading them; the program must be prepared for SIGBUS, see file_map. */
minnow_status dataset_open(const char *path, minnow_subset subset, const struct data_request *request,
                           minnow_dataset **out);

/* An empty dataset (all zero) that takes ownership of what is put into it; NULL when there is no memory. */
minnow_dataset *dataset_new(void);

/* Replaces the features by others of the same kind, bytes or floats, which the dataset takes over; they are
   memory from memory_allocate. */
void dataset_replace_features(minnow_dataset *dataset, void *features);

static inline bool dataset_is_sparse(const minnow_dataset *dataset) {
    return dataset->sparse.start != NULL;
}

/* Makes labels and features of data of the same kind mean what they mean in `train`: classes are found by their names if
   both have names, labels that began at 1 there are lowered, and lists become as wide. Errors: INPUT (a class or a
   feature that training never saw, or samples of another size), MEMORY. */
minnow_status dataset_match(minnow_dataset *dataset, const minnow_dataset *train);

/* Makes both subsets of sparse samples as wide as the wider one, and as the network that they are for (0: none). One of
   them may be NULL. */
void dataset_settle_features(minnow_dataset *train, minnow_dataset *test, size_t features);

/* A dataset of the same samples, in memory of its own. Errors: MEMORY. */
minnow_status dataset_copy(const minnow_dataset *dataset, minnow_dataset **out);

/* Gives features that are bytes another scale; features that are floats stay as they are. */
void dataset_scale(minnow_dataset *dataset, float scale);

/* A fingerprint (preprocessing/fingerprint.c): CRC-32 of the number of samples and of features (as 64-bit
   integers), the features (as bytes, or else floats), the labels (as 32-bit integers) and the targets (as floats),
   if there are any, little-endian. The same samples have the same fingerprint whichever file format they were read
   from; sparse ones have their lists'. */
uint32_t dataset_crc32(const minnow_dataset *dataset);

/* What minnow_dataset_set_weights and minnow_dataset_set_class_weights came to; 0 without either. */
uint32_t dataset_weights_crc32(const minnow_dataset *dataset);

static inline bool dataset_is_weighted(const minnow_dataset *dataset) {
    return dataset->weights != NULL || dataset->class_weights != NULL;
}

/* How much a sample counts in a loss: what it weighs itself, and what its class does. Of targets that are shares of the
   classes, each share weighs as much as its class. */
double dataset_class_weight(const minnow_dataset *dataset, size_t sample);
static inline double dataset_own_weight(const minnow_dataset *dataset, size_t sample) {
    return dataset->weights != NULL ? (double)dataset->weights[sample] : 1.0;
}
static inline double dataset_weight(const minnow_dataset *dataset, size_t sample) {
    return dataset_own_weight(dataset, sample) * dataset_class_weight(dataset, sample);
}

/* Whether a folder, or file, holds something minnow_dataset_open(path, subset, …) would try to read. */
bool dataset_folder_has(const char *path, minnow_subset subset);

/* Lowers all labels by one. None is 0. */
void dataset_labels_from_one(minnow_dataset *dataset);

/* Gives two subsets that were read without a number of classes the same number, and lowers the labels of both
   where none is 0. One of them may be NULL. */
void dataset_settle_classes(minnow_dataset *train, minnow_dataset *test);

/* Exchanges rows and columns of every image. Errors: INPUT (the features have no shape), MEMORY. */
minnow_status dataset_transpose(minnow_dataset *dataset);

/* Keeps the samples that are marked, of keep[count] at least one, in their order. Errors: MEMORY; then nothing has
   changed. */
minnow_status dataset_keep(minnow_dataset *dataset, const bool *keep);

/* Copies the samples that are marked, at least one, to a dataset of their own. Errors: MEMORY. */
minnow_status dataset_select(const minnow_dataset *dataset, const bool *marked, minnow_dataset **out);

/* Marks the samples that minnow_dataset_hold_out would move: about share · count, 0 < share < 1. Errors: MEMORY. */
minnow_status dataset_mark_share(const minnow_dataset *dataset, double share, uint64_t seed, bool *held);

/* All samples, ranked as split_rank has them: each k-th of them make an even part. order: [count]. Errors: MEMORY. */
minnow_status dataset_rank(const minnow_dataset *dataset, uint64_t seed, uint32_t *order);

/* Moves the samples that are marked to a dataset of their own. Errors: ARGUMENT (none is marked, or all are), MEMORY;
   then nothing has moved. */
minnow_status dataset_move(minnow_dataset *dataset, const bool *marked, minnow_dataset **out);

/* Keeps, of a dataset that was read whole, the samples of a subset: every fifth for the test, the others for
   training. Errors: INPUT (fewer than five samples), MEMORY. */
minnow_status dataset_keep_subset(minnow_dataset *dataset, minnow_subset subset);

#endif
