/*
 * The algorithms over a vocabulary, and the table made of them. Included by one file per instruction set,
 * after its vocabulary and its sizes (see x86/avx2.c).
 */
#include "../tables.h"
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

#define KERNEL_TABLE(set, features)                                                                          \
    const struct kernels kernels_##set = {                                                                   \
        .name = #set,                                                                                        \
        .cpu_features = (features),                                                                          \
        .vector_floats = VEC,                                                                                \
        .tile_rows = TILE_ROWS,                                                                              \
        .tile_columns = STRIP,                                                                               \
        .forward = forward,                                                                                  \
        .input_gradient = input_gradient,                                                                    \
        .weight_gradient = weight_gradient,                                                                  \
        .weight_update = weight_update,                                                                      \
        .bias_update = bias_update,                                                                          \
        .bias_gradient = bias_gradient,                                                                      \
        .forward_one = forward_one,                                                                          \
        .input_gradient_one = input_gradient_one,                                                            \
        .weight_update_one = weight_update_one,                                                              \
        .sparse_forward = sparse_forward,                                                                    \
        .sparse_weight_gradient = sparse_weight_gradient,                                                    \
        .sparse_weight_update = sparse_weight_update,                                                        \
        .sparse_weight_update_one = sparse_weight_update_one,                                                \
        .bytes_forward = bytes_forward,                                                                      \
        .bytes_weight_update = bytes_weight_update,                                                          \
        .softmax = softmax,                                                                                  \
        .softmax_loss = softmax_loss,                                                                        \
        .logistic_loss = logistic_loss,                                                                      \
        .quadratic_loss = quadratic_loss,                                                                    \
        .argmax = argmax,                                                                                    \
        .exp = exp_array,                                                                                    \
        .log = log_array,                                                                                    \
        .activate = activate,                                                                                \
        .sgd_update = sgd_update,                                                                            \
        .gather_bytes = gather_bytes,                                                                        \
        .gather_floats = gather_floats,                                                                      \
        .transpose = transpose,                                                                              \
        .transpose_bytes = transpose_bytes,                                                                  \
        .measure_fma = measure_fma,                                                                          \
        .measure_read = measure_read,                                                                        \
    }
