/* The thread's last error, behind minnow_last_error(). */
#ifndef MINNOW_BASE_STATUS_H
#define MINNOW_BASE_STATUS_H

#include "minnow/minnow.h"

/* Sets the calling thread's message and returns `status`, so that a failure is one statement:
   return fail(MINNOW_ERROR_INPUT, "%s: byte %zu: …", path, offset); One line, no newline, control characters
   are escaped. */
minnow_status fail(minnow_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The usual failure of an allocation: `what` was to be allocated. */
minnow_status fail_memory(const char *what);

#endif
