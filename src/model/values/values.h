/* The original program's values/ folder: weights_1.csv and biases_1.csv for the first layer, and so on. */
#ifndef MINNOW_MODEL_VALUES_H
#define MINNOW_MODEL_VALUES_H

#include "model/model.h"

/* weights_N.csv or biases_N.csv with N = layer + 1. */
void values_name(size_t layer, enum part part, char name[MODEL_FILE_NAME]);

extern const struct folder_layout values_layout;

#endif
