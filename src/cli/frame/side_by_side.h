/* Work of many independent parts, several of them at a time. */
#ifndef MINNOW_CLI_SIDE_BY_SIDE_H
#define MINNOW_CLI_SIDE_BY_SIDE_H

#include <stddef.h>

/*
 * Calls work(index, threads, context) once for each index from 0 to count - 1. Networks that are small enough to be
 * trained by the hundred gain little from a second thread: on T threads, T parts run at a time, with one thread each,
 * in the order of their indexes. Where less than six tenths of the threads would have a part, those parts run one after
 * the other on all of them.
 */
void side_by_side(size_t count, unsigned threads, void (*work)(size_t index, unsigned threads, void *context),
                  void *context);

/* How many parts run at a time, at first. */
unsigned side_by_side_width(size_t count, unsigned threads);

#endif
