/* minnow_network_save_values: all files are complete and on disk before the first takes its place. */
#include "model/values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "base/number.h"
#include "base/status.h"
#include "model/model.h"
#include "net/network.h"

struct outputs {
    size_t count;
    struct output *output[2 * NETWORK_MAX_LAYERS];
};

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

/* Opens the file, writes it and brings it to disk under its temporary name. */
static minnow_status prepare(const char *folder, enum values_kind kind, size_t number,
                             const struct layer *layer, struct outputs *outputs) {
    char *path = values_path(folder, kind, number);
    if (!path)
        return fail_memory(folder);
    struct output *output;
    minnow_status status = output_open(path, &output);
    free(path);
    if (status != MINNOW_OK)
        return status;
    outputs->output[outputs->count++] = output;
    if (kind == VALUES_WEIGHTS)
        write_table(output, layer->weights, layer->inputs, layer->outputs, layer->stride);
    else
        write_table(output, layer->biases, layer->outputs, 1, 1);
    return output_sync(output);
}

static minnow_status prepare_all(const minnow_network *network, const char *folder, struct outputs *outputs) {
    minnow_status status = MINNOW_OK;
    for (size_t i = 0; status == MINNOW_OK && i < network->layer_count; i++) {
        status = prepare(folder, VALUES_WEIGHTS, i + 1, &network->layers[i], outputs);
        if (status == MINNOW_OK)
            status = prepare(folder, VALUES_BIASES, i + 1, &network->layers[i], outputs);
    }
    return status;
}

static minnow_status remove_file(const char *folder, enum values_kind kind, size_t number) {
    char *path = values_path(folder, kind, number);
    if (!path)
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

/* A deeper network saved here before has left files that do not belong to this one. */
static minnow_status remove_leftovers(const char *folder, size_t layer_count) {
    minnow_status status = MINNOW_OK;
    for (size_t number = layer_count + 1; status == MINNOW_OK && number <= NETWORK_MAX_LAYERS; number++) {
        status = remove_file(folder, VALUES_WEIGHTS, number);
        if (status == MINNOW_OK)
            status = remove_file(folder, VALUES_BIASES, number);
    }
    return status;
}

/* Renames are all that can still fail here, and a rename beside its target hardly can. Should one fail, the
   files of the others are not put in place either. */
static minnow_status commit_all(struct outputs *outputs) {
    minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < outputs->count; i++) {
        if (status == MINNOW_OK)
            status = output_commit(outputs->output[i]);
        else
            output_abort(outputs->output[i]);
    }
    return status;
}

minnow_status minnow_network_save_values(const minnow_network *network, const char *folder) {
    if ((network->activation != MINNOW_SIGMOID && network->layer_count > 1) ||
        network->loss == MINNOW_SOFTMAX)
        return fail(
            MINNOW_ERROR_ARGUMENT,
            "%s: not written: such a folder holds only networks with sigmoid activation and output, and this "
            "one has %s and %s; save a model file instead",
            folder, activation_name(network->activation), loss_name(network->loss));
    minnow_status status = model_check_finite(network, folder);
    if (status != MINNOW_OK)
        return status;
    bool created = mkdir(folder, 0777) == 0;
    if (!created && errno != EEXIST)
        return fail(MINNOW_ERROR_OUTPUT, "%s: the folder cannot be created: %s", folder, strerror(errno));
    struct outputs outputs = {0};
    status = prepare_all(network, folder, &outputs);
    if (status == MINNOW_OK) {
        status = commit_all(&outputs);
        return status == MINNOW_OK ? remove_leftovers(folder, network->layer_count) : status;
    }
    for (size_t i = 0; i < outputs.count; i++)
        output_abort(outputs.output[i]);
    if (created)
        rmdir(folder);
    return status;
}
