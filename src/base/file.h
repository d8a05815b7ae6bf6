/* Whole files in, and files out that are either complete or not there. */
#ifndef MINNOW_BASE_FILE_H
#define MINNOW_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "minnow/minnow.h"

struct file_bytes {
    uint8_t *data; /* never NULL after success, even when size is 0 */
    size_t size;
    bool mapped; /* read-only, and a file's own pages */
};

/* Reads a whole file (or pipe) of at most `limit` bytes. Errors: INPUT (naming the file and why), MEMORY. */
minnow_status file_read(const char *path, size_t limit, struct file_bytes *out);
/* The same, but a regular file is mapped rather than read, where that is possible. Who looks at the bytes
   gets SIGBUS when the file has been cut short since, or cannot be read; and they may change. */
minnow_status file_map(const char *path, size_t limit, struct file_bytes *out);
void file_bytes_free(struct file_bytes *bytes);

/* A file being written beside its target: NAME.tmp-PID-N in the same folder. output_commit syncs it, renames
   it over the target and syncs the folder; output_abort removes it. A target that exists and is not a regular
   file (a device, a pipe) is written straight through, never renamed over. Symbolic links are followed to the
   file they name. Failures are kept: after the first, writes do nothing, and output_commit returns it.
   Temporaries of NAME that killed processes left behind are removed by the next output_open of NAME. */
struct output;

minnow_status output_open(const char *path, struct output **out); /* Errors: OUTPUT, MEMORY */
void output_write(struct output *output, const void *data, size_t size);
void output_printf(struct output *output, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Brings what was written to disk under the temporary name, so that of output_commit only the rename is left:
   for files that must be replaced together. The output stays to be committed or aborted. Errors: OUTPUT */
minnow_status output_sync(struct output *output);
/* Both release the output and accept NULL. */
minnow_status output_commit(struct output *output); /* Errors: OUTPUT; then the target is as it was */
void output_abort(struct output *output);

#endif
