/* Pictures: a folder for each class of PNG, JPEG, PGM or PPM files, in folders train and test or without, or
   an archive of such; and one picture to predict from. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/formats/archive.h"
#include "data/formats/pictures.h"

enum { FILE_MAX = INT_MAX };

/* ---- Folders ---- */

static bool is_directory(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool picture_is_file(const char *path) {
    uint8_t bytes[8];
    struct stat info;
    FILE *file = stat(path, &info) == 0 && S_ISREG(info.st_mode) ? fopen(path, "rbe") : NULL;
    size_t size = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file != NULL)
        fclose(file);
    return picture_kind_of(bytes, size) != NULL;
}

/* Whether one of the folder's first files is a picture. */
static bool holds_pictures(const char *folder) {
    enum { LOOKED_AT = 8 };
    struct name_set list;
    bool found = false;
    if (!is_directory(folder) || name_set_folder(folder, &list) != MINNOW_OK)
        return false;
    for (size_t i = 0; i < list.count && i < LOOKED_AT && !found; i++)
        found = picture_is_file(list.name[i]);
    name_set_free(&list);
    return found;
}

/* Adds the names of those folders in `folder` that hold pictures, if they are not there yet. */
static minnow_status add_classes(const char *folder, struct name_set *classes) {
    struct name_set list;
    minnow_status status = name_set_folder(folder, &list);
    for (size_t i = 0; status == MINNOW_OK && i < list.count; i++) {
        bool known = !holds_pictures(list.name[i]);
        for (size_t c = 0; c < classes->count && !known; c++)
            known = strcmp(classes->name[c], name_of_path(list.name[i])) == 0;
        if (!known)
            status = name_set_add(classes, name_of_path(list.name[i]));
    }
    name_set_free(&list);
    picture_sort_classes(classes);
    return status;
}

/* The folder of a subset, from malloc, or NULL: the one whose name says so. */
static minnow_status subset_folder(const char *path, enum name_subset subset, char **out) {
    struct name_set list;
    *out = NULL;
    minnow_status status = name_set_folder(path, &list);
    for (size_t i = 0; status == MINNOW_OK && i < list.count && *out == NULL; i++)
        if (name_meaning(list.name[i]).subset == subset && is_directory(list.name[i]) &&
            (*out = memory_copy_string(list.name[i])) == NULL)
            status = fail_memory(path);
    name_set_free(&list);
    return status;
}

/* What a folder of pictures consists of: a folder per subset, or else none of them and the classes at once. Classes are
   those of both, so that both subsets number them alike. */
struct layout {
    char *folder[2];
    struct name_set classes;
};

static void layout_free(struct layout *layout) {
    free(layout->folder[0]);
    free(layout->folder[1]);
    name_set_free(&layout->classes);
}

static minnow_status layout_find(const char *path, struct layout *out) {
    *out = (struct layout){0};
    if (!is_directory(path))
        return MINNOW_OK;
    minnow_status status = subset_folder(path, NAME_TRAIN, &out->folder[MINNOW_SUBSET_TRAIN]);
    if (status == MINNOW_OK)
        status = subset_folder(path, NAME_TEST, &out->folder[MINNOW_SUBSET_TEST]);
    for (int subset = 0; subset < 2 && status == MINNOW_OK; subset++)
        if (out->folder[subset] != NULL)
            status = add_classes(out->folder[subset], &out->classes);
    if (status == MINNOW_OK && out->folder[MINNOW_SUBSET_TRAIN] == NULL)
        status = add_classes(path, &out->classes);
    if (status != MINNOW_OK)
        layout_free(out);
    return status;
}

/* One class alone is no set: that is a folder of pictures to predict from. */
static minnow_status has(const char *path, minnow_subset subset, bool *out) {
    if (archive_detect(path))
        return picture_archive_has(path, subset, out);
    struct layout layout;
    minnow_status status = layout_find(path, &layout);
    if (status != MINNOW_OK)
        return status;
    bool whole = layout.folder[MINNOW_SUBSET_TRAIN] == NULL && layout.folder[MINNOW_SUBSET_TEST] == NULL;
    *out = layout.classes.count > 1 && (whole || layout.folder[subset] != NULL);
    layout_free(&layout);
    return MINNOW_OK;
}

/* ---- A subset's pictures ---- */

static minnow_status list_pictures(const char *folder, const struct name_set *classes, struct name_set *files,
                                   minnow_dataset *dataset) {
    minnow_status status = MINNOW_OK;
    for (size_t c = 0; c < classes->count && status == MINNOW_OK; c++) {
        char *class_folder = file_path(folder, classes->name[c]);
        struct name_set list = {0};
        status = class_folder != NULL ? name_set_folder(class_folder, &list) : fail_memory(folder);
        for (size_t i = 0; i < list.count && status == MINNOW_OK; i++)
            if (picture_is_file(list.name[i]))
                status = name_set_add(files, list.name[i]);

        uint32_t *labels = realloc(dataset->labels, (files->count + 1) * sizeof *labels);
        if (labels == NULL)
            status = fail_memory(folder);
        else
            dataset->labels = labels;
        for (; dataset->count < files->count && status == MINNOW_OK; dataset->count++)
            dataset->labels[dataset->count] = (uint32_t)c;
        name_set_free(&list);
        free(class_folder);
    }
    if (status == MINNOW_OK && files->count == 0)
        status = fail(MINNOW_ERROR_INPUT, "%s: holds no pictures in folders of classes", folder);
    return status;
}

static minnow_status read_pictures(const struct name_set *files, const struct data_request *request,
                                   minnow_dataset *dataset) {
    struct picture_writer writer = {.request = request, .dataset = dataset};
    minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < files->count && status == MINNOW_OK; i++) {
        struct file_bytes bytes;
        status = file_read(files->name[i], FILE_MAX, &bytes);
        if (status != MINNOW_OK)
            break;
        status = picture_put(&writer, i, files->name[i], &bytes);
        file_bytes_free(&bytes);
    }
    picture_writer_close(&writer);
    return status;
}

static minnow_status read_subset(const char *path, minnow_subset subset, const struct data_request *request,
                                 minnow_dataset *dataset) {
    if (archive_detect(path))
        return picture_archive_read(path, subset, request, dataset);
    struct layout layout;
    struct name_set files = {0};
    minnow_status status = layout_find(path, &layout);
    if (status != MINNOW_OK)
        return status;

    dataset->whole = layout.folder[subset] == NULL;
    const char *folder = dataset->whole ? path : layout.folder[subset];
    status = picture_check_classes(path, &layout.classes, dataset);
    if (status == MINNOW_OK)
        status = list_pictures(folder, &layout.classes, &files, dataset);
    if (status == MINNOW_OK)
        status = read_pictures(&files, request, dataset);
    if (status == MINNOW_OK)
        picture_name_classes(&layout.classes, dataset);
    name_set_free(&files);
    layout_free(&layout);
    return status;
}

static bool recognise(const uint8_t *bytes, size_t size) {
    return picture_kind_of(bytes, size) != NULL;
}

const struct data_format pictures_format = {
    .name = "pictures",
    .help = "a folder for each class, of PNG, JPEG, PGM or PPM pictures, in folders train and test or "
            "without,\nor a zip or tar archive of these",
    .files = {"folders of pictures, one a class", "folders of pictures, one a class"},
    .has = has,
    .recognise = recognise,
    .read = read_subset,
    .stream = picture_stream,
};
