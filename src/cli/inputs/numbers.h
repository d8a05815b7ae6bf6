/* How well a network predicts numbers. */
#ifndef MINNOW_CLI_NUMBERS_H
#define MINNOW_CLI_NUMBERS_H

#include "data/table/encoder.h"
#include "minnow/minnow.h"

/* In the units of the table; NaN while unknown. */
struct number_scores {
    double rmse; /* root of the mean squared error */
    double mae;  /* mean absolute error */
    double r2; /* 1 - mean squared error / variance of the labels: 1 is perfect, 0 what their mean reaches */
};
#define NUMBER_SCORES_UNKNOWN                                                                                \
    { NAN, NAN, NAN }

/* The number that a sample's target stands for, or the network's output. */
static inline double number_of(const struct encoder *encoder, float target) {
    return (double)target * (double)encoder->target_spread + (double)encoder->target_centre;
}

/* Runs the network over a dataset whose targets the encoder has made. outputs: NULL or [count], receives what the
   network gives. Returns 0 or, having said why, an exit status. */
int number_scores_of(const minnow_network *network, const minnow_dataset *dataset,
                     const struct encoder *encoder, unsigned threads, float *outputs,
                     struct number_scores *out);

#endif
