/* Curves in text, for terminals. */
#ifndef MINNOW_CLI_PLOT_H
#define MINNOW_CLI_PLOT_H

#include <stdbool.h>
#include <stddef.h>

/* A curve over an axis that is divided evenly: element 0 lies at its left end, the last of `whole` at its right end. */
struct plot {
    const double *value; /* [count], finite */
    size_t count, whole; /* count may be less than whole: then the curve ends before the axis does */
    size_t rows;         /* of text, 2 to 40 */
    size_t columns;      /* of text, with the numbers at the left */
    bool utf8;           /* braille dots, two by four a character; otherwise asterisks */
};

enum { PLOT_MARGIN = 9, PLOT_LEAST_COLUMNS = 24, PLOT_MOST_COLUMNS = 400 };

/* Prints it, with its axes, and numbers at the top and the bottom of the left one. */
void plot_print(const struct plot *plot);

/* The column of text, from 0 behind the margin, above which an element lies. */
size_t plot_column(const struct plot *plot, size_t element);

#endif
