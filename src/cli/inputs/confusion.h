/* Which classes a network takes for which others. */
#ifndef MINNOW_CLI_CONFUSION_H
#define MINNOW_CLI_CONFUSION_H

#include <jansson.h>

#include "cli/inputs/evaluation.h"

/* The confusion matrix has a row and a column per class: beyond these it is left out. */
enum { CONFUSION_CLASSES_TEXT = 24, CONFUSION_CLASSES_JSON = 1024 };

/* counts[label][predicted], for memory_free; NULL when there is no memory. */
size_t *confusion_count(const struct evaluation *evaluation, const minnow_dataset *dataset);

/* Prints it as a matrix, with the share of each label that is wrong and the names of the classes (NULL: they go by
   their numbers). A terminal that is too narrow gets closer columns, or else the list below. */
void confusion_print(const struct evaluation *evaluation, const size_t *counts, const json_t *names);

/* Prints the pairs that are most often mistaken, a line each, at most ten. */
void confusion_print_pairs(const struct evaluation *evaluation, const size_t *counts, const json_t *names);

/* Ends a label's line, with its name where that is another than its number and fits into `room` columns. */
void confusion_print_name(const json_t *names, size_t label, size_t room);

/* A class by its name, or else its number. */
void confusion_print_class(const json_t *names, size_t label);

#endif
