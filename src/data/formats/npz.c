/* Archives that hold arrays: .npz, which is a zip archive of .npy files, and zip or tar archives of .npy or IDX
   files. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/npy.h"
#include "base/status.h"
#include "data/formats/archive.h"
#include "data/formats/arrays.h"
#include "data/formats/format.h"
#include "data/formats/gzip.h"
#include "data/formats/idx.h"

/* Whether the archive's names speak of the subset. One that cannot be listed counts as one that does, so that
   `read` can say what is wrong. */
static minnow_status has(const char *path, minnow_subset subset, bool *out) {
    struct name_set list;
    struct name_pair pair;
    *out = archive_detect(path);
    if (!*out)
        return MINNOW_OK;
    minnow_status status = archive_list(path, &list);
    if (status != MINNOW_OK)
        return status == MINNOW_ERROR_INPUT ? MINNOW_OK : status;

    status = name_set_pair(&list, path, subset, &pair);
    *out = status != MINNOW_OK || pair.features != NAME_NONE;
    name_set_free(&list);
    return MINNOW_OK;
}

/* ---- Two members ---- */

struct members {
    const char *path;
    const char *name[2]; /* features, labels */
    struct file_bytes bytes[2];
};

static bool wants_member(void *context, const char *name) {
    const struct members *members = context;
    return strcmp(name, members->name[0]) == 0 || strcmp(name, members->name[1]) == 0;
}

static minnow_status take_member(void *context, const char *name, struct file_bytes *bytes) {
    struct members *members = context;
    struct file_bytes *place = &members->bytes[strcmp(name, members->name[0]) == 0 ? 0 : 1];
    if (place->data != NULL)
        return fail(MINNOW_ERROR_INPUT, "%s: has two members %s", members->path, name);

    if (gzip_detect(bytes->data, bytes->size))
        return gzip_expand(name, bytes->data, bytes->size, gzip_plausible(bytes->size), place);
    *place = *bytes;
    *bytes = (struct file_bytes){0};
    return MINNOW_OK;
}

static minnow_status parse_member(const struct members *members, int which, struct array *out) {
    const struct file_bytes *bytes = &members->bytes[which];
    const char *name = members->name[which];
    if (bytes->data == NULL)
        return fail(MINNOW_ERROR_INPUT, "%s: member %s cannot be read", members->path, name);
    if (file_kind_of(bytes->data, bytes->size) == FILE_KIND_IDX)
        return idx_parse(name, bytes->data, bytes->size, which == 0 ? IDX_IMAGES : IDX_LABELS, out);
    return npy_read(name, bytes->data, bytes->size, FILE_AS_DATA, out);
}

static minnow_status read_arrays(struct members *members, minnow_dataset *dataset) {
    struct archive_reader reader = {wants_member, take_member, members};
    struct array features, labels;
    minnow_status status = archive_read(members->path, &reader);
    if (status == MINNOW_OK)
        status = parse_member(members, 1, &labels);
    if (status == MINNOW_OK)
        status = parse_member(members, 0, &features);
    if (status == MINNOW_OK)
        status = arrays_read_labels(members->name[1], &labels, dataset);
    if (status == MINNOW_OK)
        status = arrays_read_features(members->name[0], &features, members->name[1], dataset);

    for (int i = 0; i < 2; i++)
        if (members->bytes[i].data != NULL)
            file_bytes_free(&members->bytes[i]);
    return status;
}

static minnow_status read_subset(const char *path, minnow_subset subset, const struct data_request *request,
                                 minnow_dataset *dataset) {
    (void)request;
    struct name_set list;
    struct name_pair pair;
    minnow_status status = archive_list(path, &list);
    if (status != MINNOW_OK)
        return status;

    status = name_set_pair(&list, path, subset, &pair);
    if (status == MINNOW_OK && (pair.features == NAME_NONE || pair.labels == NAME_NONE))
        status = fail(MINNOW_ERROR_INPUT,
                      "%s: holds no arrays of %s; expected names as x_train, y_train, x_test and y_test, or "
                      "train_images and so on",
                      path, pair.features == NAME_NONE ? "features" : "labels");
    if (status == MINNOW_OK) {
        struct members members = {path, {list.name[pair.features], list.name[pair.labels]}, {{0}, {0}}};
        dataset->whole = pair.whole;
        status = read_arrays(&members, dataset);
    }
    name_set_free(&list);
    return status;
}

const struct data_format npz_format = {
    .name = "npz",
    .help = "a NumPy archive (.npz) of x_train, y_train, x_test, y_test; a zip or tar archive of such files "
            "or of IDX",
    .files = {"file .npz, zip or tar with x_train and y_train",
              "file .npz, zip or tar with x_test and y_test"},
    .has = has,
    .read = read_subset,
};
