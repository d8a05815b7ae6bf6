/* The built-in digits: the same images everywhere, like handwriting in what can be counted. */
#include <criterion/criterion.h>
#include <libdeflate.h>
#include "data/dataset.h"
#ifdef _OPENMP
#include <omp.h>
#endif

enum { PIXELS = 784 };

static minnow_dataset *draw(minnow_subset subset, size_t count, uint64_t seed) {
    minnow_dataset *dataset;
    cr_assert_eq(minnow_dataset_digits(subset, count, seed, &dataset), MINNOW_OK, "%s", minnow_last_error());
    return dataset;
}

static uint32_t crc_of_images(const minnow_dataset *dataset) {
    return libdeflate_crc32(0, dataset->bytes, dataset->count * PIXELS);
}

/* Labels as bytes, whatever the byte order. */
static uint32_t crc_of_labels(const minnow_dataset *dataset) {
    uint32_t crc = 0;
    for (size_t i = 0; i < dataset->count; i++) {
        uint8_t label = (uint8_t)minnow_dataset_label(dataset, i);
        crc = libdeflate_crc32(crc, &label, 1);
    }
    return crc;
}

Test(digits, shape) {
    minnow_dataset *dataset = draw(MINNOW_SUBSET_TRAIN, 7, 42);
    cr_assert_eq(minnow_dataset_count(dataset), 7);
    cr_assert_eq(minnow_dataset_features(dataset), PIXELS);
    cr_assert_eq(minnow_dataset_classes(dataset), 10);
    cr_assert_eq(dataset->height, 28);
    cr_assert_eq(dataset->width, 28);
    cr_assert_eq(dataset->scale, 0x1p-8F);
    cr_assert_str_eq(dataset->source, "built-in digits, seed 42");
    minnow_dataset_free(dataset);
}

/* Recorded; x86-64 and aarch64, gcc and clang, with and without optimisation gave these. Whoever changes the
   generator on purpose records the new ones, and says that networks trained on the digits change with them. */
Test(digits, recorded_images) {
    static const uint32_t images[2] = {0x06a23bd2, 0xc5ee6aa4}, labels[2] = {0x6b6e4002, 0xce62cae6};
    for (int subset = 0; subset < 2; subset++) {
        minnow_dataset *dataset = draw((minnow_subset)subset, 1000, 1);
        cr_assert_eq(crc_of_images(dataset), images[subset], "subset %d: %08x", subset,
                     crc_of_images(dataset));
        cr_assert_eq(crc_of_labels(dataset), labels[subset], "subset %d: %08x", subset,
                     crc_of_labels(dataset));
        minnow_dataset_free(dataset);
    }
}

Test(digits, independent_of_threads_and_count) {
    minnow_dataset *all = draw(MINNOW_SUBSET_TRAIN, 1000, 5);
#ifdef _OPENMP
    for (int threads = 1; threads <= 7; threads += 2) {
        omp_set_num_threads(threads);
        minnow_dataset *again = draw(MINNOW_SUBSET_TRAIN, 1000, 5);
        cr_assert_arr_eq(again->bytes, all->bytes, 1000 * PIXELS, "%d threads", threads);
        minnow_dataset_free(again);
    }
#endif
    minnow_dataset *some = draw(MINNOW_SUBSET_TRAIN, 123, 5);
    cr_assert_arr_eq(some->bytes, all->bytes, 123 * PIXELS);
    cr_assert_arr_eq(some->labels, all->labels, 123 * sizeof *all->labels);
    minnow_dataset_free(some);
    minnow_dataset_free(all);
}

Test(digits, seeds_and_subsets_differ) {
    minnow_dataset *a = draw(MINNOW_SUBSET_TRAIN, 100, 1), *b = draw(MINNOW_SUBSET_TRAIN, 100, 2),
                   *c = draw(MINNOW_SUBSET_TEST, 100, 1);
    cr_assert_neq(crc_of_images(a), crc_of_images(b));
    cr_assert_neq(crc_of_images(a), crc_of_images(c));
    cr_assert_neq(crc_of_labels(a), crc_of_labels(b));
    cr_assert_neq(crc_of_labels(a), crc_of_labels(c));
    minnow_dataset_free(a);
    minnow_dataset_free(b);
    minnow_dataset_free(c);
}

Test(digits, labels_balanced_and_in_no_order) {
    minnow_dataset *dataset = draw(MINNOW_SUBSET_TEST, 10000, 3);
    size_t counts[10] = {0}, followed_by_next = 0;
    for (size_t i = 0; i < 10000; i++) {
        counts[minnow_dataset_label(dataset, i)]++;
        if (i > 0 && minnow_dataset_label(dataset, i) == (minnow_dataset_label(dataset, i - 1) + 1) % 10)
            followed_by_next++;
    }
    for (size_t digit = 0; digit < 10; digit++)
        cr_assert_eq(counts[digit], 1000);
    /* A tenth in a random order; groups of ten different digits make it slightly more. */
    cr_assert(followed_by_next > 900 && followed_by_next < 1300, "%zu", followed_by_next);
    minnow_dataset_free(dataset);
}

/* Like scanned handwriting: about a fifth of the pixels have ink, most of it dark, none at the corners; the
   ink's centre is near the image's; no two images are alike. */
Test(digits, ink) {
    minnow_dataset *dataset = draw(MINNOW_SUBSET_TRAIN, 2000, 9);
    size_t inked = 0, dark = 0, corners = 0;
    double mass = 0, x = 0, y = 0;
    for (size_t i = 0; i < 2000 * PIXELS; i++) {
        size_t row = i % PIXELS / 28, column = i % 28;
        uint8_t ink = dataset->bytes[i];
        inked += ink > 0;
        dark += ink >= 192;
        corners += ink > 0 && (row < 2 || row > 25) && (column < 2 || column > 25);
        mass += ink;
        x += ink * (column + 0.5);
        y += ink * (row + 0.5);
    }
    double share = (double)inked / (2000.0 * PIXELS);
    cr_assert(share > 0.15 && share < 0.23, "%f", share);
    cr_assert(dark > inked / 3, "%zu of %zu", dark, inked);
    cr_assert_lt(corners, 20);
    cr_assert(x / mass > 13.7 && x / mass < 14.3 && y / mass > 13.7 && y / mass < 14.3, "%f %f", x / mass,
              y / mass);
    for (size_t i = 1; i < 2000; i++)
        cr_assert_neq(memcmp(dataset->bytes + i * PIXELS, dataset->bytes + (i - 1) * PIXELS, PIXELS), 0);
    minnow_dataset_free(dataset);
}

/* A network is not needed to see that the digits are told apart: the mean image of each digit alone
 * recognises most. */
Test(digits, recognised_by_mean_images) {
    minnow_dataset *train = draw(MINNOW_SUBSET_TRAIN, 5000, 1), *test = draw(MINNOW_SUBSET_TEST, 1000, 1);
    static double mean[10][PIXELS];
    size_t correct = 0;
    for (size_t i = 0; i < 5000; i++)
        for (size_t j = 0; j < PIXELS; j++)
            mean[train->labels[i]][j] += train->bytes[i * PIXELS + j] / 500.0;
    for (size_t i = 0; i < 1000; i++) {
        double least = 1e300;
        uint32_t nearest = 0;
        for (uint32_t digit = 0; digit < 10; digit++) {
            double distance = 0;
            for (size_t j = 0; j < PIXELS; j++) {
                double difference = test->bytes[i * PIXELS + j] - mean[digit][j];
                distance += difference * difference;
            }
            if (distance < least) {
                least = distance;
                nearest = digit;
            }
        }
        correct += nearest == test->labels[i];
    }
    cr_assert_gt(correct, 500, "%zu of 1000", correct);
    minnow_dataset_free(train);
    minnow_dataset_free(test);
}

Test(digits, refused) {
    minnow_dataset *dataset = (minnow_dataset *)&dataset;
    cr_assert_eq(minnow_dataset_digits(MINNOW_SUBSET_TRAIN, 0, 1, &dataset), MINNOW_ERROR_ARGUMENT);
    cr_assert_null(dataset);
    cr_assert_eq(minnow_dataset_digits((minnow_subset)2, 10, 1, &dataset), MINNOW_ERROR_ARGUMENT);
    cr_assert_eq(minnow_dataset_digits(MINNOW_SUBSET_TRAIN, SIZE_MAX, 1, &dataset), MINNOW_ERROR_ARGUMENT);
}
