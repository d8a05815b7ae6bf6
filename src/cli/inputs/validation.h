/* --validation: samples that are not trained on, after each epoch of which people see whether training still helps. */
#ifndef MINNOW_CLI_VALIDATION_H
#define MINNOW_CLI_VALIDATION_H

#include "cli/frame/options.h"
#include "data/dataset.h"

enum validation_kind {
    VALIDATION_NONE,
    VALIDATION_COUNT, /* so many training samples, drawn by the seed */
    VALIDATION_SHARE, /* a share of them, likewise */
    VALIDATION_LAST,  /* so many, the last ones as they lie in the data */
    VALIDATION_PATH,  /* data of their own */
};

struct validation_request {
    enum validation_kind kind;
    uint64_t count;   /* COUNT, LAST */
    double share;     /* SHARE, above 0 and below 1 */
    const char *path; /* PATH; points into what was parsed */
};

/* An entry of a command's option table: a text, for validation_parse. */
#define VALIDATION_OPTION(settings_type, member)                                                             \
    {                                                                                                        \
        .name = "validation",                                                                                \
        .aliases = "val validation-size val-size holdout validation-split val-split validation-fraction",    \
        .fixed = true, .value = "X",                                                                         \
        .help = "keep training samples out of training, and report on them\n"                                \
                "after each epoch: a number of them, a share as 0.1, drawn by\n"                             \
                "the seed, of each class its part; 'last:N'; or data of their\n"                             \
                "own, a path",                                                                               \
        .show_default = true, .kind = OPTION_TEXT, .offset = offsetof(settings_type, member)                 \
    }

/* `text` may be NULL: none. Whether a path exists is not asked. Returns 0 or, having said why, an exit status. */
int validation_parse(const char *command, const char *text, struct validation_request *out);

/* Whether the text names no file, so that it says the same on another machine. */
bool validation_is_portable(const char *text);

/* How many of `count` samples are asked for, of COUNT, SHARE and LAST. Returns 0 or, having said why, an exit
   status. */
int validation_wanted(const struct validation_request *request, size_t count, const char *samples,
                      size_t *out);

/* Moves the samples out of the training data, or reads data of their own as `how` says; *out is NULL without. Returns 0
   or, having said why, an exit status. */
int validation_take(const struct validation_request *request, uint64_t seed, const struct data_request *how,
                    minnow_dataset *train, minnow_dataset **out);

#endif
