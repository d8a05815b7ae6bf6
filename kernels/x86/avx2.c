/* AVX2 with FMA: 16 registers of 8 floats. */
#include "../cpu.h"
#include "avx2.h"

/* 12 sums, 2 vectors of b and 1 of a take 15 of the 16 registers; 8 sums would hide the latency. */
enum { TILE_ROWS = 6, TILE_VECTORS = 2 };
#define FOR_TILE_ROWS(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6)

enum {
    /* The terms a tile ends with, added row by row (products.inc, tile_store). */
    TAIL_STEPS = 0,
    /* The most terms of a block. */
    LONG_STEPS = 1024,
    /* The same where a is copied and c holds the partial sums between blocks. */
    PANEL_STEPS = 512,
    /* The most floats of a copy of a: 256 KiB of the second-level cache. */
    PANEL_FLOATS = 65536,
    /* The most floats of a or of b in a block: 2 MiB of the third-level cache. */
    FAR_FLOATS = 524288,
    /* Columns of a are copied if so many strips read them. */
    COPY_STRIPS = 16,
    /* A strip is copied if there are more floats than this between its first row and its last. */
    WIDE_FLOATS = 5 << 16,
    /* From so many rows on, copying a short strip into the first-level cache pays. */
    SHORT_STRIP_ROWS = 48,
    /* The most vectors of a row that are summed together (rows.inc). */
    ROW_VECTORS = 8,
    /* Features of bytes whose sums share the deltas they read. */
    UPDATE_ROWS = 1,
};

#define KERNEL_SET avx2
#define KERNEL_FEATURES (CPU_AVX2 | CPU_FMA)
#include "../vector/table.inc"
