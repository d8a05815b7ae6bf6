#ifndef MINNOW_CLI_CLOCK_H
#define MINNOW_CLI_CLOCK_H

#include <time.h>

/* Seconds on a clock that only moves forward. */
static inline double clock_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* What it showed when the program began. */
extern double clock_began;

#endif
