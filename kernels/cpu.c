/*
 * CPUID says what the processor has, XCR0 which registers the operating system saves at a switch: only both
 * together make an instruction usable. Bits by Intel's manual, volume 2 (CPUID) and volume 1, chapter 13
 * (XCR0).
 */
#include <stdio.h>
#include <string.h>
#include "cpu.h"

#if defined __x86_64__
#include <cpuid.h>

static uint64_t saved_registers(void) {
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

uint32_t cpu_features(void) {
    const uint32_t os_uses_xsave = 1u << 27, avx = 1u << 28, fma = 1u << 12;
    const uint64_t sse_avx_state = 0x6, avx512_state = 0xe6; /* XMM, YMM; and opmasks, ZMM low and high */
    uint32_t a, b, c, d, features = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & os_uses_xsave) || !(c & avx))
        return 0;
    uint64_t saved = saved_registers();
    if ((saved & sse_avx_state) != sse_avx_state)
        return 0;
    if (c & fma)
        features |= CPU_FMA;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return features;
    if (b & 1u << 5)
        features |= CPU_AVX2;
    if ((saved & avx512_state) != avx512_state)
        return features;
    if (b & 1u << 16)
        features |= CPU_AVX512F;
    if (b & 1u << 17)
        features |= CPU_AVX512DQ;
    if (b & 1u << 30)
        features |= CPU_AVX512BW;
    if (b & 1u << 31)
        features |= CPU_AVX512VL;
    return features;
}

void cpu_brand(char *brand, size_t size) {
    uint32_t word[13] = {0}, a, b, c, d;
    if (__get_cpuid(0x80000000u, &a, &b, &c, &d) && a >= 0x80000004u)
        for (uint32_t i = 0; i < 3; i++)
            __get_cpuid(0x80000002u + i, &word[4 * i], &word[4 * i + 1], &word[4 * i + 2], &word[4 * i + 3]);
    const char *text = (const char *)word;
    text += strspn(text, " "); /* some processors pad on the left */
    if (size > 0)
        snprintf(brand, size, "%s", text);
}

#else

#if defined __aarch64__ && defined __linux__
#include <sys/auxv.h>
#endif

uint32_t cpu_features(void) {
#if defined __aarch64__ && defined __linux__
    const unsigned long asimd = 1ul << 1; /* HWCAP_ASIMD */
    return getauxval(AT_HWCAP) & asimd ? CPU_NEON : 0;
#elif defined __aarch64__
    return CPU_NEON; /* part of the base architecture */
#else
    return 0;
#endif
}

void cpu_brand(char *brand, size_t size) {
    if (size > 0)
        brand[0] = '\0';
}

#endif

const char *cpu_feature_name(unsigned bit) {
    static const char *const name[] = {"avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl", "neon"};
    return bit < sizeof name / sizeof name[0] ? name[bit] : NULL;
}
