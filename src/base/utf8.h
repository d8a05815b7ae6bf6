/* Whether bytes are UTF-8. */
#ifndef MINNOW_BASE_UTF8_H
#define MINNOW_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* No stray or missing continuation, no overlong form, no surrogate, nothing above U+10FFFF (RFC 3629), no NUL. */
bool utf8_check(const char *text, size_t length);

#endif
