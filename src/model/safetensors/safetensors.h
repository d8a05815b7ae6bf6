/*
 * The safetensors container (https://github.com/huggingface/safetensors): a 64-bit little-endian header
 * length, a JSON header that gives each tensor's type, shape and place, and the tensors' bytes without gaps.
 */
#ifndef MINNOW_MODEL_SAFETENSORS_H
#define MINNOW_MODEL_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "model/blueprint.h"

enum {
    SAFETENSORS_LENGTH_BYTES = 8,
    SAFETENSORS_MAX_HEADER = 4 << 20, /* parsed JSON takes up to some eighty times the memory of its text */
    SAFETENSORS_MAX_RANK = MODEL_MAX_RANK,
    SAFETENSORS_MAX_NAME = 255,
};

/* What version 1 of minnow's own files says in their metadata. */
#define MODEL_FORMAT "minnow"
#define MODEL_FORMAT_VERSION "1"

struct safetensors_tensor {
    const char *name;
    size_t rank, shape[SAFETENSORS_MAX_RANK];
    size_t begin, end;   /* of its data, in bytes from the first tensor's */
    const uint8_t *data; /* float32, little-endian, without alignment */
};

struct safetensors {
    json_t *header;
    const json_t *metadata; /* strings by name, part of header; NULL if there are none */
    size_t count;
    struct safetensors_tensor *tensors; /* [count], in the order of their data */
};

/* Looks at the first bytes of a file before it is read whole: one of another kind may be larger than the memory.
   OK also where they cannot be seen, of a pipe for one. Errors: INPUT. */
minnow_status safetensors_look(const char *path);

/* Checks the whole container: afterwards the tensors are float32, and fill the data without gap or overlap.
   They point into `bytes`. `name` is for messages. Errors: INPUT, MEMORY. */
minnow_status safetensors_open(const char *name, const uint8_t *bytes, size_t size, struct safetensors *out);
void safetensors_close(struct safetensors *file);

/* The name of a tensor in a file of minnow's own: of the network itself, prefix "", of a network of an ensemble, or of
   what a checkpoint keeps. */
enum { SAFETENSORS_TENSOR_NAME = 64 };
extern const char *const safetensors_kept_prefix[NETWORK_KEPT];
void safetensors_tensor_name(const char *prefix, size_t layer, enum part part,
                             char text[SAFETENSORS_TENSOR_NAME]);

/* The tensor as blueprints have it. */
void safetensors_array(const struct safetensors_tensor *tensor, struct model_array *out);

/* Whether the metadata say that minnow wrote the file. */
bool safetensors_is_own(const struct safetensors *file);

/* The network in a file of minnow's own, or of another program. Errors: INPUT, MEMORY, UNSUPPORTED. */
minnow_status safetensors_network(const char *name, const struct safetensors *file, const char *isa,
                                  minnow_network **out);
minnow_status safetensors_foreign_network(const char *name, const struct safetensors *file,
                                          const minnow_foreign_config *config, minnow_network **out);

#endif
