/* AVX2 with FMA: 16 registers of 8 floats. */
#include "../cpu.h"
#include "avx2.h"

/* 12 sums, 2 vectors of b and 1 of a take 15 of the 16 registers; 8 sums would hide the latency. */
enum { TILE_ROWS = 6, TILE_VECTORS = 2 };
#define FOR_TILE_ROWS(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6)

enum {
    BLOCK_STEPS = 512,     /* terms of a block where strips of b are copied */
    PANEL_STEPS = 384,     /* where a is too */
    LONG_STEPS = 1024,     /* and where sums cannot wait between blocks */
    PANEL_FLOATS = 73728,  /* 288 KiB of the second-level cache */
    STRIPS_FLOATS = 49152, /* 192 KiB */
    NEAR_FLOATS = 49152,   /* 192 KiB */
    ROW_VECTORS = 8
};
#include "../vector/table.h"

KERNEL_TABLE(avx2, CPU_AVX2 | CPU_FMA);
