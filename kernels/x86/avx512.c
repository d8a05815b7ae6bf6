/* AVX-512: 32 registers of 16 floats. */
#include "../cpu.h"
#include "avx512.h"

/* 24 sums, 2 vectors of b and 1 of a take 27 of the 32 registers; 14 loads feed 24 multiply-adds. */
enum { TILE_ROWS = 12, TILE_VECTORS = 2 };
#define FOR_TILE_ROWS(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12)

enum {
    /* The terms a tile ends with, added row by row (products.inc, tile_store). */
    TAIL_STEPS = 3,
    /* The most terms of a block. */
    LONG_STEPS = 1024,
    /* The same where a is copied and c holds the partial sums between blocks. */
    PANEL_STEPS = 768,
    /* The most floats of a copy of a: 384 KiB of the second-level cache. */
    PANEL_FLOATS = 98304,
    /* The most floats of a or of b in a block: 2 MiB of the third-level cache. */
    FAR_FLOATS = 524288,
    /* Columns of a are copied if so many strips read them: never, as a line of a step feeds enough multiply-adds. */
    COPY_STRIPS = 1 << 16,
    /* A strip is copied if there are more floats than this between its first row and its last. */
    WIDE_FLOATS = 7 << 16,
    /* From so many rows on, copying a short strip into the first-level cache pays. */
    SHORT_STRIP_ROWS = 256,
    /* The most vectors of a row that are summed together (rows.inc). */
    ROW_VECTORS = 8,
    /* Features of bytes whose sums share the deltas they read. */
    UPDATE_ROWS = 2,
};

#define KERNEL_SET avx512
#define KERNEL_FEATURES (CPU_AVX512F | CPU_AVX512BW | CPU_AVX512DQ | CPU_AVX512VL | CPU_AVX2 | CPU_FMA)
#include "../vector/table.inc"
