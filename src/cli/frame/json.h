/* Results as JSON: one object a line. */
#ifndef MINNOW_CLI_JSON_H
#define MINNOW_CLI_JSON_H

#include <jansson.h>
#include <stdbool.h>

/* One object as one line on standard output, flushed; takes ownership. An object of NULL (no memory) counts as
   a failed write. */
bool print_json(json_t *object);

/* A JSON number; null for one that is not finite, which JSON cannot hold. It is written with the fewest digits that
   read back to the same double. */
json_t *json_number(double value);
/* The same for a number that is a float, with the fewest digits that read back to the same float. */
json_t *json_float(float value);

/* Printed at once, without the JSON library, which is slow for many numbers: a number as
   json_number() and json_float() have it, and `count` floats as an array, each `stride` behind the one before it. */
void print_json_double(double value);
void print_json_float(float value);
void print_json_floats(const float *values, size_t count, size_t stride);

#endif
