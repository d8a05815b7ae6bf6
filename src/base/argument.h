/* What public functions ask of their arguments before they look at anything else. */
#ifndef MINNOW_BASE_ARGUMENT_H
#define MINNOW_BASE_ARGUMENT_H

#include <stdbool.h>

/* Whether a pointer is not NULL. If it is, the thread's message says so, by the names of the public header, which are
   those of the parameter and of the function around: "minnow_network_save: path is NULL". */
#define GIVEN(pointer) argument_given(__func__, #pointer, pointer)
bool argument_given(const char *function, const char *argument, const void *pointer);

/* The start of a function with an out-parameter for a new object: it is NULL after a failure, whatever that is.
   False if there is no such parameter. */
#define CLEARED(out) (GIVEN(out) && ((*(out) = NULL), true))

#endif
