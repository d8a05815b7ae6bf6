/* A folder of layers.0.weight.npy [outputs, inputs], layers.0.bias.npy [outputs], and so on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/output_folder.h"
#include "base/status.h"
#include "model/npy.h"

static const char *const part_names[] = {"weight", "bias"};

enum { NAME = 48 };

static void array_name(size_t layer, enum part part, char name[NAME]) {
    snprintf(name, NAME, "layers.%zu.%s.npy", layer, part_names[part]);
}

/* ---- Writing ---- */

static minnow_status add_array(struct output_folder *folder, const minnow_network *network, size_t number,
                               enum part part) {
    const struct layer *layer = &network->layers[number];
    char name[NAME];
    array_name(number, part, name);
    struct output *output;
    minnow_status status = output_folder_add(folder, name, &output);
    if (status != MINNOW_OK)
        return status;
    npy_write_header(output, layer->outputs, part == PART_WEIGHT ? layer->inputs : 0);
    if (part == PART_WEIGHT)
        return model_write_weights(output, network, number);
    model_write_biases(output, network, number);
    return MINNOW_OK;
}

static minnow_status remove_leftovers(const char *folder, size_t layer_count) {
    minnow_status status = MINNOW_OK;
    for (size_t i = layer_count; status == MINNOW_OK && i < NETWORK_MAX_LAYERS; i++)
        for (enum part part = PART_WEIGHT; status == MINNOW_OK && part <= PART_BIAS; part++) {
            char name[NAME];
            array_name(i, part, name);
            status = model_remove_leftover(folder, name);
        }
    return status;
}

minnow_status minnow_network_save_npy(const minnow_network *network, const char *folder) {
    struct output_folder *outputs;
    minnow_status status = model_check_finite(network, folder);
    if (status == MINNOW_OK)
        status = output_folder_open(folder, &outputs);
    if (status != MINNOW_OK)
        return status;
    for (size_t i = 0; status == MINNOW_OK && i < network->layer_count; i++) {
        status = add_array(outputs, network, i, PART_WEIGHT);
        if (status == MINNOW_OK)
            status = add_array(outputs, network, i, PART_BIAS);
    }
    status = output_folder_close(outputs, status);
    return status == MINNOW_OK ? remove_leftovers(folder, network->layer_count) : status;
}

/* ---- Reading ---- */

struct loading {
    struct plan plan;
    struct file_bytes bytes[NETWORK_MAX_LAYERS][2];
    char *paths[NETWORK_MAX_LAYERS][2];
};

/* Layers are numbered from 0 without gaps; a file beyond a gap might be a deeper network's, or this one's
   with a file lost, and which is not for us to guess. */
static minnow_status find_files(const char *folder, struct loading *loading) {
    bool there[NETWORK_MAX_LAYERS][2];
    for (size_t i = 0; i < NETWORK_MAX_LAYERS; i++)
        for (enum part part = PART_WEIGHT; part <= PART_BIAS; part++) {
            char name[NAME];
            array_name(i, part, name);
            loading->paths[i][part] = file_path(folder, name);
            if (loading->paths[i][part] == NULL)
                return fail_memory(folder);
            there[i][part] = file_may_exist(loading->paths[i][part]);
            if (there[i][part])
                loading->plan.layer_count = i + 1;
        }
    if (loading->plan.layer_count == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: no layers.0.weight.npy and layers.0.bias.npy there", folder);
    for (size_t i = 0; i < loading->plan.layer_count; i++)
        for (enum part part = PART_WEIGHT; part <= PART_BIAS; part++)
            if (!there[i][part])
                return fail(MINNOW_ERROR_INPUT,
                            "%s: layers.%zu.%s.npy is missing; each layer up to %zu needs its weight and its "
                            "bias",
                            folder, i, part_names[part], loading->plan.layer_count - 1);
    return MINNOW_OK;
}

static minnow_status load_arrays(const char *folder, struct loading *loading) {
    struct plan *plan = &loading->plan;
    for (size_t i = 0; i < plan->layer_count; i++) {
        for (enum part part = PART_WEIGHT; part <= PART_BIAS; part++) {
            const char *path = loading->paths[i][part];
            struct file_bytes *bytes = &loading->bytes[i][part];
            minnow_status status = model_file_read(path, bytes);
            if (status == MINNOW_OK)
                status = npy_parse(path, bytes->data, bytes->size, &plan->parts[i][part]);
            if (status != MINNOW_OK)
                return status;
            plan->parts[i][part].name = strrchr(path, '/') + 1; /* messages give the folder already */
        }
        minnow_status status = plan_check_layer(folder, plan, i);
        if (status != MINNOW_OK)
            return status;
    }
    return MINNOW_OK;
}

minnow_status minnow_network_load_npy(const char *folder, const minnow_foreign_config *given,
                                      minnow_network **out) {
    *out = NULL;
    minnow_foreign_config config;
    minnow_status status = foreign_config_read(given, &config);
    if (status != MINNOW_OK)
        return status;
    struct loading *loading = calloc(1, sizeof *loading);
    if (loading == NULL)
        return fail_memory(folder);
    status = find_files(folder, loading);
    if (status == MINNOW_OK)
        status = load_arrays(folder, loading);
    if (status == MINNOW_OK)
        status = plan_set_form(folder, &loading->plan, &config);
    if (status == MINNOW_OK)
        status = plan_build(folder, &loading->plan, config.isa, out);
    for (size_t i = 0; i < NETWORK_MAX_LAYERS; i++)
        for (enum part part = PART_WEIGHT; part <= PART_BIAS; part++) {
            file_bytes_free(&loading->bytes[i][part]);
            free(loading->paths[i][part]);
        }
    free(loading);
    return status;
}
