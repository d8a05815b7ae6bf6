/* The parts of minnow augment: the pictures, and the file. */
#ifndef MINNOW_CLI_AUGMENT_H
#define MINNOW_CLI_AUGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "minnow/minnow.h"

/* A picture in shades of grey. */
struct picture {
    size_t width, height;
    uint8_t *pixels; /* [height][width], from memory_allocate */
};

/* "1.6.39", of the libpng that is used; NULL in a build without it. */
const char *png_version(void);

/* Writes a PNG file. Errors: OUTPUT, MEMORY, UNSUPPORTED (a build without libpng). */
minnow_status png_save(const struct picture *picture, const char *path);

/* The side of a picture's rows and columns, in pixels, that PNG readers take. */
enum { PICTURE_SIDE_MOST = 32768 };

#endif
