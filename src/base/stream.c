#include "base/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"

/* How much is read at a time: little enough to be in the L2 cache still when it is parsed. */
enum { PIECE = 1 << 18 };

static minnow_status find_total(struct byte_stream *stream) {
    struct stat info;
    if (fstat(stream->fd, &info) != 0)
        return fail(MINNOW_ERROR_INPUT, "%s: cannot be examined: %s", stream->name, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return fail(MINNOW_ERROR_INPUT, "%s: is a folder, expected a file", stream->name);
    stream->total = STREAM_UNKNOWN;
    off_t at = S_ISREG(info.st_mode) ? lseek(stream->fd, 0, SEEK_CUR) : -1;
    if (at >= 0)
        stream->total = info.st_size > at ? (size_t)(info.st_size - at) : 0;
    return MINNOW_OK;
}

static minnow_status start(const char *name, int fd, bool owns_fd, struct byte_stream *out) {
    *out = (struct byte_stream){.name = name, .fd = fd, .owns_fd = owns_fd, .capacity = PIECE};
    minnow_status status = find_total(out);
    if (status == MINNOW_OK && (out->bytes = out->buffer = malloc(out->capacity)) == NULL)
        status = fail_memory(name);
    if (status != MINNOW_OK)
        stream_close(out);
    return status;
}

minnow_status stream_open(const char *path, struct byte_stream *out) {
    *out = (struct byte_stream){0};
    int fd = file_descriptor(path, O_RDONLY, 0);
    if (fd < 0)
        return file_open_failed(path);
    return start(path, fd, true, out);
}

minnow_status stream_from_fd(const char *name, int fd, struct byte_stream *out) {
    return start(name, fd, false, out);
}

void stream_from_memory(const char *name, const uint8_t *bytes, size_t size, struct byte_stream *out) {
    *out = (struct byte_stream){
        .name = name, .bytes = bytes, .end = size, .total = size, .at_end = true, .fd = -1};
}

void stream_close(struct byte_stream *stream) {
    if (stream->owns_fd)
        close(stream->fd);
    free(stream->buffer);
    *stream = (struct byte_stream){0};
}

/* Moves what is left to the buffer's start, and makes the buffer longer if it is full already. */
static minnow_status make_room(struct byte_stream *stream) {
    size_t left = stream->end - stream->begin;
    memmove(stream->buffer, stream->buffer + stream->begin, left);
    stream->begin = 0;
    stream->end = left;
    if (left < stream->capacity)
        return MINNOW_OK;
    uint8_t *larger = left <= SIZE_MAX / 4 ? realloc(stream->buffer, 2 * stream->capacity) : NULL;
    if (larger == NULL)
        return fail_memory(stream->name);
    stream->bytes = stream->buffer = larger;
    stream->capacity *= 2;
    return MINNOW_OK;
}

minnow_status stream_more(struct byte_stream *stream) {
    if (stream->at_end)
        return MINNOW_OK;
    minnow_status status = make_room(stream);
    if (status != MINNOW_OK)
        return status;
    ssize_t got;
    do
        got = read(stream->fd, stream->buffer + stream->end, stream->capacity - stream->end);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return fail(MINNOW_ERROR_INPUT, "%s: cannot be read: %s", stream->name, strerror(errno));
    stream->at_end = got == 0;
    stream->end += (size_t)got;
    return MINNOW_OK;
}

bool stream_waits(const struct byte_stream *stream) {
    struct pollfd wanted = {.fd = stream->fd, .events = POLLIN};
    return !stream->at_end && poll(&wanted, 1, 0) == 0;
}

minnow_status stream_gather(struct byte_stream *stream, size_t size) {
    minnow_status status = MINNOW_OK;
    while (status == MINNOW_OK && stream->end - stream->begin < size && !stream->at_end)
        status = stream_more(stream);
    return status;
}
