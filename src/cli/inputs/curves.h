/* The learning curves that a network's file holds: what the epochs of its run came to. */
#ifndef MINNOW_CLI_CURVES_H
#define MINNOW_CLI_CURVES_H

#include <jansson.h>
#include <stddef.h>

#include "minnow/minnow.h"

/* The metadata: {"epoch": [1, 2, ...], "train_loss": [...], ...}, a list of numbers or null for each column that has any. Where there
   would be more than CURVES_MOST epochs, those that are multiples of 2 are kept, then of 4 and so on, and the last one. */
#define CURVES_KEY "curves"

enum { CURVES_MOST = 200 };
enum curve {
    TRAIN_LOSS,
    TRAIN_ACCURACY,
    VALIDATION_LOSS,
    VALIDATION_ACCURACY,
    VALIDATION_RMSE,
    LEARNING_RATE,
    CURVE_COUNT
};

struct curves {
    size_t count;
    size_t epoch[CURVES_MOST + 1]; /* ascending; the first is also how many epochs apart they are */
    float value[CURVE_COUNT][CURVES_MOST + 1]; /* NaN: unknown */
};

/* Behind the others. Epochs come in order; one that is not behind the last is left out. */
void curves_add(struct curves *curves, size_t epoch, const float value[CURVE_COUNT]);

/* Of the metadata's text, which may be NULL. What makes no sense is as good as none: then the count is 0. */
void curves_parse(const char *text, struct curves *out);

/* Into the network's metadata. Errors: MEMORY. */
minnow_status curves_record(const struct curves *curves, minnow_network *network);

/* As a log has them: a list of an object for each epoch, {"epoch": 1, "train_loss": ...}; NULL where there are none. */
json_t *curves_rows(const struct curves *curves);

#endif
