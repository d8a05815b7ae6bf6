/* An image drawn in the terminal. */
#ifndef MINNOW_CLI_SHOW_H
#define MINNOW_CLI_SHOW_H

#include "data/dataset.h"

/* Prints what the network sees: two rows of pixels a line, by half-blocks, in the terminal's greys or colours, and without
   those as light and dark. `values` are bytes times `scale`, [height][width][channels] of the recipe. */
void show_image(const struct picture_recipe *recipe, const float *values, float scale);

#endif
