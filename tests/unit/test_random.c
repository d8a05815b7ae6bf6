/* Random draws: the known answers that come with Random123, normal numbers, and shuffles. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/random.h"

static void expect_draw(const uint32_t counter[4], const uint32_t key[2], const uint32_t expected[4]) {
    uint64_t seed = (uint64_t)key[1] << 32 | key[0];
    struct random_block block =
        random_draw(seed, (enum random_purpose)counter[3], counter[2], counter[1], counter[0]);
    cr_assert_arr_eq(block.word, expected, sizeof block.word);
}

Test(random, philox_gives_the_known_answers) {
    expect_draw((uint32_t[]){0, 0, 0, 0}, (uint32_t[]){0, 0},
                (uint32_t[]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    expect_draw((uint32_t[]){UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX},
                (uint32_t[]){UINT32_MAX, UINT32_MAX},
                (uint32_t[]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    expect_draw((uint32_t[]){0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                (uint32_t[]){0xa4093822, 0x299f31d0},
                (uint32_t[]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

/* Mean, variance, fourth moment and correlation of a million draws, each within five standard errors. */
Test(random, normal_draws_are_normal) {
    enum { PAIRS = 500000 };
    double sum = 0, squares = 0, fourths = 0, products = 0;
    for (uint32_t i = 0; i < PAIRS; i++) {
        double pair[2];
        random_normal_pair(random_draw(3, RANDOM_INIT, 0, 0, i), pair);
        for (int j = 0; j < 2; j++) {
            sum += pair[j];
            squares += pair[j] * pair[j];
            fourths += pair[j] * pair[j] * pair[j] * pair[j];
        }
        products += pair[0] * pair[1];
    }
    double n = 2.0 * PAIRS;
    cr_assert_lt(fabs(sum / n), 5 * sqrt(1 / n));
    cr_assert_lt(fabs(squares / n - 1), 5 * sqrt(2 / n));
    cr_assert_lt(fabs(fourths / n - 3), 5 * sqrt(96 / n));
    cr_assert_lt(fabs(products / PAIRS), 5 * sqrt(1.0 / PAIRS));
}

Test(random, the_rarest_draws_are_finite) {
    static const uint32_t edge[] = {0, 1, 0x3fffffff, 0x40000000, 0x80000000, 0xfffffffe, UINT32_MAX};
    for (size_t a = 0; a < 7; a++)
        for (size_t b = 0; b < 7; b++) {
            double pair[2];
            random_normal_pair((struct random_block){{edge[a], edge[b], 0, 0}}, pair);
            cr_assert(isfinite(pair[0]) && isfinite(pair[1]));
            cr_assert_lt(fabs(pair[0]), 6.7);
            double radius = sqrt(-2 * log(1.0 - edge[a] * 0x1p-32)), turn = edge[b] * 0x1p-32;
            cr_assert_float_eq(pair[0], radius * cos(2 * M_PI * turn), 1e-14);
            cr_assert_float_eq(pair[1], radius * sin(2 * M_PI * turn), 1e-14);
        }
    cr_assert_eq(random_unit(0), 0.0);
    cr_assert_lt(random_unit(UINT32_MAX), 1.0);
}

/* ---- Shuffles ---- */

/* Every order has its place in a training run or in the built-in digits: these were recorded from the two
   functions that random_shuffle replaced. */
Test(random, shuffles_give_the_recorded_orders) {
    static const uint32_t first_epoch[10] = {4, 8, 9, 0, 2, 3, 1, 5, 7, 6};
    uint32_t order[1000];
    random_shuffle(order, 10, &(struct random_sequence){.seed = 1, .purpose = RANDOM_SHUFFLE, .words = 4});
    cr_assert_arr_eq(order, first_epoch, sizeof first_epoch);

    random_shuffle(order, 1000,
                   &(struct random_sequence){.seed = 7, .purpose = RANDOM_SHUFFLE, .a = 3, .words = 4});
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < 1000; i++)
        hash = (hash ^ order[i]) * 1099511628211u;
    cr_assert_eq(hash, 0x8f848e4a5608e597u, "0x%016llx", (unsigned long long)hash);

    /* The digits take the inverse. */
    static const uint32_t digits[10] = {3, 1, 2, 4, 0, 5, 6, 7, 9, 8};
    random_shuffle(
        order, 10,
        &(struct random_sequence){.seed = 1, .purpose = RANDOM_DIGITS, .b = 5, .c = 1 << 17, .words = 1});
    for (uint32_t i = 0; i < 10; i++)
        cr_assert_eq(digits[order[i]], i);
}

Test(random, shuffles_of_every_size_hold_each_number_once) {
    for (uint32_t words = 1; words <= 4; words++)
        for (size_t count = 0; count <= 40; count++) {
            uint32_t order[41];
            bool seen[41] = {false};
            order[count] = 12345;
            random_shuffle(order, count, &(struct random_sequence){.seed = count, .words = words});
            for (size_t i = 0; i < count; i++) {
                cr_assert_lt(order[i], count);
                cr_assert(!seen[order[i]], "%u words, %zu numbers: %u is there twice", words, count,
                          order[i]);
                seen[order[i]] = true;
            }
            cr_assert_eq(order[count], 12345, "written beyond the end");
        }
}
