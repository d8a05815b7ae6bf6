/* The vocabulary of vector operations (kernels/README.md) for NEON (aarch64 Advanced SIMD): 4 floats. */
#ifndef MINNOW_NEON_H
#define MINNOW_NEON_H

#include <arm_neon.h>
#include "../vector/common.h"

typedef float32x4_t vec;
typedef int32x4_t ivec;
typedef uint32x4_t vmask;

enum { VEC = 4, TRANSPOSE_TILE = 4 };

INLINE vec v_zero(void) {
    return vdupq_n_f32(0.0f);
}

INLINE vec v_set(float x) {
    return vdupq_n_f32(x);
}

INLINE vec v_load(const float *p) {
    return vld1q_f32(p);
}

INLINE void v_store(float *p, vec x) {
    vst1q_f32(p, x);
}

INLINE vec v_add(vec a, vec b) {
    return vaddq_f32(a, b);
}

INLINE vec v_sub(vec a, vec b) {
    return vsubq_f32(a, b);
}

INLINE vec v_mul(vec a, vec b) {
    return vmulq_f32(a, b);
}

INLINE vec v_div(vec a, vec b) {
    return vdivq_f32(a, b);
}

INLINE vec v_sqrt(vec a) {
    return vsqrtq_f32(a);
}

INLINE vec v_fma(vec a, vec b, vec c) {
    return vfmaq_f32(c, a, b);
}

INLINE vec v_fnma(vec a, vec b, vec c) {
    return vfmsq_f32(c, a, b);
}

/* a · b + c, the same a for all lanes. Multiplying by a lane needs only the scalar loaded; compilers left
   alone prefer to broadcast it first, which on several cores takes a multiplier's turn. */
INLINE vec v_fma_by(float a, vec b, vec c) {
    __asm__("fmla %0.4s, %1.4s, %2.s[0]" : "+w"(c) : "w"(b), "w"(a));
    return c;
}

INLINE vec v_select(vmask mask, vec yes, vec no) {
    return vbslq_f32(mask, yes, no);
}

/* All lanes, or none. */
INLINE vmask v_mask_if(bool on) {
    return vdupq_n_u32(-(uint32_t)on);
}

/* v_fma where the mask is on, c elsewhere. */
INLINE vec v_fma_where(vmask mask, vec a, vec b, vec c) {
    return v_select(mask, v_fma(a, b, c), c);
}

/* a > b ? a : b and a < b ? a : b, which give b for NaN and for two zeros; NEON's own maximum does not. */
INLINE vec v_larger(vec a, vec b) {
    return vbslq_f32(vcgtq_f32(a, b), a, b);
}

INLINE vec v_smaller(vec a, vec b) {
    return vbslq_f32(vcltq_f32(a, b), a, b);
}

INLINE vec v_from_mask(vmask mask) {
    return vreinterpretq_f32_u32(mask);
}

INLINE vmask v_lanes(vec x) {
    return vreinterpretq_u32_f32(x);
}

INLINE vec v_and(vec a, vec b) {
    return v_from_mask(vandq_u32(v_lanes(a), v_lanes(b)));
}

INLINE vec v_or(vec a, vec b) {
    return v_from_mask(vorrq_u32(v_lanes(a), v_lanes(b)));
}

INLINE vec v_xor(vec a, vec b) {
    return v_from_mask(veorq_u32(v_lanes(a), v_lanes(b)));
}

INLINE vmask v_less(vec a, vec b) {
    return vcltq_f32(a, b);
}

INLINE vmask v_equal(vec a, vec b) {
    return vceqq_f32(a, b);
}

INLINE vmask v_differ(vec a, vec b) {
    return vmvnq_u32(vceqq_f32(a, b));
}

INLINE vec v_select_negative(vec z, vec yes, vec no) {
    return vbslq_f32(vcltzq_f32(z), yes, no);
}

INLINE unsigned v_mask_bits(vmask mask) {
    static const uint32_t bit[4] = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(mask, vld1q_u32(bit)));
}

INLINE vmask v_first(size_t count) {
    return vld1q_u32(first_lanes + 16 - count);
}

INLINE vec v_load_first(const float *p, size_t count) {
    vec x = v_zero();
    switch (count) {
    case 4:
        return vld1q_f32(p);
    case 3:
        x = vld1q_lane_f32(p + 2, x, 2);
        /* fall through */
    case 2:
        return vcombine_f32(vld1_f32(p), vget_high_f32(x));
    case 1:
        return vld1q_lane_f32(p, x, 0);
    default:
        return x;
    }
}

INLINE void v_store_first(float *p, vec x, size_t count) {
    switch (count) {
    case 4:
        vst1q_f32(p, x);
        break;
    case 3:
        vst1q_lane_f32(p + 2, x, 2);
        /* fall through */
    case 2:
        vst1_f32(p, vget_low_f32(x));
        break;
    case 1:
        vst1q_lane_f32(p, x, 0);
        break;
    default:
        break;
    }
}

INLINE ivec v_bits(vec x) {
    return vreinterpretq_s32_f32(x);
}

INLINE vec v_from_bits(ivec x) {
    return vreinterpretq_f32_s32(x);
}

INLINE ivec i_set(int32_t x) {
    return vdupq_n_s32(x);
}

INLINE ivec i_add(ivec a, ivec b) {
    return vaddq_s32(a, b);
}

INLINE ivec i_sub(ivec a, ivec b) {
    return vsubq_s32(a, b);
}

#define i_shift_left(x, bits) vshlq_n_s32(x, bits)
#define i_shift_right(x, bits) vshrq_n_s32(x, bits)

INLINE ivec i_and(ivec a, ivec b) {
    return vandq_s32(a, b);
}

INLINE ivec i_xor(ivec a, ivec b) {
    return veorq_s32(a, b);
}

INLINE ivec i_load(const uint32_t *p) {
    return vreinterpretq_s32_u32(vld1q_u32(p));
}

/* The two halves of x · factor, both unsigned. */
INLINE void i_multiply(ivec x, uint32_t factor, ivec *high, ivec *low) {
    uint32x4_t from = vreinterpretq_u32_s32(x), by = vdupq_n_u32(factor);
    uint32x4_t first = vreinterpretq_u32_u64(vmull_u32(vget_low_u32(from), vget_low_u32(by)));
    uint32x4_t second = vreinterpretq_u32_u64(vmull_high_u32(from, by));
    *high = vreinterpretq_s32_u32(vuzp2q_u32(first, second));
    *low = vreinterpretq_s32_u32(vuzp1q_u32(first, second));
}

INLINE vec v_from_int(ivec x) {
    return vcvtq_f32_s32(x);
}

INLINE vec v_floor(vec x) {
    return vrndmq_f32(x);
}

/* Of integers as floats. */
INLINE ivec v_to_int(vec x) {
    return vcvtq_s32_f32(x);
}

/* Each lane's four bytes from p + index, the first one lowest. */
INLINE ivec i_gather_bytes(const uint8_t *p, ivec index) {
    int32_t at[4], four[4];
    vst1q_s32(at, index);
    UNROLLED (i, 4)
        memcpy(&four[i], p + at[i], sizeof four[i]);
    return vld1q_s32(four);
}

INLINE vec v_gather(const float *p, ivec index) {
    int32_t at[4];
    float four[4];
    vst1q_s32(at, index);
    UNROLLED (i, 4)
        four[i] = p[at[i]];
    return vld1q_f32(four);
}

/* The lowest byte of each lane, of the first `count` lanes. */
INLINE void i_store_bytes_first(uint8_t *p, ivec x, size_t count) {
    uint16x4_t narrow = vmovn_u32(vreinterpretq_u32_s32(x));
    uint8_t bytes[8];
    vst1_u8(bytes, vmovn_u16(vcombine_u16(narrow, narrow)));
    memcpy(p, bytes, count);
}

INLINE vec v_load_bytes(const uint8_t *p) {
    uint32_t four;
    memcpy(&four, p, sizeof four);
    uint16x8_t wide = vmovl_u8(vcreate_u8(four));
    return vcvtq_f32_u32(vmovl_u16(vget_low_u16(wide)));
}

/* Bit i: p[i] is not 0, of 64 bytes; or of the first `count` < 64. */
INLINE uint64_t v_byte_bits(const uint8_t *p) {
    static const uint8_t bit[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t bits = vld1q_u8(bit), part[4];
    UNROLLED (i, 4) {
        uint8x16_t x = vld1q_u8(p + 16 * i);
        part[i] = vandq_u8(vtstq_u8(x, x), bits);
    }
    uint8x16_t sum = vpaddq_u8(vpaddq_u8(part[0], part[1]), vpaddq_u8(part[2], part[3]));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
}

INLINE uint64_t v_byte_bits_first(const uint8_t *p, size_t count) {
    uint8_t some[64] = {0};
    memcpy(some, p, count);
    return v_byte_bits(some);
}

INLINE float v_sum_lanes(vec x) {
    float32x2_t two = vadd_f32(vget_low_f32(x), vget_high_f32(x));
    return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

/* NaN is never among them. */
INLINE float v_max_lanes(vec x) {
    return vmaxvq_f32(x);
}

/* 16 bytes; zipped: those of the lower or upper halves of two, in turns. */
typedef uint8x16_t bvec;

INLINE bvec b_load(const uint8_t *p) {
    return vld1q_u8(p);
}

INLINE void b_store(uint8_t *p, bvec x) {
    vst1q_u8(p, x);
}

INLINE bvec b_zip_low(bvec a, bvec b) {
    return vzip1q_u8(a, b);
}

INLINE bvec b_zip_high(bvec a, bvec b) {
    return vzip2q_u8(a, b);
}

/* y[4][4] = x[4][4]ᵀ */
INLINE void v_transpose_tile(const float *x, size_t ldx, float *y, size_t ldy) {
    float32x4_t a = vld1q_f32(x), b = vld1q_f32(x + ldx), c = vld1q_f32(x + 2 * ldx),
                d = vld1q_f32(x + 3 * ldx);
    float32x4_t ac_low = vzip1q_f32(a, c), ac_high = vzip2q_f32(a, c);
    float32x4_t bd_low = vzip1q_f32(b, d), bd_high = vzip2q_f32(b, d);
    vst1q_f32(y, vzip1q_f32(ac_low, bd_low));
    vst1q_f32(y + ldy, vzip2q_f32(ac_low, bd_low));
    vst1q_f32(y + 2 * ldy, vzip1q_f32(ac_high, bd_high));
    vst1q_f32(y + 3 * ldy, vzip2q_f32(ac_high, bd_high));
}

#endif
