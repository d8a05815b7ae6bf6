#include "data/pictures/normalise.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/pictures/ink.h"

enum { FIT = 20 };

/* Where MNIST's images have their centres of mass, within half a pixel: the middle of the pixel numbered 14. */
static const double MIDDLE = 14.5;

/* ---- Where to look ---- */

/* A part of the picture as a picture of its own. Errors: MEMORY. */
static minnow_status cut_out(const char *name, const struct picture *picture, struct picture_box box,
                             struct picture *out) {
    minnow_status status = picture_allocate(name, box.height, box.width, 1, out);
    for (size_t y = 0; status == MINNOW_OK && y < box.height; y++)
        memcpy(out->pixels + y * box.width, picture->pixels + (box.top + y) * picture->width + box.left,
               box.width);
    return status;
}

/* The box in pixels of the picture, wider by a quarter of its longer side, so that enough ground is in view. */
static struct picture_box widen(const struct ink *ink, struct picture_box view,
                                const struct picture *picture) {
    double scale = (double)view.width / (double)ink->width;
    double margin =
        0.25 * scale * (double)(ink->box.height > ink->box.width ? ink->box.height : ink->box.width) + 2.0;
    double top = (double)view.top + scale * (double)ink->box.top - margin;
    double left = (double)view.left + scale * (double)ink->box.left - margin;
    double bottom = top + scale * (double)ink->box.height + 2.0 * margin;
    double right = left + scale * (double)ink->box.width + 2.0 * margin;
    struct picture_box box = {(size_t)fmax(top, 0.0), (size_t)fmax(left, 0.0), 0, 0};
    box.height = size_min((size_t)fmax(bottom, 1.0), picture->height) - box.top;
    box.width = size_min((size_t)fmax(right, 1.0), picture->width) - box.left;
    return box;
}

/* The ink of the drawing. What is small in a large picture is looked at again from nearby. */
static minnow_status find_drawing(const char *name, const struct picture *picture, struct ink *ink) {
    enum { LOOKS = 3 };
    struct picture_box view = {0, 0, picture->height, picture->width};
    for (int look = 1;; look++) {
        struct picture part;
        minnow_status status = cut_out(name, picture, view, &part);
        if (status == MINNOW_OK)
            status = ink_find(name, &part, ink);
        picture_free(&part);
        if (status != MINNOW_OK)
            return status;

        struct picture_box nearer = widen(ink, view, picture);
        bool small = 3 * nearer.height < 2 * view.height && 3 * nearer.width < 2 * view.width;
        if (look == LOOKS || !small)
            return MINNOW_OK;
        ink_free(ink);
        view = nearer;
    }
}

/* ---- Fitting and centring ---- */

static size_t fitted(size_t side, size_t longest) {
    return (side * FIT + longest - 1) / longest;
}

/* Thin lines come out pale: the darkest point is made black again. */
static void stretch(float *level, size_t count) {
    float most = 0.0f;
    for (size_t i = 0; i < count; i++)
        most = level[i] > most ? level[i] : most;
    for (size_t i = 0; i < count && most > 0.0f; i++)
        level[i] /= most;
}

/* Where the drawing's first row or column goes, so that its centre of mass is in the middle; it stays inside. */
static size_t placed(double centre, size_t side) {
    double first = floor(MIDDLE - centre + 0.5);
    double last = (double)(NORMALISED_SIDE - side);
    return (size_t)(first < 0.0 ? 0.0 : first > last ? last : first);
}

static void place(const float *level, size_t height, size_t width, uint8_t *out) {
    double sum = 0.0, y_sum = 0.0, x_sum = 0.0;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            double mass = (double)level[y * width + x];
            sum += mass;
            y_sum += mass * ((double)y + 0.5);
            x_sum += mass * ((double)x + 0.5);
        }

    size_t top = placed(y_sum / sum, height), left = placed(x_sum / sum, width);
    memset(out, 0, NORMALISED_PIXELS);
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            out[(top + y) * NORMALISED_SIDE + left + x] = (uint8_t)lroundf(255.0f * level[y * width + x]);
}

minnow_status picture_normalise(const char *name, const struct picture *picture,
                                uint8_t out[NORMALISED_PIXELS]) {
    struct ink ink;
    minnow_status status = find_drawing(name, picture, &ink);
    if (status != MINNOW_OK)
        return status;

    float level[FIT * FIT];
    size_t longest = ink.box.height > ink.box.width ? ink.box.height : ink.box.width;
    size_t height = fitted(ink.box.height, longest), width = fitted(ink.box.width, longest);
    status = area_resize(ink.level, ink.width, ink.box, 1, height, width, level);
    if (status == MINNOW_OK) {
        stretch(level, height * width);
        place(level, height, width, out);
    }
    ink_free(&ink);
    return status;
}

/* ---- Images that are so already ---- */

static bool is_normalised(const minnow_dataset *dataset, size_t sample) {
    const size_t side = NORMALISED_SIDE, first = sample * NORMALISED_PIXELS;
    size_t top = side, left = side, bottom = 0, right = 0;
    double sum = 0.0, y_sum = 0.0, x_sum = 0.0;
    for (size_t i = 0; i < NORMALISED_PIXELS; i++) {
        double value =
            dataset->bytes != NULL ? (double)dataset->bytes[first + i] : (double)dataset->values[first + i];
        size_t y = i / side, x = i % side;
        if (!(value > 0.0))
            continue;
        top = size_min(top, y);
        left = size_min(left, x);
        bottom = y > bottom ? y : bottom;
        right = x > right ? x : right;
        sum += value;
        y_sum += value * ((double)y + 0.5);
        x_sum += value * ((double)x + 0.5);
    }
    const double near = 1.0;
    return sum > 0.0 && bottom - top < FIT && right - left < FIT && fabs(y_sum / sum - MIDDLE) < near &&
           fabs(x_sum / sum - MIDDLE) < near;
}

bool dataset_is_normalised(const minnow_dataset *dataset) {
    enum { LOOKED_AT = 500 };
    size_t step = dataset->count / LOOKED_AT + 1, looked = 0, fits = 0;
    if (dataset->height != NORMALISED_SIDE || dataset->width != NORMALISED_SIDE ||
        (dataset->bytes == NULL && dataset->values == NULL))
        return false;
    for (size_t i = 0; i < dataset->count; i += step, looked++)
        fits += is_normalised(dataset, i);
    return 10 * fits >= 9 * looked;
}
