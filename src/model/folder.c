/* Several files that take their places together. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/status.h"
#include "model/model.h"

minnow_status folder_open(const char *path, struct folder_writer *out) {
    *out = (struct folder_writer){.path = path};
    out->created = mkdir(path, 0777) == 0;
    if (!out->created && errno != EEXIST)
        return fail(MINNOW_ERROR_OUTPUT, "%s: the folder cannot be created: %s", path, strerror(errno));
    return MINNOW_OK;
}

static minnow_status sync_last(struct folder_writer *writer) {
    return writer->count > 0 ? output_sync(writer->output[writer->count - 1]) : MINNOW_OK;
}

minnow_status folder_add(struct folder_writer *writer, const char *path, struct output **out) {
    minnow_status status = sync_last(writer);
    if (status == MINNOW_OK)
        status = output_open(path, out);
    if (status == MINNOW_OK)
        writer->output[writer->count++] = *out;
    return status;
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

minnow_status folder_close(struct folder_writer *writer, minnow_status status) {
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

minnow_status folder_remove_leftover(const char *path) {
    if (unlink(path) == 0 || errno == ENOENT)
        return MINNOW_OK;
    return fail(MINNOW_ERROR_OUTPUT,
                "%s: left over from a deeper network, and cannot be removed: %s; remove it, as the folder "
                "cannot be loaded with it",
                path, strerror(errno));
}
