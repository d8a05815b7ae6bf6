/* What the numbers of a layer look like. */
#ifndef MINNOW_MODEL_STATISTICS_H
#define MINNOW_MODEL_STATISTICS_H

#include "net/network.h"

/* Of rows × columns numbers, in double; std is that of the population (divided by the count). */
struct statistics {
    double min, max, mean, std;
    double zeros; /* their share, 0 to 1; −0 is one */
};

struct statistics statistics_of_weights(const minnow_network *network, size_t layer);
struct statistics statistics_of_biases(const minnow_network *network, size_t layer);

#endif
