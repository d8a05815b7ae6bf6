/*
 * How many members of a team train at a time. On a processor that other programs use too, a barrier waits for a
 * member that the system has stopped, and two threads can take many times as long as one. No result depends on their
 * number, so it may change between any two mini-batches: here it is decided, by trying.
 *
 * Times are cut into windows. When members slept at barriers for a good part of the last one, and now and then without a
 * sign, half of them try the next one alone, then half of those, and the quickest go on alone. After a while twice as
 * many are tried again. After a trial that was in vain, the next one waits for many times as long as it took.
 */
#ifndef MINNOW_TRAIN_PACE_H
#define MINNOW_TRAIN_PACE_H

#include <stdbool.h>
#include <stddef.h>

enum pace_phase { PACE_STEADY, PACE_TRYING_FEWER, PACE_TRYING_MORE };

struct pace {
    unsigned most, active;
    unsigned before; /* the trial: so many were active */
    unsigned best;   /* of those compared in the trial */
    enum pace_phase phase;

    /* The window under way. Times are in seconds. */
    double begin, length, shortest;
    size_t samples;
    unsigned slept_before; /* microseconds that members had slept when it began */

    double trial;     /* when it began */
    bool slept;       /* members had slept for much of the window before it */
    double reference; /* samples per second of `best` */
    /* When to try next. Fewer: after members have slept, and without a sign. */
    double fewer_at, unasked_at, more_at;
    double fewer_pause, unasked_pause, more_pause;

    /* Since the number of members last changed for good. */
    double since;
    size_t since_samples;
};

/* A run of a team of `most` begins, pace->active of them active: all in the first run, for which `pace` is all 0, else as
   many as the run before of a team as large has found best. */
void pace_start(struct pace *pace, unsigned most, double now);

/* Something else was tried since pace_step was last called, and the window under way begins anew. */
void pace_skip(struct pace *pace, double seconds, double now, unsigned slept);

/* After each mini-batch: so many samples were trained in it, and members have slept for so many microseconds in the whole run,
   all together (team_slept). Returns the number of members for the next one. */
unsigned pace_step(struct pace *pace, size_t samples, double now, unsigned slept);

#endif
