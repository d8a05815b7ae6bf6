/* AVX2 with FMA: 16 registers of 8 floats. */
#include "../cpu.h"
#include "avx2.h"

enum {
    TILE_ROWS = 6, /* 12 sums, 2 vectors of b, 1 of a: 15 of 16 registers, and more sums than 2 multipliers ·
                      latency 4 or 5 */
    TILE_VECTORS = 2,
    BLOCK_STEPS = 512,    /* · 16 columns: 20 KiB of the first-level cache */
    PANEL_FLOATS = 73728, /* 288 KiB of the second-level cache */
    COPY_FLOATS = 8192,
    ROW_VECTORS = 8
};
#define FOR_TILE_ROWS(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6)

#include "../vector/table.h"

KERNEL_TABLE(avx2, CPU_AVX2 | CPU_FMA);
