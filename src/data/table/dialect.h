/* How the text of a table is written, found out from its beginning; and the fields of a line. */
#ifndef MINNOW_DATA_TABLE_DIALECT_H
#define MINNOW_DATA_TABLE_DIALECT_H

#include "data/table/table.h"

/* Words that stand for a gap. */
enum { GAP_WORDS_MOST = 48 };
struct gap_words {
    size_t count, longest;
    struct gap_word {
        const char *text;
        size_t length;
    } word[GAP_WORDS_MOST];
    bool begins[256]; /* whether some word begins with this byte */
    bool numbers;     /* some word could be a number */
};

struct dialect {
    const char *name;       /* of the file, for messages */
    const char *text, *end; /* all of it; `text` is behind a byte order mark */
    const char *header;     /* the line of names, or NULL */
    const char *rows;       /* where the first row begins */
    size_t columns;         /* of a row */
    char delimiter, quote, decimal, line_end;
    bool usual_decimal; /* `decimal` is the options' usual one, as the numbers did not tell */
    bool row_names;     /* the header lacks the first column's name, as R writes it */
    struct gap_words gaps;
};

/* Finds out what the options do not say. Errors: INPUT (nothing there, or not a table). */
minnow_status dialect_find(const char *name, const char *text, size_t size,
                           const struct table_options *options, struct dialect *out);

/* "comma-separated, with a header, decimal commas", from malloc; NULL when there is no memory. */
char *dialect_describe(const struct dialect *dialect);

/* The name of each column, unique, as UTF-8; each from malloc, in names[columns], which are NULL. Errors: INPUT,
   MEMORY. */
minnow_status dialect_names(const struct dialect *dialect, char **names);

/* The number of the line that `at` is in, from 1. */
size_t dialect_line(const struct dialect *dialect, const char *at);

/* ---- Fields: field.c ---- */

struct field {
    const char *begin, *end; /* without quotes and the blanks around it */
    bool quoted, escaped;    /* escaped: quotes in it are doubled */
};

enum field_outcome {
    FIELD_MORE, /* another field follows */
    FIELD_LAST, /* of its line */
    FIELD_OPEN, /* a quote is never closed */
    FIELD_STRAY /* something follows a closing quote */
};

/* Reads the field at *at, and moves *at behind it and its delimiter or line end. Where it fails, *at is where. */
enum field_outcome field_next(const struct dialect *dialect, const char **at, const char *end,
                              struct field *out);

/* Whether the line at `at` holds nothing but blanks; then *behind is behind its end. */
bool line_is_blank(const struct dialect *dialect, const char *at, const char *end, const char **behind);

enum field_value { VALUE_NUMBER, VALUE_GAP, VALUE_TEXT, VALUE_INFINITE };

/* What a field holds, and its number. A number may have a sign, thousands separators, and a unit before or behind it.
   INFINITE: a number too large for a float, or "inf". */
enum field_value field_read(const struct dialect *dialect, const struct field *field, float *number);

/* The same; the bit of the number's unit is added to *units. */
enum field_value field_read_unit(const struct dialect *dialect, const struct field *field, float *number,
                                 unsigned *units);

/* Moves the ends of a number inwards to where its unit, and blanks beside that, do not belong to it. */
enum table_unit field_strip_unit(const char **begin, const char **end);

bool field_is_gap(const struct dialect *dialect, const struct field *field);

/* The text of a field as UTF-8 with a NUL: doubled quotes are single, and what is not UTF-8 is taken for Windows-1252,
   which has Latin-1 in it.
   `out` has room for FIELD_TEXT_ROOM(length). Returns the length. */
#define FIELD_TEXT_ROOM(length) (3 * (size_t)(length) + 1)
size_t field_text(const struct dialect *dialect, const char *begin, const char *end, bool escaped, char *out);

#endif
