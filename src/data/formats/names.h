/* What the name of a file, or of an array in an archive, says it holds: of which subset, and whether labels or
   features. "emnist-letters-train-images-idx3-ubyte.gz", "x_train" and "test_labels.npy" are told by the words
   in them. */
#ifndef MINNOW_DATA_FORMATS_NAMES_H
#define MINNOW_DATA_FORMATS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "minnow/minnow.h"

enum name_subset {
    NAME_TRAIN,
    NAME_TEST,
    NAME_OTHER, /* a validation set, or another that is neither */
    NAME_WHOLE  /* the name speaks of no subset: all there is */
};
enum name_role { NAME_FEATURES, NAME_LABELS, NAME_NEITHER };

struct name_meaning {
    enum name_subset subset;
    enum name_role role;
};
struct name_meaning name_meaning(const char *name);

/* Names, each from malloc, in ascending order. Empty when all zero. */
struct name_set {
    char **name;
    size_t count;
};
minnow_status name_set_add(struct name_set *list, const char *name); /* Errors: MEMORY */
void name_set_sort(struct name_set *list);
void name_set_free(struct name_set *list);

/* A folder's entries but hidden ones. A folder that cannot be read has none. With a path that does not exist,
   DIRECTORY/PREFIX, the entries of DIRECTORY that begin with "PREFIX-": so one data set of several in a folder
   is named. Entries are paths. Errors: MEMORY. */
minnow_status name_set_folder(const char *path, struct name_set *out);

/* The part of a path behind its last '/'. */
const char *name_of_path(const char *path);

/* The places in the list of a subset's features and of its labels. Of two names that only an ending .gz tells
   apart, the shorter is taken. */
struct name_pair {
    size_t features, labels; /* NAME_NONE: there are none */
    bool whole;              /* the names speak of no subset, so both subsets are parts of these */
};
#define NAME_NONE ((size_t)-1)

/* `source` is where the names are, for messages. Errors: INPUT (several that fit). */
minnow_status name_set_pair(const struct name_set *list, const char *source, minnow_subset subset,
                            struct name_pair *out);

#endif
