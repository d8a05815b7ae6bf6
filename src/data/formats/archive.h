/* Archives, zip and tar (also compressed), read through libarchive. A build without it knows archives when it
   meets them, and says that it cannot read them. */
#ifndef MINNOW_DATA_FORMATS_ARCHIVE_H
#define MINNOW_DATA_FORMATS_ARCHIVE_H

#include <stdbool.h>

#include "base/file.h"
#include "data/formats/names.h"

/* Whether a regular file of this path begins as an archive of data may: not, for instance, one that is a model of
   PyTorch's or a document of Office's. */
bool archive_detect(const char *path);

/* The names of all members that are files, sorted. Errors: INPUT (damaged, too many, or built without libarchive),
   MEMORY. */
minnow_status archive_list(const char *path, struct name_set *out);

/* Calls `take` with each member that is a file, in the archive's order, its bytes in memory, until one call fails.
   `wants` says by its name whether a member is read. All that is read may be no more than such an archive
   plausibly holds (see gzip_plausible). Errors: those of archive_list, and of `take`. */
struct archive_reader {
    bool (*wants)(void *context, const char *name);
    minnow_status (*take)(void *context, const char *name,
                          struct file_bytes *bytes); /* may take bytes over */
    void *context;
};
minnow_status archive_read(const char *path, const struct archive_reader *reader);

#endif
