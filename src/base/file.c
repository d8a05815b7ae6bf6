#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/status.h"

int file_descriptor(const char *path, int flags, mode_t mode) {
    int fd = open(path, flags | O_CLOEXEC, mode);
    if (fd < 0 || fd > 2)
        return fd;

    int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    int error = errno;
    close(fd);
    errno = error;
    return moved;
}

char *file_path(const char *folder, const char *name) {
    char *path;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

bool file_may_exist(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* Reads to the end. The memory starts with the expected size, which is right for a regular file, and is doubled
   whenever it is full. */
static minnow_status read_all(const char *path, int fd, size_t expected, size_t limit,
                              struct file_bytes *out) {
    /* With one byte to spare, the read that finds the end needs no larger memory. */
    size_t capacity = expected + 1, size = 0;
    uint8_t *data = malloc(capacity);
    for (;;) {
        if (data == NULL)
            return fail_memory(path);
        ssize_t got = read(fd, data + size, capacity - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            int error = errno;
            free(data);
            return fail(MINNOW_ERROR_INPUT, "%s: cannot be read at byte %zu: %s", path, size,
                        strerror(error));
        }
        if (got == 0)
            break;
        size += (size_t)got;
        if (size > limit) {
            free(data);
            return fail(MINNOW_ERROR_INPUT, "%s: larger than the %zu bytes such a file may have", path,
                        limit);
        }
        if (size == capacity) {
            capacity = capacity < SIZE_MAX / 2 ? capacity * 2 : SIZE_MAX;
            uint8_t *larger = realloc(data, capacity);
            if (larger == NULL)
                free(data);
            data = larger;
        }
    }
    *out = (struct file_bytes){data, size, false};
    return MINNOW_OK;
}

/* Maps a regular file, all pages at once where the system can do that, because a page fault for each takes longer.
   False when it cannot be mapped; it can perhaps still be read. */
static bool map_all(int fd, const struct stat *info, struct file_bytes *out) {
#ifdef MAP_POPULATE
    int flags = MAP_PRIVATE | MAP_POPULATE;
#else
    int flags = MAP_PRIVATE;
#endif
    if (!S_ISREG(info->st_mode) || info->st_size <= 0)
        return false;
    void *data = mmap(NULL, (size_t)info->st_size, PROT_READ, flags, fd, 0);
    if (data == MAP_FAILED)
        return false;
    *out = (struct file_bytes){data, (size_t)info->st_size, true};
    return true;
}

minnow_status file_open_failed(const char *path) {
    if (path[0] == '\0')
        return fail(MINNOW_ERROR_INPUT, "expected the name of a file to read, found an empty one");
    return fail(MINNOW_ERROR_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
}

static minnow_status read_or_map(const char *path, size_t limit, bool map, struct file_bytes *out) {
    *out = (struct file_bytes){0};
    int fd = file_descriptor(path, O_RDONLY, 0);
    if (fd < 0)
        return file_open_failed(path);
    struct stat info;
    minnow_status status;
    if (fstat(fd, &info) != 0)
        status = fail(MINNOW_ERROR_INPUT, "%s: cannot be examined: %s", path, strerror(errno));
    else if (S_ISDIR(info.st_mode))
        status = fail(MINNOW_ERROR_INPUT, "%s: is a folder, expected a file", path);
    else if (S_ISREG(info.st_mode) && (uintmax_t)info.st_size > limit)
        status = fail(MINNOW_ERROR_INPUT, "%s: %jd bytes, larger than the %zu such a file may have", path,
                      (intmax_t)info.st_size, limit);
    else if (map && map_all(fd, &info, out))
        status = MINNOW_OK;
    else
        status = read_all(path, fd, S_ISREG(info.st_mode) ? (size_t)info.st_size : 65535, limit, out);
    close(fd);
    return status;
}

minnow_status file_read(const char *path, size_t limit, struct file_bytes *out) {
    return read_or_map(path, limit, false, out);
}

minnow_status file_map(const char *path, size_t limit, struct file_bytes *out) {
    return read_or_map(path, limit, true, out);
}

bool file_read_beginning(const char *path, uint8_t *bytes, size_t most, size_t *count, uint64_t *size) {
    *count = 0;
    *size = 0;
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) /* opening a pipe would wait for its writer */
        return false;
    int fd = file_descriptor(path, O_RDONLY, 0);
    if (fd < 0)
        return false;

    ssize_t got;
    do
        got = read(fd, bytes, most);
    while (got < 0 && errno == EINTR);
    close(fd);
    *count = got > 0 ? (size_t)got : 0;
    *size = (uint64_t)info.st_size;
    return got >= 0;
}

void file_bytes_free(struct file_bytes *bytes) {
    if (bytes->mapped)
        munmap(bytes->data, bytes->size);
    else
        free(bytes->data);
    *bytes = (struct file_bytes){0};
}
