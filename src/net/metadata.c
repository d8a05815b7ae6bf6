/* What a network carries along besides its parameters. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/argument.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "base/utf8.h"
#include "data/dataset.h"
#include "net/metadata.h"
#include "net/network.h"

bool metadata_is_derived(const char *key) {
    static const char *const derived[] = {"format", "format_version", "architecture", "activation",
                                          "loss",   "minnow_version", "params_crc32", "ensemble"};
    for (size_t i = 0; i < sizeof derived / sizeof derived[0]; i++)
        if (strcmp(key, derived[i]) == 0)
            return true;
    return false;
}

static struct metadata_entry *find(const struct metadata *metadata, const char *key) {
    for (size_t i = 0; i < metadata->count; i++)
        if (strcmp(metadata->entries[i].key, key) == 0)
            return &metadata->entries[i];
    return NULL;
}

static bool grow(struct metadata *metadata) {
    enum { FIRST_CAPACITY = 16 };
    if (metadata->count < metadata->capacity)
        return true;
    size_t capacity = metadata->capacity > 0 ? 2 * metadata->capacity : FIRST_CAPACITY, bytes;
    struct metadata_entry *larger = NULL;
    if (size_multiply(capacity, sizeof *larger, &bytes))
        larger = realloc(metadata->entries, bytes);
    if (larger == NULL)
        return false;
    metadata->entries = larger;
    metadata->capacity = capacity;
    return true;
}

minnow_status metadata_append(struct metadata *metadata, const char *key, const char *value) {
    struct metadata_entry entry = {memory_copy_string(key), memory_copy_string(value)};
    if (entry.key == NULL || entry.value == NULL || !grow(metadata)) {
        free(entry.key);
        free(entry.value);
        return fail_memory("the metadata of a network");
    }
    metadata->entries[metadata->count++] = entry;
    return MINNOW_OK;
}

void metadata_remove(struct metadata *metadata, const char *key) {
    struct metadata_entry *entry = find(metadata, key);
    if (entry == NULL)
        return;
    free(entry->key);
    free(entry->value);

    size_t behind = (size_t)(metadata->entries + metadata->count - (entry + 1));
    memmove(entry, entry + 1, behind * sizeof *entry);
    metadata->count--;
}

const char *metadata_value(const struct metadata *metadata, const char *key) {
    const struct metadata_entry *entry = find(metadata, key);
    return entry != NULL ? entry->value : NULL;
}

void metadata_free(struct metadata *metadata) {
    for (size_t i = 0; i < metadata->count; i++) {
        free(metadata->entries[i].key);
        free(metadata->entries[i].value);
    }
    free(metadata->entries);
    *metadata = (struct metadata){0};
}

/* ---- The public side ---- */

static bool parse_scaling(const char *text, float *out) {
    double value;
    if (!number_parse_double(text, &value))
        return false;
    *out = (float)value;
    return isfinite(*out) && *out > 0.0f;
}

static minnow_status check_pair(const char *key, const char *value) {
    float scaling;
    if (key[0] == '\0')
        return fail(MINNOW_ERROR_ARGUMENT, "metadata: the key is empty");
    if (!utf8_check(key, strlen(key)) || (value != NULL && !utf8_check(value, strlen(value))))
        return fail(MINNOW_ERROR_ARGUMENT, "metadata: \"%.64s\": not valid UTF-8", key);
    if (metadata_is_derived(key))
        return fail(MINNOW_ERROR_ARGUMENT, "metadata: \"%s\" follows from the network and cannot be set",
                    key);
    if (value != NULL && strcmp(key, "input_scaling") == 0 && !parse_scaling(value, &scaling))
        return fail(MINNOW_ERROR_ARGUMENT,
                    "metadata: input_scaling is \"%.64s\"; expected a finite number above 0", value);
    return MINNOW_OK;
}

minnow_status minnow_network_set_metadata(minnow_network *network, const char *key, const char *value) {
    if (!GIVEN(network) || !GIVEN(key))
        return MINNOW_ERROR_ARGUMENT;

    minnow_status status = check_pair(key, value);
    if (status != MINNOW_OK)
        return status;
    struct metadata *metadata = &network->metadata;
    if (value == NULL) {
        metadata_remove(metadata, key);
        return MINNOW_OK;
    }
    struct metadata_entry *entry = find(metadata, key);
    if (entry == NULL)
        return metadata_append(metadata, key, value);
    char *copy = memory_copy_string(value);
    if (copy == NULL)
        return fail_memory("the metadata of a network");
    free(entry->value);
    entry->value = copy;
    return MINNOW_OK;
}

const char *minnow_network_metadata(const minnow_network *network, const char *key) {
    return GIVEN(network) && GIVEN(key) ? metadata_value(&network->metadata, key) : NULL;
}

size_t minnow_network_metadata_count(const minnow_network *network) {
    return GIVEN(network) ? network->metadata.count : 0;
}

const char *minnow_network_metadata_key(const minnow_network *network, size_t index) {
    if (!GIVEN(network))
        return NULL;
    return index < network->metadata.count ? network->metadata.entries[index].key : NULL;
}

float minnow_network_input_scaling(const minnow_network *network) {
    if (!GIVEN(network))
        return 0.0f;
    const char *text = minnow_network_metadata(network, "input_scaling");
    float scaling;
    return text != NULL && parse_scaling(text, &scaling) ? scaling : PIXEL_SCALE;
}
