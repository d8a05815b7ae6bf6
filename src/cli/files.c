#include "cli/files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "cli/commands.h"
#include "cli/terminal.h"

bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool folder_has(const char *folder, const char *name) {
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    return length >= 0 && (size_t)length < sizeof path && access(path, F_OK) == 0;
}

int model_open(const char *path, const char *isa, minnow_network **out) {
    minnow_status status =
        is_folder(path) ? minnow_network_load_values(path, isa, out) : minnow_network_load(path, isa, out);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

int target_check(const char *path) {
    struct stat info;
    if (path[0] == '\0')
        return problem(STATUS_USAGE, "expected the name of a file to write, found an empty one");
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return problem(STATUS_FAILURE, "%s: is a folder, expected a file to write", path);
    /* Opening a pipe would wait for its reader, and closing it again would end him. */
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) {
        if (access(path, W_OK) == 0)
            return STATUS_SUCCESS;
        return problem(STATUS_FAILURE, "%s: cannot be written: %s", path, strerror(errno));
    }
    struct output *output;
    minnow_status status = output_open(path, &output);
    output_abort(output);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

int values_check(const char *folder, size_t layer_count) {
    struct stat info;
    if (stat(folder, &info) != 0)
        return target_check(folder); /* as good as making the folder there */
    if (!S_ISDIR(info.st_mode))
        return problem(STATUS_FAILURE, "%s: expected a folder to write to, found something else", folder);
    int status = STATUS_SUCCESS;
    for (size_t layer = 1; layer <= layer_count && status == STATUS_SUCCESS; layer++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/weights_%zu.csv", folder, layer);
        status = target_check(path);
        snprintf(path, sizeof path, "%s/biases_%zu.csv", folder, layer);
        if (status == STATUS_SUCCESS)
            status = target_check(path);
    }
    return status;
}
