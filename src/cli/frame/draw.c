#include "cli/frame/draw.h"

#include <math.h>
#include <stdbool.h>

#include "cli/frame/terminal.h"

size_t drawing_fitting(size_t cell, size_t columns) {
    size_t fitting = (columns + 1) / (cell + 1);
    return fitting > 0 ? fitting : 1;
}

/* Red, green and blue of a pixel; beyond the last row, the black of nothing. */
static void pixel(const struct drawing *drawing, const uint8_t *picture, size_t y, size_t x,
                  unsigned colour[3]) {
    for (size_t c = 0; c < 3; c++) {
        size_t channel = drawing->channels == 3 ? c : 0;
        colour[c] = y < drawing->height ? picture[(y * drawing->width + x) * drawing->channels + channel] : 0;
    }
}

static void print_colours(const unsigned upper[3], const unsigned lower[3]) {
    print("\033[38;2;%u;%u;%um\033[48;2;%u;%u;%um▀", upper[0], upper[1], upper[2], lower[0], lower[1],
          lower[2]);
}

static void print_blocks(const unsigned upper[3], const unsigned lower[3]) {
    enum { LIGHT = 3 * 96 };
    static const char *const blocks[4] = {" ", "▄", "▀", "█"};
    int bits = (upper[0] + upper[1] + upper[2] > LIGHT) << 1 | (lower[0] + lower[1] + lower[2] > LIGHT);
    print("%s", blocks[bits]);
}

static void print_shade(const unsigned upper[3], const unsigned lower[3]) {
    static const char shades[] = " .:-=+*#%@";
    unsigned sum = upper[0] + upper[1] + upper[2] + lower[0] + lower[1] + lower[2];
    print("%c", shades[sum * (sizeof shades - 2) / (6 * UINT8_MAX)]);
}

typedef void print_pair(const unsigned upper[3], const unsigned lower[3]);

/* A line of one picture. */
static void print_line(const struct drawing *drawing, const uint8_t *picture, size_t y, print_pair *pair) {
    for (size_t x = 0; x < drawing->width; x++) {
        unsigned upper[3], lower[3];
        pixel(drawing, picture, y, x, upper);
        /* The last row of an odd number of them is alone: as shades, which have no halves, it is both. */
        pixel(drawing, picture, pair == print_shade && y + 1 == drawing->height ? y : y + 1, x, lower);
        pair(upper, lower);
    }
    if (pair == print_colours)
        print("\033[0m");
}

void drawing_print(const struct drawing *drawing, const uint8_t *const *pictures, size_t count, size_t cell) {
    bool blocks = output_is_terminal() && output_takes_utf8(), coloured = output_colours()->plain[0] != '\0';
    print_pair *pair = !blocks ? print_shade : coloured ? print_colours : print_blocks;
    for (size_t y = 0; y < drawing->height; y += 2) {
        for (size_t i = 0; i < count; i++) {
            print_line(drawing, pictures[i], y, pair);
            if (i + 1 < count)
                print("%*s", (int)(cell - drawing->width + 1), "");
        }
        print("\n");
    }
}

void drawing_print_first(const struct drawing *drawing, const uint8_t *pixels, size_t count) {
    enum { LINE = 80 };
    const uint8_t *pictures[LINE];
    size_t fitting = drawing_fitting(drawing->width, LINE);
    if (drawing->width > LINE)
        return;
    count = count < fitting ? count : fitting;
    for (size_t i = 0; i < count; i++)
        pictures[i] = pixels + i * drawing->height * drawing->width * drawing->channels;
    drawing_print(drawing, pictures, count, drawing->width);
}

void drawing_pixels(const float *values, size_t count, float scale, uint8_t *pixels) {
    float most = 0.0f;
    for (size_t i = 0; scale <= 0.0f && i < count; i++)
        most = fmaxf(most, values[i]);
    float unit = scale > 0.0f ? scale : most > 0.0f ? most / 255.0f : 1.0f;
    for (size_t i = 0; i < count; i++)
        pixels[i] = (uint8_t)lroundf(fminf(fmaxf(values[i] / unit, 0.0f), 255.0f));
}
