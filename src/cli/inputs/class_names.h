/* What a network's file calls the classes. */
#ifndef MINNOW_CLI_CLASS_NAMES_H
#define MINNOW_CLI_CLASS_NAMES_H

#include <jansson.h>

#include "minnow/minnow.h"

/* A new array of a string for each class; NULL where the file does not name them, or not each. */
json_t *class_names_read(const minnow_network *network);

enum { CLASS_NUMBER_TEXT = 24 };
/* The name of a class; without names its number, for which there is room in `number`. */
const char *class_name(const json_t *names, size_t label, char number[CLASS_NUMBER_TEXT]);

#endif
