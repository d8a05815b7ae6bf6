/* The parts of minnow lr-find: the sweep, what it suggests, and how its curve is drawn. */
#ifndef MINNOW_CLI_LR_FIND_H
#define MINNOW_CLI_LR_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "minnow/minnow.h"

/* The mini-batches of a sweep, over which the learning rate grows by one factor with each. */
struct sweep {
    double from, to;     /* rates */
    size_t planned;      /* mini-batches from one to the other */
    size_t count;        /* of those, carried out */
    double *rate;        /* [planned] */
    double *loss;        /* [planned]: of the mini-batch, before its own update */
    double *smooth;      /* [planned]: the same, smoothed */
    double sum, weights; /* of the smoothing so far */
    bool diverged;       /* it ended because the loss had left what it had gained, or was no number */

    bool found;       /* the loss fell by enough to suggest a rate */
    size_t steepest;  /* where the smoothed loss falls most for a step of the logarithm of the rate */
    size_t least;     /* where it is lowest, of what is kept */
    double suggested; /* a tenth of that rate */
};

/* Errors: MEMORY. */
minnow_status sweep_create(double from, double to, size_t steps, struct sweep *out);
void sweep_free(struct sweep *sweep);

/* The rate of the next mini-batch. */
double sweep_next_rate(const struct sweep *sweep);

/* Takes in the loss of a mini-batch. Returns whether the sweep goes on. */
bool sweep_add(struct sweep *sweep, double loss);

/* Looks for the suggestions, once the sweep is over. */
void sweep_conclude(struct sweep *sweep);

/* Draws the smoothed loss on standard output, as wide as it is; nothing where that is too narrow. */
void curve_print(const struct sweep *sweep);

/* Writes both losses as a picture. `title` is plain text without markup. Errors: OUTPUT, MEMORY. */
minnow_status curve_save_svg(const struct sweep *sweep, const char *title, const char *path);

#endif
