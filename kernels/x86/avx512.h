/* The vocabulary of vector operations (kernels/README.md) for AVX-512 (F, BW, DQ, VL): 16
 * floats, comparisons into mask registers. */
#ifndef MINNOW_AVX512_H
#define MINNOW_AVX512_H

#include <immintrin.h>
#include "../vector/common.h"

typedef __m512 vec;
typedef __m512i ivec;
typedef __mmask16 vmask;

enum { VEC = 16, TRANSPOSE_TILE = 8 };

INLINE vec v_zero(void) {
    return _mm512_setzero_ps();
}

INLINE vec v_set(float x) {
    return _mm512_set1_ps(x);
}

INLINE vec v_load(const float *p) {
    return _mm512_loadu_ps(p);
}

INLINE void v_store(float *p, vec x) {
    _mm512_storeu_ps(p, x);
}

INLINE vec v_add(vec a, vec b) {
    return _mm512_add_ps(a, b);
}

INLINE vec v_sub(vec a, vec b) {
    return _mm512_sub_ps(a, b);
}

INLINE vec v_mul(vec a, vec b) {
    return _mm512_mul_ps(a, b);
}

INLINE vec v_div(vec a, vec b) {
    return _mm512_div_ps(a, b);
}

INLINE vec v_sqrt(vec a) {
    return _mm512_sqrt_ps(a);
}

INLINE vec v_fma(vec a, vec b, vec c) {
    return _mm512_fmadd_ps(a, b, c);
}

INLINE vec v_fnma(vec a, vec b, vec c) {
    return _mm512_fnmadd_ps(a, b, c);
}

/* a · b + c, the same a for all lanes; a broadcast from memory is but a load. */
INLINE vec v_fma_by(float a, vec b, vec c) {
    return _mm512_fmadd_ps(_mm512_set1_ps(a), b, c);
}

/* The instruction gives its second operand for NaN and for two zeros. */
INLINE vec v_larger(vec a, vec b) {
    return _mm512_max_ps(a, b);
}

INLINE vec v_smaller(vec a, vec b) {
    return _mm512_min_ps(a, b);
}

INLINE vec v_and(vec a, vec b) {
    return _mm512_and_ps(a, b);
}

INLINE vec v_or(vec a, vec b) {
    return _mm512_or_ps(a, b);
}

INLINE vec v_xor(vec a, vec b) {
    return _mm512_xor_ps(a, b);
}

INLINE vmask v_less(vec a, vec b) {
    return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ);
}

INLINE vmask v_equal(vec a, vec b) {
    return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ);
}

INLINE vmask v_differ(vec a, vec b) {
    return _mm512_cmp_ps_mask(a, b, _CMP_NEQ_UQ);
}

/* All lanes, or none. */
INLINE vmask v_mask_if(bool on) {
    return (vmask) - (int)on;
}

/* v_fma where the mask is on, c elsewhere. */
INLINE vec v_fma_where(vmask mask, vec a, vec b, vec c) {
    return _mm512_mask3_fmadd_ps(a, b, c, mask);
}

INLINE vec v_select(vmask mask, vec yes, vec no) {
    return _mm512_mask_blend_ps(mask, no, yes);
}

INLINE vec v_select_negative(vec z, vec yes, vec no) {
    return _mm512_mask_blend_ps(_mm512_movepi32_mask(_mm512_castps_si512(z)), no, yes);
}

INLINE unsigned v_mask_bits(vmask mask) {
    return mask;
}

INLINE vmask v_first(size_t count) {
    return (vmask)((1u << count) - 1);
}

INLINE vec v_load_first(const float *p, size_t count) {
    return _mm512_maskz_loadu_ps(v_first(count), p);
}

INLINE void v_store_first(float *p, vec x, size_t count) {
    _mm512_mask_storeu_ps(p, v_first(count), x);
}

INLINE ivec v_bits(vec x) {
    return _mm512_castps_si512(x);
}

INLINE vec v_from_bits(ivec x) {
    return _mm512_castsi512_ps(x);
}

INLINE ivec i_set(int32_t x) {
    return _mm512_set1_epi32(x);
}

INLINE ivec i_add(ivec a, ivec b) {
    return _mm512_add_epi32(a, b);
}

INLINE ivec i_sub(ivec a, ivec b) {
    return _mm512_sub_epi32(a, b);
}

#define i_shift_left(x, bits) _mm512_slli_epi32(x, bits)
#define i_shift_right(x, bits) _mm512_srai_epi32(x, bits)

INLINE ivec i_and(ivec a, ivec b) {
    return _mm512_and_si512(a, b);
}

INLINE ivec i_xor(ivec a, ivec b) {
    return _mm512_xor_si512(a, b);
}

INLINE ivec i_load(const uint32_t *p) {
    return _mm512_loadu_si512(p);
}

/* The two halves of x · factor, both unsigned. */
INLINE void i_multiply(ivec x, uint32_t factor, ivec *high, ivec *low) {
    enum { ODD = 0xaaaa };
    ivec by = _mm512_set1_epi32((int)factor);
    ivec even = _mm512_mul_epu32(x, by), odd = _mm512_mul_epu32(_mm512_srli_epi64(x, 32), by);
    *high = _mm512_mask_blend_epi32(ODD, _mm512_srli_epi64(even, 32), odd);
    *low = _mm512_mask_blend_epi32(ODD, even, _mm512_slli_epi64(odd, 32));
}

INLINE vec v_from_int(ivec x) {
    return _mm512_cvtepi32_ps(x);
}

INLINE vec v_floor(vec x) {
    return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
}

/* Of integers as floats. */
INLINE ivec v_to_int(vec x) {
    return _mm512_cvttps_epi32(x);
}

/* Each lane's four bytes from p + index, the first one lowest. */
INLINE ivec i_gather_bytes(const uint8_t *p, ivec index) {
    return _mm512_i32gather_epi32(index, p, 1);
}

INLINE vec v_gather(const float *p, ivec index) {
    return _mm512_i32gather_ps(index, p, 4);
}

/* The lowest byte of each lane, of the first `count` lanes. */
INLINE void i_store_bytes_first(uint8_t *p, ivec x, size_t count) {
    _mm512_mask_cvtepi32_storeu_epi8(p, (__mmask16)((1u << count) - 1), x);
}

INLINE vec v_load_bytes(const uint8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p)));
}

/* Bit i: p[i] is not 0, of 64 bytes; or of the first `count` < 64. */
INLINE uint64_t v_byte_bits(const uint8_t *p) {
    __m512i x = _mm512_loadu_si512(p);
    return _mm512_test_epi8_mask(x, x);
}

INLINE uint64_t v_byte_bits_first(const uint8_t *p, size_t count) {
    __m512i x = _mm512_maskz_loadu_epi8(((uint64_t)1 << count) - 1, p);
    return _mm512_test_epi8_mask(x, x);
}

INLINE float v_sum_lanes(vec x) {
    __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

INLINE float v_max_lanes(vec x) {
    __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

#include "transpose.inc"

#endif
