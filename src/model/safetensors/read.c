/* A network from a safetensors file: names, shapes and metadata as minnow_network_save writes them. */
#include <stdio.h>
#include <string.h>
#include "base/argument.h"
#include "base/file.h"
#include "base/status.h"
#include "model/blueprint.h"
#include "model/safetensors/safetensors.h"

/* What the metadata say of the rest of the file. */
struct claims {
    const char *activation, *architecture, *params_crc32;
};

/* ---- Metadata ---- */

static minnow_status metadata_string(const char *name, const struct safetensors *file, const char *key,
                                     const char **out) {
    *out = json_string_value(json_object_get(file->metadata, key));
    if (!*out)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: the metadata does not give \"%s\": the file was not written by minnow", name, key);
    return MINNOW_OK;
}

static minnow_status metadata_expect(const char *name, const struct safetensors *file, const char *key,
                                     const char *expected) {
    const char *value;
    minnow_status status = metadata_string(name, file, key, &value);
    if (status == MINNOW_OK && strcmp(value, expected) != 0)
        status =
            fail(MINNOW_ERROR_INPUT, "%s: the metadata's %s is \"%.64s\"; this version reads only \"%s\"",
                 name, key, value, expected);
    return status;
}

static minnow_status read_metadata(const char *name, const struct safetensors *file,
                                   struct blueprint *blueprint, struct claims *claims) {
    minnow_status status = metadata_expect(name, file, "format_version", MODEL_FORMAT_VERSION);
    const char *loss, *scaling;
    if (status == MINNOW_OK)
        status = metadata_string(name, file, "input_scaling", &scaling);
    if (status == MINNOW_OK)
        status = metadata_string(name, file, "activation", &claims->activation);
    if (status == MINNOW_OK)
        status = metadata_string(name, file, "loss", &loss);
    if (status == MINNOW_OK && !loss_find(loss, &blueprint->loss))
        status = fail(MINNOW_ERROR_INPUT,
                      "%s: the metadata's loss is \"%.64s\"; softmax, logistic and quadratic are known", name,
                      loss);
    if (status == MINNOW_OK)
        status = metadata_string(name, file, "architecture", &claims->architecture);
    if (status == MINNOW_OK)
        status = metadata_string(name, file, "params_crc32", &claims->params_crc32);
    return status;
}

/* ---- Names and shapes ---- */

/* Which part of which layer a name like layers.12.bias means. */
static bool parse_name(const char *text, size_t *layer, enum part *part) {
    for (size_t i = 0; i < NETWORK_MAX_LAYERS; i++)
        for (enum part p = PART_WEIGHT; p <= PART_BIAS; p++) {
            char expected[MODEL_TENSOR_NAME];
            model_tensor_name(i, p, expected);
            if (strcmp(text, expected) == 0) {
                *layer = i;
                *part = p;
                return true;
            }
        }
    return false;
}

static minnow_status assign_tensors(const char *name, const struct safetensors *file,
                                    struct blueprint *blueprint) {
    for (size_t i = 0; i < file->count; i++) {
        const struct safetensors_tensor *tensor = &file->tensors[i];
        size_t layer;
        enum part part;
        if (!parse_name(tensor->name, &layer, &part))
            return fail(MINNOW_ERROR_INPUT,
                        "%s: unexpected tensor \"%s\"; a network has layers.N.weight and layers.N.bias, N "
                        "from 0 to %d",
                        name, tensor->name, NETWORK_MAX_LAYERS - 1);
        safetensors_array(tensor, &blueprint->parts[layer][part]);
        if (layer >= blueprint->layer_count)
            blueprint->layer_count = layer + 1;
    }
    if (blueprint->layer_count == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: the file holds no tensors", name);
    for (size_t layer = 0; layer < blueprint->layer_count; layer++)
        for (enum part p = PART_WEIGHT; p <= PART_BIAS; p++)
            if (!blueprint->parts[layer][p].data)
                return fail(MINNOW_ERROR_INPUT, "%s: tensor layers.%zu.%s is missing", name, layer,
                            part_names[p]);
    return MINNOW_OK;
}

static minnow_status check_shapes(const char *name, struct blueprint *blueprint,
                                  const struct claims *claims) {
    for (size_t layer = 0; layer < blueprint->layer_count; layer++) {
        minnow_status status = blueprint_check_layer(name, blueprint, layer);
        if (status != MINNOW_OK)
            return status;
    }
    char architecture[MODEL_ARCHITECTURE_TEXT];
    model_architecture(blueprint->sizes, blueprint->layer_count, architecture);
    if (strcmp(claims->architecture, architecture) != 0)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: the metadata's architecture is \"%.64s\", but the tensors make %s", name,
                    claims->architecture, architecture);
    return MINNOW_OK;
}

/* ---- The whole ---- */

static minnow_status check_crc32(const char *name, const char *claimed, const minnow_network *network) {
    char found[9];
    snprintf(found, sizeof found, "%08x", (unsigned)minnow_network_params_crc32(network));
    if (strcmp(claimed, found) == 0)
        return MINNOW_OK;
    return fail(
        MINNOW_ERROR_INPUT,
        "%s: the metadata's params_crc32 is \"%.64s\", but the parameters give %s: the file is damaged", name,
        claimed, found);
}

/* All of it, so that what other programs or later versions wrote there is still there when saved again. */
static minnow_status keep_metadata(const char *name, const struct safetensors *file,
                                   minnow_network *network) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)file->metadata, key, value) {
        minnow_status status = metadata_append(&network->metadata, key, json_string_value(value));
        if (status != MINNOW_OK)
            return status;
    }
    const char *scaling = minnow_network_metadata(network, "input_scaling");
    minnow_status status = minnow_network_set_metadata(network, "input_scaling", scaling);
    if (status == MINNOW_ERROR_ARGUMENT)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: the metadata's input_scaling is \"%.64s\"; expected a finite number above 0", name,
                    scaling);
    return status;
}

minnow_status safetensors_network(const char *name, const struct safetensors *file, const char *isa,
                                  minnow_network **out) {
    *out = NULL;
    struct blueprint blueprint = {0};
    struct claims claims = {0};
    minnow_network *network = NULL;
    minnow_status status = read_metadata(name, file, &blueprint, &claims);
    if (status == MINNOW_OK)
        status = assign_tensors(name, file, &blueprint);
    if (status == MINNOW_OK)
        status = check_shapes(name, &blueprint, &claims);
    if (status == MINNOW_OK)
        status = activations_parse(name, claims.activation, blueprint.layer_count - 1, blueprint.activations);
    if (status == MINNOW_OK)
        status = blueprint_build(name, &blueprint, isa, &network);
    if (status == MINNOW_OK)
        status = check_crc32(name, claims.params_crc32, network);
    if (status == MINNOW_OK)
        status = keep_metadata(name, file, network);
    if (status == MINNOW_OK)
        *out = network;
    else
        minnow_network_free(network);
    return status;
}

/* Says why a file is not minnow's own. */
static minnow_status refuse_foreign(const char *name, const struct safetensors *file) {
    static const char remedy[] = "the file was not written by minnow, and its activation and loss must be "
                                 "given: --activation NAME --loss NAME";
    const char *format = json_string_value(json_object_get(file->metadata, "format"));
    if (!file->metadata)
        return fail(MINNOW_ERROR_INPUT, "%s: no __metadata__: %s", name, remedy);
    if (!format)
        return fail(MINNOW_ERROR_INPUT, "%s: the metadata does not give \"format\": %s", name, remedy);
    return fail(MINNOW_ERROR_INPUT, "%s: the metadata's format is \"%.64s\", not \"%s\": %s", name, format,
                MODEL_FORMAT, remedy);
}

bool safetensors_is_own(const struct safetensors *file) {
    const char *format = json_string_value(json_object_get(file->metadata, "format"));
    return format != NULL && strcmp(format, MODEL_FORMAT) == 0;
}

minnow_status safetensors_parse(const char *name, const uint8_t *bytes, size_t size, const char *isa,
                                minnow_network **out) {
    *out = NULL;
    struct safetensors file;
    minnow_status status = safetensors_open(name, bytes, size, &file);
    if (status != MINNOW_OK)
        return status;
    if (safetensors_is_own(&file))
        status = safetensors_network(name, &file, isa, out);
    else
        status = refuse_foreign(name, &file);
    safetensors_close(&file);
    return status;
}

minnow_status minnow_network_load(const char *path, const char *isa, minnow_network **out) {
    if (!CLEARED(out) || !GIVEN(path))
        return MINNOW_ERROR_ARGUMENT;

    struct file_bytes bytes;
    minnow_status status = safetensors_look(path);
    if (status == MINNOW_OK)
        status = model_file_read(path, &bytes);
    if (status != MINNOW_OK)
        return status;
    status = safetensors_parse(path, bytes.data, bytes.size, isa, out);
    file_bytes_free(&bytes);
    return status;
}
