/*
 * A team of threads over OpenMP, and the barrier that the training step needs twice per mini-batch. Every parallel
 * region of the library is a team's, so that what is said here holds everywhere.
 *
 * How many threads: a number that the caller, the program's user or OMP_NUM_THREADS gives is taken as it is. Only
 * the choice that OpenMP makes by itself, one thread per processor, is reduced to the quota of processor time that
 * the process's control groups grant (base/cpu_quota.h): more threads would use it up sooner and then all stand
 * still until the next period. For that, files below /proc and /sys/fs/cgroup are read, once, at the first use.
 * The environment is not read.
 *
 * After fork(): GNU's OpenMP keeps a pool of waiting threads for each thread that has opened a parallel region.
 * A child process has no threads but the one that called fork(); if that one has a pool, it would wait for its
 * threads forever. So in a child whose own thread has run a team before the fork, every team is of one thread. The
 * results are the same to the last bit. A child forked before that, and threads that a child starts by itself, have
 * teams as usual. Parallel regions that other code of the process opens with the same OpenMP are not known here.
 */
#ifndef MINNOW_BASE_TEAM_H
#define MINNOW_BASE_TEAM_H

#include <stdbool.h>
#include <stddef.h>

/* What a parallel loop is handed: thread index of count. */
struct team_member {
    unsigned index, count;
    struct team *team;
};

/* The number of threads to use, 1 to 1024: `requested`, or, when that is 0, what team_set_default was given, else
   OMP_NUM_THREADS, else one per processor but no more than the quota, rounded up. Always 1 in a build without OpenMP,
   and where teams are of one thread after fork(). */
unsigned team_threads(unsigned requested);

/* The processors that this process may run on at the same time, as OpenMP counts them; at least 1. A quota is no
   matter of this, since it limits the time that they may take, not their number. */
unsigned team_processors(void);

/* The quota of this process in processors' worth of time, 1.5 for instance; 0: none. See base/cpu_quota.h. */
double team_quota(void);

/* Makes `threads` OpenMP's choice, in place of OMP_NUM_THREADS and unbounded by the quota; 0 leaves it as it is. For
   the program: a library does not change what its caller's other code shares. A program whose user has set
   OMP_NUM_THREADS to the number of processors passes it here, because the library cannot tell it from OpenMP's own
   choice. */
void team_set_default(unsigned threads);

/* Runs body once on each of `threads` threads, in one parallel region; returns when all have. With fewer threads
   than that, because the system grants no more, after fork() or in a build without OpenMP, body runs on those with
   that count. */
void team_run(unsigned threads, void (*body)(struct team_member member, void *context), void *context);

/* Waits until members 0 to member.count - 1 have come here. */
void team_barrier(struct team_member member);

/*
 * A team may work with its first members only, while the others sleep: when other programs have work for the
 * processors, a barrier waits for members that have none. At first all are active, or as many as team_run_active was told.
 *
 * A step ends in a barrier. Before it, the first member says with team_set_active how many are active from the next step
 * on; each member asks team_active at the beginning of a step. Those who join see what the first member wrote before.
 */
void team_set_active(struct team_member member, unsigned active);

/* team_run, with so many members active at first: 1 or more. `body` must then begin with team_active. */
void team_run_active(unsigned threads, unsigned active,
                     void (*body)(struct team_member member, void *context), void *context);

/* Sleeps until this member is among the active ones, and returns it with their number for its count. */
struct team_member team_active(struct team_member member);

/* For how many microseconds members have slept at barriers, all together, because they had waited there for long: much
   of it is the sign of a member that has no processor. Only ever grows, modulo 2^32. */
unsigned team_slept(struct team_member member);

/* Lets members spin at barriers for a short time only, or as long as usual. */
void team_set_patience(struct team_member member, bool patient);

/* The member's contiguous part of [0, total), in multiples of `grain` but for the end; *begin == *end when
   none is left. */
void team_slice(struct team_member member, size_t total, size_t grain, size_t *begin, size_t *end);

#endif
