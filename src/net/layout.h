/* How wide the rows of parameters are, for who counts them without having any. */
#ifndef MINNOW_NET_LAYOUT_H
#define MINNOW_NET_LAYOUT_H

#include <stddef.h>

/* The strides, in floats, of layers of sizes[l] inputs and sizes[l + 1] outputs, as parameters_create lays them out. */
void parameters_strides(size_t layer_count, const size_t *sizes, size_t *strides);

#endif
