/* Whole files in. base/stream.h reads them piece by piece, base/output.h writes them. */
#ifndef MINNOW_BASE_FILE_H
#define MINNOW_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "minnow/minnow.h"

struct file_bytes {
    uint8_t *data; /* never NULL after success, even when size is 0 */
    size_t size;
    bool mapped; /* `data` is not memory of our own but the file's pages, and read-only */
};

/* Reads a whole file (or pipe) of at most `limit` bytes. Errors: INPUT (naming the file and why), MEMORY. */
minnow_status file_read(const char *path, size_t limit, struct file_bytes *out);

/* The same, but a regular file is mapped rather than read, where that is possible. Then its bytes may change
   while another program writes to it, and a program that looks at them receives SIGBUS when the file has been
   cut short since or its disk fails. */
minnow_status file_map(const char *path, size_t limit, struct file_bytes *out);

/* The first bytes of a regular file, at most `most`, and the file's size. False for anything else, a pipe for
   one, whose bytes would be gone afterwards, and where the file cannot be read; whoever reads it whole says why. */
bool file_read_beginning(const char *path, uint8_t *bytes, size_t most, size_t *count, uint64_t *size);

void file_bytes_free(struct file_bytes *bytes);

/* As open() with O_CLOEXEC, but never descriptor 0, 1 or 2: in a program that was started with its standard
   streams closed, a file must not take their place and receive what is meant for them. */
int file_descriptor(const char *path, int flags, mode_t mode);

/* Sets the error for a file to read that could not be opened, for the reason in errno. Returns INPUT. */
minnow_status file_open_failed(const char *path);

/* FOLDER/NAME, from malloc; NULL when there is no memory. */
char *file_path(const char *folder, const char *name);

/* False when it is certain that nothing has this path. A file that cannot be examined may exist: opening it
   will say what is wrong. */
bool file_may_exist(const char *path);

#endif
