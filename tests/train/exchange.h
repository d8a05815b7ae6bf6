/*
 * Counts the bytes that threads fetch from each other: kernels that note, for each line of cache, who wrote it last and who
 * has fetched it since, and then compute as the real ones do. One thread plays all members of the team, one after the other.
 */
#ifndef TESTS_TRAIN_EXCHANGE_H
#define TESTS_TRAIN_EXCHANGE_H

#include "kernels.h"

enum { EXCHANGE_THREADS = 64 }; /* at most: a bit each */

/* A table that notes what the kernels of `real` read and write. An operation whose reads and writes are not known to it ends
   the program, so that none is left out. One table at a time. */
const struct kernels *exchange_kernels(const struct kernels *real);

/* Whose reads and writes the next ones are. */
void exchange_set_thread(unsigned thread);

/* Forgets what was counted, not who wrote what. */
void exchange_begin(void);

/* Bytes, whole lines of cache, that the thread has read since of what another wrote last; a line that is read again before
   it is written again counts once. */
size_t exchange_bytes(unsigned thread);

#endif
