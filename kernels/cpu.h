/* What the CPU can do and the operating system saves. */
#ifndef MINNOW_CPU_H
#define MINNOW_CPU_H

#include <stddef.h>
#include <stdint.h>

enum {
    CPU_AVX2 = 1u << 0,
    CPU_FMA = 1u << 1,
    CPU_AVX512F = 1u << 2,
    CPU_AVX512BW = 1u << 3,
    CPU_AVX512DQ = 1u << 4,
    CPU_AVX512VL = 1u << 5,
    CPU_NEON = 1u << 6,
};

/* CPU_… bits of features that instructions may use here: the CPU has them and, by XCR0, the operating system
   saves their registers. */
uint32_t cpu_features(void);

/* Name of the n-th bit, "avx2" for bit 0, or NULL past the last. */
const char *cpu_feature_name(unsigned bit);

/* The processor's own name, "" when it tells none; at most size - 1 bytes. */
void cpu_brand(char *brand, size_t size);

#endif
