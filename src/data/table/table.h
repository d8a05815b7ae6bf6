/*
 * A table as people have them: one text file with a column a feature and usually a header. Reading finds out how the
 * file is written (dialect.h), parses it on several threads (read.c), and keeps numbers as floats and texts as codes.
 * What the columns mean to a network is the encoder's matter (encoder.h).
 */
#ifndef MINNOW_DATA_TABLE_TABLE_H
#define MINNOW_DATA_TABLE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "minnow/minnow.h"

/* How many columns a table may have: the features that a dataset may have, a label and an id. */
enum { TABLE_COLUMNS_MAX = 65538 };

enum table_kind { TABLE_NUMBER, TABLE_TEXT };

/* What people write beside numbers. */
enum table_unit { UNIT_NONE, UNIT_DOLLAR, UNIT_EURO, UNIT_POUND, UNIT_YEN, UNIT_PERCENT };
extern const char *const table_unit_names[]; /* ends in NULL */

/* Whole numbers with zeros before them, as 01067, are names: texts, unless there are too many of them for that. */
enum table_codes { CODES_NONE, CODES_AS_TEXT, CODES_AS_NUMBER };

/* A column that is to be read as this kind, whatever its cells look like. */
struct table_wanted {
    const char *name;
    enum table_kind kind;
    bool optional; /* no error if there is no such column */
};

/* How to read; all of it is found out where it is not said. */
struct table_options {
    char delimiter, quote, decimal; /* 0: found out; a delimiter ' ' stands for any run of blanks */
    char usual_decimal;             /* where the table's own numbers do not tell; 0: '.' */
    bool has_header, no_header;     /* at most one of them */
    const char *gaps; /* words, separated by commas, that stand for a gap beside the usual ones; or NULL */
    const struct table_wanted *wanted;
    size_t wanted_count;
    size_t
        wanted_in_place; /* a table of so many columns without names has the first wanted ones, in their order */
    unsigned threads;    /* 0: OpenMP's choice, or fewer for little text */
    bool
        keep_bad_rows; /* a row that cannot be read, or lacks a number in a wanted column, is one of faults, not an error */
    bool
        find_faults; /* the same, and what would be an error in any column is a fault: texts among numbers, and numbers
                         beyond a float */
};

/* A row that could not be read, and why. Cells of it that could not are gaps, or bytes 0. */
struct table_fault {
    size_t row;
    char *text; /* with the file's name and the line */
};

struct table_column {
    char *name; /* unique in its table, UTF-8 */
    enum table_kind kind;
    size_t gaps;      /* cells without a value */
    bool inexact;     /* holds whole numbers that no float has */
    unsigned units;   /* a bit for each unit that stands beside its numbers */
    bool mixed_units; /* they were several, so that it is one of texts */
    enum table_codes codes;
    bool dates;     /* its texts are dates, and further columns their parts */
    size_t part_of; /* 1 + the column of dates that it is a part of; 0: none */

    /* Of texts: the values in the order in which they first occur, UTF-8, and how often each does. */
    size_t value_count;
    char **values;
    uint32_t *counts;
    char *memory; /* that the values lie in */
};

/* A gap is the code TABLE_GAP, whose bits as a float are a NaN; no other cell is a NaN. */
#define TABLE_GAP UINT32_MAX
union table_cell {
    float number;
    uint32_t code; /* index of a text's value */
};

struct table {
    char *name; /* of the file, for messages */
    size_t rows, columns;
    size_t own_columns;          /* how many of them stand in the file; behind them come parts of dates */
    struct table_column *column; /* [columns] */

    /* [rows][columns], one of the two: bytes where every cell of the table is a whole number from 0 to 255. */
    uint8_t *bytes;
    union table_cell *cells;

    size_t fault_count;
    struct table_fault *faults; /* in the order of their rows */

    uint32_t crc32;     /* of the text, so that the same file is known again; see table_crc32 */
    char *dialect;      /* how it is written, for people: "comma-separated, with a header" */
    char decimal;       /* '.' or ',' */
    bool usual_decimal; /* which is the options' usual one, as the numbers did not tell */
    bool header;
};

/* Reads a file, a pipe or, for "-", standard input, expanded if it is compressed with gzip. Errors: INPUT, MEMORY,
   ARGUMENT (a wanted column that is not there). */
minnow_status table_open(const char *path, const struct table_options *options, struct table **out);

/* Reads text in memory, which need not outlive the call. Errors: as above. */
minnow_status table_from_memory(const char *name, const char *text, size_t size,
                                const struct table_options *options, struct table **out);

/* Accepts NULL. */
void table_free(struct table *table);

/* The index of a column, or table->columns if there is none of that name. */
size_t table_find(const struct table *table, const char *name);

/* What is wrong with a row that could not be read; NULL if nothing is. */
const char *table_row_fault(const struct table *table, size_t row);

/* A number; NaN for a gap. */
static inline float table_number(const struct table *table, size_t row, size_t column) {
    size_t at = row * table->columns + column;
    return table->bytes != NULL ? (float)table->bytes[at] : table->cells[at].number;
}

/* A text's code, or TABLE_GAP. */
static inline uint32_t table_code(const struct table *table, size_t row, size_t column) {
    return table->cells[row * table->columns + column].code;
}

static inline bool table_is_gap(const struct table *table, size_t row, size_t column) {
    return table->bytes == NULL && table_code(table, row, column) == TABLE_GAP;
}

#endif
