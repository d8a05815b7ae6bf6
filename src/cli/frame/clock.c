#include "cli/frame/clock.h"

#include <time.h>

static double began;

double clock_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void clock_start(void) {
    began = clock_seconds();
}

double clock_began(void) {
    return began;
}
