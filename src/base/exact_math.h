/* Functions of double that give the same bits on every machine, which libm's do not promise. Used where a
   result reaches the parameters: learning-rate schedules and random numbers. Not for hot paths. */
#ifndef MINNOW_BASE_EXACT_MATH_H
#define MINNOW_BASE_EXACT_MATH_H

#include <stdint.h>

/* Natural logarithm of a finite x > 0, to about 1e-15 relative. */
double exact_log(double x);

/* base^exponent by repeated squaring, for 0 ≤ base ≤ 1; relative error at most exponent · 1e-16. */
double exact_power(double base, uint64_t exponent);

/* cos(2πt) and sin(2πt) for |t| ≤ 2^30, to about 1e-15 absolute. */
double exact_cos_turn(double t);
double exact_sin_turn(double t);

/* e^x for |x| ≤ 700, to about 1e-15 relative. */
double exact_exp(double x);

#endif
