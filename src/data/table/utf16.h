/* UTF-16, in which Excel writes its "Unicode text". */
#ifndef MINNOW_DATA_TABLE_UTF16_H
#define MINNOW_DATA_TABLE_UTF16_H

#include "base/file.h"

/* Whether the bytes begin with UTF-16's byte order mark, in either order. */
bool utf16_detect(const uint8_t *bytes, size_t size);

/* The text behind the mark as UTF-8, from malloc. Halves of pairs that lack the other half become U+FFFD, and so does a
   byte too many at the end. Errors: MEMORY. */
minnow_status utf16_to_utf8(const char *name, const uint8_t *bytes, size_t size, struct file_bytes *out);

#endif
