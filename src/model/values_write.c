/* minnow_network_save_values: all files are complete and on disk before the first takes its place. */
#include "model/values.h"

#include <string.h>
#include "base/number.h"
#include "base/output_folder.h"
#include "base/status.h"
#include "model/model.h"
#include "net/network.h"

/* rows × columns numbers, rows `stride` apart. */
static void write_table(struct output *output, const float *numbers, size_t rows, size_t columns,
                        size_t stride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) {
            char text[NUMBER_TEXT + 1];
            size_t length = number_write_e18((double)numbers[r * stride + c], text);
            text[length++] = c + 1 < columns ? ',' : '\n';
            output_write(output, text, length);
        }
}

static minnow_status add_file(struct output_folder *folder, enum values_kind kind, size_t number,
                              const minnow_network *network) {
    char name[VALUES_NAME];
    values_name(kind, number, name);
    struct output *output;
    minnow_status status = output_folder_add(folder, name, &output);
    if (status != MINNOW_OK)
        return status;

    const struct layer *layer = &network->layers[number - 1];
    struct matrix w = parameters_weights(network->parameters, number - 1);
    if (kind == VALUES_WEIGHTS)
        write_table(output, w.data, layer->inputs, layer->outputs, w.stride);
    else
        write_table(output, parameters_biases(network->parameters, number - 1), layer->outputs, 1, 1);
    return MINNOW_OK;
}

static minnow_status add_files(struct output_folder *folder, const minnow_network *network) {
    minnow_status status = MINNOW_OK;
    for (size_t i = 0; status == MINNOW_OK && i < network->layer_count; i++) {
        status = add_file(folder, VALUES_WEIGHTS, i + 1, network);
        if (status == MINNOW_OK)
            status = add_file(folder, VALUES_BIASES, i + 1, network);
    }
    return status;
}

static minnow_status remove_leftover(const char *folder, enum values_kind kind, size_t number) {
    char name[VALUES_NAME];
    values_name(kind, number, name);
    return model_remove_leftover(folder, name);
}

/* A deeper network saved here before has left files that do not belong to this one. */
static minnow_status remove_leftovers(const char *folder, size_t layer_count) {
    minnow_status status = MINNOW_OK;
    for (size_t number = layer_count + 1; status == MINNOW_OK && number <= NETWORK_MAX_LAYERS; number++) {
        status = remove_leftover(folder, VALUES_WEIGHTS, number);
        if (status == MINNOW_OK)
            status = remove_leftover(folder, VALUES_BIASES, number);
    }
    return status;
}

minnow_status minnow_network_save_values(const minnow_network *network, const char *folder) {
    char activations[ACTIVATIONS_TEXT];
    network_activations_text(network, "sigmoid", activations);
    if (strcmp(activations, "sigmoid") != 0 || network->loss == MINNOW_LOSS_SOFTMAX)
        return fail(
            MINNOW_ERROR_ARGUMENT,
            "%s: not written: such a folder holds only networks with sigmoid activation and output, and this "
            "one has %s and %s; save a model file instead",
            folder, activations, loss_rows[network->loss].name);
    minnow_status status = model_check_finite(network, folder);
    struct output_folder *outputs;
    if (status == MINNOW_OK)
        status = output_folder_open(folder, &outputs);
    if (status != MINNOW_OK)
        return status;

    status = output_folder_close(outputs, add_files(outputs, network));
    return status == MINNOW_OK ? remove_leftovers(folder, network->layer_count) : status;
}
