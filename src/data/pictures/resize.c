/* Shrinking by the mean over areas. It works on rows first and then on columns, as the weight of a pixel is the product of
   its share of the width and its share of the height. */
#include <math.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/pictures/picture.h"

/* out[i · step] for i < count: means over the i-th of `count` equal parts of from[0 … size - 1]. */
static void resize_line(const float *from, size_t from_step, size_t size, size_t count, float *out,
                        size_t step) {
    double part = (double)size / (double)count;
    for (size_t i = 0; i < count; i++) {
        double begin = (double)i * part, end = begin + part, sum = 0.0;
        size_t first = (size_t)begin, last = size_min((size_t)ceil(end), size);
        for (size_t j = first; j < last; j++) {
            double low = (double)j > begin ? (double)j : begin;
            double high = (double)(j + 1) < end ? (double)(j + 1) : end;
            sum += (high - low) * (double)from[j * from_step];
        }
        out[i * step] = (float)(sum / part);
    }
}

minnow_status area_resize(const float *from, size_t stride, struct picture_box box, size_t channels,
                          size_t height, size_t width, float *out) {
    float *rows = memory_allocate(box.height * width, channels * sizeof *rows);
    if (rows == NULL)
        return fail_memory("a picture");
    for (size_t y = 0; y < box.height; y++)
        for (size_t c = 0; c < channels; c++)
            resize_line(from + (box.top + y) * stride + box.left * channels + c, channels, box.width, width,
                        rows + y * width * channels + c, channels);
    for (size_t i = 0; i < width * channels; i++)
        resize_line(rows + i, width * channels, box.height, height, out + i, width * channels);
    memory_free(rows);
    return MINNOW_OK;
}

/* By bands of rows, so that no copy of a whole photograph as floats is needed. */
minnow_status picture_resize(const struct picture *picture, size_t height, size_t width, float *out) {
    size_t channels = picture->channels, line = picture->width * channels;
    float *wide = memory_allocate(line, sizeof *wide);
    float *rows = memory_allocate(picture->height, width * channels * sizeof *rows);
    minnow_status status = wide != NULL && rows != NULL ? MINNOW_OK : fail_memory("a picture");
    for (size_t y = 0; status == MINNOW_OK && y < picture->height; y++) {
        for (size_t i = 0; i < line; i++)
            wide[i] = (float)picture->pixels[y * line + i];
        for (size_t c = 0; c < channels; c++)
            resize_line(wide + c, channels, picture->width, width, rows + y * width * channels + c, channels);
    }
    for (size_t i = 0; status == MINNOW_OK && i < width * channels; i++)
        resize_line(rows + i, width * channels, picture->height, height, out + i, width * channels);
    memory_free(wide);
    memory_free(rows);
    return status;
}
