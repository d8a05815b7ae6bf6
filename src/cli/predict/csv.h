/* Predictions as CSV: id, prediction and, of classes, a probability each. */
#ifndef MINNOW_CLI_PREDICT_CSV_H
#define MINNOW_CLI_PREDICT_CSV_H

#include <jansson.h>

#include "data/table/table.h"

/* names: a string for each class, or NULL; classes 0: a number is predicted. */
void csv_print_header(const json_t *names, size_t classes);

/* What names a row, or a picture. */
void csv_print_id(const char *id);
void csv_print_class(const json_t *names, size_t label, const float *probabilities, size_t classes);
void csv_print_number(float number);

/* A row without a prediction: as many gaps as predictions have fields behind the id. */
void csv_print_none(size_t classes);

#endif
