/*
 * Structs of the public interface whose size the caller states. Each begins with a size_t struct_size, which
 * its _init function sets to the sizeof that the caller's compiler knew. A program built against an older
 * header has shorter structs than the library, one built against a newer header has longer ones. Members are
 * only ever added at the end, so that the shorter of two versions is the beginning of the longer. The library
 * works on a struct of its own, and copies the part that both have.
 */
#ifndef MINNOW_BASE_SIZED_H
#define MINNOW_BASE_SIZED_H

#include "minnow/minnow.h"

/* Fills the caller's struct of `size` bytes from the library's of own_size bytes: copies what both have, sets
   what only the caller's has to zero, and sets its struct_size. Does nothing if the caller's is NULL, or its
   size is none that a struct can have. */
void sized_init(void *theirs, size_t size, const void *own, size_t own_size);

/* Whether a struct that is to be filled states its size; NULL, for one that is not wanted, is right too. `name`
   begins the message of an error. Errors: ARGUMENT (never initialised). */
minnow_status sized_check(const char *name, const void *theirs);

/* Copies what both have from the caller's struct to the library's, which holds the defaults of the rest.
   `name` begins the message of an error: "network config". Errors: ARGUMENT (NULL, never initialised, or
   longer than the library's and not zero beyond its end). */
minnow_status sized_read(const char *name, const void *theirs, void *own, size_t own_size);

/* As sized_init, for a struct that states its own size. Does nothing if the caller's is NULL or was never
   initialised. */
void sized_write(const void *own, size_t own_size, void *theirs);

#endif
