/* Small random problems for tests of training. */
#ifndef TESTS_TRAIN_SAMPLES_H
#define TESTS_TRAIN_SAMPLES_H

#include "minnow/minnow.h"

/* `count` samples of `features` bytes, four in five of them 0 as in images of digits, whose label depends on
 * them. */
minnow_dataset *samples_make(size_t count, size_t features, size_t classes);

/* The same samples as floats. */
minnow_dataset *samples_as_floats(const minnow_dataset *bytes);

/* Gives samples, some of them none, and classes weights that differ. */
void samples_weigh(minnow_dataset *dataset);

/* A network of those layer sizes, with the named kernels. */
minnow_network *samples_network(const size_t *sizes, size_t layers, minnow_activation activation,
                                minnow_loss loss, const char *isa);

/* The linear congruential generator of make_reference.py and make_torch_reference.py, whose runs other programs can
   begin too: the next draw, at least 0 and less than 1; and n of them, each shifted. */
float samples_draw(void);
void samples_draw_all(float *x, size_t n, float shift);

/* Begins the generator anew, and draws all weights, then all biases, from -½ to ½: where those runs start. */
void samples_set_start(minnow_network *network);

/* Ways to train that differ in what becomes of a gradient: every optimiser, and each regularisation with some of
   them. The first is plain gradient descent. Sets the configuration to one of them, at a rate that suits it,
   for a network of that loss and so many layers. */
enum { SAMPLES_WAYS = 13 };
void samples_set_way(minnow_training_config *config, size_t way, minnow_loss loss, size_t layers);

/* Trains to the end and returns the last report. */
minnow_progress samples_train(minnow_network *network, const minnow_dataset *dataset,
                              const minnow_training_config *config);

/* The larger error; NaN if either is, which fmax would pass over as if nothing had gone wrong. */
double samples_worse(double a, double b);

#endif
