/* The list of instruction sets, and the tables that may be built into this program. */
#ifndef MINNOW_TABLES_H
#define MINNOW_TABLES_H

#include "kernels.h"

/* X(set, SET), those of one architecture narrowest first. The build defines MINNOW_HAVE_SET, 1 where the set's
   table is built in. */
#define EACH_KERNEL_SET(X) X(scalar, SCALAR) X(avx2, AVX2) X(avx512, AVX512) X(neon, NEON)

#define KERNEL_SET_TABLE(set, SET) extern const struct kernels kernels_##set;
EACH_KERNEL_SET(KERNEL_SET_TABLE)
#undef KERNEL_SET_TABLE

#endif
