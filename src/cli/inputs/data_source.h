/* Where training and test data come from. */
#ifndef MINNOW_CLI_DATA_SOURCE_H
#define MINNOW_CLI_DATA_SOURCE_H

#include <limits.h>

#include "cli/frame/options.h"
#include "data/dataset.h"
#include "minnow/minnow.h"

/* What --data may name beside folders. */
const char *data_source_choice(size_t index);

/* Entries of a command's option table. `of` tells what the data are for. */
#define DATA_OPTION(settings_type, member, of)                                                               \
    {                                                                                                        \
        .name = "data", .aliases = "dataset data-dir data-folder data-path", .value = "PATH", .help = of,    \
        .kind = OPTION_TEXT, .choice = data_source_choice, .offset = offsetof(settings_type, member)         \
    }
#define DATA_FORMATS                                                                                         \
    "a table, a folder of IDX, .npy or CSV files, an .npz, pictures, and\nmore, see 'minnow help data'; or " \
    "'digits', built in"
/* Where data come from, and how their files look, for help; whole lines. */
#define DATA_HELP                                                                                            \
    "  --data PATH names them. Without it, minnow takes the first of these that is there, and\n"             \
    "  says which: $MINNOW_DATA, ./DATA, what tools/fetch-mnist fetched, Debian's\n"                         \
    "  dataset-fashion-mnist, and at last digits that minnow draws itself ('--data digits').\n\n"            \
    "  A folder holds the four files of MNIST, gzip-compressed or not,\n"                                    \
    "    train-images-idx3-ubyte  train-labels-idx1-ubyte  t10k-images-idx3-ubyte  "                         \
    "t10k-labels-idx1-ubyte\n"                                                                               \
    "  or CSV files without a head: a sample a line; its label as a one-hot row or a number,\n"              \
    "    train_images.csv  train_labels.csv  test_images.csv  test_labels.csv\n\n"                           \
    "  A file of rows with a column a feature is a table, '-' one on standard input. How it is\n"            \
    "  written is found out; --label NAME says what is learned. 'minnow data FILE' describes it.\n"

#define TRANSPOSE_OPTION(settings_type, member)                                                              \
    {                                                                                                        \
        .name = "transpose", .help = "images lie on their sides, as EMNIST's do: exchange rows and columns", \
        .kind = OPTION_FLAG, .offset = offsetof(settings_type, member)                                       \
    }
#define PICTURE_OPTIONS(settings_type, size_member, colour_member)                                           \
    {.name = "size",                                                                                         \
     .value = "WxH",                                                                                         \
     .help =                                                                                                 \
         "shrink pictures to so many pixels, 28x28 for instance\n[as they are; all must be of one size]",    \
     .kind = OPTION_TEXT,                                                                                    \
     .offset = offsetof(settings_type, size_member)},                                                        \
    {                                                                                                        \
        .name = "colour", .help = "pictures' red, green and blue [grey]", .kind = OPTION_FLAG,               \
        .offset = offsetof(settings_type, colour_member)                                                     \
    }
#define CLASSES_OPTION(settings_type, member)                                                                \
    {                                                                                                        \
        .name = "classes", .fixed = true, .value = "N", .help = "labels are below N [as the labels show]",   \
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
    minnow_dataset *train, *test; /* NULL if not asked for or, of a test that may be missing, not there */
    uint32_t *rows;               /* of a table that is tested on: each test sample's row, from 0; or NULL */
};

/* Takes the first that is there: `option` (--data, or NULL), $MINNOW_DATA, ./DATA, the cache of
   tools/fetch-mnist, Debian's Fashion-MNIST, the built-in digits. `with_train`: the training files are needed
   too. Returns 0 or, having said why, an exit status. */
int data_source_find(const char *option, bool with_train, struct data_source *out);

/* What data are to be for a network: its inputs and classes, and its size of pictures. */
struct data_request data_request_of(const minnow_network *network);

/* Finds, says which and loads, both subsets at the same time if `threads` allows. `classes`: labels are below it;
   0: the labels tell. Returns 0 or, having said why, an exit status; then nothing needs to be freed. */
enum data_test { DATA_TEST_WANTED, DATA_TEST_OPTIONAL, DATA_TEST_NONE };
int data_load_parts(const char *option, bool with_train, enum data_test test,
                    const struct data_request *request, unsigned threads, struct data *out);
/* The same with test data. */
int data_load_request(const char *option, bool with_train, const struct data_request *request,
                      unsigned threads, struct data *out);
/* The same, without more to ask for. */
int data_load(const char *option, bool with_train, size_t classes, unsigned threads, struct data *out);
void data_free(struct data *data);

/* From here on the program ends with a message if a file of the source is cut short while it is mapped. */
void data_watch_files(const struct data_source *source);
/* --size and --colour into a request. Returns 0 or, having said why, an exit status. */
int data_picture_options(const char *size, bool colour, struct data_request *request);
/* Refuses them where the data turned out to be no pictures. Returns 0 or, having said so, an exit status. */
int data_check_pictures(const struct data *data, const struct data_request *request);

/* The source as a reader knows it: the folder, or "built-in digits". */
const char *data_source_name(const struct data_source *source);

/* The built-in digits: 60,000 to train on, 10,000 to test. */
minnow_status data_source_digits(minnow_subset subset, minnow_dataset **out);

#endif
