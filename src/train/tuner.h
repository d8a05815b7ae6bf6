/*
 * Plans chosen by measuring. The cost model (cost.c) knows one processor; how fast this one is, whether its cores are equal,
 * and what else runs on them, only time tells. No result depends on the plan, so in mid-run the tuner
 *
 *   tries moves: one stage's other kind, or its other split, each against the plan so far (trial.h), and keeps what is faster;
 *   then evens out shares: the threads note how long they are busy in each kind of phase, shares move toward those that are
 *   done first, and are tried likewise. This goes on, at growing intervals, since machines change under a run.
 *
 * How many members train is decided beside this by pace.h: it stands still while the tuner tries something, and the tuner
 * begins nothing while the pace does. Trials may lose a two-hundredth of the run's mini-batches: where there are too few,
 * nothing is tried, and nothing measured.
 */
#ifndef MINNOW_TRAIN_TUNER_H
#define MINNOW_TRAIN_TUNER_H

#include "train/plan.h"
#include "train/trial.h"

enum tuner_state { TUNER_OFF, TUNER_WAITING, TUNER_NOTING, TUNER_TRYING };
enum tuner_act { TUNER_NOTHING, TUNER_MOVE, TUNER_EVEN_OUT, TUNER_FOLLOW, TUNER_KEEP, TUNER_DROP };

struct tuner {
    enum tuner_state state;

    /* For the next mini-batch, read by all members: written only when one has been done and the next has not begun. */
    bool acts;       /* before it, the first member calls tuner_act, and the others wait for it */
    unsigned record; /* where members note how long they are busy, or PLAN_RECORDS */

    enum tuner_act act; /* what tuner_act does */
    struct trial trial;
    size_t move, moves; /* the next one, and their number */

    double budget;  /* mini-batches that may be lost in the whole run */
    double spent;   /* seconds lost so far */
    double seconds; /* of a mini-batch, lately */
    double last;    /* when the last one ended */
    size_t seen;    /* mini-batches */

    double begun, next_at, pause; /* of trials, in seconds */
};

/* For a run of so many mini-batches in all. Kinds and splits are tried only where the plan is AUTO, and nothing is where it is
   MODEL. */
void tuner_open(struct tuner *tuner, const struct plan *plan, uint64_t minibatches, minnow_plan wanted);

/* A call of the trainer begins. */
void tuner_start(struct tuner *tuner, double now);

/* Whether something is being tried or noted. */
bool tuner_is_busy(const struct tuner *tuner);

/* By the first member, when a mini-batch is done: whether it was a full one, and whether something may begin now. */
void tuner_step(struct tuner *tuner, double now, bool full, bool may_begin);

/* By the first member, when tuner->acts, before a mini-batch of so many members begins. */
void tuner_do(struct tuner *tuner, struct plan *plan, unsigned members, double now);

#endif
