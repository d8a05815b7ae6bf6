/* minnow_network_save: a network as a safetensors file that PyTorch's and numpy's readers understand too. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/argument.h"
#include "base/byte_order.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "data/dataset.h"
#include "model/formats.h"
#include "model/model.h"
#include "model/safetensors/safetensors.h"
#include "net/ensemble.h"
#include "net/network.h"

/* The data starts on a multiple of this, so that a file in memory can be used in place. */
enum { DATA_ALIGNMENT = 64 };

/* Sets key to a new value, which it takes over. False when there is no memory. */
static bool set_string(json_t *object, const char *key, const char *value) {
    return json_object_set_new(object, key, json_string(value)) == 0;
}

/* What the network carries, but for what follows from the network itself. */
static bool set_carried(json_t *object, const struct metadata *metadata) {
    for (size_t i = 0; i < metadata->count; i++) {
        const struct metadata_entry *entry = &metadata->entries[i];
        if (!metadata_is_derived(entry->key) && !set_string(object, entry->key, entry->value))
            return false;
    }
    return true;
}

static json_t *make_metadata(const minnow_network *network, const struct metadata *extra) {
    size_t sizes[NETWORK_MAX_LAYERS + 1];
    for (size_t i = 0; i <= network->layer_count; i++)
        sizes[i] = minnow_network_layer_size(network, i);
    char architecture[MODEL_ARCHITECTURE_TEXT], crc32[9], activations[ACTIVATIONS_TEXT];
    char default_scaling[NUMBER_TEXT], members[24] = "";
    if (network_members(network) > 1)
        snprintf(members, sizeof members, "%zu", network_members(network));
    number_write_shortest(PIXEL_SCALE, default_scaling);
    const char *scaling = minnow_network_metadata(network, "input_scaling");
    model_architecture(sizes, network->layer_count, architecture);
    network_activations_text(network, "relu", activations);
    snprintf(crc32, sizeof crc32, "%08x", (unsigned)minnow_network_params_crc32(network));
    json_t *metadata = json_object();
    bool complete = metadata && set_string(metadata, "format", MODEL_FORMAT) &&
                    set_string(metadata, "format_version", MODEL_FORMAT_VERSION) &&
                    set_string(metadata, "architecture", architecture) &&
                    set_string(metadata, "activation", activations) &&
                    set_string(metadata, "loss", loss_rows[network->loss].name) &&
                    set_string(metadata, "input_scaling", scaling ? scaling : default_scaling) &&
                    set_string(metadata, "minnow_version", minnow_version()) &&
                    set_string(metadata, "params_crc32", crc32) &&
                    (members[0] == '\0' || set_string(metadata, "ensemble", members)) &&
                    set_carried(metadata, &network->metadata) && set_carried(metadata, extra);
    if (complete)
        return metadata;
    json_decref(metadata);
    return NULL;
}

/* Describes the tensor that starts at *offset, and moves *offset behind it. columns 0: it is a vector. */
static bool describe(json_t *header, const char *name, size_t rows, size_t columns, uint64_t *offset) {
    uint64_t begin = *offset;
    *offset += (uint64_t)rows * (columns ? columns : 1) * sizeof(float);
    json_t *shape = columns ? json_pack("[I,I]", (json_int_t)rows, (json_int_t)columns)
                            : json_pack("[I]", (json_int_t)rows);
    if (!shape)
        return false;
    json_t *tensor = json_pack("{s:s, s:o, s:[I,I]}", "dtype", "F32", "shape", shape, "data_offsets",
                               (json_int_t)begin, (json_int_t)*offset);
    return json_object_set_new(header, name, tensor) == 0;
}

/* The tensors of one block of parameters, whose names begin so. */
static bool describe_block(json_t *header, const minnow_network *network, const char *prefix,
                           uint64_t *offset) {
    bool complete = true;
    for (size_t i = 0; complete && i < network->layer_count; i++) {
        const struct layer *layer = &network->layers[i];
        char weight[SAFETENSORS_TENSOR_NAME], bias[SAFETENSORS_TENSOR_NAME];
        safetensors_tensor_name(prefix, i, PART_WEIGHT, weight);
        safetensors_tensor_name(prefix, i, PART_BIAS, bias);
        complete = describe(header, weight, layer->outputs, layer->inputs, offset) &&
                   describe(header, bias, layer->outputs, 0, offset);
    }
    return complete;
}

/* Those of the network, or of each network of an ensemble. */
static bool describe_members(json_t *header, const minnow_network *network, uint64_t *offset) {
    bool complete = true;
    for (size_t m = 0; complete && m < network_members(network); m++) {
        char prefix[ENSEMBLE_PREFIX];
        network_member_prefix(network, m, prefix);
        complete = describe_block(header, network, prefix, offset);
    }
    return complete;
}

/* The header as text, from malloc. */
static char *make_header(const minnow_network *network, const struct metadata *extra,
                         struct parameters *const kept[NETWORK_KEPT]) {
    json_t *header = json_object();
    uint64_t offset = 0;
    bool complete = header &&
                    json_object_set_new(header, "__metadata__", make_metadata(network, extra)) == 0 &&
                    describe_members(header, network, &offset);
    for (size_t i = 0; complete && i < NETWORK_KEPT; i++)
        if (kept[i] != NULL)
            complete = describe_block(header, network, safetensors_kept_prefix[i], &offset);
    char *text = complete ? json_dumps(header, JSON_COMPACT) : NULL;
    json_decref(header);
    return text;
}

static void write_header(struct output *output, const char *text) {
    size_t end = SAFETENSORS_LENGTH_BYTES + strlen(text);
    uint64_t length = size_round_up(end, DATA_ALIGNMENT) - SAFETENSORS_LENGTH_BYTES;
    uint8_t length_bytes[SAFETENSORS_LENGTH_BYTES];
    store_le64(length_bytes, length);
    output_write(output, length_bytes, sizeof length_bytes);
    char padding[DATA_ALIGNMENT];
    memset(padding, ' ', sizeof padding);
    output_write(output, text, strlen(text));
    output_write(output, padding, size_round_up(end, DATA_ALIGNMENT) - end);
}

static minnow_status write_block(struct output *output, const minnow_network *network,
                                 const struct parameters *block) {
    minnow_status status = MINNOW_OK;
    for (size_t i = 0; status == MINNOW_OK && i < network->layer_count; i++) {
        status = model_write_block_weights(output, &network->layers[i], parameters_weights(block, i));
        if (status == MINNOW_OK)
            model_write_block_biases(output, &network->layers[i], parameters_biases(block, i));
    }
    return status;
}

static minnow_status write_blocks(struct output *output, const minnow_network *network,
                                  struct parameters *const kept[NETWORK_KEPT]) {
    minnow_status status = MINNOW_OK;
    for (size_t m = 0; status == MINNOW_OK && m < network_members(network); m++)
        status = write_block(output, network, network_member(network, m)->parameters);
    for (size_t i = 0; status == MINNOW_OK && i < NETWORK_KEPT; i++)
        if (kept[i] != NULL)
            status = write_block(output, network, kept[i]);
    return status;
}

static minnow_status write_file(const minnow_network *network, struct parameters *const kept[NETWORK_KEPT],
                                const char *path, const char *header) {
    struct output *output;
    if (strlen(header) + DATA_ALIGNMENT > SAFETENSORS_MAX_HEADER)
        return fail(MINNOW_ERROR_OUTPUT,
                    "%s: not written: the network's metadata make a header of %zu bytes; readers accept %d",
                    path, strlen(header), SAFETENSORS_MAX_HEADER);
    minnow_status status = output_open(path, &output);
    if (status != MINNOW_OK)
        return status;
    write_header(output, header);
    status = write_blocks(output, network, kept);
    if (status == MINNOW_OK)
        return output_commit(output);
    output_abort(output);
    return status;
}

minnow_status safetensors_save(const minnow_network *network, const struct metadata *extra,
                               struct parameters *const kept[NETWORK_KEPT], const char *path) {
    minnow_status status = model_check_finite(network, path);
    if (status != MINNOW_OK)
        return status;
    char *header = make_header(network, extra, kept);
    status = header != NULL ? write_file(network, kept, path, header) : fail_memory("a model file");
    free(header);
    return status;
}

minnow_status minnow_network_save(const minnow_network *network, const char *path) {
    static struct parameters *const none[NETWORK_KEPT];
    if (!GIVEN(network) || !GIVEN(path))
        return MINNOW_ERROR_ARGUMENT;

    return safetensors_save(network, &(struct metadata){0}, none, path);
}

/* ---- The format's row ---- */

static bool recognise(const char *path) {
    struct stat info;
    return stat(path, &info) != 0 || !S_ISDIR(info.st_mode);
}

static minnow_status save(const minnow_network *network, const char *path,
                          const struct model_save_options *options) {
    (void)options;
    return minnow_network_save(network, path);
}

const struct model_format model_format_safetensors = {
    .name = "safetensors",
    .title = "safetensors",
    .help = "one file that also says how the network is used, and that other\nprograms read",
    .extensions = (const char *const[]){".safetensors", NULL},
    .holds_scaling = true,
    .recognise = recognise,
    .load = minnow_network_load,
    .load_foreign = minnow_network_load_foreign,
    .save = save,
};
