/* The pictures of a report: many small ones in a grid each, as PNG in a data URI. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/memory.h"
#include "cli/frame/png.h"
#include "cli/report/report.h"

/* A grid of pictures of one size. */
struct grid {
    size_t count, columns, height, width; /* of one picture */
    struct png_picture picture;
};

static bool grid_open(struct grid *grid, size_t channels) {
    enum { SIDE = 2048 };
    size_t columns = size_min(grid->count, grid->width < SIDE ? SIDE / grid->width : 1);
    size_t rows = (grid->count + columns - 1) / columns;
    grid->columns = columns;
    grid->picture = (struct png_picture){
        .width = columns * grid->width, .height = rows * grid->height, .channels = channels};
    if (grid->picture.width > PNG_SIDE_MOST || grid->picture.height > PNG_SIDE_MOST)
        return false;
    grid->picture.pixels = memory_allocate(grid->picture.width * channels, grid->picture.height);
    return grid->picture.pixels != NULL;
}

/* Where a pixel of a picture lies. */
static uint8_t *grid_pixel(const struct grid *grid, size_t index, size_t y, size_t x) {
    size_t row = index / grid->columns * grid->height + y, column = index % grid->columns * grid->width + x;
    return grid->picture.pixels + (row * grid->picture.width + column) * grid->picture.channels;
}

/* "data:image/png;base64,…"; NULL when there is no memory. */
static json_t *data_uri(const struct png_picture *picture) {
    static const char begin[] = "data:image/png;base64,";
    uint8_t *bytes;
    size_t size, length = sizeof begin - 1;
    if (png_encode(picture, &bytes, &size) != MINNOW_OK)
        return NULL;
    char *text = malloc(length + base64_length(size));
    if (text != NULL) {
        memcpy(text, begin, length);
        base64_encode(bytes, size, text + length);
    }
    json_t *uri = text != NULL ? json_stringn(text, length + base64_length(size)) : NULL;
    free(text);
    free(bytes);
    return uri;
}

/* What a page is told of it; frees the pixels. */
static json_t *grid_close(struct grid *grid) {
    json_t *uri = grid->picture.pixels != NULL ? data_uri(&grid->picture) : NULL;
    memory_free(grid->picture.pixels);
    if (uri == NULL)
        return json_null();
    return json_pack("{s:I, s:I, s:I, s:I, s:o}", "count", (json_int_t)grid->count, "columns",
                     (json_int_t)grid->columns, "width", (json_int_t)grid->width, "height",
                     (json_int_t)grid->height, "uri", uri);
}

/* ---- Samples ---- */

/* From the least of a sample, which for bytes is 0, to the largest. */
static void draw_sample(const struct grid *grid, size_t index, const float *values, float low, float high) {
    size_t channels = grid->picture.channels;
    for (size_t y = 0; y < grid->height; y++)
        for (size_t x = 0; x < grid->width; x++) {
            uint8_t *pixel = grid_pixel(grid, index, y, x);
            for (size_t c = 0; c < channels; c++) {
                float share = (values[(y * grid->width + x) * channels + c] - low) / (high - low);
                pixel[c] = (uint8_t)(fminf(fmaxf(share, 0.0f), 1.0f) * 255.0f + 0.5f);
            }
        }
}

json_t *report_shots_picture(const struct report_model *model) {
    const struct minnow_dataset *dataset = model->data.test;
    struct grid grid = {
        .count = model->shot_count, .height = model->pictures.height, .width = model->pictures.width};
    size_t features = minnow_dataset_features(dataset);
    if (grid.height == 0 || grid.count == 0 || png_version() == NULL ||
        !grid_open(&grid, model->pictures.channels))
        return json_null();

    float *values = memory_allocate(features, sizeof *values);
    for (size_t i = 0; values != NULL && i < grid.count; i++) {
        if (minnow_dataset_sample(dataset, model->shots[i].sample, values) != MINNOW_OK)
            break;
        float low = 0.0f, high = dataset->bytes != NULL ? 255.0f * dataset->scale : 0.0f;
        for (size_t f = 0; dataset->bytes == NULL && f < features; f++) {
            low = fminf(low, values[f]);
            high = fmaxf(high, values[f]);
        }
        draw_sample(&grid, i, values, low, high > low ? high : low + 1.0f);
    }
    memory_free(values);
    return grid_close(&grid);
}

/* ---- Weights ---- */

enum { UNITS_MOST = 64, WEIGHT_PIXELS_MOST = 100000 };

/* A unit and the length of its weights. */
struct unit {
    double norm;
    float most;
    size_t index;
};

static int longest_first(const void *a, const void *b) {
    const struct unit *x = a, *y = b;
    if (x->norm != y->norm)
        return x->norm > y->norm ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static struct unit *sort_units(const minnow_network *network) {
    struct matrix w = parameters_weights(network->parameters, 0);
    struct unit *units = memory_allocate(network->layers[0].outputs, sizeof *units);
    for (size_t j = 0; units != NULL && j < network->layers[0].outputs; j++) {
        units[j].index = j;
        for (size_t i = 0; i < network->layers[0].inputs; i++) {
            float weight = w.data[i * w.stride + j];
            units[j].norm += (double)weight * (double)weight;
            units[j].most = fmaxf(units[j].most, fabsf(weight));
        }
    }
    if (units != NULL)
        qsort(units, network->layers[0].outputs, sizeof *units, longest_first);
    return units;
}

/* From blue over white, which is entry 128 and 0, to red: the ends and quarters of ColorBrewer's RdBu, and straight lines
   between them. */
static void fill_palette(uint8_t (*palette)[3]) {
    static const double stops[5][3] = {
        {5, 48, 97}, {67, 147, 195}, {255, 255, 255}, {214, 96, 77}, {103, 0, 31}};
    for (int i = 0; i < 256; i++) {
        double place = fmax(0.0, (i - 1) / 254.0) * 4.0;
        int stop = place < 3.0 ? (int)place : 3;
        for (int c = 0; c < 3; c++)
            palette[i][c] =
                (uint8_t)(stops[stop][c] + (stops[stop + 1][c] - stops[stop][c]) * (place - stop) + 0.5);
    }
}

/* The mean over a pixel's channels, as a share of the unit's largest weight. */
static void draw_unit(const struct report_model *model, const struct grid *grid, size_t place,
                      const struct unit *unit) {
    struct matrix w = parameters_weights(model->network->parameters, 0);
    size_t channels = model->pictures.channels;
    float most = unit->most > 0.0f && isfinite(unit->most) ? unit->most : 1.0f;
    for (size_t y = 0; y < grid->height; y++)
        for (size_t x = 0; x < grid->width; x++) {
            float sum = 0.0f;
            for (size_t c = 0; c < channels; c++)
                sum += w.data[((y * grid->width + x) * channels + c) * w.stride + unit->index];
            float share = sum / (float)channels / most;
            share = share > -1.0f ? fminf(share, 1.0f) : -1.0f; /* and NaN */
            *grid_pixel(grid, place, y, x) = (uint8_t)lroundf(128.0f + 127.0f * share);
        }
}

json_t *report_weights_picture(const struct report_model *model) {
    const minnow_network *network = model->network;
    struct grid grid = {.height = model->pictures.height, .width = model->pictures.width};
    if (grid.height == 0 || png_version() == NULL)
        return json_null();
    size_t fitting = WEIGHT_PIXELS_MOST / model->share / (grid.height * grid.width);
    grid.count = size_min(size_min(network->layers[0].outputs, UNITS_MOST), fitting > 0 ? fitting : 1);
    struct unit *units = sort_units(network);
    if (units == NULL || !grid_open(&grid, 1)) {
        memory_free(units);
        return json_null();
    }

    uint8_t palette[256][3];
    fill_palette(palette);
    grid.picture.palette = (const uint8_t(*)[3])palette;
    json_t *told = json_array();
    for (size_t i = 0; i < grid.count; i++) {
        draw_unit(model, &grid, i, &units[i]);
        json_array_append_new(told, json_pack("[I, f]", (json_int_t)units[i].index,
                                              isfinite(units[i].most) ? (double)units[i].most : 0.0));
    }
    memory_free(units);
    json_t *picture = grid_close(&grid);
    if (json_is_object(picture))
        json_object_set(picture, "units", told);
    json_decref(told);
    return picture;
}
