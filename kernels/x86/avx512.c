/* AVX-512: 32 registers of 16 floats. */
#include "../cpu.h"
#include "avx512.h"

/* 24 sums, 2 vectors of b and 1 of a take 27 of the 32 registers; 14 loads feed 24 multiply-adds. */
enum { TILE_ROWS = 12, TILE_VECTORS = 2 };
#define FOR_TILE_ROWS(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12)

enum {
    TAIL_STEPS = 3,         /* terms that a tile ends with row by row */
    LONG_STEPS = 1024,      /* terms of a block, */
    PANEL_STEPS = 768,      /* and where a is copied, if sums can wait between blocks */
    PANEL_FLOATS = 98304,   /* of a copy of a: 384 KiB of the second-level cache */
    FAR_FLOATS = 524288,    /* of a or b in a block: 2 MiB of the third-level cache */
    COPY_STRIPS = 1 << 16,  /* never: a line of a step feeds enough multiply-adds */
    WIDE_FLOATS = 7 << 16,  /* between a strip's first row and its last: then it is copied */
    SHORT_STRIP_ROWS = 256, /* that repay copying a strip into the first-level cache */
    ROW_VECTORS = 8,
    UPDATE_ROWS = 2 /* features whose sums share the deltas they read */
};

#define KERNEL_SET avx512
#define KERNEL_FEATURES (CPU_AVX512F | CPU_AVX512BW | CPU_AVX512DQ | CPU_AVX512VL | CPU_AVX2 | CPU_FMA)
#include "../vector/table.h"
