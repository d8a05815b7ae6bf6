#include "data/pictures/picture.h"

#include "base/memory.h"
#include "base/status.h"

static const struct picture_kind *const kinds[] = {&picture_png, &picture_jpeg, &picture_pnm};

void picture_free(struct picture *picture) {
    memory_free(picture->pixels);
    *picture = (struct picture){0};
}

const struct picture_kind *picture_kind_of(const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i]->detect(bytes, size))
            return kinds[i];
    return NULL;
}

minnow_status picture_decode(const char *name, const uint8_t *bytes, size_t size, size_t channels,
                             struct picture *out) {
    *out = (struct picture){0};
    const struct picture_kind *kind = picture_kind_of(bytes, size);
    if (kind == NULL)
        return fail(MINNOW_ERROR_INPUT, "%s: expected a picture, PNG, JPEG, PGM or PPM", name);
    if (kind->decode == NULL)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: is a %s picture, and this minnow was built without %s, which reads them; save it as PGM",
            name, kind->name, kind->library);

    minnow_status status = kind->decode(name, bytes, size, channels, out);
    if (status != MINNOW_OK)
        picture_free(out);
    return status;
}

minnow_status picture_check(const char *name, size_t height, size_t width, size_t size, size_t per_byte) {
    size_t pixels;
    if (!size_multiply(height, width, &pixels) || pixels < 1 || pixels > PICTURE_PIXELS_MAX)
        return fail(MINNOW_ERROR_INPUT, "%s: a picture of %zu × %zu pixels, expected 1 to %d pixels in all",
                    name, width, height, PICTURE_PIXELS_MAX);
    if (pixels / per_byte > size)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: a picture of %zu × %zu pixels, which %zu bytes cannot hold; the file is cut short "
                    "or damaged",
                    name, width, height, size);
    return MINNOW_OK;
}

minnow_status picture_allocate(const char *name, size_t height, size_t width, size_t channels,
                               struct picture *out) {
    size_t pixels;
    if (!size_multiply(height, width, &pixels))
        return fail_memory(name);
    *out = (struct picture){height, width, channels, memory_allocate(pixels, channels)};
    return out->pixels != NULL ? MINNOW_OK : fail_memory(name);
}
