/*
 * The table of model formats. A format is a folder beside this file with one row, which it defines itself:
 * whoever converts, saves or opens networks goes by the rows. To add a format, write its row and name it in
 * formats.c.
 */
#ifndef MINNOW_MODEL_FORMATS_H
#define MINNOW_MODEL_FORMATS_H

#include <stdbool.h>

#include "minnow/minnow.h"

/* How to write a network. A format takes note of those its row lists in `options`. */
enum model_save_option { MODEL_SAVE_SCALED_INPUT = 1, MODEL_SAVE_INT8 = 2, MODEL_SAVE_NAME = 4 };
struct model_save_options {
    bool scaled_input; /* the model takes features instead of pixels */
    bool int8;         /* weights of 8 bits */
    const char *name;  /* what names in source begin with; NULL: one made from the path */
};

struct model_format {
    const char *name;              /* as --to spells it */
    const char *title;             /* what messages call it */
    const char *help;              /* what it is, for --help */
    bool is_folder;                /* of several files; otherwise one file */
    const char *const *extensions; /* that suggest it as the name of a file to write; ends in NULL */
    bool holds_scaling;            /* what is written says how inputs are scaled */
    unsigned options;              /* bits of enum model_save_option that `save` takes note of */

    /* Whether what stands at the path is of this format, as far as that can be seen without reading a pipe.
       NULL: the format is written only. */
    bool (*recognise)(const char *path);

    /* Reads a network that says itself how it is to be used, or one that does not. NULL: there is no such. */
    minnow_status (*load)(const char *path, const char *isa, minnow_network **out);
    minnow_status (*load_foreign)(const char *path, const minnow_foreign_config *config,
                                  minnow_network **out);

    minnow_status (*save)(const minnow_network *network, const char *path,
                          const struct model_save_options *options);
};

extern const struct model_format model_format_safetensors, model_format_values, model_format_npy,
    model_format_onnx, model_format_c;

extern const struct model_format *const model_formats[];
extern const size_t model_format_count;

/* The format of that name; NULL if there is none. */
const struct model_format *model_format_find(const char *name);

/* The format that a file to be written is named for by its extension; NULL if there is none. */
const struct model_format *model_format_for_target(const char *path);

/* The format of what stands at the path; NULL: a folder that is no network's. Of several the first that can be
   loaded as asked: as one that says how it is to be used, or as a foreign one. Any path that is no folder may
   be a safetensors file; opening it tells. */
const struct model_format *model_format_of(const char *path, bool foreign);

/* Reads a network of any format. Errors: those of the format, and INPUT (a folder of no format, or of one that
   cannot be loaded so). */
minnow_status model_load(const char *path, const char *isa, minnow_network **out);
minnow_status model_load_foreign(const char *path, const minnow_foreign_config *config, minnow_network **out);

#endif
