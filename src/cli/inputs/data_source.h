/* Where training and test data come from. */
#ifndef MINNOW_CLI_DATA_SOURCE_H
#define MINNOW_CLI_DATA_SOURCE_H

#include <limits.h>

#include "cli/frame/options.h"
#include "minnow/minnow.h"

/* What --data may name beside folders. */
const char *data_source_choice(size_t index);

/* Entries of a command's option table. `of` tells what the data are for. */
#define DATA_OPTION(settings_type, member, of)                                                               \
    {                                                                                                        \
        .name = "data", .aliases = "dataset data-dir data-folder data-path", .value = "FOLDER", .help = of,  \
        .kind = OPTION_TEXT, .choice = data_source_choice, .offset = offsetof(settings_type, member)         \
    }
#define DATA_FORMATS "IDX or CSV files, see 'minnow help data'; or 'digits', built in"
#define CLASSES_OPTION(settings_type, member)                                                                \
    {                                                                                                        \
        .name = "classes", .fixed = true, .value = "N", .help = "labels are below N", .show_default = true,  \
        .kind = OPTION_COUNT, .offset = offsetof(settings_type, member), .least = 1, .most = 65536           \
    }

struct data_source {
    bool digits;   /* the built-in ones; then the folder is empty */
    bool demanded; /* by --data or MINNOW_DATA: no other may replace it */
    char folder[PATH_MAX];
    const char *why; /* "--data", "MINNOW_DATA", "./DATA", … */
};

struct data {
    struct data_source source;
    minnow_dataset *train, *test; /* train is NULL if not asked for */
};

/* Takes the first that is there: `option` (--data, or NULL), $MINNOW_DATA, ./DATA, the cache of
   tools/fetch-mnist, Debian's Fashion-MNIST, the built-in digits. `with_train`: the training files are needed
   too. Returns 0 or, having said why, an exit status. */
int data_source_find(const char *option, bool with_train, struct data_source *out);

/* Finds, says which and loads, both subsets at the same time if `threads` allows. Returns 0 or, having said
   why, an exit status; then nothing needs to be freed. */
int data_load(const char *option, bool with_train, size_t classes, unsigned threads, struct data *out);
void data_free(struct data *data);

/* The source as a reader knows it: the folder, or "built-in digits". */
const char *data_source_name(const struct data_source *source);

/* The built-in digits: 60,000 to train on, 10,000 to test. */
minnow_status data_source_digits(minnow_subset subset, minnow_dataset **out);

#endif
