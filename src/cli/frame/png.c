#include "cli/frame/png.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/output.h"
#include "base/status.h"

#ifdef MINNOW_HAVE_PNG

#include <png.h>

const char *png_version(void) {
    return png_get_libpng_ver(NULL);
}

/* ---- Where the bytes go ---- */

/* The output keeps its first failure, which output_commit returns. */
static void write_to_output(png_structp png, png_bytep data, size_t size) {
    output_write(png_get_io_ptr(png), data, size);
}

/* The stream keeps its failures too, until ferror. */
static void write_to_stream(png_structp png, png_bytep data, size_t size) {
    (void)!fwrite(data, 1, size, png_get_io_ptr(png));
}

static void flush(png_structp png) {
    (void)png;
}

/* ---- Encoding ---- */

static int colour_type(const struct png_picture *picture) {
    if (picture->palette != NULL)
        return PNG_COLOR_TYPE_PALETTE;
    return picture->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY;
}

/* libpng leaves a failure by longjmp, to here. It can only be for lack of memory: the picture makes sense, and
   writing does not fail before the end. */
static bool encode(png_structp png, png_infop info, const struct png_picture *picture) {
    png_color palette[256];
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    png_set_IHDR(png, info, (png_uint_32)picture->width, (png_uint_32)picture->height, 8,
                 colour_type(picture), PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    for (size_t i = 0; picture->palette != NULL && i < 256; i++)
        palette[i] = (png_color){picture->palette[i][0], picture->palette[i][1], picture->palette[i][2]};
    if (picture->palette != NULL)
        png_set_PLTE(png, info, palette, 256);

    png_write_info(png, info);
    for (size_t row = 0; row < picture->height; row++)
        png_write_row(png, picture->pixels + row * picture->width * picture->channels);
    png_write_end(png, info);
    return true;
}

static void silent(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static bool write_picture(const struct png_picture *picture, void *to, png_rw_ptr write) {
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, silent);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    bool written = false;
    if (info != NULL) {
        png_set_write_fn(png, to, write, flush);
        written = encode(png, info, picture);
    }
    png_destroy_write_struct(&png, &info);
    return written;
}

minnow_status png_save(const struct png_picture *picture, const char *path) {
    struct output *output;
    minnow_status status = output_open(path, &output);
    if (status != MINNOW_OK)
        return status;
    if (write_picture(picture, output, write_to_output))
        return output_commit(output);
    output_abort(output);
    return fail_memory(path);
}

minnow_status png_encode(const struct png_picture *picture, uint8_t **bytes, size_t *size) {
    char *buffer = NULL;
    *bytes = NULL;
    *size = 0;
    FILE *stream = open_memstream(&buffer, size);
    if (stream == NULL)
        return fail_memory("a picture");

    bool written = write_picture(picture, stream, write_to_stream) && ferror(stream) == 0;
    if (fclose(stream) == 0 && written) {
        *bytes = (uint8_t *)buffer;
        return MINNOW_OK;
    }
    free(buffer);
    *size = 0;
    return fail_memory("a picture");
}

#else

const char *png_version(void) {
    return NULL;
}

minnow_status png_save(const struct png_picture *picture, const char *path) {
    (void)picture;
    return fail(MINNOW_ERROR_UNSUPPORTED, "%s: this minnow was built without libpng, which writes PNG files",
                path);
}

minnow_status png_encode(const struct png_picture *picture, uint8_t **bytes, size_t *size) {
    (void)picture;
    *bytes = NULL;
    *size = 0;
    return fail(MINNOW_ERROR_UNSUPPORTED, "this minnow was built without libpng, which writes pictures");
}

#endif
