/* PNG files, by libpng where it was there when minnow was built. */
#include "base/output.h"
#include "base/status.h"
#include "cli/augment/augment.h"

#ifdef MINNOW_HAVE_PNG

#include <png.h>

const char *png_version(void) {
    return png_get_libpng_ver(NULL);
}

/* The output keeps its first failure, which output_commit returns. */
static void write_bytes(png_structp png, png_bytep data, size_t size) {
    output_write(png_get_io_ptr(png), data, size);
}

static void flush(png_structp png) {
    (void)png;
}

/* libpng leaves a failure by longjmp, to here. It can only be for lack of memory: the picture makes sense, and
   writing does not fail before the end. */
static bool encode(png_structp png, png_infop info, const struct picture *picture) {
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    png_set_IHDR(png, info, (png_uint_32)picture->width, (png_uint_32)picture->height, 8, PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (size_t row = 0; row < picture->height; row++)
        png_write_row(png, picture->pixels + row * picture->width);
    png_write_end(png, info);
    return true;
}

static void silent(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static bool write_picture(const struct picture *picture, struct output *output) {
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, silent);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    bool written = false;
    if (info != NULL) {
        png_set_write_fn(png, output, write_bytes, flush);
        written = encode(png, info, picture);
    }
    png_destroy_write_struct(&png, &info);
    return written;
}

minnow_status png_save(const struct picture *picture, const char *path) {
    struct output *output;
    minnow_status status = output_open(path, &output);
    if (status != MINNOW_OK)
        return status;
    if (write_picture(picture, output))
        return output_commit(output);
    output_abort(output);
    return fail_memory(path);
}

#else

const char *png_version(void) {
    return NULL;
}

minnow_status png_save(const struct picture *picture, const char *path) {
    (void)picture;
    return fail(MINNOW_ERROR_UNSUPPORTED, "%s: this minnow was built without libpng, which writes PNG files",
                path);
}

#endif
