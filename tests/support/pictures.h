/* Pictures written by the tests themselves. */
#ifndef MINNOW_TESTS_PICTURES_H
#define MINNOW_TESTS_PICTURES_H

#include <math.h>

#include "data/pictures/picture.h"
#include "support/scratch.h"

#ifdef MINNOW_HAVE_PNG
#include <png.h>
#endif
#ifdef MINNOW_HAVE_JPEG
#include <jpeglib.h>
#endif

/* A file in memory, from malloc. */
struct picture_file {
    uint8_t *bytes;
    size_t size;
};

/* P5 or P6. */
static inline struct picture_file write_pnm(const struct picture *picture) {
    char header[64];
    size_t pixels = picture->height * picture->width * picture->channels;
    int length = snprintf(header, sizeof header, "P%c\n# of a test\n%zu %zu\n255\n",
                          picture->channels == 1 ? '5' : '6', picture->width, picture->height);
    struct picture_file file = {malloc((size_t)length + pixels), (size_t)length + pixels};
    cr_assert_not_null(file.bytes);
    memcpy(file.bytes, header, (size_t)length);
    memcpy(file.bytes + length, picture->pixels, pixels);
    return file;
}

#ifdef MINNOW_HAVE_PNG
static inline struct picture_file write_png(const struct picture *picture) {
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)picture->width,
                       .height = (png_uint_32)picture->height,
                       .format = picture->channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    struct picture_file file = {malloc(size), 0};
    cr_assert_not_null(file.bytes);
    cr_assert(png_image_write_to_memory(&image, file.bytes, &size, 0, picture->pixels, 0, NULL), "%s",
              image.message);
    file.size = size;
    return file;
}
#endif

#ifdef MINNOW_HAVE_JPEG
static inline struct picture_file write_jpeg(const struct picture *picture) {
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &bytes, &size);
    info.image_width = (JDIMENSION)picture->width;
    info.image_height = (JDIMENSION)picture->height;
    info.input_components = (int)picture->channels;
    info.in_color_space = picture->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, 90, TRUE);
    jpeg_start_compress(&info, TRUE);
    for (size_t y = 0; y < picture->height; y++) {
        JSAMPROW row = picture->pixels + y * picture->width * picture->channels;
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    return (struct picture_file){bytes, size};
}
#endif

/* A small image enlarged to side × side pixels by bilinear interpolation, on a canvas of black. */
static inline struct picture enlarge(const uint8_t *image, size_t from, size_t side, size_t top, size_t left,
                                     size_t canvas) {
    struct picture picture;
    cr_assert_eq(picture_allocate("canvas", canvas, canvas, 1, &picture), MINNOW_OK);
    for (size_t y = 0; y < side; y++)
        for (size_t x = 0; x < side; x++) {
            double v = fmax(((double)y + 0.5) * (double)from / (double)side - 0.5, 0.0);
            double u = fmax(((double)x + 0.5) * (double)from / (double)side - 0.5, 0.0);
            size_t row = (size_t)v < from - 2 ? (size_t)v : from - 2,
                   column = (size_t)u < from - 2 ? (size_t)u : from - 2;
            const uint8_t *at = image + row * from + column;
            double b = fmin(v - (double)row, 1.0), a = fmin(u - (double)column, 1.0);
            double upper = (1 - a) * at[0] + a * at[1], lower = (1 - a) * at[from] + a * at[from + 1];
            picture.pixels[(top + y) * canvas + left + x] = (uint8_t)lround((1 - b) * upper + b * lower);
        }
    return picture;
}

#endif
