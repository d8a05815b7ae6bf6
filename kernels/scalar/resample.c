/* Images at points between their pixels. */
#include <math.h>
#include "scalar.h"

/* Where a point lies: the pixel at its upper left, and how far it is from there towards the next ones. */
struct place {
    size_t row, column;
    float down, right;
};

/* In [0, last], 0 for NaN. */
static float clamp(float x, float last) {
    x = x > 0.0f ? x : 0.0f;
    return x < last ? x : last;
}

static struct place place_of(size_t m, size_t k, const float *map, const float *grid, size_t ldg,
                             const float *field, size_t ldf, size_t i) {
    float u = grid[i], v = grid[ldg + i];
    float column = fmaf(map[0], u, fmaf(map[1], v, map[2]));
    float row = fmaf(map[3], u, fmaf(map[4], v, map[5]));
    if (field != NULL) {
        column += field[i];
        row += field[ldf + i];
    }

    column = clamp(column, (float)(k - 4));
    row = clamp(row, (float)(m - 2));
    float left = floorf(column), upper = floorf(row);
    return (struct place){(size_t)upper, (size_t)left, row - upper, column - left};
}

static float interpolate(const struct place *place, float a, float b, float c, float d) {
    float upper = fmaf(place->right, b - a, a), lower = fmaf(place->right, d - c, c);
    return fmaf(place->down, lower - upper, upper);
}

void scalar_resample_bytes(size_t m, size_t k, size_t n, const uint8_t *x, size_t ldx, const float *map,
                           const float *grid, size_t ldg, const float *field, size_t ldf, uint8_t *y) {
    for (size_t i = 0; i < n; i++) {
        struct place place = place_of(m, k, map, grid, ldg, field, ldf, i);
        const uint8_t *p = x + place.row * ldx + place.column;
        y[i] = (uint8_t)nearbyintf(interpolate(&place, p[0], p[1], p[ldx], p[ldx + 1]));
    }
}

void scalar_resample_floats(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *map,
                            const float *grid, size_t ldg, const float *field, size_t ldf, float *y) {
    for (size_t i = 0; i < n; i++) {
        struct place place = place_of(m, k, map, grid, ldg, field, ldf, i);
        const float *p = x + place.row * ldx + place.column;
        y[i] = interpolate(&place, p[0], p[1], p[ldx], p[ldx + 1]);
    }
}
