/* The index of nonzero features, against looking at each. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "data/preprocessing/nonzeros.h"

enum { COUNT = 330, FEATURES = 24 };

/* Blank samples where threads meet (multiples of 64) and at the end, single nonzeros at the edges, the rest
 * anyhow. */
static uint8_t pixel(size_t sample, size_t feature) {
    if (sample % 64 >= 62 || sample % 64 == 1 || sample + 3 > COUNT)
        return 0;
    if (sample % 64 == 61) /* the last of a thread's that is not blank, with zeros behind in the same word */
        return feature == 16 ? 9 : 0;
    if (sample % 10 == 0)
        return feature == (sample / 10 % 2) * (FEATURES - 1) ? 200 : 0;
    uint32_t word = (uint32_t)(sample * FEATURES + feature) * 2654435761u;
    return word >> 30 == 0 ? (uint8_t)(word >> 8) : 0;
}

static minnow_dataset *make_dataset(bool bytes) {
    static uint8_t pixels[COUNT * FEATURES];
    static float values[COUNT * FEATURES];
    static uint32_t labels[COUNT];
    for (size_t i = 0; i < COUNT * FEATURES; i++) {
        pixels[i] = pixel(i / FEATURES, i % FEATURES);
        values[i] = (float)pixels[i];
    }
    minnow_dataset *dataset;
    cr_assert_eq(bytes ? minnow_dataset_from_bytes(pixels, labels, COUNT, FEATURES, 1, 1.0f, &dataset)
                       : minnow_dataset_from_floats(values, labels, COUNT, FEATURES, 1, &dataset),
                 MINNOW_OK);
    return dataset;
}

static void check(const struct nonzeros *found, bool bytes) {
    size_t at = 0, longest = 0;
    for (size_t s = 0; s < COUNT; s++) {
        cr_assert_eq(found->start[s], at, "sample %zu starts at %zu, expected %zu", s, found->start[s], at);
        for (size_t f = 0; f < FEATURES; f++) {
            if (pixel(s, f) == 0)
                continue;
            cr_assert_eq(found->index[at], f, "sample %zu: feature %u, expected %zu", s, found->index[at], f);
            cr_assert(!bytes || found->byte[at] == pixel(s, f), "sample %zu, feature %zu", s, f);
            at++;
        }
        longest = at - found->start[s] > longest ? at - found->start[s] : longest;
    }
    cr_assert_eq(found->start[COUNT], at);
    cr_assert_eq(found->longest, longest);
    cr_assert_eq(found->byte != NULL, bytes);
}

Test(nonzeros, are_all_listed_in_order) {
    for (int bytes = 0; bytes < 2; bytes++) {
        minnow_dataset *dataset = make_dataset(bytes);
        for (int run = 0; run < 200; run++) { /* threads meet in many ways */
            struct nonzeros found;
            cr_assert_eq(nonzeros_index(dataset, 1 + (unsigned)run % 6, &found), MINNOW_OK);
            check(&found, bytes);
            nonzeros_free(&found);
        }
        minnow_dataset_free(dataset);
    }
}

/* ---- Bytes that change, as those of a mapped file can ---- */

static atomic_bool over;

static void *change(void *context) {
    minnow_dataset *dataset = context;
    volatile uint8_t *bytes = dataset->bytes;
    for (uint8_t value = 1; !atomic_load(&over); value = !value)
        for (size_t i = 0; i < COUNT * FEATURES; i++)
            bytes[i] = value;
    return NULL;
}

Test(nonzeros, lists_stay_within_bounds_when_bytes_change) {
    enum { RUNS = 50000, ENOUGH = 5000 }; /* of them, in which the two threads were at it together */
    minnow_dataset *dataset = make_dataset(true);
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, change, dataset), 0);
    size_t met = 0;
    for (int run = 0; run < RUNS && met < ENOUGH; run++) {
        struct nonzeros found;
        cr_assert_eq(nonzeros_index(dataset, 1, &found), MINNOW_OK);
        size_t total = found.start[COUNT];
        for (size_t s = 0; s < COUNT; s++)
            for (size_t i = found.start[s]; i < found.start[s + 1]; i++) {
                cr_assert_lt(found.index[i], FEATURES);
                if (i > found.start[s])
                    cr_assert_gt(found.index[i], found.index[i - 1]);
            }
        met += total > 0 && total < COUNT * FEATURES;
        nonzeros_free(&found);
    }
    atomic_store(&over, true);
    pthread_join(thread, NULL);
    minnow_dataset_free(dataset);
}

Test(nonzeros, density_is_their_share) {
    for (int bytes = 0; bytes < 2; bytes++) {
        minnow_dataset *dataset = make_dataset(bytes);
        uint32_t nonzeros[FEATURES];
        size_t total = 0;
        cr_assert_eq(nonzeros_by_feature(dataset, nonzeros), COUNT, "so few samples are all looked at");
        for (size_t f = 0; f < FEATURES; f++) {
            uint32_t expected = 0;
            for (size_t s = 0; s < COUNT; s++)
                expected += pixel(s, f) != 0;
            cr_expect_eq(nonzeros[f], expected, "feature %zu", f);
            total += expected;
        }
        cr_expect_float_eq(nonzeros_density(dataset), (double)total / (COUNT * FEATURES), 1e-12);
        minnow_dataset_free(dataset);
    }
}
