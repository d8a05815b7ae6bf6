#include "net/activations.h"

#include <string.h>

const struct activation_row activation_rows[] = {
    [MINNOW_ACTIVATION_RELU] = {.name = "relu", .help = "max(z, 0)", .kernel = ACTIVATION_RELU, .gain = 2.0},
    [MINNOW_ACTIVATION_SIGMOID] = {.name = "sigmoid",
                                   .help = "1 / (1 + e^-z)",
                                   .kernel = ACTIVATION_SIGMOID,
                                   .gain = 1.0},
    [MINNOW_ACTIVATION_TANH] = {.name = "tanh", .help = "tanh z", .kernel = ACTIVATION_TANH, .gain = 1.0},
    [MINNOW_ACTIVATION_IDENTITY] = {.name = "identity",
                                    .help = "z",
                                    .kernel = ACTIVATION_IDENTITY,
                                    .gain = 1.0},
};
const size_t activation_row_count = sizeof activation_rows / sizeof *activation_rows;

const struct activation_row *activation_row(minnow_activation activation) {
    return (size_t)activation < activation_row_count ? &activation_rows[activation] : NULL;
}

bool activation_find(const char *name, size_t length, minnow_activation *out) {
    for (size_t i = 0; i < activation_row_count; i++)
        if (strlen(activation_rows[i].name) == length && memcmp(activation_rows[i].name, name, length) == 0) {
            *out = (minnow_activation)i;
            return true;
        }
    return false;
}
