/* What a mini-batch costs, as README.md tells it: roughly, but well enough to choose by. */
#ifndef MINNOW_TRAIN_COST_H
#define MINNOW_TRAIN_COST_H

#include "net/network.h"

/* What the first layer reads. Of the latter two, the zeros are skipped. */
enum input_form { INPUT_FLOATS, INPUT_BYTES, INPUT_LISTS };

/* Whether skipping the inputs that are 0 pays, in that form, when `density` of them, 0 to 1, are not. */
bool cost_sparse_pays(const minnow_network *network, size_t batch, enum input_form form, double density);

/* The work of updating a row of the layer's weights, whose input is not 0 in a share `filled` of the samples.
 */
double cost_row_update(const struct layer *layer, bool copied, size_t batch, enum input_form form,
                       double filled);

/* The work of adding up a mini-batch's losses, which is the first thread's, in units of the former. */
double cost_account(size_t batch);

/* The number of threads, at most `most`, that are done first. form: the first layer's. */
unsigned cost_best_threads(const minnow_network *network, size_t batch, enum input_form form, double density,
                           unsigned most);

#endif
