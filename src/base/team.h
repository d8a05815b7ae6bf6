/* A team of threads over OpenMP, and the barrier that the training step needs twice per mini-batch. */
#ifndef MINNOW_BASE_TEAM_H
#define MINNOW_BASE_TEAM_H

#include <stddef.h>

/* What a parallel loop is handed: thread index of count. */
struct team_member {
    unsigned index, count;
    struct team *team;
};

/* The number of threads to use: `requested`, or OpenMP's choice (OMP_NUM_THREADS) when 0; at least 1, at most
 * 1024. */
unsigned team_threads(unsigned requested);

/* The processors that this program may run on, as OpenMP counts them; at least 1. */
unsigned team_processors(void);

/* Makes `threads` OpenMP's choice, in place of OMP_NUM_THREADS; 0 leaves it as it is. For the program: a
 * library does not change what its caller's other code shares. */
void team_set_default(unsigned threads);

/* Runs body once on each of `threads` threads, in one parallel region; returns when all have. Should the
   system grant fewer threads, body runs on those with that count. */
void team_run(unsigned threads, void (*body)(struct team_member member, void *context), void *context);

/* Waits until every member of the team has come here. */
void team_barrier(struct team_member member);

/* The member's contiguous part of [0, total), in multiples of `grain` but for the end; *begin == *end when
 * none is left. */
void team_slice(struct team_member member, size_t total, size_t grain, size_t *begin, size_t *end);

#endif
