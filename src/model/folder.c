/* Formats of several files in one folder, a pair for each layer. */
#include <stdlib.h>
#include "base/file.h"
#include "base/file_kind.h"
#include "base/output_folder.h"
#include "base/status.h"
#include "net/ensemble.h"
#include "model/model.h"

char *folder_file_path(const char *folder, const struct folder_layout *layout, size_t layer, enum part part) {
    char name[MODEL_FILE_NAME];
    layout->name(layer, part, name);
    return file_path(folder, name);
}

/* ---- Writing ---- */

static minnow_status add_file(struct output_folder *outputs, const struct folder_layout *layout,
                              const minnow_network *network, size_t layer, enum part part) {
    char name[MODEL_FILE_NAME];
    struct output *output;
    layout->name(layer, part, name);
    minnow_status status = output_folder_add(outputs, name, &output);
    return status == MINNOW_OK ? layout->write(output, network, layer, part) : status;
}

/* A deeper network saved here before has left files that do not belong to this one. */
static minnow_status remove_leftovers(const char *folder, const struct folder_layout *layout,
                                      size_t layer_count) {
    minnow_status status = MINNOW_OK;
    for (size_t layer = layer_count; layer < NETWORK_MAX_LAYERS; layer++)
        for (enum part part = PART_WEIGHT; status == MINNOW_OK && part < PART_COUNT; part++) {
            char name[MODEL_FILE_NAME];
            layout->name(layer, part, name);
            status = model_remove_leftover(folder, name);
        }
    return status;
}

minnow_status folder_save(const minnow_network *network, const char *folder,
                          const struct folder_layout *layout) {
    struct output_folder *outputs;
    minnow_status status = network_check_single(network, folder);
    if (status == MINNOW_OK)
        status = model_check_finite(network, folder);
    if (status == MINNOW_OK)
        status = output_folder_open(folder, &outputs);
    if (status != MINNOW_OK)
        return status;

    for (size_t layer = 0; layer < network->layer_count; layer++)
        for (enum part part = PART_WEIGHT; status == MINNOW_OK && part < PART_COUNT; part++)
            status = add_file(outputs, layout, network, layer, part);
    status = output_folder_close(outputs, status);
    return status == MINNOW_OK ? remove_leftovers(folder, layout, network->layer_count) : status;
}

/* ---- Reading ---- */

bool folder_recognise(const char *path, const struct folder_layout *layout) {
    char *weights = folder_file_path(path, layout, 0, PART_WEIGHT);
    bool there = weights != NULL && file_may_exist(weights);
    free(weights);
    return there;
}

minnow_status folder_look(const char *folder, const char *contents, const struct folder_layout *layout,
                          bool there[FOLDER_LAYERS][PART_COUNT]) {
    minnow_status status = file_kind_check_folder(folder, contents, FILE_AS_MODEL);
    for (size_t layer = 0; layer < FOLDER_LAYERS; layer++)
        for (enum part part = PART_WEIGHT; status == MINNOW_OK && part < PART_COUNT; part++) {
            char *path = folder_file_path(folder, layout, layer, part);
            if (path == NULL)
                return fail_memory(folder);
            there[layer][part] = file_may_exist(path);
            free(path);
        }
    return status;
}
