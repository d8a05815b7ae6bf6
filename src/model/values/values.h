/* The original program's values/ folder: weights_1.csv and biases_1.csv for the first layer, and so on. */
#ifndef MINNOW_MODEL_VALUES_H
#define MINNOW_MODEL_VALUES_H

#include <stddef.h>

enum values_kind { VALUES_WEIGHTS, VALUES_BIASES };

/* FOLDER/weights_N.csv or FOLDER/biases_N.csv, from malloc; NULL when there is no memory. */
char *values_path(const char *folder, enum values_kind kind, size_t number);

#endif
