/* AVX-512: 32 registers of 16 floats. */
#include "../cpu.h"
#include "avx512.h"

/* 24 sums, 2 vectors of b and 1 of a take 27 of the 32 registers; 14 loads feed 24 multiply-adds. */
enum { TILE_ROWS = 12, TILE_VECTORS = 2 };
#define FOR_TILE_ROWS(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12)

enum {
    BLOCK_STEPS = 384,     /* terms of a block where strips of b are copied */
    PANEL_STEPS = 256,     /* where a is too */
    LONG_STEPS = 768,      /* and where sums cannot wait between blocks */
    PANEL_FLOATS = 73728,  /* 288 KiB of the second-level cache */
    STRIPS_FLOATS = 49152, /* 192 KiB */
    NEAR_FLOATS = 49152,   /* 192 KiB */
    ROW_VECTORS = 8
};
#include "../vector/table.h"

KERNEL_TABLE(avx512, CPU_AVX512F | CPU_AVX512BW | CPU_AVX512DQ | CPU_AVX512VL | CPU_AVX2 | CPU_FMA);
