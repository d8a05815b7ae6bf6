/* minnow_network_save_values: the folder of the original program. */
#include "model/values/values.h"

#include <string.h>
#include "base/argument.h"
#include "base/file.h"
#include "base/number.h"
#include "base/status.h"
#include "model/formats.h"
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

static minnow_status write_part(struct output *output, const minnow_network *network, size_t number,
                                enum part part) {
    const struct layer *layer = &network->layers[number];
    struct matrix w = parameters_weights(network->parameters, number);
    if (part == PART_WEIGHT)
        write_table(output, w.data, layer->inputs, layer->outputs, w.stride);
    else
        write_table(output, parameters_biases(network->parameters, number), layer->outputs, 1, 1);
    return MINNOW_OK;
}

const struct folder_layout values_layout = {.name = values_name, .write = write_part};

minnow_status minnow_network_save_values(const minnow_network *network, const char *folder) {
    if (!GIVEN(network) || !GIVEN(folder))
        return MINNOW_ERROR_ARGUMENT;

    char activations[ACTIVATIONS_TEXT];
    network_activations_text(network, "sigmoid", activations);
    if (strcmp(activations, "sigmoid") != 0 ||
        (network->loss != MINNOW_LOSS_LOGISTIC && network->loss != MINNOW_LOSS_QUADRATIC))
        return fail(
            MINNOW_ERROR_ARGUMENT,
            "%s: not written: such a folder holds only networks with sigmoid activation and output, and this "
            "one has %s and %s; save a model file instead",
            folder, activations, loss_rows[network->loss].name);
    return folder_save(network, folder, &values_layout);
}

/* ---- The format's row ---- */

static bool recognise(const char *path) {
    return folder_recognise(path, &values_layout);
}

static minnow_status save(const minnow_network *network, const char *path,
                          const struct model_save_options *options) {
    (void)options;
    return minnow_network_save_values(network, path);
}

const struct model_format model_format_values = {
    .name = "values",
    .title = "the original program's values",
    .help = "the original program's folder: weights_1.csv, biases_1.csv, ...",
    .is_folder = true,
    .extensions = (const char *const[]){NULL},
    .recognise = recognise,
    .load = minnow_network_load_values,
    .save = save,
};
