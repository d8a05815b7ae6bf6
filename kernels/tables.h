/* The tables that may be built into this program; the build defines MINNOW_HAVE_… for those that are. */
#ifndef MINNOW_TABLES_H
#define MINNOW_TABLES_H

#include "kernels.h"

extern const struct kernels kernels_scalar, kernels_avx2, kernels_avx512, kernels_neon;

#endif
