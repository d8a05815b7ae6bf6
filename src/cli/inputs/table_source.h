/* A table as the data of a command: the options that say how it is read and what of it is learned, and the datasets that
   it becomes. */
#ifndef MINNOW_CLI_TABLE_SOURCE_H
#define MINNOW_CLI_TABLE_SOURCE_H

#include "cli/command.h"
#include "cli/inputs/data_source.h"
#include "cli/inputs/validation.h"
#include "data/table/encoder.h"

enum { TABLE_UNSET = -1 };

/* How the text is read. */
struct table_reading {
    const char *delimiter, *quote, *decimal, *gaps, *text;
    int header; /* 0: yes, 1: no, or TABLE_UNSET */
};

/* What is learned. */
struct table_learning {
    const char *label, *weight, *ignore, *keep, *test;
    int scale, missing, task; /* of the tables of choices, or TABLE_UNSET */
};

#define TABLE_READING_UNSET                                                                                  \
    { .header = TABLE_UNSET }
#define TABLE_LEARNING_UNSET                                                                                 \
    { .scale = TABLE_UNSET, .missing = TABLE_UNSET, .task = TABLE_UNSET }

const char *choice_header(size_t index);
const char *choice_scale(size_t index);
const char *choice_missing(size_t index);
const char *choice_task(size_t index);

/* Entries of a command's option table, for members of its settings. */
#define TABLE_READING_OPTIONS(settings_type, reading)                                                        \
    {.name = "delimiter",                                                                                    \
     .value = "C",                                                                                           \
     .help = "of a table's fields: a character, 'tab' or 'blanks'\n[found out]",                             \
     .kind = OPTION_TEXT,                                                                                    \
     .offset = offsetof(settings_type, reading.delimiter)},                                                  \
        {.name = "header",                                                                                   \
         .value = "NAME",                                                                                    \
         .help = "{}: whether its first line has names [found out]",                                         \
         .kind = OPTION_CHOICE,                                                                              \
         .offset = offsetof(settings_type, reading.header),                                                  \
         .choice = choice_header},                                                                           \
        {.name = "quote",                                                                                    \
         .value = "C",                                                                                       \
         .help = "what its quoted fields begin and end with [\"]",                                           \
         .kind = OPTION_TEXT,                                                                                \
         .offset = offsetof(settings_type, reading.quote)},                                                  \
        {.name = "decimal",                                                                                  \
         .value = "C",                                                                                       \
         .help = "its decimal sign, '.' or ',' [found out]",                                                 \
         .kind = OPTION_TEXT,                                                                                \
         .offset = offsetof(settings_type, reading.decimal)},                                                \
    {                                                                                                        \
        .name = "gaps", .value = "WORD,...",                                                                 \
        .help = "words that stand for no value, beside nothing, NA, NaN,\n?, N/A and null",                  \
        .kind = OPTION_TEXT, .offset = offsetof(settings_type, reading.gaps)                                 \
    }

#define TABLE_LEARNING_OPTIONS(settings_type, reading, learning)                                             \
    {.name = "label",                                                                                        \
     .value = "COLUMN",                                                                                      \
     .help = "what is learned: a name, 'first', 'last' or a number from 1\n[guessed where it is plain]",     \
     .kind = OPTION_TEXT,                                                                                    \
     .offset = offsetof(settings_type, learning.label)},                                                     \
        {.name = "task",                                                                                     \
         .value = "NAME",                                                                                    \
         .help = "{}: what kind of label it is\n[as its values look]",                                       \
         .kind = OPTION_CHOICE,                                                                              \
         .offset = offsetof(settings_type, learning.task),                                                   \
         .choice = choice_task},                                                                             \
        {.name = "weight",                                                                                   \
         .aliases = "sample-weight sample-weights",                                                          \
         .value = "COLUMN",                                                                                  \
         .help = "how much each row counts in training: a row of weight 2 as if it\nwere there twice; "      \
                 "no feature [all rows the same]",                                                           \
         .kind = OPTION_TEXT,                                                                                \
         .offset = offsetof(settings_type, learning.weight)},                                                \
        {.name = "ignore",                                                                                   \
         .value = "NAME,...",                                                                                \
         .help = "columns that are left out",                                                                \
         .kind = OPTION_TEXT,                                                                                \
         .offset = offsetof(settings_type, learning.ignore)},                                                \
        {.name = "keep",                                                                                     \
         .value = "NAME,...",                                                                                \
         .help = "columns that would be left out, as constant or a key",                                     \
         .kind = OPTION_TEXT,                                                                                \
         .offset = offsetof(settings_type, learning.keep)},                                                  \
        {.name = "text",                                                                                     \
         .value = "NAME,...",                                                                                \
         .help = "columns whose numbers are names, as zip codes are",                                        \
         .kind = OPTION_TEXT,                                                                                \
         .offset = offsetof(settings_type, reading.text)},                                                   \
        {.name = "scale",                                                                                    \
         .value = "NAME",                                                                                    \
         .help = "of numbers: {}\n[robust; pixels stay bytes]",                                              \
         .kind = OPTION_CHOICE,                                                                              \
         .offset = offsetof(settings_type, learning.scale),                                                  \
         .choice = choice_scale},                                                                            \
    {                                                                                                        \
        .name = "missing", .value = "NAME",                                                                  \
        .help = "{}: gaps get the median or the most\nfrequent value, or end the program [fill]",            \
        .kind = OPTION_CHOICE, .offset = offsetof(settings_type, learning.missing), .choice = choice_missing \
    }

#define TABLE_TEST_OPTION(settings_type, learning)                                                           \
    {                                                                                                        \
        .name = "test", .value = "X",                                                                        \
        .help = "what a table is tested on: another table, or the share X of\n"                              \
                "its rows, drawn by the seed [each fifth row]; of any data\n"                                \
                "'none': nothing, and all samples are trained on",                                           \
        .kind = OPTION_TEXT, .offset = offsetof(settings_type, learning.test)                                \
    }

/* Whether --test says that there is to be no test. */
bool table_test_none(const struct table_learning *learning);

/* Refuses the options of tables that were given, because `why`. Returns 0 or an exit status. */
int table_refuse_options(const struct command_line *line, bool reading_too, const char *why);

/* What the options say is learned. */
struct encoder_options table_encoder_options(const struct table_learning *learning);

/* Whether the data of a command is a table: a file that no format of data is known to be, or "-". */
bool table_source_is(const struct data_source *source);

/* How a table becomes data to train on. */
struct table_request {
    const struct table_reading *reading;
    const struct table_learning *learning;
    uint64_t seed;
    const struct validation_request *validation;
    unsigned threads;
};

/* Reads a table and makes the datasets to train on, to validate on (NULL without) and to test on. `network`, if it is
   not NULL, has been trained on such a table, and says how it takes it; otherwise *encoder is new. Notes are printed.
   Returns 0 or, having said why, an exit status; then nothing needs to be freed. */
int table_load_training(const struct data_source *source, const struct table_request *request,
                        const minnow_network *network, struct data *data, minnow_dataset **validation,
                        struct encoder **encoder);

/* Loads the rows to test a network on, if the data that `option` names are a table; *loaded tells. They are all of its
   rows or, of the table that the network was trained on, those that were kept out of training. `model` is the network's
   name. Returns 0 or, having said why, an exit status. *encoder, which may be NULL, is the caller's to free. */
int table_load_test(const char *option, const struct table_reading *reading, const struct command_line *line,
                    const minnow_network *network, const char *model, struct data *data,
                    struct encoder **encoder, bool *loaded);

/* The encoder in a network's metadata; NULL in *out if there is none. `path` is the network's file. Returns 0 or, having
   said why, an exit status. */
int table_encoder_of(const minnow_network *network, const char *path, struct encoder **out);

/* Puts the encoder into a network's metadata, with the names of the classes. Errors: MEMORY, ARGUMENT. */
minnow_status table_encoder_record(const struct encoder *encoder, minnow_network *network);

/* Reads a table, as the encoder takes it unless that is NULL. Returns 0 or, having said why, an exit status. */
int table_open_for(const char *path, const struct table_reading *reading, const struct encoder *encoder,
                   unsigned threads, struct table **out);

/* The same to predict: the label does not matter, and a row that cannot be read is one of the table's faults. `id` is the
   column that names the rows, whose cells are kept as they are written, if there is such a column; or NULL. */
int table_open_to_predict(const char *path, const struct table_reading *reading,
                          const struct encoder *encoder, const char *id, unsigned threads,
                          struct table **out);

/* The same to describe: all for which training would refuse a row is one of the table's faults. */
int table_open_to_describe(const char *path, const struct table_reading *reading, unsigned threads,
                           struct table **out);

/* Has the encoder remember how the command line says that the table is written. Returns 0 or an exit status. */
int table_reading_remember(const struct table_reading *reading, struct encoder *encoder);

#endif
