/* Formats of several files in one folder, a pair for each layer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file_kind.h"
#include "base/status.h"
#include "model/model.h"

/* ---- Writing ---- */

/* The files that take their places together. */
struct folder_writer {
    const char *path;
    bool created; /* the folder was not there before */
    size_t count;
    struct output *output[PART_COUNT * NETWORK_MAX_LAYERS];
};

static minnow_status folder_open(const char *path, struct folder_writer *out) {
    *out = (struct folder_writer){.path = path};
    out->created = mkdir(path, 0777) == 0;
    if (!out->created && errno != EEXIST)
        return fail(MINNOW_ERROR_OUTPUT, "%s: the folder cannot be created: %s", path, strerror(errno));
    return MINNOW_OK;
}

static minnow_status sync_last(struct folder_writer *writer) {
    return writer->count > 0 ? output_sync(writer->output[writer->count - 1]) : MINNOW_OK;
}

/* Writes a file under its temporary name, after bringing the one before to disk. */
static minnow_status add_file(struct folder_writer *writer, const struct folder_layout *layout,
                              const minnow_network *network, size_t layer, enum part part) {
    char *path = layout->path(writer->path, layer, part);
    struct output *output = NULL;
    minnow_status status = path != NULL ? sync_last(writer) : fail_memory(writer->path);
    if (status == MINNOW_OK)
        status = output_open(path, &output);
    free(path);
    if (status != MINNOW_OK)
        return status;

    writer->output[writer->count++] = output;
    return layout->write(output, network, layer, part);
}

/* Renames are all that can still fail here, and a rename beside its target hardly can. Should one fail, the
   files of the others are not put in place either. */
static minnow_status commit_all(struct folder_writer *writer) {
    minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < writer->count; i++) {
        if (status == MINNOW_OK)
            status = output_commit(writer->output[i]);
        else
            output_abort(writer->output[i]);
    }
    return status;
}

/* Puts the files in their places if `status`, the outcome so far, is success; otherwise the folder is left as
   it was. Returns the first failure. */
static minnow_status folder_close(struct folder_writer *writer, minnow_status status) {
    if (status == MINNOW_OK)
        status = sync_last(writer);
    if (status == MINNOW_OK)
        return commit_all(writer);
    for (size_t i = 0; i < writer->count; i++)
        output_abort(writer->output[i]);
    if (writer->created)
        rmdir(writer->path);
    return status;
}

static minnow_status remove_leftover(const char *path) {
    if (unlink(path) == 0 || errno == ENOENT)
        return MINNOW_OK;
    return fail(MINNOW_ERROR_OUTPUT,
                "%s: left over from a deeper network, and cannot be removed: %s; remove it, as the folder "
                "cannot be loaded with it",
                path, strerror(errno));
}

/* A deeper network saved here before has left files that do not belong to this one. */
static minnow_status remove_leftovers(const char *folder, const struct folder_layout *layout,
                                      size_t layer_count) {
    minnow_status status = MINNOW_OK;
    for (size_t layer = layer_count; layer < NETWORK_MAX_LAYERS; layer++)
        for (enum part part = PART_WEIGHT; status == MINNOW_OK && part < PART_COUNT; part++) {
            char *path = layout->path(folder, layer, part);
            status = path != NULL ? remove_leftover(path) : fail_memory(folder);
            free(path);
        }
    return status;
}

minnow_status folder_save(const minnow_network *network, const char *folder,
                          const struct folder_layout *layout) {
    struct folder_writer writer;
    minnow_status status = model_check_finite(network, folder);
    if (status == MINNOW_OK)
        status = folder_open(folder, &writer);
    if (status != MINNOW_OK)
        return status;

    for (size_t layer = 0; layer < network->layer_count; layer++)
        for (enum part part = PART_WEIGHT; status == MINNOW_OK && part < PART_COUNT; part++)
            status = add_file(&writer, layout, network, layer, part);
    status = folder_close(&writer, status);
    return status == MINNOW_OK ? remove_leftovers(folder, layout, network->layer_count) : status;
}

/* ---- Reading ---- */

bool folder_recognise(const char *path, const struct folder_layout *layout) {
    struct stat info;
    char *weights = layout->path(path, 0, PART_WEIGHT);
    bool there = weights != NULL && stat(weights, &info) == 0;
    free(weights);
    return there;
}

minnow_status folder_look(const char *folder, const char *contents, const struct folder_layout *layout,
                          bool there[FOLDER_LAYERS][PART_COUNT]) {
    minnow_status status = file_kind_check_folder(folder, contents, FILE_AS_MODEL);
    for (size_t layer = 0; layer < FOLDER_LAYERS; layer++)
        for (enum part part = PART_WEIGHT; status == MINNOW_OK && part < PART_COUNT; part++) {
            char *path = layout->path(folder, layer, part);
            if (path == NULL)
                return fail_memory(folder);
            struct stat info;
            there[layer][part] = stat(path, &info) == 0 || (errno != ENOENT && errno != ENOTDIR);
            free(path);
        }
    return status;
}
