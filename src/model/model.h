/* Model files from memory, for the fuzzers too. */
#ifndef MINNOW_MODEL_MODEL_H
#define MINNOW_MODEL_MODEL_H

#include "base/file.h"
#include "base/output.h"
#include "minnow/minnow.h"
#include "net/network.h"

/* A network from the bytes of a safetensors file; `name` is for messages. Errors: INPUT, MEMORY, UNSUPPORTED.
 */
minnow_status safetensors_parse(const char *name, const uint8_t *bytes, size_t size, const char *isa,
                                minnow_network **out);

/* The same for a file of any program; see minnow_network_load_foreign. */
minnow_status safetensors_parse_foreign(const char *name, const uint8_t *bytes, size_t size,
                                        const minnow_foreign_config *config, minnow_network **out);

/* minnow_network_save, with pairs of metadata that are the file's alone. */
minnow_status safetensors_save(const minnow_network *network, const struct metadata *extra, const char *path);

/* One file of the original's values/ folder: rows of comma-separated numbers, all rows equally long. */
struct values_table {
    size_t rows, columns;
    float *numbers; /* [rows][columns]; release with memory_free */
};
/* At least one row; at most NETWORK_MAX_SIZE rows and columns. Allocates four bytes per number there is at
   most. CRLF line ends, spaces around numbers, and a missing or repeated end of the last line are accepted.
   Errors: INPUT, MEMORY. */
minnow_status values_parse(const char *name, const uint8_t *bytes, size_t size, struct values_table *out);

/* ---- Shared by the formats ---- */

/* Reads a model file whole. What a device or pipe delivers is limited more tightly, as its size is not known
 * before. */
minnow_status model_file_read(const char *path, struct file_bytes *out);

/* Refuses to save a network that diverged, which would take the place of a good one. `path` is for the
 * message. Errors: OUTPUT. */
minnow_status model_check_finite(const minnow_network *network, const char *path);

/* Writes a layer's weights as little-endian floats [outputs][inputs], as PyTorch and others have them, or its
   biases. A failure to write is kept by the output. Errors: MEMORY. */
minnow_status model_write_weights(struct output *output, const minnow_network *network, size_t layer);
void model_write_biases(struct output *output, const minnow_network *network, size_t layer);

/* Removes the file `name` of the folder, which a deeper network may have left there. Errors: OUTPUT, MEMORY. */
minnow_status model_remove_leftover(const char *folder, const char *name);

/* sizes[layer_count + 1] as "784-128-64-10"; layer_count at most NETWORK_MAX_LAYERS. */
enum { MODEL_ARCHITECTURE_TEXT = 512 };
void model_architecture(const size_t *sizes, size_t layer_count, char text[MODEL_ARCHITECTURE_TEXT]);

#endif
