/* The original program's values/ folder: weights_1.csv and biases_1.csv for the first layer, and so on. */
#ifndef MINNOW_MODEL_VALUES_H
#define MINNOW_MODEL_VALUES_H

#include "model/model.h"

/* FOLDER/weights_N.csv or FOLDER/biases_N.csv with N = layer + 1, from malloc; NULL when there is no memory. */
char *values_path(const char *folder, size_t layer, enum part part);

extern const struct folder_layout values_layout;

#endif
