#include "base/output_folder.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"

struct output_folder {
    char *path;
    bool created;
    size_t count, capacity;
    struct output **outputs; /* [count] */
};

static void folder_free(struct output_folder *folder) {
    free(folder->outputs);
    free(folder->path);
    free(folder);
}

minnow_status output_folder_open(const char *path, struct output_folder **out) {
    *out = NULL;
    if (path[0] == '\0')
        return fail(MINNOW_ERROR_OUTPUT, "expected the name of a folder to write to, found an empty one");
    struct output_folder *folder = calloc(1, sizeof *folder);
    if (folder == NULL || (folder->path = memory_copy_string(path)) == NULL) {
        free(folder);
        return fail_memory(path);
    }

    folder->created = mkdir(path, 0777) == 0;
    if (!folder->created && errno != EEXIST) {
        int error = errno;
        folder_free(folder);
        return fail(MINNOW_ERROR_OUTPUT, "%s: the folder cannot be created: %s", path, strerror(error));
    }
    *out = folder;
    return MINNOW_OK;
}

/* Makes room for one more output. */
static bool grow(struct output_folder *folder) {
    enum { FIRST_CAPACITY = 8 };
    if (folder->count < folder->capacity)
        return true;

    size_t capacity = folder->capacity > 0 ? 2 * folder->capacity : FIRST_CAPACITY, bytes;
    struct output **larger = NULL;
    if (size_multiply(capacity, sizeof *larger, &bytes))
        larger = realloc(folder->outputs, bytes);
    if (larger == NULL)
        return false;
    folder->outputs = larger;
    folder->capacity = capacity;
    return true;
}

minnow_status output_folder_add(struct output_folder *folder, const char *name, struct output **out) {
    *out = NULL;
    char *path = grow(folder) ? file_path(folder->path, name) : NULL;
    if (path == NULL)
        return fail_memory(folder->path);

    minnow_status status = output_open(path, out);
    free(path);
    if (status == MINNOW_OK)
        folder->outputs[folder->count++] = *out;
    return status;
}

/* Once all are on disk, renames are all that can still fail, and a rename beside its target hardly can. Should
   one fail, the remaining files are not put in place either. */
static minnow_status commit_all(struct output_folder *folder) {
    minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < folder->count; i++) {
        if (status == MINNOW_OK)
            status = output_commit(folder->outputs[i]);
        else
            output_abort(folder->outputs[i]);
    }
    return status;
}

minnow_status output_folder_close(struct output_folder *folder, minnow_status status) {
    for (size_t i = 0; status == MINNOW_OK && i < folder->count; i++)
        status = output_sync(folder->outputs[i]);

    if (status == MINNOW_OK) {
        status = commit_all(folder);
    } else {
        for (size_t i = 0; i < folder->count; i++)
            output_abort(folder->outputs[i]);
        if (folder->created)
            rmdir(folder->path);
    }
    folder_free(folder);
    return status;
}
