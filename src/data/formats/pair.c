#include "data/formats/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/status.h"

/* ---- Reading ---- */

/* The path of the first of the names that the folder has, or NULL in *path. */
static minnow_status look_for(const char *folder, const char *const *names, char **path) {
    *path = NULL;
    for (; *names != NULL; names++) {
        char *candidate;
        if (asprintf(&candidate, "%s/%s", folder, *names) < 0)
            return fail_memory(folder);

        struct stat info;
        if (stat(candidate, &info) == 0) {
            *path = candidate;
            break;
        }
        free(candidate);
    }
    return MINNOW_OK;
}

minnow_status pair_has(const char *folder, const struct pair_names *names, bool *has) {
    char *images;
    minnow_status status = look_for(folder, names->images, &images);
    *has = images != NULL;
    free(images);
    return status;
}

minnow_status pair_find(const char *folder, const struct pair_names *names, struct pair *out) {
    struct pair pair = {0};
    *out = pair;

    minnow_status status = look_for(folder, names->images, &pair.images);
    if (status == MINNOW_OK)
        status = look_for(folder, names->labels, &pair.labels);

    if (status == MINNOW_OK && pair.images == NULL)
        status = fail(MINNOW_ERROR_INPUT, "%s: holds no %s", folder, names->images[0]);
    else if (status == MINNOW_OK && pair.labels == NULL)
        status = fail(MINNOW_ERROR_INPUT, "%s: holds images but no labels; expected %s beside them", folder,
                      names->labels_expected);

    if (status == MINNOW_OK)
        *out = pair;
    else
        pair_free(&pair);
    return status;
}

void pair_free(struct pair *pair) {
    free(pair->images);
    free(pair->labels);
    *pair = (struct pair){0};
}

/* ---- Writing ---- */

minnow_status pair_outputs_open(const char *folder, const struct pair_names *names,
                                struct pair_outputs *out) {
    *out = (struct pair_outputs){0};
    minnow_status status = output_folder_open(folder, &out->folder);
    if (status != MINNOW_OK)
        return status;

    status = output_folder_add(out->folder, names->images[0], &out->images);
    if (status == MINNOW_OK)
        status = output_folder_add(out->folder, names->labels[0], &out->labels);
    return status == MINNOW_OK ? MINNOW_OK : pair_outputs_close(out, status);
}

minnow_status pair_outputs_close(struct pair_outputs *outputs, minnow_status status) {
    status = output_folder_close(outputs->folder, status);
    *outputs = (struct pair_outputs){0};
    return status;
}
