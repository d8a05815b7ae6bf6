/* Pictures in a terminal: two rows of pixels a line, as characters are twice as high as wide. */
#ifndef MINNOW_CLI_DRAW_H
#define MINNOW_CLI_DRAW_H

#include <stddef.h>
#include <stdint.h>

/* Pictures of one size; a pixel has one channel, or red, green and blue. */
struct drawing {
    size_t height, width, channels;
};

/* How many fit beside each other, each in a cell of so many columns, which is at least a picture's width; at least 1. */
size_t drawing_fitting(size_t cell, size_t columns);

/* Prints them beside each other, a blank between two cells. Pixels are from 0, dark, to 255. On a terminal with UTF-8 as
   half-blocks, in its greys or colours, or without those as light and dark; elsewhere in ten shades of ASCII. */
void drawing_print(const struct drawing *drawing, const uint8_t *const *pictures, size_t count, size_t cell);

/* The first of pictures that lie one behind the other, as many as fit into a line of 80; none where they are wider. */
void drawing_print_first(const struct drawing *drawing, const uint8_t *pixels, size_t count);

/* A sample as such pixels: values[count] are bytes times `scale`; 0: as light as the largest is large. */
void drawing_pixels(const float *values, size_t count, float scale, uint8_t *pixels);

#endif
