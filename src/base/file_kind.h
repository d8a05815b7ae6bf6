/*
 * First aid for the wrong kind of file. When a reader finds that a file is not what it reads, it asks here
 * whether the first bytes are those of some other well known kind, so that the message can say what the file
 * is and what to do, rather than what is wrong with byte 8.
 */
#ifndef MINNOW_BASE_FILE_KIND_H
#define MINNOW_BASE_FILE_KIND_H

#include <stddef.h>
#include <stdint.h>
#include "minnow/minnow.h"

/* The kinds in the order in which they are tried: the more particular come first. */
enum file_kind {
    FILE_KIND_PYTORCH,
    FILE_KIND_NPZ,
    FILE_KIND_KERAS,
    FILE_KIND_OFFICE,
    FILE_KIND_ZIP,
    FILE_KIND_PICKLE,
    FILE_KIND_HDF5,
    FILE_KIND_GGUF,
    FILE_KIND_NPY,
    FILE_KIND_PNG,
    FILE_KIND_JPEG,
    FILE_KIND_GZIP,
    FILE_KIND_IDX,
    FILE_KIND_SAFETENSORS,
    FILE_KIND_ONNX,
    FILE_KIND_GIT_LFS,
    FILE_KIND_HTML,
    FILE_KIND_JSON,
    FILE_KIND_CSV,
    FILE_KIND_TEXT,
    FILE_KIND_UNKNOWN /* none of these */
};

/* What the file was opened for: it decides the advice. */
enum file_use { FILE_AS_MODEL, FILE_AS_DATA };

/* How much of a file's beginning is looked at; fewer bytes are enough for most kinds. */
enum { FILE_KIND_BYTES = 512 };

/* Which kind begins like this. */
enum file_kind file_kind_of(const uint8_t *bytes, size_t size);

/* To be called once a file has turned out not to be of the kind that was wanted. If its beginning is that of
   another kind, fails with INPUT and a message that says which, and what to do. Otherwise returns OK, and the
   caller says what it found wrong itself; so it is also when the bytes begin as the wanted kind should, and
   when comma-separated numbers are wanted and the file is some text: then its line and value say more.
   `name` is the file's. */
minnow_status file_kind_check(const char *name, const uint8_t *bytes, size_t size, enum file_kind wanted,
                              enum file_use use);

/* To be called where a folder is wanted, which for a model holds `contents` ("weights_1.csv, biases_1.csv, …"); for data
   these say themselves what is expected. Errors: INPUT (nothing there, or a file: then its kind is named if it is
   known). */
minnow_status file_kind_check_folder(const char *path, const char *contents, enum file_use use);

#endif
