/*
 * The weights and biases of a network's layers, in one block of memory. How they lie in it (strides, padding)
 * is decided here alone: everyone else reads and writes rows, or takes a view and its stride.
 */
#ifndef MINNOW_NET_PARAMETERS_H
#define MINNOW_NET_PARAMETERS_H

#include <stddef.h>
#include <stdint.h>

#include "minnow/minnow.h"

struct parameters;

/* Parameters of layers of sizes[l] inputs and sizes[l + 1] outputs, all 0. Sizes are at most 2^16, layers at
   most 2^6. Takes at most a tenth more memory than the parameters themselves, and two cache lines a layer.
   Errors: MEMORY. */
minnow_status parameters_create(size_t layer_count, const size_t *sizes, struct parameters **out);
void parameters_free(struct parameters *parameters);

/* A second block of the same layout, strides included, all 0: what training keeps beside each parameter.
   Errors: MEMORY. */
minnow_status parameters_create_beside(const struct parameters *parameters, struct parameters **out);

/* Copies one block into another of the same layout. */
void parameters_copy(const struct parameters *from, struct parameters *to);

/* Two blocks of the same layout exchange what is in them; each keeps its memory, to which others hold pointers. */
void parameters_swap(struct parameters *a, struct parameters *b);

/* ---- Rows: the weights of one input to all outputs of a layer ---- */

/* to[outputs] */
void parameters_read_row(const struct parameters *parameters, size_t layer, size_t input, float *to);
void parameters_write_row(struct parameters *parameters, size_t layer, size_t input, const float *from);
void parameters_read_biases(const struct parameters *parameters, size_t layer, float *to);
void parameters_write_biases(struct parameters *parameters, size_t layer, const float *from);

/* To be called after writing: whoever holds copies of the parameters in another form makes them anew when the
   version is no longer the one they were made from. */
void parameters_changed(struct parameters *parameters);
uint64_t parameters_version(const struct parameters *parameters);

/* ---- Views: what the kernels take ---- */

struct matrix {
    float *data;   /* [inputs][outputs] */
    size_t stride; /* floats from one row to the next */
};

struct matrix parameters_weights(const struct parameters *parameters, size_t layer);
float *parameters_biases(const struct parameters *parameters, size_t layer); /* [outputs] */

/* The stride for rows of so many floats: whole cache lines, and never a multiple of 128 floats. Rows that are
   a whole part of a page apart would evict each other from the first level of cache. */
size_t parameters_padded_stride(size_t columns);

/* ---- Questions ---- */

/* CRC-32 (as gzip's) of all weights [inputs][outputs] then biases, layer by layer, as little-endian floats. */
uint32_t parameters_crc32(const struct parameters *parameters);

/* How many parameters of a layer are NaN or infinite. */
uint64_t parameters_nonfinite_count(const struct parameters *parameters, size_t layer);

/* Bytes of the block of memory. */
size_t parameters_bytes(const struct parameters *parameters);

#endif
