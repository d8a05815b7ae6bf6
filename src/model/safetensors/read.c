/* A network from a safetensors file: names, shapes and metadata as minnow_network_save writes them. */
#include <stdio.h>
#include <string.h>
#include "base/argument.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "model/blueprint.h"
#include "net/ensemble.h"
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
                      "%s: the metadata's loss is \"%.64s\", which this version does not know", name, loss);
    if (status == MINNOW_OK)
        status = metadata_string(name, file, "architecture", &claims->architecture);
    if (status == MINNOW_OK)
        status = metadata_string(name, file, "params_crc32", &claims->params_crc32);
    return status;
}

/* ---- Names and shapes ---- */

/* All arrays of a file: of the network, and of what a checkpoint keeps beside its parameters. */
struct contents {
    struct blueprint blueprint;
    struct model_array kept[NETWORK_KEPT][NETWORK_MAX_LAYERS][PART_COUNT];

    /* Of an ensemble, those of the networks beside the first, whose arrays the blueprint has. */
    size_t members;
    struct model_array (*others)[NETWORK_MAX_LAYERS][PART_COUNT]; /* [members - 1], or NULL */
};

const char *const safetensors_kept_prefix[NETWORK_KEPT] = {"first_moment.", "second_moment.", "average."};

void safetensors_tensor_name(const char *prefix, size_t layer, enum part part,
                             char text[SAFETENSORS_TENSOR_NAME]) {
    char name[MODEL_TENSOR_NAME];
    model_tensor_name(layer, part, name);
    snprintf(text, SAFETENSORS_TENSOR_NAME, "%s%s", prefix, name);
}

/* Whether the name is that of some layer's tensor with this prefix: which part of which layer. */
static bool parse_name(const char *text, const char *prefix, size_t *layer, enum part *part) {
    for (size_t i = 0; i < NETWORK_MAX_LAYERS; i++)
        for (enum part p = PART_WEIGHT; p <= PART_BIAS; p++) {
            char expected[SAFETENSORS_TENSOR_NAME];
            safetensors_tensor_name(prefix, i, p, expected);
            if (strcmp(text, expected) == 0) {
                *layer = i;
                *part = p;
                return true;
            }
        }
    return false;
}

/* The same of a network of an ensemble, "members.3.layers.0.weight": which network too. */
static bool parse_member_name(const char *text, const struct contents *contents, size_t *member,
                              size_t *layer, enum part *part) {
    static const char start[] = "members.";
    const size_t first = sizeof start - 1;
    char number[24], prefix[ENSEMBLE_PREFIX];
    uint64_t value;
    size_t digits = strncmp(text, start, first) == 0 ? strcspn(text + first, ".") : 0;
    if (digits == 0 || digits >= sizeof number)
        return false;
    memcpy(number, text + first, digits);
    number[digits] = '\0';
    if (!number_parse_u64(number, &value) || value >= contents->members)
        return false;
    *member = (size_t)value;
    snprintf(prefix, sizeof prefix, "members.%zu.", *member);
    return parse_name(text, prefix, layer, part);
}

/* Where the tensor of that name belongs; NULL: nowhere. */
static struct model_array *place_of(struct contents *contents, const char *text) {
    size_t layer;
    enum part part;
    size_t member = 0;
    bool named = contents->members == 1 ? parse_name(text, "", &layer, &part)
                                        : parse_member_name(text, contents, &member, &layer, &part);
    if (named && member > 0)
        return &contents->others[member - 1][layer][part];
    if (named) {
        if (layer >= contents->blueprint.layer_count)
            contents->blueprint.layer_count = layer + 1;
        return &contents->blueprint.parts[layer][part];
    }
    for (size_t i = 0; i < NETWORK_KEPT; i++)
        if (contents->members == 1 && parse_name(text, safetensors_kept_prefix[i], &layer, &part))
            return &contents->kept[i][layer][part];
    return NULL;
}

static minnow_status assign_tensors(const char *name, const struct safetensors *file,
                                    struct contents *contents) {
    struct blueprint *blueprint = &contents->blueprint;
    for (size_t i = 0; i < file->count; i++) {
        const struct safetensors_tensor *tensor = &file->tensors[i];
        struct model_array *place = place_of(contents, tensor->name);
        if (place == NULL)
            return fail(MINNOW_ERROR_INPUT,
                        "%s: unexpected tensor \"%s\"; a network has layers.N.weight and layers.N.bias, N "
                        "from 0 to %d",
                        name, tensor->name, NETWORK_MAX_LAYERS - 1);
        safetensors_array(tensor, place);
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

static bool same_shape(const struct model_array *a, const struct model_array *b) {
    if (a->data == NULL || b->data == NULL)
        return a->data == b->data;
    return a->rank == b->rank && memcmp(a->shape, b->shape, a->rank * sizeof *a->shape) == 0;
}

/* The networks of an ensemble beside the first: each has a tensor like each of the first's. */
static minnow_status read_others(const char *name, const struct contents *contents, minnow_network *network) {
    for (size_t m = 1; m < contents->members; m++)
        for (size_t layer = 0; layer < NETWORK_MAX_LAYERS; layer++)
            for (enum part p = PART_WEIGHT; p <= PART_BIAS; p++)
                if (!same_shape(&contents->others[m - 1][layer][p], &contents->blueprint.parts[layer][p]))
                    return fail(MINNOW_ERROR_INPUT,
                                "%s: tensor members.%zu.layers.%zu.%s does not match that of members.0", name,
                                m, layer, part_names[p]);
    minnow_status status =
        contents->members > 1 ? network_add_members(network, contents->members) : MINNOW_OK;
    for (size_t m = 1; status == MINNOW_OK && m < contents->members; m++)
        status =
            blueprint_fill(name, network, (const struct model_array(*)[PART_COUNT])contents->others[m - 1],
                           network->others[m - 1]->parameters);
    return status;
}

/* What is kept under one name, if there is anything: it must have a tensor like each of the network's. */
static minnow_status read_kept(const char *name, const struct contents *contents, size_t index,
                               minnow_network *network) {
    bool any = false;
    for (size_t layer = 0; layer < NETWORK_MAX_LAYERS; layer++)
        for (enum part p = PART_WEIGHT; p <= PART_BIAS; p++)
            any = any || contents->kept[index][layer][p].data != NULL;
    if (!any)
        return MINNOW_OK;

    for (size_t layer = 0; layer < NETWORK_MAX_LAYERS; layer++)
        for (enum part p = PART_WEIGHT; p <= PART_BIAS; p++)
            if (!same_shape(&contents->kept[index][layer][p], &contents->blueprint.parts[layer][p]))
                return fail(MINNOW_ERROR_INPUT, "%s: tensor %s.layers.%zu.%s does not match layers.%zu.%s",
                            name, network_kept_names[index], layer, part_names[p], layer, part_names[p]);
    minnow_status status = parameters_create_beside(network->parameters, &network->kept[index]);
    if (status == MINNOW_OK)
        status = blueprint_fill(name, network, contents->kept[index], network->kept[index]);
    return status;
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

/* How many networks there are: one, unless the metadata say so. */
static minnow_status read_members(const char *name, const struct safetensors *file,
                                  struct contents *contents) {
    const json_t *text = json_object_get(file->metadata, "ensemble");
    uint64_t members;
    contents->members = 1;
    if (text == NULL)
        return MINNOW_OK;
    if (!number_parse_u64(json_string_value(text), &members) || members < 2 || members > ENSEMBLE_MOST)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: the metadata's ensemble is \"%.64s\"; expected a number of networks, 2 to %d", name,
                    json_string_value(text), ENSEMBLE_MOST);
    if (members > file->count)
        return fail(MINNOW_ERROR_INPUT, "%s: an ensemble of %llu networks has more than %zu tensors", name,
                    (unsigned long long)members, file->count);
    contents->members = (size_t)members;
    contents->others = memory_allocate(contents->members - 1, sizeof *contents->others);
    return contents->others != NULL ? MINNOW_OK : fail_memory(name);
}

static minnow_status build_network(const char *name, const struct safetensors *file, const char *isa,
                                   struct contents *contents, minnow_network **network) {
    struct blueprint *blueprint = &contents->blueprint;
    struct claims claims = {0};
    minnow_status status = read_metadata(name, file, blueprint, &claims);
    if (status == MINNOW_OK)
        status = read_members(name, file, contents);
    if (status == MINNOW_OK)
        status = assign_tensors(name, file, contents);
    if (status == MINNOW_OK)
        status = check_shapes(name, blueprint, &claims);
    if (status == MINNOW_OK)
        status =
            activations_parse(name, claims.activation, blueprint->layer_count - 1, blueprint->activations);
    if (status == MINNOW_OK)
        status = blueprint_build(name, blueprint, isa, network);
    if (status == MINNOW_OK)
        status = read_others(name, contents, *network);
    if (status == MINNOW_OK)
        status = check_crc32(name, claims.params_crc32, *network);
    for (size_t i = 0; status == MINNOW_OK && i < NETWORK_KEPT; i++)
        status = read_kept(name, contents, i, *network);
    return status;
}

minnow_status safetensors_network(const char *name, const struct safetensors *file, const char *isa,
                                  minnow_network **out) {
    *out = NULL;
    minnow_network *network = NULL;
    struct contents *contents = memory_allocate(1, sizeof *contents);
    if (contents == NULL)
        return fail_memory(name);

    minnow_status status = build_network(name, file, isa, contents, &network);
    memory_free(contents->others);
    memory_free(contents);
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
