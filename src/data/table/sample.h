/* The first rows of a table, from which its dialect is guessed. */
#ifndef MINNOW_DATA_TABLE_SAMPLE_H
#define MINNOW_DATA_TABLE_SAMPLE_H

#include "data/table/dialect.h"

enum { SAMPLE_ROWS = 64 };

struct sample {
    size_t rows;
    struct sample_row {
        const char *begin, *behind;
        size_t count; /* fields; 0: a quote is misplaced in it */
    } row[SAMPLE_ROWS];
};

/* Takes the rows from dialect->rows on, split by the dialect's delimiter, up to the end of the sample's text. */
void sample_take(const struct dialect *dialect, const char *end, struct sample *out);

/* The fields of the line at `at`; 0 if a quote is misplaced. */
size_t sample_count_fields(const struct dialect *dialect, const char *at, const char *end);

/* The fields of a row: as many as most of them have, without the first line, which may be a header, and those whose
   quotes are misplaced. */
size_t sample_columns(const struct sample *sample);

/* The delimiter that splits the rows into the same number of fields; uses `scratch`. */
char sample_delimiter(const struct dialect *dialect, struct sample *scratch, const char *end);

/* ',' if numbers are written with decimal commas, else '.'; `usual`, unless it is 0, where they do not tell for sure, and
   then *by_usual is true. Commas between the fields tell too. */
char sample_decimal(const struct dialect *dialect, const struct sample *sample, char usual, bool *by_usual);

/* Whether the first row is one of names. */
bool sample_has_header(const struct dialect *dialect, const struct sample *sample);

#endif
