#include "train/optimizers.h"

#include <string.h>

static struct update sgd_update(double rate) {
    return (struct update){.rate = (float)rate};
}

const struct optimizer_row optimizer_rows[] = {
    [MINNOW_OPTIMIZER_SGD] = {"sgd", "plain gradient descent", sgd_update},
};
const size_t optimizer_row_count = sizeof optimizer_rows / sizeof *optimizer_rows;

bool optimizer_find(const char *name, minnow_optimizer *out) {
    for (size_t i = 0; i < optimizer_row_count; i++)
        if (strcmp(optimizer_rows[i].name, name) == 0) {
            *out = (minnow_optimizer)i;
            return true;
        }
    return false;
}
