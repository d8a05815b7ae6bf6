/* What every vocabulary header and every algorithm over it needs. */
#ifndef MINNOW_VECTOR_COMMON_H
#define MINNOW_VECTOR_COMMON_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "../kernels.h"
#include "../numerics.h"

/* Counts of rows and vectors are compile-time constants only after inlining: accumulators live in registers
 * then. */
#define INLINE static inline __attribute__((always_inline, unused))
#define NOINLINE static __attribute__((noinline))

/*
 * UNROLL stands before a loop with a small constant count, which must vanish, as it indexes registers.
 * UNROLL_STEPS stands before a long one, of which a few steps at a time are to be unrolled. Not so for the address
 * sanitizer, whose checks of every access would be unrolled too: minutes of compiling.
 */
#ifdef __has_feature
#define SANITIZED __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#if SANITIZED
#define UNROLL
#define UNROLL_STEPS
#elif defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#define UNROLL_STEPS _Pragma("clang loop unroll_count(4)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#define UNROLL_STEPS _Pragma("GCC unroll 4")
#endif

/* Unrolled loops, in a form that .clang-format knows and indents: i from 0, or from `from`, in steps of 1 or
   `step`, below count. */
#define UNROLLED(i, count) UNROLLED_FROM (i, 0, count)
#define UNROLLED_FROM(i, from, count) UNROLL for (size_t i = (from); i < (count); i++)
#define UNROLLED_BY(i, count, step) UNROLL for (size_t i = 0; i < (count); i += (step))

/* 16 lanes on, 16 off, to load a mask of the first few lanes from. */
static const uint32_t first_lanes[32] __attribute__((aligned(64), unused)) = {
    ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u};

/* One lane on, to load a mask of lane i of 16 from at 16 - i; i = 16: none. */
static const uint32_t one_lane[48] __attribute__((aligned(64), unused)) = {[16] = ~0u};

INLINE size_t smaller_size(size_t a, size_t b) {
    return a < b ? a : b;
}

#endif
