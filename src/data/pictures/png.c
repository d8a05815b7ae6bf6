/* PNG, through libpng's simplified interface, which keeps its jumps to itself. */
#include <string.h>

#include "base/status.h"
#include "data/pictures/picture.h"

static bool detect(const uint8_t *bytes, size_t size) {
    return size >= 4 && memcmp(bytes, "\x89PNG", 4) == 0;
}

#ifdef MINNOW_HAVE_PNG

#include <png.h>

static minnow_status decode(const char *name, const uint8_t *bytes, size_t size, size_t channels,
                            struct picture *out) {
    static const png_color white = {255, 255, 255};
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, bytes, size))
        return fail(MINNOW_ERROR_INPUT, "%s: cannot be read as PNG: %s", name, image.message);

    /* Deflate makes a byte of at most 1032, each of eight pixels where a pixel is a bit. */
    enum { PER_BYTE = 1032 * 8 };
    minnow_status status = picture_check(name, image.height, image.width, size, PER_BYTE);
    if (status == MINNOW_OK)
        status = picture_allocate(name, image.height, image.width, channels, out);
    image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    if (status == MINNOW_OK && !png_image_finish_read(&image, &white, out->pixels, 0, NULL))
        status = fail(MINNOW_ERROR_INPUT, "%s: cannot be read as PNG: %s; get it again", name, image.message);
    png_image_free(&image);
    return status;
}

const struct picture_kind picture_png = {"PNG", "libpng", detect, decode};

#else
const struct picture_kind picture_png = {"PNG", "libpng", detect, NULL};
#endif
