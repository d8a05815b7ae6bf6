/*
 * Files out that are either complete or not there. An output is written beside its target, as NAME.tmp-PID-N in
 * the same folder; output_commit syncs it, renames it over the target and syncs the folder. A crash, a full disk
 * or a power cut at any time leaves the old target or the new one.
 *
 * A target that exists and is not a regular file (a device, a pipe) is written straight through, never renamed
 * over. Symbolic links are followed to the file they name. Temporaries of NAME that killed processes left behind
 * are removed by the next output_open of NAME.
 */
#ifndef MINNOW_BASE_OUTPUT_H
#define MINNOW_BASE_OUTPUT_H

#include <stddef.h>
#include "minnow/minnow.h"

struct output;

minnow_status output_open(const char *path, struct output **out); /* Errors: OUTPUT, MEMORY */

/* Failures are kept: after the first, writes do nothing, and output_sync and output_commit return it. */
void output_write(struct output *output, const void *data, size_t size);
void output_printf(struct output *output, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Brings what was written to disk under the temporary name, so that only the rename is left to output_commit:
   for files that must be replaced together. The output stays to be committed or aborted. Errors: OUTPUT */
minnow_status output_sync(struct output *output);

/* Both release the output and accept NULL. */
minnow_status output_commit(struct output *output); /* Errors: OUTPUT; then the target is as it was */
void output_abort(struct output *output);

#endif
