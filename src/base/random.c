#include "base/random.h"

#include <math.h>

#include "base/exact_math.h"

struct random_block random_draw(uint64_t seed, enum random_purpose purpose, uint32_t a, uint32_t b,
                                uint32_t c) {
    uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
    uint32_t x0 = c, x1 = b, x2 = a, x3 = (uint32_t)purpose;
    for (int round = 0; round < 10; round++) {
        uint64_t product0 = (uint64_t)0xd2511f53u * x0, product1 = (uint64_t)0xcd9e8d57u * x2;
        x0 = (uint32_t)(product1 >> 32) ^ x1 ^ key0;
        x1 = (uint32_t)product1;
        x2 = (uint32_t)(product0 >> 32) ^ x3 ^ key1;
        x3 = (uint32_t)product0;
        key0 += 0x9e3779b9u;
        key1 += 0xbb67ae85u;
    }
    return (struct random_block){{x0, x1, x2, x3}};
}

void random_normal_pair(struct random_block block, double normal[2]) {
    /* 1 - u lies in (0, 1], so that the logarithm is finite. */
    double radius = sqrt(-2.0 * exact_log(1.0 - random_unit(block.word[0])));
    double turn = random_unit(block.word[1]);
    normal[0] = radius * exact_cos_turn(turn);
    normal[1] = radius * exact_sin_turn(turn);
}

/* Fisher and Yates's shuffle (Knuth, TAOCP 2, algorithm P), from the first element to the last. */
void random_shuffle(uint32_t *order, size_t count, const struct random_sequence *draws) {
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;

    /* Counted along rather than divided: i / words and i % words would take as long as the draws. */
    uint32_t c = draws->c, word = 0;
    struct random_block block = random_draw(draws->seed, draws->purpose, draws->a, draws->b, c);
    for (size_t i = 1; i < count; i++) {
        if (++word == draws->words) {
            word = 0;
            block = random_draw(draws->seed, draws->purpose, draws->a, draws->b, ++c);
        }

        size_t j = (size_t)(((uint64_t)block.word[word] * (i + 1)) >> 32); /* 0 to i */
        uint32_t swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
}
