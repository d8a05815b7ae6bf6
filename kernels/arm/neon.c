/* NEON: 32 registers of 4 floats. */
#include "../cpu.h"
#include "neon.h"

/* 24 sums, 3 vectors of b and up to 5 numbers of a under way take all 32 registers. */
enum { TILE_ROWS = 8, TILE_VECTORS = 3 };
#define TILE_VECTORS_3 1
#define FOR_TILE_ROWS(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8)

enum {
    TAIL_STEPS = 0,        /* terms that a tile ends with row by row */
    LONG_STEPS = 1024,     /* terms of a block, */
    PANEL_STEPS = 512,     /* and where a is copied, if sums can wait between blocks */
    PANEL_FLOATS = 65536,  /* of a copy of a: 256 KiB of the second-level cache */
    FAR_FLOATS = 524288,   /* of a or b in a block: 2 MiB of the third-level cache */
    COPY_STRIPS = 16,      /* that must read columns of a to repay copying them */
    WIDE_FLOATS = 5 << 16, /* between a strip's first row and its last: then it is copied */
    SHORT_STRIP_ROWS = 48, /* that repay copying a strip into the first-level cache */
    ROW_VECTORS = 8,
    UPDATE_ROWS = 1 /* features whose sums share the deltas they read */
};

#define KERNEL_SET neon
#define KERNEL_FEATURES (CPU_NEON)
#include "../vector/table.h"
