#include "scalar.h"
#include "../tables.h"

const struct kernels kernels_scalar = {
    .name = "scalar",
    .cpu_features = 0,
    .vector_floats = 1,
    .tile_rows = 1,
    .tile_columns = 1,
#define OPERATION(type, operation, parameters) .operation = scalar_##operation,
#include "../operations.h"
};
