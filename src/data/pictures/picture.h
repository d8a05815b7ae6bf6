/* Pictures as people have them, PNG, JPEG and PGM or PPM, into rows of bytes: grey or red, green, blue. */
#ifndef MINNOW_DATA_PICTURES_PICTURE_H
#define MINNOW_DATA_PICTURES_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "minnow/minnow.h"

/* More pixels than the sensors of cameras have; a picture that claims more is refused before it is expanded. */
enum { PICTURE_PIXELS_MAX = 1 << 27 };

struct picture {
    size_t height, width, channels; /* channels: 1 (grey) or 3 */
    uint8_t *pixels;                /* [height][width][channels], from memory_allocate */
};
void picture_free(struct picture *picture);

/* A kind of file: a row of picture_kinds. */
struct picture_kind {
    const char *name, *library; /* the latter: what reads it; NULL: minnow itself */
    bool (*detect)(const uint8_t *bytes, size_t size);

    /* Pixels of 1 or 3 channels, as asked for; what is transparent is white. NULL: built without the library.
       Errors: INPUT, MEMORY. */
    minnow_status (*decode)(const char *name, const uint8_t *bytes, size_t size, size_t channels,
                            struct picture *out);
};
extern const struct picture_kind picture_png, picture_jpeg, picture_pnm;

/* The kind that begins with these bytes, four of which are enough; or NULL. */
const struct picture_kind *picture_kind_of(const uint8_t *bytes, size_t size);

/* A whole file. `name` is for messages. Errors: INPUT (also: no picture, or a build without the library), MEMORY. */
minnow_status picture_decode(const char *name, const uint8_t *bytes, size_t size, size_t channels,
                             struct picture *out);

/* For the decoders, before anything is made as large as a header says: whether a file of `size` bytes, each of which stands
   for at most `per_byte` pixels in this kind of file, can hold such a picture. Errors: INPUT (no pixels, too many). */
minnow_status picture_check(const char *name, size_t height, size_t width, size_t size, size_t per_byte);

/* Makes room for a picture. Errors: MEMORY. */
minnow_status picture_allocate(const char *name, size_t height, size_t width, size_t channels,
                               struct picture *out);

/* Shrinks to [height][width][channels] floats, 0 to 255: each is the mean of the area that it covers, with fractions of
   pixels at the edges. A smaller picture is enlarged the same way. Errors: MEMORY. */
minnow_status picture_resize(const struct picture *picture, size_t height, size_t width, float *out);

/* The same for a part of an array of floats [..][stride]: rows and columns of a box. Errors: MEMORY. */
struct picture_box {
    size_t top, left, height, width;
};
minnow_status area_resize(const float *from, size_t stride, struct picture_box box, size_t channels,
                          size_t height, size_t width, float *out);

#endif
