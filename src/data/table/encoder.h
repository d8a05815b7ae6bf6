/*
 * What turns the rows of a table into a network's inputs, and its label into a class or a target. It is fitted on the
 * training rows alone, and the model's file keeps it (as JSON, encoder_json.c), so that any table with the same columns,
 * in any order, becomes the same inputs.
 *
 *   a number     one feature, (x - centre) / spread, and where training had gaps, a second one that is 1 for a gap; a
 *                gap itself becomes `fill`, the median
 *   a category   one feature for each value that was frequent enough, and one for all others if training had any; a gap
 *                becomes the most frequent value
 *   hashed       a category with too many values: one of `buckets` features, by a hash of the value
 */
#ifndef MINNOW_DATA_TABLE_ENCODER_H
#define MINNOW_DATA_TABLE_ENCODER_H

#include "data/dataset.h"
#include "data/formats/format.h"
#include "data/table/notes.h"
#include "data/table/table.h"

enum encoder_kind { ENCODER_NUMBER, ENCODER_CATEGORY, ENCODER_HASHED };

/* A column that the network takes. */
struct encoder_column {
    char *name;
    enum encoder_kind kind;
    size_t first, width; /* its features */

    float centre, spread, fill; /* of a number */
    enum table_unit unit;       /* that stood beside the numbers */
    bool indicator;

    size_t value_count; /* of a category */
    char **values;
    bool other;        /* the feature behind those of the values stands for all others */
    size_t fill_value; /* what a gap becomes */
};

enum encoder_task { TASK_CLASSES, TASK_REGRESSION };

/* Which rows of a table are for what. */
enum { SPLIT_EVERY = 5 }; /* without a share: each fifth row */
struct encoder_split {
    bool by_share;
    double share; /* 0 to 1, exclusive */
    uint64_t seed;
};

/* How the training table was said to be written. Later tables are read so too; what was found out is found out again, and
   helps only where they do not tell. */
struct encoder_reading {
    char delimiter, quote, decimal; /* 0: was not said; ASCII */
    bool has_header, no_header;
    char *gaps;         /* words, separated by commas; or NULL */
    char usual_decimal; /* what was found out, for later tables whose numbers do not tell; 0 or ',' */
};

struct encoder {
    size_t column_count, features;
    struct encoder_column *columns;
    bool bytes;           /* all columns are bytes; a feature is byte · scale */
    float scale;          /* of bytes */
    float clip;           /* 0, or c: a scaled number z becomes z / sqrt(1 + (z/c)²) */
    bool gaps_are_errors; /* --missing error */

    char *label; /* NULL: the table that it was made from had none */
    enum encoder_task task;
    bool numeric_label; /* classes are numbers */
    size_t class_count;
    char **classes;
    float target_centre, target_spread; /* regression: the network gives (label - centre) / spread */

    char *id;     /* a column that names the rows, or NULL */
    char *weight; /* a column that says how much a row counts in training, or NULL */
    struct encoder_reading reading;

    /* The table whose rows were divided into training and test rows; crc32 0 if they came from two. */
    uint32_t crc32;
    struct encoder_split split;
    uint32_t
        whole_crc32; /* the table of which no row was kept out of training for a test; 0: none is known */
};

void encoder_free(struct encoder *encoder);

/* ---- Fitting: fit.c ---- */

enum encoder_scale { SCALE_STANDARD, SCALE_ROBUST, SCALE_MINMAX, SCALE_NONE };
extern const char *const encoder_scale_names[]; /* ends in NULL */

struct encoder_options {
    const char *label;         /* a name, "first", "last", a column's number from 1; NULL: guessed */
    const char *weight;        /* a name: how much each row counts; or NULL */
    const char *ignore, *keep; /* names, separated by commas, or NULL; kept is what would be left out */
    enum encoder_scale scale;
    bool scale_given;
    bool gaps_are_errors;
    bool task_given;
    enum encoder_task task;
};

/* An encoder with a label, a task and a column of weights, and without columns yet: label.c. Errors: ARGUMENT (no such
   column, or none is plainly the label; one for two purposes), INPUT (the label cannot be learned), MEMORY. */
minnow_status encoder_begin(const struct table *table, const struct encoder_options *options,
                            struct notes *notes, struct encoder **out);

/* What each row's label is: its class, or for regression the bits of its value as a float; TABLE_GAP where it has
   none. labels[table->rows]. Errors: INPUT (a class that training did not have; a text for a number), MEMORY. */
minnow_status encoder_labels(const struct encoder *encoder, const struct table *table, uint32_t *labels);

/* Gives these rows of a dataset the weights that the encoder's column of the table says, if there is one: weight.c. A
   table without that column is none of the training's own, and its rows all count the same. Errors: INPUT (a weight that
   is none), MEMORY. */
minnow_status encoder_weigh(const struct encoder *encoder, const struct table *table, const uint32_t *rows,
                            size_t count, minnow_dataset *dataset);

/* Chooses and fits the columns on these rows. Errors: INPUT (no column is left), ARGUMENT, MEMORY. */
minnow_status encoder_fit(struct encoder *encoder, const struct table *table, const uint32_t *rows,
                          size_t count, const struct encoder_options *options, struct notes *notes);

/* ---- Reading tables for an encoder: wanted.c ---- */

/* The columns that it takes, and its label if that is `labelled`, as a table is to be read: wanted[column_count + 1].
   Returns how many. */
size_t encoder_wanted(const struct encoder *encoder, bool labelled, struct table_wanted *wanted);

/* table_from_memory, of the columns that the encoder takes, on the calling thread. Errors: INPUT, MEMORY. */
minnow_status encoder_table_from_memory(const struct encoder *encoder, const char *name, const char *text,
                                        size_t size, struct table **out);

/* ---- Encoding: encode.c ---- */

/* A table's columns as an encoder takes them. */
struct encoding;

/* Errors: INPUT (a column is missing, or of the wrong kind), MEMORY. */
minnow_status encoding_open(const struct encoder *encoder, const struct table *table, struct encoding **out);
void encoding_close(struct encoding *encoding);

/* Features of rows to values [count][features]; of bytes, byte · scale. */
void encoding_rows(const struct encoding *encoding, const uint32_t *rows, size_t count, float *values);

/* A dataset of these rows, with labels [table->rows] as encoder_labels gives them. Errors: INPUT (gaps where they are
   errors), MEMORY. */
minnow_status encoding_dataset(const struct encoding *encoding, const uint32_t *rows, size_t count,
                               const uint32_t *labels, unsigned threads, minnow_dataset **out);

/* Whether a row is as the encoder must have it: no gaps where they are errors, pixels that are bytes. Errors: INPUT */
minnow_status encoding_check_row(const struct encoding *encoding, size_t row);

/* The first of the table's columns whose text the row has but the encoder does not know: training never saw it, or too
   rarely. table->columns if there is none. What is hashed is always known. */
size_t encoding_unknown_text(const struct encoding *encoding, size_t row);

/* Whether the row has nothing in any column that the encoder takes. */
bool encoding_row_is_empty(const struct encoding *encoding, size_t row);

/* Rows that become samples, but of which something is to be said. */
struct table_oddities {
    size_t unknown, first_unknown, column; /* rows of unknown texts; the first one and its column */
    size_t empty, first_empty;
};
/* Of the rows that were read so far, from samples of table_samples_open. */
const struct table_oddities *table_samples_oddities(const struct sample_stream *samples);

/* The table's rows as samples, one after the other; those that are faults, or not as the encoder must have them, are bad
   samples. Table and encoder must outlive them. Errors: INPUT, MEMORY. */
minnow_status table_samples_open(const struct encoder *encoder, const struct table *table,
                                 struct sample_stream **out);

/* ---- As the model's file keeps it: encoder_json.c ---- */

#define ENCODER_KEY "table" /* of the metadata */

/* From malloc. Errors: MEMORY, ARGUMENT (longer than a model file can hold). */
minnow_status encoder_to_text(const struct encoder *encoder, char **out);
/* Every size and number is checked; `name` is the file's. Errors: INPUT, MEMORY. */
minnow_status encoder_from_text(const char *name, const char *text, struct encoder **out);

#endif
