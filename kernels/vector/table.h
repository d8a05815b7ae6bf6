/*
 * The algorithms over a vocabulary, and the table made of them. Included by one file per instruction set, which
 * defines before: its vocabulary (x86/avx2.h), its sizes (x86/avx2.c), KERNEL_SET, the set's name, and
 * KERNEL_FEATURES, the bits of cpu.h that it needs.
 */
#include "../tables.h"

#define OPERATION(type, name, parameters) static type vector_##name parameters;
#include "../operations.h"

#include "math.h"
#include "activations.h"
#include "epilogue.h"
#include "rows.h"
#include "products.h"
#include "single.h"
#include "losses.h"
#include "arrays.h"
#include "sparse.h"
#include "bytes.h"

#define TEXT_OF(name) #name
#define NAME_OF(set) TEXT_OF(set)
#define TABLE_NAME_OF(set) kernels_##set
#define TABLE_OF(set) TABLE_NAME_OF(set)

const struct kernels TABLE_OF(KERNEL_SET) = {
    .name = NAME_OF(KERNEL_SET),
    .cpu_features = KERNEL_FEATURES,
    .vector_floats = VEC,
    .tile_rows = TILE_ROWS,
    .tile_columns = STRIP,
#define OPERATION(type, operation, parameters) .operation = vector_##operation,
#include "../operations.h"
};
