/* Networks in safetensors files of other programs: the tensors of a PyTorch state_dict. */
#include <stdlib.h>
#include <string.h>
#include "base/argument.h"
#include "base/file.h"
#include "base/status.h"
#include "model/blueprint.h"
#include "model/safetensors/safetensors.h"

/* The tensors of one module, "PREFIX.weight" and "PREFIX.bias"; of a module on its own, without the prefix. */
struct module {
    const char *prefix; /* not ended by a NUL */
    size_t length;
    struct model_array parts[2];
};

struct modules {
    size_t count;
    struct module module[NETWORK_MAX_LAYERS];
};

/* ---- Gathering the modules ---- */

static bool split_name(const char *name, size_t *prefix, enum part *part) {
    size_t length = strlen(name);
    for (enum part p = PART_WEIGHT; p <= PART_BIAS; p++) {
        size_t ending = strlen(part_names[p]);
        if (length < ending || strcmp(name + length - ending, part_names[p]) != 0)
            continue;
        size_t rest = length - ending;
        if (rest > 0 && name[rest - 1] != '.')
            continue;
        *prefix = rest;
        *part = p;
        return true;
    }
    return false;
}

/* The module of that prefix, added if it is new; NULL when there is no room for it. */
static struct module *find_module(struct modules *modules, const char *prefix, size_t length) {
    for (size_t i = 0; i < modules->count; i++)
        if (modules->module[i].length == length && memcmp(modules->module[i].prefix, prefix, length) == 0)
            return &modules->module[i];
    if (modules->count == NETWORK_MAX_LAYERS)
        return NULL;
    struct module *module = &modules->module[modules->count++];
    *module = (struct module){.prefix = prefix, .length = length};
    return module;
}

static minnow_status gather(const char *name, const struct safetensors *file, struct modules *modules) {
    for (size_t i = 0; i < file->count; i++) {
        const struct safetensors_tensor *tensor = &file->tensors[i];
        size_t prefix = 0;
        enum part part = PART_WEIGHT;
        if (!split_name(tensor->name, &prefix, &part))
            return fail(MINNOW_ERROR_INPUT,
                        "%s: unexpected tensor \"%s\"; a network's are called NAME.weight and NAME.bias",
                        name, tensor->name);
        struct module *module = find_module(modules, tensor->name, prefix);
        if (module == NULL)
            return fail(MINNOW_ERROR_INPUT, "%s: more than %d layers", name, NETWORK_MAX_LAYERS);
        safetensors_array(tensor, &module->parts[part]);
    }
    if (modules->count == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: the file holds no tensors", name);
    for (size_t i = 0; i < modules->count; i++) {
        const struct module *module = &modules->module[i];
        if (module->parts[PART_WEIGHT].data == NULL)
            return fail(MINNOW_ERROR_INPUT, "%s: tensor %.*sweight is missing", name, (int)module->length,
                        module->prefix);
        if (module->parts[PART_WEIGHT].rank != 2)
            return fail(MINNOW_ERROR_INPUT,
                        "%s: %s has %zu dimensions; a dense layer's has 2, [outputs, inputs]", name,
                        module->parts[PART_WEIGHT].name, module->parts[PART_WEIGHT].rank);
    }
    return MINNOW_OK;
}

/* ---- Their order ---- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The number at *at, as its significant digits; moves *at behind it. */
static const char *take_number(const char **at, const char *end, size_t *digits) {
    while (*at + 1 < end && **at == '0' && is_digit((*at)[1]))
        (*at)++;
    const char *start = *at;
    while (*at < end && is_digit(**at))
        (*at)++;
    *digits = (size_t)(*at - start);
    return start;
}

/* Character by character, but runs of digits by the number they make: net.2 before net.10. */
static int compare_names(const void *left, const void *right) {
    const struct module *a = left, *b = right;
    const char *p = a->prefix, *p_end = p + a->length, *q = b->prefix, *q_end = q + b->length;
    while (p < p_end && q < q_end) {
        if (is_digit(*p) && is_digit(*q)) {
            size_t p_digits, q_digits;
            const char *p_number = take_number(&p, p_end, &p_digits);
            const char *q_number = take_number(&q, q_end, &q_digits);
            if (p_digits != q_digits)
                return p_digits < q_digits ? -1 : 1;
            int order = memcmp(p_number, q_number, p_digits);
            if (order != 0)
                return order;
        } else if (*p != *q) {
            return (unsigned char)*p < (unsigned char)*q ? -1 : 1;
        } else {
            p++;
            q++;
        }
    }
    if (p < p_end || q < q_end)
        return (p < p_end) - (q < q_end);
    if (a->length != b->length) /* fc1 and fc01 */
        return a->length < b->length ? -1 : 1;
    return memcmp(a->prefix, b->prefix, a->length);
}

static size_t outputs_of(const struct module *module) {
    return module->parts[PART_WEIGHT].shape[0];
}

static size_t inputs_of(const struct module *module) {
    return module->parts[PART_WEIGHT].shape[1];
}

static bool chains(const struct modules *modules) {
    for (size_t i = 1; i < modules->count; i++)
        if (inputs_of(&modules->module[i]) != outputs_of(&modules->module[i - 1]))
            return false;
    return true;
}

/* From `from` on, the only module that takes `inputs`; SIZE_MAX if there is none or more than one. */
static size_t only_taker(const struct modules *modules, size_t from, size_t inputs) {
    size_t found = SIZE_MAX;
    for (size_t i = from; i < modules->count; i++) {
        if (inputs_of(&modules->module[i]) != inputs)
            continue;
        if (found != SIZE_MAX)
            return SIZE_MAX;
        found = i;
    }
    return found;
}

/* The only module whose inputs no module's outputs feed. */
static size_t only_first(const struct modules *modules) {
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < modules->count; i++) {
        bool fed = false;
        for (size_t k = 0; k < modules->count; k++)
            fed |= k != i && outputs_of(&modules->module[k]) == inputs_of(&modules->module[i]);
        if (fed)
            continue;
        if (found != SIZE_MAX)
            return SIZE_MAX;
        found = i;
    }
    return found;
}

static bool order_by_sizes(struct modules *modules) {
    size_t next = only_first(modules);
    for (size_t place = 0; place < modules->count; place++) {
        if (next == SIZE_MAX)
            return false;
        struct module moved = modules->module[next];
        modules->module[next] = modules->module[place];
        modules->module[place] = moved;
        next = only_taker(modules, place + 1, outputs_of(&moved));
    }
    return true;
}

static minnow_status put_in_order(const char *name, struct modules *modules) {
    qsort(modules->module, modules->count, sizeof modules->module[0], compare_names);
    if (chains(modules))
        return MINNOW_OK;
    struct modules by_sizes = *modules;
    if (order_by_sizes(&by_sizes)) {
        *modules = by_sizes;
        return MINNOW_OK;
    }
    size_t i = 1;
    while (inputs_of(&modules->module[i]) == outputs_of(&modules->module[i - 1]))
        i++;
    const struct module *before = &modules->module[i - 1], *after = &modules->module[i];
    return fail(MINNOW_ERROR_INPUT,
                "%s: the layers do not chain: %s gives %zu outputs, but %s takes %zu inputs, and no other "
                "order follows from the sizes alone",
                name, before->parts[PART_WEIGHT].name, outputs_of(before), after->parts[PART_WEIGHT].name,
                inputs_of(after));
}

/* ---- The whole ---- */

minnow_status safetensors_foreign_network(const char *name, const struct safetensors *file,
                                          const minnow_foreign_config *config, minnow_network **out) {
    *out = NULL;
    struct modules modules = {0};
    minnow_status status = gather(name, file, &modules);
    if (status == MINNOW_OK)
        status = put_in_order(name, &modules);
    if (status != MINNOW_OK)
        return status;
    struct blueprint blueprint = {.layer_count = modules.count};
    for (size_t i = 0; i < modules.count; i++) {
        memcpy(blueprint.parts[i], modules.module[i].parts, sizeof blueprint.parts[i]);
        status = blueprint_check_layer(name, &blueprint, i);
        if (status != MINNOW_OK)
            return status;
    }
    status = blueprint_set_form(name, &blueprint, config);
    return status == MINNOW_OK ? blueprint_build(name, &blueprint, config->isa, out) : status;
}

static minnow_status check_same(const char *name, const minnow_network *network,
                                const minnow_foreign_config *config) {
    struct blueprint asked = {.layer_count = network->layer_count};
    minnow_status status = blueprint_set_form(name, &asked, config);
    if (status != MINNOW_OK)
        return status;

    for (size_t l = 0; l + 1 < network->layer_count; l++)
        if (network->layers[l].activation != asked.activations[l])
            return fail(MINNOW_ERROR_INPUT, "%s: its metadata say activation %s, but %s was asked for", name,
                        activation_rows[network->layers[l].activation].name,
                        activation_rows[asked.activations[l]].name);
    if (network->loss != asked.loss)
        return fail(MINNOW_ERROR_INPUT, "%s: its metadata say loss %s, but %s was asked for", name,
                    loss_rows[network->loss].name, loss_rows[asked.loss].name);
    return MINNOW_OK;
}

minnow_status safetensors_parse_foreign(const char *name, const uint8_t *bytes, size_t size,
                                        const minnow_foreign_config *given, minnow_network **out) {
    *out = NULL;
    minnow_foreign_config config;
    struct safetensors file;
    minnow_status status = foreign_config_read(given, &config);
    if (status == MINNOW_OK)
        status = safetensors_open(name, bytes, size, &file);
    if (status != MINNOW_OK)
        return status;
    if (!safetensors_is_own(&file)) {
        status = safetensors_foreign_network(name, &file, &config, out);
    } else {
        status = safetensors_network(name, &file, config.isa, out);
        if (status == MINNOW_OK)
            status = check_same(name, *out, &config);
        if (status != MINNOW_OK) {
            minnow_network_free(*out);
            *out = NULL;
        }
    }
    safetensors_close(&file);
    return status;
}

minnow_status minnow_network_load_foreign(const char *path, const minnow_foreign_config *config,
                                          minnow_network **out) {
    if (!CLEARED(out) || !GIVEN(path) || !GIVEN(config))
        return MINNOW_ERROR_ARGUMENT;

    struct file_bytes bytes;
    minnow_status status = safetensors_look(path);
    if (status == MINNOW_OK)
        status = model_file_read(path, &bytes);
    if (status != MINNOW_OK)
        return status;
    status = safetensors_parse_foreign(path, bytes.data, bytes.size, config, out);
    file_bytes_free(&bytes);
    return status;
}
