/* A picture of a digit, drawn or photographed, brought to what MNIST's images are. Its makers (Y. LeCun, C. Cortes,
   C. Burges) cropped each digit, fitted it into 20 × 20 pixels with antialiasing, and put its centre of mass into the
   middle of 28 × 28. */
#ifndef MINNOW_DATA_PICTURES_NORMALISE_H
#define MINNOW_DATA_PICTURES_NORMALISE_H

#include "data/dataset.h"
#include "data/pictures/picture.h"

enum { NORMALISED_SIDE = 28, NORMALISED_PIXELS = NORMALISED_SIDE * NORMALISED_SIDE };

/* `name` is for messages; the picture is grey. Finds out whether the drawing is darker or lighter than the ground, levels
   light that is uneven, and drops specks. Errors: INPUT (nothing drawn there), MEMORY. */
minnow_status picture_normalise(const char *name, const struct picture *picture,
                                uint8_t out[NORMALISED_PIXELS]);

/* Whether the dataset's images were made as MNIST's: nearly all fit into 20 × 20 pixels, and their centres of mass are in
   the middle of 28 × 28. */
bool dataset_is_normalised(const minnow_dataset *dataset);

#endif
