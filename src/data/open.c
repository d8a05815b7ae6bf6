/* minnow_dataset_open: which files of a folder hold a subset, and what they must have in common. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/formats.h"

enum kind { IMAGES, LABELS };

/* By subset and kind. The dotted names are what some archives of MNIST unpack to. */
static const char *const IDX_NAMES[2][2][2] = {
    {{"train-images-idx3-ubyte", "train-images.idx3-ubyte"},
     {"train-labels-idx1-ubyte", "train-labels.idx1-ubyte"}},
    {{"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"},
     {"t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"}},
};
static const char *const CSV_NAMES[2][2] = {
    {"train_images.csv", "train_labels.csv"},
    {"test_images.csv", "test_labels.csv"},
};

/* The two files of a subset. */
struct pair {
    bool csv;
    char *images, *labels; /* paths, from malloc */
};

static void pair_free(struct pair *pair) {
    free(pair->images);
    free(pair->labels);
}

/* ---- Finding the files ---- */

/* FOLDER/NAMESUFFIX in *path if there is something of that name, which need not be readable; else *path
   stays. False when there is no memory. */
static bool look_for(const char *folder, const char *name, const char *suffix, char **path) {
    if (*path != NULL)
        return true;
    struct stat info;
    char *candidate;
    if (asprintf(&candidate, "%s/%s%s", folder, name, suffix) < 0)
        return false;
    if (stat(candidate, &info) == 0)
        *path = candidate;
    else
        free(candidate);
    return true;
}

static bool look_for_idx(const char *folder, minnow_subset subset, enum kind kind, char **path) {
    for (size_t i = 0; i < 2; i++)
        if (!look_for(folder, IDX_NAMES[subset][kind][i], "", path) ||
            !look_for(folder, IDX_NAMES[subset][kind][i], ".gz", path))
            return false;
    return true;
}

/* Fills in what is there; the images decide on the format. False when there is no memory. */
static bool look_for_pair(const char *folder, minnow_subset subset, struct pair *pair) {
    *pair = (struct pair){0};
    if (!look_for_idx(folder, subset, IMAGES, &pair->images))
        return false;
    if (pair->images != NULL)
        return look_for_idx(folder, subset, LABELS, &pair->labels);
    if (!look_for(folder, CSV_NAMES[subset][IMAGES], "", &pair->images))
        return false;
    pair->csv = pair->images != NULL;
    return !pair->csv || look_for(folder, CSV_NAMES[subset][LABELS], "", &pair->labels);
}

bool dataset_folder_has(const char *folder, minnow_subset subset) {
    struct pair pair;
    bool has = look_for_pair(folder, subset, &pair) && pair.images != NULL;
    pair_free(&pair);
    return has;
}

static minnow_status check_folder(const char *folder) {
    struct stat info;
    if (stat(folder, &info) != 0)
        return fail(MINNOW_ERROR_INPUT, "%s: cannot be opened: %s; expected a folder of data", folder,
                    strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return fail(MINNOW_ERROR_INPUT, "%s: is not a folder; give the folder that holds the data files",
                    folder);
    return MINNOW_OK;
}

static minnow_status find_pair(const char *folder, minnow_subset subset, struct pair *pair) {
    *pair = (struct pair){0};
    minnow_status status = check_folder(folder);
    if (status != MINNOW_OK)
        return status;
    if (!look_for_pair(folder, subset, pair))
        return fail_memory(folder);
    if (pair->images == NULL)
        return fail(MINNOW_ERROR_INPUT, "%s: holds no %s, with or without .gz, and no %s", folder,
                    IDX_NAMES[subset][IMAGES][0], CSV_NAMES[subset][IMAGES]);
    if (pair->labels == NULL)
        return fail(MINNOW_ERROR_INPUT, "%s: holds images but no labels; expected %s%s beside them", folder,
                    pair->csv ? CSV_NAMES[subset][LABELS] : IDX_NAMES[subset][LABELS][0],
                    pair->csv ? "" : " or its .gz");
    return MINNOW_OK;
}

/* ---- Labels of either format ---- */

/* The labels come first: they are small, and say what the images must be. */
static minnow_status check_labels(const char *path, const minnow_dataset *dataset) {
    for (size_t i = 0; i < dataset->count; i++)
        if (dataset->labels[i] >= dataset->classes)
            return fail(MINNOW_ERROR_INPUT,
                        "%s: label %u at item %zu, expected 0 to %zu; is it data for more classes?", path,
                        dataset->labels[i], i, dataset->classes - 1);
    return MINNOW_OK;
}

/* ---- IDX ---- */

/* Reads an IDX file of `rank` dimensions and at most `limit` bytes, compressed or not: the content tells,
   since browsers unpack .gz files and leave their name. `idx` points into `bytes`. */
static minnow_status read_idx(const char *path, size_t rank, size_t limit, bool map, struct file_bytes *bytes,
                              struct idx *idx) {
    minnow_status status = map ? file_map(path, limit, bytes) : file_read(path, limit, bytes);
    if (status == MINNOW_OK && gzip_detect(bytes->data, bytes->size)) {
        struct file_bytes expanded;
        status = gzip_expand(path, bytes->data, bytes->size, limit, &expanded);
        file_bytes_free(bytes);
        *bytes = expanded;
    }
    if (status == MINNOW_OK)
        status = idx_parse(path, bytes->data, bytes->size, rank, idx);
    if (status != MINNOW_OK)
        file_bytes_free(bytes);
    return status;
}

static minnow_status read_idx_labels(const char *path, minnow_dataset *dataset) {
    struct file_bytes bytes;
    struct idx idx;
    minnow_status status = read_idx(path, 1, 8 + DATASET_COUNT_MAX, false, &bytes, &idx);
    if (status != MINNOW_OK)
        return status;
    size_t count = idx.size[0];
    if (count == 0) {
        status = fail(MINNOW_ERROR_INPUT, "%s: holds 0 labels, expected at least 1", path);
    } else if ((dataset->labels = memory_allocate(count, sizeof(uint32_t))) == NULL) {
        status = fail_memory(path);
    } else {
        for (size_t i = 0; i < count; i++)
            dataset->labels[i] = idx.data[i];
        dataset->count = count;
    }
    file_bytes_free(&bytes);
    return status;
}

static minnow_status check_idx_images(const struct pair *pair, const struct idx *idx, size_t count) {
    size_t features;
    if (idx->size[0] != count)
        return fail(MINNOW_ERROR_INPUT, "%s: %zu images, but %s has %zu labels; they do not belong together",
                    pair->images, idx->size[0], pair->labels, count);
    if (!size_multiply(idx->size[1], idx->size[2], &features) || features < 1 ||
        features > DATASET_FEATURES_MAX)
        return fail(MINNOW_ERROR_INPUT, "%s: images of %zu × %zu pixels, expected 1 to %d pixels",
                    pair->images, idx->size[1], idx->size[2], DATASET_FEATURES_MAX);
    return MINNOW_OK;
}

static minnow_status read_idx_images(const struct pair *pair, bool map, minnow_dataset *dataset) {
    size_t limit;
    if (!size_multiply(dataset->count, DATASET_FEATURES_MAX, &limit) || !size_add(limit, 16, &limit))
        limit = SIZE_MAX / 2;
    struct file_bytes bytes;
    struct idx idx;
    minnow_status status = read_idx(pair->images, 3, limit, map, &bytes, &idx);
    if (status != MINNOW_OK)
        return status;
    status = check_idx_images(pair, &idx, dataset->count);
    if (status != MINNOW_OK) {
        file_bytes_free(&bytes);
        return status;
    }
    dataset->height = idx.size[1];
    dataset->width = idx.size[2];
    dataset->features = idx.size[1] * idx.size[2];
    dataset->scale = PIXEL_SCALE;
    dataset->file = bytes;
    dataset->bytes = bytes.data + idx_header_size(3);
    return MINNOW_OK;
}

/* ---- CSV ---- */

static minnow_status read_csv_labels(const char *path, minnow_dataset *dataset) {
    struct csv_source *source;
    minnow_status status = csv_open(path, &source);
    if (status != MINNOW_OK)
        return status;
    status = csv_read_labels(source, &dataset->labels, &dataset->count);
    csv_close(source);
    return status;
}

static minnow_status read_csv_images(const struct pair *pair, minnow_dataset *dataset) {
    struct csv_source *source;
    minnow_status status = csv_open(pair->images, &source);
    if (status != MINNOW_OK)
        return status;
    status = csv_read_features(source, pair->labels, dataset);
    csv_close(source);
    return status;
}

/* ---- The whole ---- */

static minnow_status read_pair(const struct pair *pair, bool map, minnow_dataset *dataset) {
    minnow_status status =
        pair->csv ? read_csv_labels(pair->labels, dataset) : read_idx_labels(pair->labels, dataset);
    if (status == MINNOW_OK)
        status = check_labels(pair->labels, dataset);
    if (status != MINNOW_OK)
        return status;
    return pair->csv ? read_csv_images(pair, dataset) : read_idx_images(pair, map, dataset);
}

minnow_status dataset_open(const char *folder, minnow_subset subset, size_t classes, bool map,
                           minnow_dataset **out) {
    *out = NULL;
    if (subset != MINNOW_SUBSET_TRAIN && subset != MINNOW_SUBSET_TEST)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "dataset: subset %d, expected MINNOW_SUBSET_TRAIN or MINNOW_SUBSET_TEST", (int)subset);
    if (classes < 1 || classes > DATASET_CLASSES_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "dataset: %zu classes, expected 1 to %d", classes,
                    DATASET_CLASSES_MAX);
    struct pair pair;
    minnow_status status = find_pair(folder, subset, &pair);
    minnow_dataset *dataset = NULL;
    if (status == MINNOW_OK) {
        dataset = dataset_new();
        if (dataset == NULL || (dataset->source = memory_copy_string(folder)) == NULL) {
            status = fail_memory(folder);
        } else {
            dataset->classes = classes;
            status = read_pair(&pair, map, dataset);
        }
    }
    pair_free(&pair);
    if (status != MINNOW_OK) {
        minnow_dataset_free(dataset);
        return status;
    }
    *out = dataset;
    return MINNOW_OK;
}

minnow_status minnow_dataset_open(const char *folder, minnow_subset subset, size_t classes,
                                  minnow_dataset **out) {
    return dataset_open(folder, subset, classes, false, out);
}
