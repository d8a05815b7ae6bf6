#include "model/statistics.h"

#include <math.h>

/* rows[r][0 … columns - 1], rows `stride` apart; at least one number. Twice over the numbers: the squares of
   distances from a known mean do not cancel as sums of squares do. */
static struct statistics statistics_of(const float *x, size_t rows, size_t columns, size_t stride) {
    struct statistics s = {.min = (double)x[0], .max = (double)x[0]};
    double count = (double)rows * (double)columns, sum = 0.0, squares = 0.0, zeros = 0.0;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) {
            double value = (double)x[r * stride + c];
            s.min = fmin(s.min, value);
            s.max = fmax(s.max, value);
            sum += value;
            zeros += value == 0.0;
        }
    s.mean = sum / count;
    s.zeros = zeros / count;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) {
            double distance = (double)x[r * stride + c] - s.mean;
            squares += distance * distance;
        }
    s.std = sqrt(squares / count);
    return s;
}

struct statistics statistics_of_weights(const minnow_network *network, size_t layer) {
    struct matrix w = parameters_weights(network->parameters, layer);
    return statistics_of(w.data, network->layers[layer].inputs, network->layers[layer].outputs, w.stride);
}

struct statistics statistics_of_biases(const minnow_network *network, size_t layer) {
    size_t outputs = network->layers[layer].outputs;
    return statistics_of(parameters_biases(network->parameters, layer), 1, outputs, outputs);
}
