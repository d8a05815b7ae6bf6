/* The table of initialisations: how the parameters of a network begin. */
#ifndef MINNOW_NET_INITIALIZE_H
#define MINNOW_NET_INITIALIZE_H

#include <stdbool.h>

#include "net/network.h"

struct init_row {
    const char *name; /* as the command line spells it */
    const char *help; /* what it is; NULL: not for people to choose */

    /* Of the weights of a layer, whose activation has that gain (activations.h). NULL: all parameters are 0. */
    double (*variance)(const struct layer *layer, double gain);
    bool draws_biases; /* with the same variance; else they are 0 */
    bool
        orthogonal; /* the weights' rows or columns are orthogonal, and the variance is the square of their length */
};

extern const struct init_row init_rows[]; /* by minnow_init */
extern const size_t init_row_count;

/* Draws the parameters of a network of zeros. Errors: MEMORY. */
minnow_status network_initialize(minnow_network *network, minnow_init init, uint64_t seed);

/* w[inputs][outputs] of a layer: orthogonal rows, or columns where those are fewer, of that length. */
minnow_status orthogonal_weights(const minnow_network *network, size_t layer, double length, uint64_t seed);

#endif
