/* The original program's values/ folder: weights_1.csv and biases_1.csv for the first layer, and so on. */
#ifndef MINNOW_MODEL_VALUES_H
#define MINNOW_MODEL_VALUES_H

#include <stddef.h>

enum values_kind { VALUES_WEIGHTS, VALUES_BIASES };

/* weights_N.csv or biases_N.csv. */
enum { VALUES_NAME = 40 };
void values_name(enum values_kind kind, size_t number, char name[VALUES_NAME]);

#endif
