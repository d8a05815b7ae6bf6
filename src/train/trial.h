/*
 * Whether a step is done sooner one way than another, by trying both in mid-run: some mini-batches this way (A), some the other
 * way (B), and both once more, because other programs and the clock of the processor disturb any single comparison.
 * B must be faster each time. Where it is far slower, two mini-batches tell.
 */
#ifndef MINNOW_TRAIN_TRIAL_H
#define MINNOW_TRAIN_TRIAL_H

#include <stdbool.h>

enum { TRIAL_LONGEST = 32 };

/* What to do before the next mini-batch. At the end, A or B is to be followed from there on. */
enum trial_answer { TRIAL_STAY, TRIAL_FOLLOW_A, TRIAL_FOLLOW_B, TRIAL_END_A, TRIAL_END_B };

struct trial {
    unsigned length; /* mini-batches of each turn */
    unsigned turn;   /* 0 to 3: A, B, A, B */
    bool settling;   /* the next mini-batch is the first of its turn, and does not count */
    unsigned count;
    double seconds[TRIAL_LONGEST]; /* of the turn's mini-batches so far */
    double of_a;                   /* the median of A's last turn */
    double most;                   /* that B may take, as a share of A's */
    double lost;                   /* seconds that B took beyond A's */
};

/* Mini-batches take about so many seconds, and A is being followed. B must take at most `most` times as long as A. */
void trial_begin(struct trial *trial, double seconds, double most);

/* After each mini-batch, which took so long. */
enum trial_answer trial_step(struct trial *trial, double seconds);

/* Of at most TRIAL_LONGEST numbers, which are put in order. */
double trial_median(double *numbers, unsigned count);

#endif
