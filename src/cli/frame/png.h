/* PNG pictures out, by libpng where it was there when minnow was built. */
#ifndef MINNOW_CLI_PNG_H
#define MINNOW_CLI_PNG_H

#include <stddef.h>
#include <stdint.h>

#include "minnow/minnow.h"

/* A picture to write. Its pixels are shades of grey, or with 3 channels red, green and blue, or with a palette entries of
   that. */
struct png_picture {
    size_t width, height;
    size_t channels;             /* 1 or 3; 1 with a palette */
    const uint8_t (*palette)[3]; /* [256], or NULL */
    uint8_t *pixels;             /* [height][width][channels], from memory_allocate */
};

/* The side of a picture's rows and columns, in pixels, that PNG readers take. */
enum { PNG_SIDE_MOST = 32768 };

/* "1.6.39", of the libpng that is used; NULL in a build without it. */
const char *png_version(void);

/* Writes a PNG file. Errors: OUTPUT, MEMORY, UNSUPPORTED (a build without libpng). */
minnow_status png_save(const struct png_picture *picture, const char *path);

/* The same into memory, *bytes, which is the caller's to free(). Errors: MEMORY, UNSUPPORTED. */
minnow_status png_encode(const struct png_picture *picture, uint8_t **bytes, size_t *size);

#endif
