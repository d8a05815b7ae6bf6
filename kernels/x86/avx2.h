/* The vocabulary of vector operations (kernels/README.md) for AVX2 with FMA: 8 floats. */
#ifndef MINNOW_AVX2_H
#define MINNOW_AVX2_H

#include <immintrin.h>
#include "../vector/common.h"

typedef __m256 vec;
typedef __m256i ivec;
typedef __m256 vmask;

enum { VEC = 8, TRANSPOSE_TILE = 8 };

INLINE vec v_zero(void) {
    return _mm256_setzero_ps();
}

INLINE vec v_set(float x) {
    return _mm256_set1_ps(x);
}

INLINE vec v_load(const float *p) {
    return _mm256_loadu_ps(p);
}

INLINE void v_store(float *p, vec x) {
    _mm256_storeu_ps(p, x);
}

INLINE vec v_add(vec a, vec b) {
    return _mm256_add_ps(a, b);
}

INLINE vec v_sub(vec a, vec b) {
    return _mm256_sub_ps(a, b);
}

INLINE vec v_mul(vec a, vec b) {
    return _mm256_mul_ps(a, b);
}

INLINE vec v_div(vec a, vec b) {
    return _mm256_div_ps(a, b);
}

INLINE vec v_sqrt(vec a) {
    return _mm256_sqrt_ps(a);
}

INLINE vec v_fma(vec a, vec b, vec c) {
    return _mm256_fmadd_ps(a, b, c);
}

INLINE vec v_fnma(vec a, vec b, vec c) {
    return _mm256_fnmadd_ps(a, b, c);
}

/* a · b + c, the same a for all lanes; a broadcast from memory is but a load. */
INLINE vec v_fma_by(float a, vec b, vec c) {
    return _mm256_fmadd_ps(_mm256_set1_ps(a), b, c);
}

/* The instruction gives its second operand for NaN and for two zeros. */
INLINE vec v_larger(vec a, vec b) {
    return _mm256_max_ps(a, b);
}

INLINE vec v_smaller(vec a, vec b) {
    return _mm256_min_ps(a, b);
}

INLINE vec v_and(vec a, vec b) {
    return _mm256_and_ps(a, b);
}

INLINE vec v_or(vec a, vec b) {
    return _mm256_or_ps(a, b);
}

INLINE vec v_xor(vec a, vec b) {
    return _mm256_xor_ps(a, b);
}

INLINE vmask v_less(vec a, vec b) {
    return _mm256_cmp_ps(a, b, _CMP_LT_OQ);
}

INLINE vmask v_equal(vec a, vec b) {
    return _mm256_cmp_ps(a, b, _CMP_EQ_OQ);
}

INLINE vmask v_differ(vec a, vec b) {
    return _mm256_cmp_ps(a, b, _CMP_NEQ_UQ);
}

INLINE vec v_select(vmask mask, vec yes, vec no) {
    return _mm256_blendv_ps(no, yes, mask);
}

/* All lanes, or none. */
INLINE vmask v_mask_if(bool on) {
    return _mm256_castsi256_ps(_mm256_set1_epi32(-(int)on));
}

/* v_fma where the mask is on, c elsewhere. */
INLINE vec v_fma_where(vmask mask, vec a, vec b, vec c) {
    return v_select(mask, v_fma(a, b, c), c);
}

/* By the sign bit: where z is -0 or NaN, take either. */
INLINE vec v_select_negative(vec z, vec yes, vec no) {
    return _mm256_blendv_ps(no, yes, z);
}

INLINE unsigned v_mask_bits(vmask mask) {
    return (unsigned)_mm256_movemask_ps(mask);
}

INLINE vmask v_first(size_t count) {
    return _mm256_loadu_ps((const float *)(first_lanes + 16 - count));
}

INLINE vec v_load_first(const float *p, size_t count) {
    return _mm256_maskload_ps(p, _mm256_castps_si256(v_first(count)));
}

/* Not the masked store: it is microcode on AMD. */
INLINE void v_store_first(float *p, vec x, size_t count) {
    if (count >= 8) {
        _mm256_storeu_ps(p, x);
        return;
    }
    __m128 rest = _mm256_castps256_ps128(x);
    if (count & 4) {
        _mm_storeu_ps(p, rest);
        rest = _mm256_extractf128_ps(x, 1);
        p += 4;
    }
    if (count & 2) {
        _mm_storel_pi((__m64 *)p, rest);
        rest = _mm_movehl_ps(rest, rest);
        p += 2;
    }
    if (count & 1)
        _mm_store_ss(p, rest);
}

INLINE ivec v_bits(vec x) {
    return _mm256_castps_si256(x);
}

INLINE vec v_from_bits(ivec x) {
    return _mm256_castsi256_ps(x);
}

INLINE ivec i_set(int32_t x) {
    return _mm256_set1_epi32(x);
}

INLINE ivec i_add(ivec a, ivec b) {
    return _mm256_add_epi32(a, b);
}

INLINE ivec i_sub(ivec a, ivec b) {
    return _mm256_sub_epi32(a, b);
}

#define i_shift_left(x, bits) _mm256_slli_epi32(x, bits)
#define i_shift_right(x, bits) _mm256_srai_epi32(x, bits)

INLINE ivec i_and(ivec a, ivec b) {
    return _mm256_and_si256(a, b);
}

INLINE ivec i_xor(ivec a, ivec b) {
    return _mm256_xor_si256(a, b);
}

INLINE ivec i_load(const uint32_t *p) {
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* The two halves of x · factor, both unsigned. */
INLINE void i_multiply(ivec x, uint32_t factor, ivec *high, ivec *low) {
    enum { ODD = 0xaa };
    ivec by = _mm256_set1_epi32((int)factor);
    ivec even = _mm256_mul_epu32(x, by), odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), by);
    *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, ODD);
    *low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), ODD);
}

INLINE vec v_from_int(ivec x) {
    return _mm256_cvtepi32_ps(x);
}

INLINE vec v_floor(vec x) {
    return _mm256_floor_ps(x);
}

/* Of integers as floats. */
INLINE ivec v_to_int(vec x) {
    return _mm256_cvttps_epi32(x);
}

/* Each lane's four bytes from p + index, the first one lowest. */
INLINE ivec i_gather_bytes(const uint8_t *p, ivec index) {
    return _mm256_i32gather_epi32((const int *)(const void *)p, index, 1);
}

INLINE vec v_gather(const float *p, ivec index) {
    return _mm256_i32gather_ps(p, index, 4);
}

/* The lowest byte of each lane, of the first `count` lanes. */
INLINE void i_store_bytes_first(uint8_t *p, ivec x, size_t count) {
    const __m128i low = _mm_set_epi32(-1, -1, -1, 0x0c080400);
    __m128i a = _mm_shuffle_epi8(_mm256_castsi256_si128(x), low);
    __m128i b = _mm_shuffle_epi8(_mm256_extracti128_si256(x, 1), low);
    uint8_t bytes[16];
    _mm_storeu_si128((__m128i *)bytes, _mm_unpacklo_epi32(a, b));
    memcpy(p, bytes, count);
}

INLINE vec v_load_bytes(const uint8_t *p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p)));
}

/* Bit i: p[i] is not 0, of 64 bytes; or of the first `count` < 64. */
INLINE uint64_t v_byte_bits(const uint8_t *p) {
    __m256i low = _mm256_loadu_si256((const __m256i *)p), high = _mm256_loadu_si256((const __m256i *)p + 1);
    uint32_t no_low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, _mm256_setzero_si256()));
    uint32_t no_high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, _mm256_setzero_si256()));
    return ~(no_low | (uint64_t)no_high << 32);
}

INLINE uint64_t v_byte_bits_first(const uint8_t *p, size_t count) {
    uint8_t some[64] = {0};
    memcpy(some, p, count);
    return v_byte_bits(some);
}

INLINE float v_sum_lanes(vec x) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

INLINE float v_max_lanes(vec x) {
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

#include "transpose.inc"

#endif
