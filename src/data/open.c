/* minnow_dataset_open: which format a folder's files have, and what holds for the datasets of all formats. */
#include <stdio.h>

#include "base/argument.h"
#include "base/file_kind.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/formats/format.h"

bool dataset_folder_has(const char *folder, minnow_subset subset) {
    const struct data_format *format;
    return data_format_of_folder(folder, subset, &format) == MINNOW_OK && format != NULL;
}

/* "FOLDER: holds no A, and no B": a file of each format. */
static minnow_status fail_no_format(const char *folder, minnow_subset subset) {
    char files[512];
    size_t length = 0;
    for (size_t i = 0; i < data_format_count && length < sizeof files; i++)
        length += (size_t)snprintf(files + length, sizeof files - length, "%s%s", i == 0 ? "" : ", and no ",
                                   data_formats[i]->files[subset]);
    return fail(MINNOW_ERROR_INPUT, "%s: holds no %s", folder, files);
}

static minnow_status find_format(const char *folder, minnow_subset subset, const struct data_format **out) {
    minnow_status status = file_kind_check_folder(folder, "data files", FILE_AS_DATA);
    if (status == MINNOW_OK)
        status = data_format_of_folder(folder, subset, out);
    if (status == MINNOW_OK && *out == NULL)
        status = fail_no_format(folder, subset);
    return status;
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

    const struct data_format *format;
    minnow_status status = find_format(folder, subset, &format);
    if (status != MINNOW_OK)
        return status;

    minnow_dataset *dataset = dataset_new();
    if (dataset == NULL || (dataset->source = memory_copy_string(folder)) == NULL) {
        status = fail_memory(folder);
    } else {
        dataset->classes = classes;
        status = format->read(folder, subset, map, dataset);
    }

    if (status != MINNOW_OK) {
        minnow_dataset_free(dataset);
        return status;
    }
    *out = dataset;
    return MINNOW_OK;
}

minnow_status minnow_dataset_open(const char *folder, minnow_subset subset, size_t classes,
                                  minnow_dataset **out) {
    if (!CLEARED(out) || !GIVEN(folder))
        return MINNOW_ERROR_ARGUMENT;

    return dataset_open(folder, subset, classes, false, out);
}
