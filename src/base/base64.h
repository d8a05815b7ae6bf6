/* Base64 as data URIs and MIME have it (RFC 4648, section 4), with padding. */
#ifndef MINNOW_BASE_BASE64_H
#define MINNOW_BASE_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Characters for so many bytes, without a final NUL. */
static inline size_t base64_length(size_t bytes) {
    return (bytes + 2) / 3 * 4;
}

/* text[base64_length(count)]; no NUL is added. */
void base64_encode(const uint8_t *bytes, size_t count, char *text);

#endif
