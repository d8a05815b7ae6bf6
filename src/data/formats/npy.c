/* Folders of NumPy's arrays: train_images.npy or x_train.npy, train_labels.npy or y_train.npy, and so on; and one
   such array to predict from. */
#include <limits.h>
#include <string.h>

#include "base/file.h"
#include "base/npy.h"
#include "base/status.h"
#include "data/formats/arrays.h"
#include "data/formats/format.h"
#include "data/formats/names.h"

static bool is_npy(const char *name) {
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".npy") == 0;
}

/* The folder's .npy files, and which of them are the subset's. */
static minnow_status find_files(const char *path, minnow_subset subset, struct name_set *list,
                                struct name_pair *pair) {
    struct name_set entries;
    *list = (struct name_set){0};
    *pair = (struct name_pair){NAME_NONE, NAME_NONE, false};
    minnow_status status = name_set_folder(path, &entries);
    for (size_t i = 0; status == MINNOW_OK && i < entries.count; i++)
        if (is_npy(entries.name[i]))
            status = name_set_add(list, entries.name[i]);
    name_set_free(&entries);
    return status == MINNOW_OK ? name_set_pair(list, path, subset, pair) : status;
}

static minnow_status has(const char *path, minnow_subset subset, bool *out) {
    struct name_set list;
    struct name_pair pair;
    minnow_status status = find_files(path, subset, &list, &pair);
    *out = status == MINNOW_ERROR_INPUT || pair.features != NAME_NONE;
    name_set_free(&list);
    return status == MINNOW_ERROR_INPUT ? MINNOW_OK : status;
}

static minnow_status read_array(const char *path, struct file_bytes *bytes, struct array *array) {
    minnow_status status = file_map(path, SIZE_MAX / 2, bytes);
    if (status != MINNOW_OK)
        return status;
    status = npy_read(path, bytes->data, bytes->size, FILE_AS_DATA, array);
    if (status != MINNOW_OK)
        file_bytes_free(bytes);
    return status;
}

static minnow_status read_pair(const char *features_path, const char *labels_path, minnow_dataset *dataset) {
    struct file_bytes bytes;
    struct array array;
    minnow_status status = read_array(labels_path, &bytes, &array);
    if (status != MINNOW_OK)
        return status;
    status = arrays_read_labels(labels_path, &array, dataset);
    file_bytes_free(&bytes);

    if (status == MINNOW_OK)
        status = read_array(features_path, &bytes, &array);
    if (status != MINNOW_OK)
        return status;
    status = arrays_read_features(features_path, &array, labels_path, dataset);
    file_bytes_free(&bytes);
    return status;
}

static minnow_status read_subset(const char *path, minnow_subset subset, const struct data_request *request,
                                 minnow_dataset *dataset) {
    (void)request;
    struct name_set list;
    struct name_pair pair;
    minnow_status status = find_files(path, subset, &list, &pair);
    if (status == MINNOW_OK && pair.labels == NAME_NONE)
        status = fail(MINNOW_ERROR_INPUT,
                      "%s: holds arrays of features but no labels; expected y_train.npy or train_labels.npy "
                      "beside them, and so on",
                      path);
    if (status == MINNOW_OK) {
        dataset->whole = pair.whole;
        status = read_pair(list.name[pair.features], list.name[pair.labels], dataset);
    }
    name_set_free(&list);
    return status;
}

/* ---- Samples to predict from ---- */

static bool recognise(const uint8_t *bytes, size_t size) {
    return size >= 6 && memcmp(bytes, "\x93NUMPY", 6) == 0;
}

static minnow_status stream_samples(struct byte_stream *bytes, const struct sample_form *form,
                                    struct sample_stream **out) {
    size_t features = form->features;
    float scale = form->scale;
    struct array array;
    *out = NULL;
    minnow_status status = stream_gather(bytes, (size_t)INT_MAX + 1);
    if (status == MINNOW_OK && !bytes->at_end)
        status = fail(MINNOW_ERROR_INPUT, "%s: larger than the %d bytes such an input may have", bytes->name,
                      INT_MAX);
    if (status == MINNOW_OK)
        status = npy_read(bytes->name, bytes->bytes + bytes->begin, bytes->end - bytes->begin, FILE_AS_DATA,
                          &array);
    return status == MINNOW_OK ? arrays_stream(bytes, &array, features, scale, out) : status;
}

const struct data_format npy_format = {
    .name = "npy",
    .help = "a folder of NumPy's arrays: x_train.npy, y_train.npy, x_test.npy, y_test.npy",
    .files = {"x_train.npy or train_images.npy", "x_test.npy or test_images.npy"},
    .has = has,
    .recognise = recognise,
    .read = read_subset,
    .stream = stream_samples,
};
