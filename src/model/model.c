#include "model/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/byte_order.h"
#include "base/memory.h"
#include "base/status.h"
#include "net/ensemble.h"

_Static_assert(MODEL_ARCHITECTURE_TEXT > (NETWORK_MAX_LAYERS + 1) * sizeof "65536", "no architecture is cut");

/* Sizes are believed only within these: a regular file has its bytes on disk, an endless device does not. */
static const uint64_t REGULAR_LIMIT = UINT64_C(256) << 30, STREAM_LIMIT = UINT64_C(1) << 30;

minnow_status model_file_read(const char *path, struct file_bytes *out) {
    struct stat info;
    bool regular = stat(path, &info) == 0 && S_ISREG(info.st_mode);
    uint64_t limit = regular ? REGULAR_LIMIT : STREAM_LIMIT;
    return file_read(path, limit < SIZE_MAX / 2 ? (size_t)limit : SIZE_MAX / 2, out);
}

minnow_status model_check_finite(const minnow_network *network, const char *path) {
    for (size_t m = 0; m < network_members(network); m++)
        for (size_t n = 0; n < network->layer_count; n++)
            if (parameters_nonfinite_count(network_member(network, m)->parameters, n) > 0)
                return fail(MINNOW_ERROR_OUTPUT,
                            "%s: not written: layer %zu of the network has parameters that are not finite: "
                            "training diverged; lower the learning rate",
                            path, n);
    return MINNOW_OK;
}

void model_architecture(const size_t *sizes, size_t layer_count, char text[MODEL_ARCHITECTURE_TEXT]) {
    int used = 0;
    for (size_t i = 0; i <= layer_count && i <= NETWORK_MAX_LAYERS; i++)
        used += snprintf(text + used, MODEL_ARCHITECTURE_TEXT - (size_t)used, i ? "-%zu" : "%zu", sizes[i]);
}

const char *const part_names[PART_COUNT] = {[PART_WEIGHT] = "weight", [PART_BIAS] = "bias"};

void model_tensor_name(size_t layer, enum part part, char text[MODEL_TENSOR_NAME]) {
    snprintf(text, MODEL_TENSOR_NAME, "layers.%zu.%s", layer, part_names[part]);
}

/* A cache line of outputs at a time: reading a column of floats for each output would fetch every line
   sixteen times. */
minnow_status model_write_block_weights(struct output *output, const struct layer *layer, struct matrix w) {
    uint8_t *block = memory_allocate(layer->inputs * CACHE_LINE_FLOATS, sizeof(float));
    if (block == NULL)
        return fail_memory("a model file");
    for (size_t first = 0; first < layer->outputs; first += CACHE_LINE_FLOATS) {
        size_t columns = size_min(CACHE_LINE_FLOATS, layer->outputs - first);
        for (size_t i = 0; i < layer->inputs; i++)
            for (size_t c = 0; c < columns; c++)
                store_le_float(block + (c * layer->inputs + i) * sizeof(float),
                               w.data[i * w.stride + first + c]);
        output_write(output, block, columns * layer->inputs * sizeof(float));
    }
    memory_free(block);
    return MINNOW_OK;
}

minnow_status model_write_weights(struct output *output, const minnow_network *network, size_t number) {
    return model_write_block_weights(output, &network->layers[number],
                                     parameters_weights(network->parameters, number));
}

void model_write_biases(struct output *output, const minnow_network *network, size_t number) {
    model_write_block_biases(output, &network->layers[number],
                             parameters_biases(network->parameters, number));
}

void model_write_block_biases(struct output *output, const struct layer *layer, const float *biases) {
    for (size_t o = 0; o < layer->outputs; o++) {
        uint8_t bytes[sizeof(float)];
        store_le_float(bytes, biases[o]);
        output_write(output, bytes, sizeof bytes);
    }
}

minnow_status model_remove_leftover(const char *folder, const char *name) {
    char *path = file_path(folder, name);
    if (path == NULL)
        return fail_memory(folder);

    minnow_status status = MINNOW_OK;
    if (unlink(path) != 0 && errno != ENOENT)
        status =
            fail(MINNOW_ERROR_OUTPUT,
                 "%s: left over from a deeper network, and cannot be removed: %s; remove it, as the folder "
                 "cannot be loaded with it",
                 path, strerror(errno));
    free(path);
    return status;
}
