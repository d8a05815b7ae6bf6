/* y[8][8] = x[8][8]ᵀ in registers: pairs, then quadruples, then halves. */
INLINE void v_transpose_tile(const float *x, size_t ldx, float *y, size_t ldy) {
    __m256 row[8], pair[8], quad[8];
    for (int i = 0; i < 8; i++)
        row[i] = _mm256_loadu_ps(x + (size_t)i * ldx);
    for (int i = 0; i < 8; i += 2) {
        pair[i] = _mm256_unpacklo_ps(row[i], row[i + 1]);
        pair[i + 1] = _mm256_unpackhi_ps(row[i], row[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        quad[i] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0x44);
        quad[i + 1] = _mm256_shuffle_ps(pair[i], pair[i + 2], 0xee);
        quad[i + 2] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0x44);
        quad[i + 3] = _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0xee);
    }
    for (int i = 0; i < 4; i++) {
        _mm256_storeu_ps(y + (size_t)i * ldy, _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x20));
        _mm256_storeu_ps(y + (size_t)(i + 4) * ldy, _mm256_permute2f128_ps(quad[i], quad[i + 4], 0x31));
    }
}

/* 16 bytes; zipped: those of the lower or upper halves of two, in turns. */
typedef __m128i bvec;

INLINE bvec b_load(const uint8_t *p) {
    return _mm_loadu_si128((const __m128i *)p);
}

INLINE void b_store(uint8_t *p, bvec x) {
    _mm_storeu_si128((__m128i *)p, x);
}

INLINE bvec b_zip_low(bvec a, bvec b) {
    return _mm_unpacklo_epi8(a, b);
}

INLINE bvec b_zip_high(bvec a, bvec b) {
    return _mm_unpackhi_epi8(a, b);
}
