/* minnow_dataset_open: which format a folder's files have, and what holds for the datasets of all formats. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/argument.h"
#include "base/file_kind.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/formats/format.h"
#include "data/formats/names.h"

/* ---- Where the data are ---- */

/* How many folders further in the data may be: torchvision's are in FOLDER/MNIST/raw, and archives often have a
   folder of their own name in them. */
enum { DEEPEST = 3 };

/* A folder of more entries is no data set's: nobody wants a whole disk searched. */
enum { ENTRIES_MOST = 16 };

static bool is_link(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

static minnow_status locate(const char *path, minnow_subset subset, int depth, char **out,
                            const struct data_format **format);

/* The one entry of the folder that holds the subset. Errors: INPUT (there are several), MEMORY. */
static minnow_status locate_inside(const char *folder, minnow_subset subset, int depth, char **out,
                                   const struct data_format **format) {
    struct name_set list;
    minnow_status status = name_set_folder(folder, &list);
    if (status != MINNOW_OK)
        return status;

    for (size_t i = 0; status == MINNOW_OK && i < list.count && list.count <= ENTRIES_MOST; i++) {
        if (is_link(list.name[i]))
            continue;
        char *inside;
        const struct data_format *found;
        status = locate(list.name[i], subset, depth - 1, &inside, &found);
        if (status != MINNOW_OK || inside == NULL)
            continue;
        if (*out == NULL) {
            *out = inside;
            *format = found;
            continue;
        }
        status = fail(MINNOW_ERROR_INPUT, "%s: holds several data sets, %s and %s; say which", folder, *out,
                      inside);
        free(inside);
    }
    name_set_free(&list);
    if (status != MINNOW_OK) {
        free(*out);
        *out = NULL;
    }
    return status;
}

/* The path, from malloc, and format of what holds the subset: `path` itself, or something in it. *out is NULL when
   there is nothing. */
static minnow_status locate(const char *path, minnow_subset subset, int depth, char **out,
                            const struct data_format **format) {
    *out = NULL;
    minnow_status status = data_format_of_folder(path, subset, format);
    if (status != MINNOW_OK)
        return status;
    if (*format != NULL)
        return (*out = memory_copy_string(path)) != NULL ? MINNOW_OK : fail_memory(path);
    return depth > 0 ? locate_inside(path, subset, depth, out, format) : MINNOW_OK;
}

bool dataset_folder_has(const char *path, minnow_subset subset) {
    char *found;
    const struct data_format *format;
    minnow_status status = locate(path, subset, DEEPEST, &found, &format);
    bool has = found != NULL || status == MINNOW_ERROR_INPUT;
    free(found);
    return has;
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

static minnow_status find_data(const char *path, minnow_subset subset, char **out,
                               const struct data_format **format) {
    minnow_status status = locate(path, subset, DEEPEST, out, format);
    if (status != MINNOW_OK || *out != NULL)
        return status;
    status = file_kind_check_folder(path, "a table, or a folder or archive of data files", FILE_AS_DATA);
    return status == MINNOW_OK ? fail_no_format(path, subset) : status;
}

/* ---- Reading ---- */

static minnow_status read_data(const char *path, minnow_subset subset, const struct data_request *request,
                               minnow_dataset *dataset) {
    char *found;
    const struct data_format *format;
    minnow_status status = find_data(path, subset, &found, &format);
    if (status != MINNOW_OK)
        return status;

    dataset->classes = request->classes;
    dataset->format = format->name;
    status = format->read(found, subset, request, dataset);
    if (status == MINNOW_OK && dataset->whole && !request->all)
        status = dataset_keep_subset(dataset, subset);
    if (status == MINNOW_OK && request->transpose)
        status = dataset_transpose(dataset);
    free(found);
    return status;
}

minnow_status dataset_open(const char *path, minnow_subset subset, const struct data_request *request,
                           minnow_dataset **out) {
    *out = NULL;
    if (subset != MINNOW_SUBSET_TRAIN && subset != MINNOW_SUBSET_TEST)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "dataset: subset %d, expected MINNOW_SUBSET_TRAIN or MINNOW_SUBSET_TEST", (int)subset);
    if (request->classes > DATASET_CLASSES_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "dataset: %zu classes, expected 1 to %d", request->classes,
                    DATASET_CLASSES_MAX);

    minnow_dataset *dataset = dataset_new();
    minnow_status status = MINNOW_OK;
    if (dataset == NULL || (dataset->source = memory_copy_string(path)) == NULL)
        status = fail_memory(path);
    else
        status = read_data(path, subset, request, dataset);

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
    if (classes < 1)
        return fail(MINNOW_ERROR_ARGUMENT, "dataset: %zu classes, expected 1 to %d", classes,
                    DATASET_CLASSES_MAX);
    return dataset_open(folder, subset, &(struct data_request){.classes = classes}, out);
}
