/* The bytes of a file, a pipe or memory, a piece at a time. */
#ifndef MINNOW_BASE_STREAM_H
#define MINNOW_BASE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "minnow/minnow.h"

/* What has been read and is not used yet is bytes[begin … end - 1]; the reader moves `begin`. */
struct byte_stream {
    const char *name; /* for messages; the caller's */
    const uint8_t *bytes;
    size_t begin, end;
    bool at_end;     /* nothing follows bytes[end - 1] */
    size_t total;    /* bytes from the beginning to the end, or STREAM_UNKNOWN: it is a pipe or device */
    uint8_t *buffer; /* [capacity], the memory that `bytes` points to; NULL when that is the caller's */
    size_t capacity;
    int fd;
    bool owns_fd;
};
#define STREAM_UNKNOWN SIZE_MAX

/* A file or pipe by its path. Errors: INPUT (a folder is none), MEMORY. */
minnow_status stream_open(const char *path, struct byte_stream *out);
/* An open descriptor, from where it stands; it stays the caller's to close. Errors: as above. */
minnow_status stream_from_fd(const char *name, int fd, struct byte_stream *out);
/* Bytes in memory, which must outlive the stream. */
void stream_from_memory(const char *name, const uint8_t *bytes, size_t size, struct byte_stream *out);
/* A stream of zero bits may be closed too. */
void stream_close(struct byte_stream *stream);

/* Reads on: afterwards there are more bytes, or at_end is set. Bytes that were not used yet are kept, but may lie
   elsewhere: pointers to them are no longer valid. Errors: INPUT, MEMORY. */
minnow_status stream_more(struct byte_stream *stream);

/* Reads on until `size` unused bytes are there, or the end is. Errors: INPUT, MEMORY. */
minnow_status stream_gather(struct byte_stream *stream, size_t size);

/* Whether stream_more would have to wait, because the writer of the pipe has not written more yet. */
bool stream_waits(const struct byte_stream *stream);

#endif
