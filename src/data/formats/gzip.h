/* gzip, which any format's files may be wrapped in: the first bytes tell, not the name, since browsers
   expand .gz files and leave their name. */
#ifndef MINNOW_DATA_FORMATS_GZIP_H
#define MINNOW_DATA_FORMATS_GZIP_H

#include "base/file.h"

/* Whether bytes begin as every gzip file does. */
bool gzip_detect(const uint8_t *bytes, size_t size);

/* What a gzip file that begins with these bytes begins with, up to `room` bytes of it; to tell what it holds, without
   expanding it. Returns how many there are, 0 if they cannot be told. */
size_t gzip_peek(const uint8_t *bytes, size_t size, uint8_t *out, size_t room);

/* The most bytes that `size` compressed bytes plausibly stand for: 200 times as many, or 256 MiB if that is more.
   Images expand 5 times, text and tables up to 20; what expands further was made to fill memory. */
size_t gzip_plausible(size_t size);

/* Expands a gzip file of one or more members that is in memory. Memory grows with what has really been
   expanded, never with what the file claims. Errors: INPUT (damaged, cut short, followed by something else,
   or more than `limit` bytes expanded, or than is plausible), MEMORY. */
minnow_status gzip_expand(const char *name, const uint8_t *bytes, size_t size, size_t limit,
                          struct file_bytes *out);

#endif
