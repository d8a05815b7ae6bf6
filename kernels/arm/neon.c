/* NEON: 32 registers of 4 floats. */
#include "../cpu.h"
#include "neon.h"

/* 24 sums, 3 vectors of b and up to 5 numbers of a under way take all 32 registers. */
enum { TILE_ROWS = 8, TILE_VECTORS = 3 };
#define TILE_VECTORS_3 1
#define FOR_TILE_ROWS(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8)

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

KERNEL_TABLE(neon, CPU_NEON);
