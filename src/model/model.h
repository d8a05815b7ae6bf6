/* What the model formats share, and readers of files that are in memory already, for the fuzzers too. */
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

/* minnow_network_save, with pairs of metadata that are the file's alone, and what a checkpoint keeps beside the
   parameters: blocks of their layout, or NULL. */
minnow_status safetensors_save(const minnow_network *network, const struct metadata *extra,
                               struct parameters *const kept[NETWORK_KEPT], const char *path);

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

/* What a layer's parameters are, and their names in files: weight and bias. */
enum part { PART_WEIGHT, PART_BIAS, PART_COUNT };
extern const char *const part_names[PART_COUNT];

/* "layers.0.weight", as safetensors, .npy and ONNX files name a layer's arrays. */
enum { MODEL_TENSOR_NAME = 32 };
void model_tensor_name(size_t layer, enum part part, char text[MODEL_TENSOR_NAME]);

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

/* The same of a block of the network's layout. */
minnow_status model_write_block_weights(struct output *output, const struct layer *layer,
                                        struct matrix weights);
void model_write_block_biases(struct output *output, const struct layer *layer, const float *biases);

/* Removes the file `name` of the folder, which a deeper network may have left there. Errors: OUTPUT, MEMORY. */
minnow_status model_remove_leftover(const char *folder, const char *name);

/* Formats that are a folder with a file for each layer's weights and one for its biases. */
enum { MODEL_FILE_NAME = 48 };
struct folder_layout {
    /* The file's name. */
    void (*name)(size_t layer, enum part part, char name[MODEL_FILE_NAME]);
    /* What is in it. A failure to write is kept by the output. Errors: MEMORY. */
    minnow_status (*write)(struct output *output, const minnow_network *network, size_t layer,
                           enum part part);
};

/* FOLDER/NAME of such a file, from malloc; NULL when there is no memory. */
char *folder_file_path(const char *folder, const struct folder_layout *layout, size_t layer, enum part part);

/* Saves a network so, creating the folder if it is missing. All files are complete and on disk before the
   first takes its place, and what a deeper network has left there is removed at last. After a failure the
   folder is as it was. Errors: OUTPUT (also if a parameter is not finite), MEMORY. */
minnow_status folder_save(const minnow_network *network, const char *folder,
                          const struct folder_layout *layout);

/* Whether the path is a folder with the first layer's weights in it. */
bool folder_recognise(const char *path, const struct folder_layout *layout);

/* Which layers' files are in the folder. A file that cannot be looked at counts as there: opening it says
   why. Errors: INPUT (the folder is none; `contents` says what it was to hold), MEMORY. */
enum { FOLDER_LAYERS = NETWORK_MAX_LAYERS + 1 }; /* one more than there may be, so that it is noticed */
minnow_status folder_look(const char *folder, const char *contents, const struct folder_layout *layout,
                          bool there[FOLDER_LAYERS][PART_COUNT]);

/* sizes[layer_count + 1] as "784-128-64-10"; layer_count at most NETWORK_MAX_LAYERS. */
enum { MODEL_ARCHITECTURE_TEXT = 512 };
void model_architecture(const size_t *sizes, size_t layer_count, char text[MODEL_ARCHITECTURE_TEXT]);

#endif
