#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

enum { MESSAGE_SIZE = 1024 };

static _Thread_local char last_error[MESSAGE_SIZE];

const char *minnow_last_error(void) {
    return last_error;
}

const char *minnow_version(void) {
    return MINNOW_VERSION;
}

/* File names and file contents end up in messages: control characters in them must not reach a terminal, nor
   break the promise of one line. */
static void escape(const char *text, char *out, size_t size) {
    static const char hex[] = "0123456789abcdef";
    size_t used = 0;
    for (; *text != '\0' && used + 5 < size; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 0x20 && c != 0x7f) {
            out[used++] = (char)c;
            continue;
        }
        out[used++] = '\\';
        out[used++] = 'x';
        out[used++] = hex[c >> 4];
        out[used++] = hex[c & 15];
    }
    out[used] = '\0';
}

minnow_status fail(minnow_status status, const char *format, ...) {
    /* The arguments may point into last_error, so the message is built beside it. */
    char message[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(message, sizeof message, format, arguments) < 0)
        message[0] = '\0';
    va_end(arguments);
    escape(message, last_error, sizeof last_error);
    return status;
}

minnow_status fail_memory(const char *what) {
    return fail(MINNOW_ERROR_MEMORY, "out of memory for %s; free some memory or use smaller sizes", what);
}
