/* A folder of layers.0.weight.npy [outputs, inputs], layers.0.bias.npy [outputs], and so on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/argument.h"
#include "base/status.h"
#include "model/formats.h"
#include "model/npy/npy.h"

static void array_name(size_t layer, enum part part, char name[MODEL_FILE_NAME]) {
    char tensor[MODEL_TENSOR_NAME];
    model_tensor_name(layer, part, tensor);
    snprintf(name, MODEL_FILE_NAME, "%s.npy", tensor);
}

static minnow_status write_array(struct output *output, const minnow_network *network, size_t number,
                                 enum part part) {
    const struct layer *layer = &network->layers[number];
    npy_write_header(output, layer->outputs, part == PART_WEIGHT ? layer->inputs : 0);
    if (part == PART_WEIGHT)
        return model_write_weights(output, network, number);
    model_write_biases(output, network, number);
    return MINNOW_OK;
}

static const struct folder_layout layout = {.name = array_name, .write = write_array};

minnow_status minnow_network_save_npy(const minnow_network *network, const char *folder) {
    if (!GIVEN(network) || !GIVEN(folder))
        return MINNOW_ERROR_ARGUMENT;

    return folder_save(network, folder, &layout);
}

/* ---- Reading ---- */

/* The arrays point into the bytes, and take their names from the paths. */
struct loading {
    struct blueprint blueprint;
    struct file_bytes bytes[NETWORK_MAX_LAYERS][PART_COUNT];
    char *paths[NETWORK_MAX_LAYERS][PART_COUNT];
};

/* Layers are numbered from 0 without gaps. A file beyond a gap might be a deeper network's, or this one's
   with a file lost; it is not for us to guess which. */
static minnow_status count_layers(const char *folder, size_t *out) {
    bool there[FOLDER_LAYERS][PART_COUNT];
    minnow_status status =
        folder_look(folder, "layers.0.weight.npy, layers.0.bias.npy, and so on", &layout, there);
    if (status != MINNOW_OK)
        return status;

    size_t count = 0;
    for (size_t i = 0; i < FOLDER_LAYERS; i++)
        if (there[i][PART_WEIGHT] || there[i][PART_BIAS])
            count = i + 1;
    if (count == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: no layers.0.weight.npy and layers.0.bias.npy there", folder);
    if (count > NETWORK_MAX_LAYERS)
        return fail(MINNOW_ERROR_INPUT, "%s: more than %d layers", folder, NETWORK_MAX_LAYERS);

    for (size_t i = 0; i < count; i++)
        for (enum part part = PART_WEIGHT; part < PART_COUNT; part++)
            if (!there[i][part])
                return fail(MINNOW_ERROR_INPUT,
                            "%s: layers.%zu.%s.npy is missing; each layer up to %zu needs its weight and its "
                            "bias",
                            folder, i, part_names[part], count - 1);
    *out = count;
    return MINNOW_OK;
}

static minnow_status load_array(const char *folder, struct loading *loading, size_t layer, enum part part) {
    struct file_bytes *bytes = &loading->bytes[layer][part];
    struct model_array *array = &loading->blueprint.parts[layer][part];
    char *path = loading->paths[layer][part] = folder_file_path(folder, &layout, layer, part);
    if (path == NULL)
        return fail_memory(folder);

    minnow_status status = model_file_read(path, bytes);
    if (status == MINNOW_OK)
        status = npy_parse(path, bytes->data, bytes->size, array);
    array->name = strrchr(path, '/') + 1; /* messages give the folder already */
    return status;
}

static minnow_status load_arrays(const char *folder, struct loading *loading) {
    minnow_status status = count_layers(folder, &loading->blueprint.layer_count);
    for (size_t i = 0; status == MINNOW_OK && i < loading->blueprint.layer_count; i++) {
        status = load_array(folder, loading, i, PART_WEIGHT);
        if (status == MINNOW_OK)
            status = load_array(folder, loading, i, PART_BIAS);
        if (status == MINNOW_OK)
            status = blueprint_check_layer(folder, &loading->blueprint, i);
    }
    return status;
}

minnow_status minnow_network_load_npy(const char *folder, const minnow_foreign_config *config,
                                      minnow_network **out) {
    if (!CLEARED(out) || !GIVEN(folder) || !GIVEN(config))
        return MINNOW_ERROR_ARGUMENT;

    minnow_foreign_config own;
    minnow_status status = foreign_config_read(config, &own);
    if (status != MINNOW_OK)
        return status;
    struct loading *loading = calloc(1, sizeof *loading);
    if (loading == NULL)
        return fail_memory(folder);

    status = load_arrays(folder, loading);
    if (status == MINNOW_OK)
        status = blueprint_set_form(folder, &loading->blueprint, &own);
    if (status == MINNOW_OK)
        status = blueprint_build(folder, &loading->blueprint, own.isa, out);

    for (size_t i = 0; i < NETWORK_MAX_LAYERS; i++)
        for (enum part part = PART_WEIGHT; part < PART_COUNT; part++) {
            file_bytes_free(&loading->bytes[i][part]);
            free(loading->paths[i][part]);
        }
    free(loading);
    return status;
}

/* ---- The format's row ---- */

static bool recognise(const char *path) {
    return folder_recognise(path, &layout);
}

static minnow_status save(const minnow_network *network, const char *path,
                          const struct model_save_options *options) {
    (void)options;
    return minnow_network_save_npy(network, path);
}

const struct model_format model_format_npy = {
    .name = "npy",
    .title = "NumPy arrays",
    .help = "a folder of NumPy arrays: layers.0.weight.npy, layers.0.bias.npy, ...",
    .is_folder = true,
    .extensions = (const char *const[]){NULL},
    .recognise = recognise,
    .load_foreign = minnow_network_load_npy,
    .save = save,
};
