/* Occlusion (Zeiler and Fergus 2014): what becomes of the right output when a part of the sample is 0. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "cli/explain/explain.h"

/* So many parts at most, samples in one call of the engine, and values of them. */
enum { PARTS_MOST = 1024, GROUPS_MOST = 4096, BATCH_MOST = 256, BATCH_VALUES = 1 << 22 };

/* Squares of an odd number of pixels, a sixth of the picture's shorter side, about points that are as far apart as
   there may be parts. */
static void cut_picture(const struct walk *walk, struct occlusion *out) {
    size_t shorter = size_min(walk->height, walk->width);
    out->patch = (shorter / 6) | 1;
    out->stride = 1;
    while (((walk->height - 1) / out->stride + 1) * ((walk->width - 1) / out->stride + 1) > PARTS_MOST)
        out->stride++;
    out->rows = (walk->height - 1) / out->stride + 1;
    out->columns = (walk->width - 1) / out->stride + 1;
    out->count = out->rows * out->columns;
}

/* The columns of a table; or else inputs, several together where there are very many. */
static void cut_inputs(const struct walk *walk, struct occlusion *out) {
    size_t inputs = walk->layers[0].inputs;
    out->patch = out->stride = walk->encoder != NULL ? 1 : (inputs + GROUPS_MOST - 1) / GROUPS_MOST;
    out->count = walk->encoder != NULL ? walk->encoder->column_count : (inputs - 1) / out->stride + 1;
}

static void hide_square(const struct walk *walk, size_t part, float *values) {
    const struct occlusion *map = &walk->occlusion;
    size_t y = part / map->columns * map->stride, x = part % map->columns * map->stride,
           half = map->patch / 2;
    size_t left = x > half ? x - half : 0, right = size_min(walk->width, x + half + 1);
    for (size_t row = y > half ? y - half : 0; row < walk->height && row <= y + half; row++)
        memset(values + (row * walk->width + left) * walk->channels, 0,
               (right - left) * walk->channels * sizeof *values);
}

static void hide(const struct walk *walk, size_t part, float *values) {
    const struct occlusion *map = &walk->occlusion;
    size_t first = part * map->stride, count = size_min(map->stride, walk->layers[0].inputs - first);
    if (map->rows > 0) {
        hide_square(walk, part, values);
        return;
    }
    if (walk->encoder != NULL) {
        first = walk->encoder->columns[part].first;
        count = walk->encoder->columns[part].width;
    }
    memset(values + first, 0, count * sizeof *values);
}

static minnow_status predict_parts(struct walk *walk, float *values, float *outputs, size_t batch) {
    size_t inputs = walk->layers[0].inputs, classes = walk_last(walk)->outputs;
    struct occlusion *map = &walk->occlusion;
    minnow_status status = MINNOW_OK;
    for (size_t first = 0; first < map->count && status == MINNOW_OK; first += batch) {
        size_t count = size_min(batch, map->count - first);
        for (size_t i = 0; i < count; i++) {
            memcpy(values + i * inputs, walk->sample.values, inputs * sizeof *values);
            hide(walk, first + i, values + i * inputs);
        }
        status = minnow_network_predict(walk->network, values, count, NULL, outputs);
        for (size_t i = 0; i < count && status == MINNOW_OK; i++)
            map->change[first + i] =
                walk_last(walk)->activations[walk->answer] - outputs[i * classes + walk->answer];
    }
    return status;
}

minnow_status occlusion_make(struct walk *walk) {
    struct occlusion *map = &walk->occlusion;
    *map = (struct occlusion){0};
    if (walk->height > 0)
        cut_picture(walk, map);
    else
        cut_inputs(walk, map);

    size_t inputs = walk->layers[0].inputs, batch = size_min(BATCH_MOST, BATCH_VALUES / inputs);
    map->change = memory_allocate(map->count, sizeof *map->change);
    float *values = memory_allocate(batch * inputs, sizeof *values);
    float *outputs = memory_allocate(batch * walk_last(walk)->outputs, sizeof *outputs);
    minnow_status status = MINNOW_OK;
    if (map->change == NULL || values == NULL || outputs == NULL)
        status = fail_memory("samples with a part of them hidden");
    if (status == MINNOW_OK)
        status = predict_parts(walk, values, outputs, batch);
    memory_free(values);
    memory_free(outputs);
    return status;
}
