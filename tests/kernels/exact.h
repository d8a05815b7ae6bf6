/* The activations and their derivatives in double precision: what the kernels are compared with. */
#ifndef MINNOW_TEST_EXACT_H
#define MINNOW_TEST_EXACT_H

#include "kernels.h"

struct exact_activation {
    const char *name;
    double (*of)(double z);
    double (*derivative)(double s);       /* s: the output, or the input where the derivative needs it */
    double (*derivative_error)(double s); /* how far a kernel's may be from it */
    double steepest;                      /* the derivative is nowhere larger */
};

/* By enum activation. */
extern const struct exact_activation exact_activations[ACTIVATION_COUNT];

double exact_sigmoid(double z);

#endif
