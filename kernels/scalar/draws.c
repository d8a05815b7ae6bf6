/* Random draws, and what is made of them. */
#include <math.h>
#include "../numerics.h"
#include "scalar.h"

/* Word `which` of the block at the row's counter + `block`. */
static uint32_t draw_word(const uint32_t *draw, uint32_t block, size_t which) {
    uint32_t key0 = draw[0], key1 = draw[1];
    uint32_t x[4] = {draw[2] + block, draw[3], draw[4], draw[5]};
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        uint64_t product0 = (uint64_t)PHILOX_M0 * x[0], product1 = (uint64_t)PHILOX_M1 * x[2];
        x[0] = (uint32_t)(product1 >> 32) ^ x[1] ^ key0;
        x[1] = (uint32_t)product1;
        x[2] = (uint32_t)(product0 >> 32) ^ x[3] ^ key1;
        x[3] = (uint32_t)product0;
        key0 += PHILOX_W0;
        key1 += PHILOX_W1;
    }
    return x[which];
}

static uint32_t draw_of(const uint32_t *draw, size_t j) {
    return draw_word(draw, (uint32_t)(j / DRAW_GROUP * DRAW_LANES + j % DRAW_LANES), j / DRAW_LANES % 4);
}

void scalar_draw_kept(size_t m, size_t n, const uint32_t *draws, float share, uint8_t *kept, size_t ldkept) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            kept[i * ldkept + j] =
                (float)(draw_of(draws + i * DRAW_WORDS, j) >> 8) * 0x1p-24f < share ? 0 : 255;
}

/* √2 · erfinv(x), with x one of 2^24 numbers in (-1, 1) at equal distances, none of them 0. */
static float normal_of(uint32_t word) {
    float x = ((float)(word >> 8) - 8388607.5f) * 0x1p-23f;
    float w = -scalar_log_of((1.0f - x) * (1.0f + x));
    const float *term = w < 5.0f ? erfinv_near : erfinv_far;
    w = w < 5.0f ? w - 2.5f : sqrtf(w) - 3.0f;
    float p = term[0];
    for (size_t i = 1; i < ERFINV_TERMS; i++)
        p = fmaf(p, w, term[i]);
    return p * (x * 1.41421356f);
}

void scalar_add_normal(size_t m, size_t n, const uint32_t *draws, float sigma, float *x, size_t ldx) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            x[i * ldx + j] = fmaf(sigma, normal_of(draw_of(draws + i * DRAW_WORDS, j)), x[i * ldx + j]);
}

void scalar_keep(size_t m, size_t n, const uint8_t *kept, size_t ldkept, float scale, const float *x,
                 size_t ldx, float *y, size_t ldy) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            y[i * ldy + j] = kept[i * ldkept + j] != 0 ? x[i * ldx + j] * scale : 0.0f;
}
