/* Draws one handwritten digit. */
#ifndef MINNOW_DATA_DIGITS_DRAW_H
#define MINNOW_DATA_DIGITS_DRAW_H

#include <stdint.h>

enum { DIGIT_SIDE = 28, DIGIT_PIXELS = DIGIT_SIDE * DIGIT_SIDE };

/* A sample's random draws are numbered from 0 as they are taken. Two kinds have ranges of numbers of their own:
   the grain of each pixel, and the order of the digits. */
enum { DIGIT_ELEMENT_GRAIN = 1 << 16, DIGIT_ELEMENT_ORDER = 1 << 17 };

/* The image of `digit`, 0 to 9, as that sample of that subset, to pixels [DIGIT_PIXELS]. The same for the same
   arguments, always and everywhere. */
void digit_draw(uint64_t seed, uint32_t subset, uint32_t sample, unsigned digit, uint8_t *pixels);

#endif
