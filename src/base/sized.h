/*
 * Structs of the public interface that the caller sizes. Each begins with a size_t struct_size, which the
 * caller's compiler knew; a program built against an older header has shorter ones, and one built against a
 * newer header longer ones. So the library works on structs of its own, and copies what both know.
 */
#ifndef MINNOW_BASE_SIZED_H
#define MINNOW_BASE_SIZED_H

#include "minnow/minnow.h"

/* Fills the caller's struct of `size` bytes with the first of the library's own_size bytes, and what is left
   of it with zeros, and sets its struct_size. Does nothing with one too short to hold that. */
void sized_init(void *theirs, size_t size, const void *own, size_t own_size);

/* Overwrites the library's struct, which holds defaults, by what the caller's says. `name` is for messages:
   "network config". Errors: ARGUMENT (NULL, never initialised, or longer than the library's with something
   other than 0 in what is beyond). */
minnow_status sized_read(const char *name, const void *theirs, void *own, size_t own_size);

/* Fills a struct that the caller has initialised, as far as it reaches. */
void sized_write(const void *own, size_t own_size, void *theirs);

#endif
