/*
 * Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy
 * as 1, 2, 3", SC 2011). A draw is a pure function of (seed, purpose, a, b, c), so it depends neither on
 * threads nor on the order of work. All arithmetic below is portable to the bit: integer, or IEEE operations
 * in a fixed order, nothing from libm.
 */
#ifndef MINNOW_BASE_RANDOM_H
#define MINNOW_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

enum random_purpose {
    RANDOM_INIT = 1,        /* a: layer, b: row of the weights (or UINT32_MAX: biases), c: column / 2 */
    RANDOM_SHUFFLE = 2,     /* a: epoch, b: 0, c: position / 4 */
    RANDOM_DIGITS = 3,      /* a: subset, b: sample, c: element */
    RANDOM_DISTORTION = 16, /* a: epoch, b: sample, c: 0 and 1 */
    RANDOM_FIELDS = 17,     /* a: epoch, b: field, c: element / 4 */
    RANDOM_NOISE = 18,      /* a: epoch, b: sample; elements as the kernels number them (operations.h) */
    RANDOM_MIXUP = 19,      /* a: epoch, b: first position of the mini-batch, c: draw */
    RANDOM_TUNING = 24,     /* a: set of options, b: option, c: number of the draw */
    RANDOM_SPLIT = 32,      /* a, b: 0, c: sample, or row of a table */
    RANDOM_PERMUTE = 48,    /* a: column of a table, b: time, c: position / 4 */
    RANDOM_DROPOUT = 64,    /* + layer of units, 0: the inputs; a, b and elements as of RANDOM_NOISE */
};

struct random_block {
    uint32_t word[4];
};

/* Key: seed. Counter: (c, b, a, purpose), least significant word first. */
struct random_block random_draw(uint64_t seed, enum random_purpose purpose, uint32_t a, uint32_t b,
                                uint32_t c);

/* A word as a number in [0, 1), in steps of 2^-32. */
static inline double random_unit(uint32_t word) {
    return word * 0x1p-32;
}

/* Two independent N(0, 1) draws from one block, by Box and Muller's transform. */
void random_normal_pair(struct random_block block, double normal[2]);

/* A row of draws: draw i is word i % words of the block that the counter (c + i / words, b, a, purpose) gives. */
struct random_sequence {
    uint64_t seed;
    enum random_purpose purpose;
    uint32_t a, b, c;
    uint32_t words; /* 1 to 4: how many of each block's words are used */
};

/* Fills order[count] with 0 … count - 1 in random order; draw i decides about element i, and draw 0 is not used.
   The choice among i + 1 places is off from uniform by less than count / 2^32. */
void random_shuffle(uint32_t *order, size_t count, const struct random_sequence *draws);

#endif
