/* What is known of a network beyond its parameters, as model files keep it: pairs of UTF-8 strings. */
#ifndef MINNOW_NET_METADATA_H
#define MINNOW_NET_METADATA_H

#include <stdbool.h>
#include <stddef.h>

#include "minnow/minnow.h"

/* The pairs in their order; all memory is owned. */
struct metadata {
    size_t count, capacity;
    struct metadata_entry {
        char *key, *value;
    } * entries;
};

/* The two pairs that make a model file a checkpoint. */
#define CHECKPOINT_KEY "checkpoint"           /* where training stands, as a JSON object */
#define CHECKPOINT_CRC_KEY "checkpoint_crc32" /* of all metadata that say something of their own */

/* Adds a pair whose key is not there yet. Errors: MEMORY; then nothing has changed. */
minnow_status metadata_append(struct metadata *metadata, const char *key, const char *value);
/* Removes a pair if it is there. */
void metadata_remove(struct metadata *metadata, const char *key);
/* The value of a key, or NULL. */
const char *metadata_value(const struct metadata *metadata, const char *key);
void metadata_free(struct metadata *metadata);

/* Whether the value of a key follows from the network itself, so that saving writes it anew. */
bool metadata_is_derived(const char *key);

#endif
