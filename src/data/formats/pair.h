/* For formats that keep a subset in two files, one of images (or other features) and one of labels: how the
   files are found, and how they are written together. */
#ifndef MINNOW_DATA_FORMATS_PAIR_H
#define MINNOW_DATA_FORMATS_PAIR_H

#include <stdbool.h>

#include "base/output_folder.h"
#include "minnow/minnow.h"

/* The names that the two files of a subset may have. */
struct pair_names {
    const char *images[5], *labels[5]; /* in order of preference, then NULL; the first is what is written */
    const char *labels_expected;       /* for the message when images have no labels beside them */
};

/* ---- Reading ---- */

/* The paths of two files, from malloc. */
struct pair {
    char *images, *labels;
};

/* Whether the folder holds a file, readable or not, of one of the names for images. Errors: MEMORY. */
minnow_status pair_has(const char *folder, const struct pair_names *names, bool *has);

/* Both paths; there must be images, as pair_has has told. Errors: INPUT (no labels), MEMORY; then there is
   nothing to free. */
minnow_status pair_find(const char *folder, const struct pair_names *names, struct pair *out);
void pair_free(struct pair *pair);

/* ---- Writing ---- */

struct pair_outputs {
    struct output_folder *folder;
    struct output *images, *labels; /* the folder's */
};

/* Opens both files, and makes the folder if it is missing. Errors: OUTPUT, MEMORY; then nothing is open. */
minnow_status pair_outputs_open(const char *folder, const struct pair_names *names, struct pair_outputs *out);

/* Releases the outputs. If `status`, the outcome so far, is success, both files take their places or neither
   does; otherwise neither. Returns the first failure. Errors: OUTPUT. */
minnow_status pair_outputs_close(struct pair_outputs *outputs, minnow_status status);

#endif
