#include "cli/frame/plot.h"

#include <math.h>
#include <stdio.h>

#include "cli/frame/terminal.h"

/* A character of braille has two columns of four dots, an asterisk is one dot. */
enum { ACROSS = 2, DOWN = 4, MOST_DOTS = PLOT_MOST_COLUMNS * ACROSS };

/* What of each column of dots is set: rows from `top` to `bottom`, counted downwards; none if top > bottom. */
struct dots {
    size_t across, down;
    size_t top[MOST_DOTS], bottom[MOST_DOTS];
};

static size_t width_of(const struct plot *plot) {
    return plot->columns - PLOT_MARGIN;
}

static size_t position(const struct plot *plot, size_t element, size_t positions) {
    return plot->whole > 1 ? element * (positions - 1) / (plot->whole - 1) : 0;
}

size_t plot_column(const struct plot *plot, size_t element) {
    return position(plot, element, width_of(plot));
}

/* Sets the dots of each element; from the last one of a column to the first one of the next, all between. */
static void place_dots(const struct plot *plot, double low, double high, struct dots *dots) {
    for (size_t x = 0; x < dots->across; x++) {
        dots->top[x] = dots->down;
        dots->bottom[x] = 0;
    }
    size_t before = 0;
    for (size_t i = 0; i < plot->count; i++) {
        double share = high > low ? (high - plot->value[i]) / (high - low) : 0.5;
        size_t y = (size_t)(share * (double)(dots->down - 1) + 0.5), x = position(plot, i, dots->across);
        size_t first = i > 0 && before < y ? before + 1 : y, last = i > 0 && before > y ? before - 1 : y;
        dots->top[x] = first < dots->top[x] ? first : dots->top[x];
        dots->bottom[x] = last > dots->bottom[x] ? last : dots->bottom[x];
        before = y;
    }
}

static bool is_set(const struct dots *dots, size_t x, size_t y) {
    return x < dots->across && y >= dots->top[x] && y <= dots->bottom[x];
}

/* U+2800 and a bit for each dot; those of the fourth row came later, and so have the last two bits. */
static void print_braille(const struct dots *dots, size_t column, size_t row) {
    static const unsigned bits[DOWN][ACROSS] = {{1, 8}, {2, 16}, {4, 32}, {64, 128}};
    unsigned set = 0;
    for (size_t y = 0; y < DOWN; y++)
        for (size_t x = 0; x < ACROSS; x++)
            if (is_set(dots, column * ACROSS + x, row * DOWN + y))
                set |= bits[y][x];
    if (set == 0)
        print(" ");
    else
        print("\xe2%c%c", (int)(0xa0 + (set >> 6)), (int)(0x80 + (set & 63)));
}

static void print_row(const struct plot *plot, const struct dots *dots, size_t row, const char *number) {
    print("%*s %s", PLOT_MARGIN - 2, number, plot->utf8 ? "│" : "|");
    size_t width = width_of(plot);
    bool blank = true; /* spaces at the end of a line are left out */
    size_t used = width;
    while (blank && used > 0) {
        for (size_t y = 0; y < dots->down / plot->rows; y++)
            for (size_t x = 0; x < dots->across / width; x++)
                blank = blank && !is_set(dots, (used - 1) * (dots->across / width) + x,
                                         row * (dots->down / plot->rows) + y);
        used -= blank;
    }
    for (size_t column = 0; column < used; column++)
        if (plot->utf8)
            print_braille(dots, column, row);
        else
            print("%s", is_set(dots, column, row) ? "*" : " ");
    print("\n");
}

static void print_axis(const struct plot *plot) {
    print("%*s%s", PLOT_MARGIN - 1, "", plot->utf8 ? "└" : "+");
    for (size_t i = 0; i < width_of(plot); i++)
        print("%s", plot->utf8 ? "─" : "-");
    print("\n");
}

void plot_print(const struct plot *plot) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < plot->count; i++) {
        low = fmin(low, plot->value[i]);
        high = fmax(high, plot->value[i]);
    }
    struct dots dots = {.across = width_of(plot) * (plot->utf8 ? ACROSS : 1),
                        .down = plot->rows * (plot->utf8 ? DOWN : 1)};
    place_dots(plot, low, high, &dots);

    for (size_t row = 0; row < plot->rows; row++) {
        char number[32] = "";
        if (row == 0 || row + 1 == plot->rows)
            snprintf(number, sizeof number, "%.3g", row == 0 ? high : low);
        print_row(plot, &dots, row, number);
    }
    print_axis(plot);
}
