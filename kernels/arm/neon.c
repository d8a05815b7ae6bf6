/* NEON: 32 registers of 4 floats. */
#include "../cpu.h"
#include "neon.h"

/* 24 sums, 3 vectors of b and up to 5 numbers of a under way take all 32 registers. */
enum { TILE_ROWS = 8, TILE_VECTORS = 3 };
#define TILE_VECTORS_3 1
#define FOR_TILE_ROWS(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8)

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

#define KERNEL_SET neon
#define KERNEL_FEATURES (CPU_NEON)
#include "../vector/table.inc"
