/* The table of activations: everything above the kernels that depends on which one it is stands in its row. */
#ifndef MINNOW_NET_ACTIVATIONS_H
#define MINNOW_NET_ACTIVATIONS_H

#include <stdbool.h>

#include "kernels.h"
#include "minnow/minnow.h"
#include "net/export.h"

enum { ACTIVATION_NAME_MOST = 16 }; /* characters of the longest name, and its NUL */

struct activation_row {
    const char *name;       /* as the command line and model files spell it */
    const char *help;       /* its formula, for --help */
    enum activation kernel; /* what the kernels call it */
    double gain;            /* the variance that scaled initial weights get, times the number of inputs */

    struct onnx_step onnx[ONNX_STEPS_MOST];
    struct c_expression c_source;
};

extern const struct activation_row activation_rows[]; /* by minnow_activation */
extern const size_t activation_row_count;

/* The row of an activation; NULL for a value that is none. */
const struct activation_row *activation_row(minnow_activation activation);

/* The activation of that name, `length` characters long. False if there is none. */
bool activation_find(const char *name, size_t length, minnow_activation *out);

#endif
