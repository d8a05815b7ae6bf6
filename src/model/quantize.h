/* Networks with weights of 8 bits, as the C source that minnow writes with int8 has them. */
#ifndef MINNOW_MODEL_QUANTIZE_H
#define MINNOW_MODEL_QUANTIZE_H

#include "data/dataset.h"
#include "net/network.h"

/* weight[i][o] is about scale[o] · byte[i][o]. Each output has the scale at which its largest weight is ±127.
 */
struct quantized_layer {
    int8_t *weights; /* [inputs][outputs] */
    float *scales;   /* [outputs] */
};

struct quantized {
    const minnow_network *network; /* borrowed: its sizes, biases and activations */
    struct quantized_layer layers[NETWORK_MAX_LAYERS];
};

/* Errors: MEMORY; then there is nothing to release. */
minnow_status quantize(const minnow_network *network, struct quantized *out);
void quantized_free(struct quantized *quantized);

/* Each sample's label, by the arithmetic of the C source: per output a sum over the inputs in order, each
   product and each sum rounded to float, then times the scale, plus the bias. The dataset fits the network.
   predicted: [count]. Errors: MEMORY. */
minnow_status quantized_predict(const struct quantized *quantized, const minnow_dataset *dataset,
                                uint32_t *predicted);

#endif
