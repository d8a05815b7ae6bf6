/* Samples held out of training: of each class its share, by a seed, and nothing else of a dataset changes. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/memory.h"
#include "data/dataset.h"
#include "data/split.h"

enum { SORTED = 1000, CLASSES = 10 };

/* Sorted by class, as folders of pictures are. Sample i has the features i / 256 and i % 256. */
static minnow_dataset *sorted_bytes(void) {
    static uint8_t pixels[2 * SORTED];
    static uint32_t labels[SORTED];
    minnow_dataset *dataset;
    for (unsigned i = 0; i < SORTED; i++) {
        pixels[2 * i] = (uint8_t)(i / 256);
        pixels[2 * i + 1] = (uint8_t)i;
        labels[i] = i * CLASSES / SORTED;
    }
    cr_assert_eq(minnow_dataset_from_bytes(pixels, labels, SORTED, 2, CLASSES, 1.0F, &dataset), MINNOW_OK);
    return dataset;
}

static size_t number_of(const minnow_dataset *dataset, size_t i) {
    return (size_t)dataset->bytes[2 * i] * 256 + dataset->bytes[2 * i + 1];
}

Test(split, holds_out_the_same_share_of_each_class) {
    for (uint64_t seed = 0; seed < 20; seed++) {
        minnow_dataset *dataset = sorted_bytes(), *held;
        size_t count[CLASSES] = {0}, seen[SORTED] = {0};
        cr_assert_eq(minnow_dataset_hold_out(dataset, 100, seed, &held), MINNOW_OK, "%s",
                     minnow_last_error());
        cr_assert_eq(minnow_dataset_count(held), 100);
        cr_assert_eq(minnow_dataset_count(dataset), SORTED - 100);
        for (size_t i = 0; i < 100; i++) {
            count[held->labels[i]]++;
            cr_assert_eq(held->labels[i], number_of(held, i) * CLASSES / SORTED);
            seen[number_of(held, i)]++;
        }
        for (size_t i = 0; i < SORTED - 100; i++) {
            cr_assert_eq(dataset->labels[i], number_of(dataset, i) * CLASSES / SORTED);
            cr_assert(i == 0 || number_of(dataset, i) > number_of(dataset, i - 1), "in their order");
            seen[number_of(dataset, i)]++;
        }
        for (size_t c = 0; c < CLASSES; c++)
            cr_assert_eq(count[c], 10, "class %zu has %zu", c, count[c]);
        for (size_t i = 0; i < SORTED; i++)
            cr_assert_eq(seen[i], 1);
        minnow_dataset_free(dataset);
        minnow_dataset_free(held);
    }
}

Test(split, follows_the_seed_alone) {
    minnow_dataset *first = sorted_bytes(), *again = sorted_bytes(), *other = sorted_bytes(), *held[3];
    cr_assert_eq(minnow_dataset_hold_out(first, 333, 7, &held[0]), MINNOW_OK);
    cr_assert_eq(minnow_dataset_hold_out(again, 333, 7, &held[1]), MINNOW_OK);
    cr_assert_eq(minnow_dataset_hold_out(other, 333, 8, &held[2]), MINNOW_OK);
    cr_assert_eq(dataset_crc32(held[0]), dataset_crc32(held[1]));
    cr_assert_neq(dataset_crc32(held[0]), dataset_crc32(held[2]));
    cr_assert_eq(dataset_crc32(held[0]), 0x43324f21U, "recorded: %08x", (unsigned)dataset_crc32(held[0]));
    for (int i = 0; i < 3; i++)
        minnow_dataset_free(held[i]);
    minnow_dataset_free(first);
    minnow_dataset_free(again);
    minnow_dataset_free(other);
}

Test(split, small_classes_keep_a_sample) {
    enum { COUNT = 5 };
    static const float values[COUNT] = {0, 1, 2, 3, 4};
    static const uint32_t labels[COUNT] = {0, 0, 0, 1, 2};
    for (uint64_t seed = 0; seed < 20; seed++) {
        minnow_dataset *dataset, *held;
        bool stays[3] = {false};
        cr_assert_eq(minnow_dataset_from_floats(values, labels, COUNT, 1, 3, &dataset), MINNOW_OK);
        cr_assert_eq(minnow_dataset_hold_out(dataset, 4, seed, &held), MINNOW_OK, "%s", minnow_last_error());
        for (size_t i = 0; i < dataset->count; i++)
            stays[dataset->labels[i]] = true;
        for (int c = 0; c < 3; c++)
            cr_assert(stays[c], "class %d is gone", c);
        cr_assert_eq(held->count + dataset->count, COUNT);
        minnow_dataset_free(dataset);
        minnow_dataset_free(held);
    }
}

Test(split, refuses_what_would_leave_a_class_without_samples) {
    static const float values[2] = {0, 1};
    static const uint32_t labels[2] = {0, 1};
    minnow_dataset *dataset, *held = (minnow_dataset *)&held;
    cr_assert_eq(minnow_dataset_from_floats(values, labels, 2, 1, 2, &dataset), MINNOW_OK);
    cr_assert_eq(minnow_dataset_hold_out(dataset, 1, 1, &held), MINNOW_ERROR_ARGUMENT);
    cr_assert_null(held);
    cr_assert_eq(minnow_dataset_count(dataset), 2);
    minnow_dataset_free(dataset);
}

/* Numbers to predict: each tenth of them, by size, gives about a tenth. */
Test(split, is_even_in_numbers) {
    enum { COUNT = 200 };
    static float values[COUNT], targets[COUNT];
    static uint32_t labels[COUNT];
    minnow_dataset *dataset, *held;
    size_t small = 0;
    for (size_t i = 0; i < COUNT; i++)
        values[i] = targets[i] = (float)(i * 37 % COUNT);
    cr_assert_eq(minnow_dataset_from_floats(values, labels, COUNT, 1, 1, &dataset), MINNOW_OK);
    cr_assert_eq(minnow_dataset_set_targets(dataset, targets, 1), MINNOW_OK);
    cr_assert_eq(minnow_dataset_hold_out(dataset, 20, 3, &held), MINNOW_OK);
    for (size_t i = 0; i < 20; i++) {
        cr_assert_eq(held->targets[i], held->values[i]);
        small += held->targets[i] < COUNT / 2;
    }
    for (size_t i = 0; i < COUNT - 20; i++)
        cr_assert_eq(dataset->targets[i], dataset->values[i]);
    cr_assert_eq(small, 10);
    minnow_dataset_free(dataset);
    minnow_dataset_free(held);
}

/* Each k-th rank is a fold, and folds are as even as shares are. */
Test(split, ranks_make_folds) {
    enum { FOLDS = 5 };
    minnow_dataset *dataset = sorted_bytes();
    const struct split split = {.count = SORTED, .labels = dataset->labels, .classes = CLASSES, .seed = 9};
    static uint32_t order[SORTED];
    size_t count[FOLDS][CLASSES] = {{0}};
    cr_assert_eq(split_rank(&split, order), MINNOW_OK);
    for (size_t i = 0; i < SORTED; i++)
        count[i % FOLDS][dataset->labels[order[i]]]++;
    for (size_t f = 0; f < FOLDS; f++)
        for (size_t c = 0; c < CLASSES; c++)
            cr_assert_eq(count[f][c], SORTED / FOLDS / CLASSES);
    minnow_dataset_free(dataset);
}

Test(split, keeps_lists) {
    minnow_dataset *dataset = dataset_new(), *held;
    *dataset =
        (minnow_dataset){.count = 3, .features = 100, .classes = 1, .source = memory_copy_string("lists")};
    dataset->labels = memory_allocate(3, sizeof *dataset->labels);
    dataset->sparse = (struct sparse_features){
        .start = memory_allocate(4, sizeof(uint32_t)),
        .index = memory_allocate(4, sizeof(uint32_t)),
        .value = memory_allocate(4, sizeof(float)),
    };
    memcpy(dataset->sparse.start, (uint32_t[]){0, 1, 3, 4}, 4 * sizeof(uint32_t));
    memcpy(dataset->sparse.index, (uint32_t[]){5, 6, 7, 99}, 4 * sizeof(uint32_t));
    memcpy(dataset->sparse.value, (float[]){1, 2, 3, 4}, 4 * sizeof(float));
    const bool middle[] = {false, true, false};

    cr_assert_eq(dataset_move(dataset, middle, &held), MINNOW_OK);
    cr_assert_eq(held->count, 1);
    cr_assert_eq(held->features, 100);
    cr_assert_arr_eq(held->sparse.start, ((uint32_t[]){0, 2}), 2 * sizeof(uint32_t));
    cr_assert_arr_eq(held->sparse.index, ((uint32_t[]){6, 7}), 2 * sizeof(uint32_t));
    cr_assert_arr_eq(held->sparse.value, ((float[]){2, 3}), 2 * sizeof(float));
    cr_assert_eq(dataset->count, 2);
    cr_assert_arr_eq(dataset->sparse.start, ((uint32_t[]){0, 1, 2}), 3 * sizeof(uint32_t));
    cr_assert_arr_eq(dataset->sparse.index, ((uint32_t[]){5, 99}), 2 * sizeof(uint32_t));
    cr_assert_arr_eq(dataset->sparse.value, ((float[]){1, 4}), 2 * sizeof(float));
    minnow_dataset_free(dataset);
    minnow_dataset_free(held);
}

/* ---- Data of their own ---- */

static char **names(const char *const *from, size_t count) {
    char **copy = calloc(count, sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = memory_copy_string(from[i]);
    return copy;
}

Test(match, finds_classes_by_their_names) {
    static const float values[3] = {0, 1, 2};
    minnow_dataset *train, *other;
    cr_assert_eq(minnow_dataset_from_floats(values, (uint32_t[]){0, 1, 2}, 3, 1, 3, &train), MINNOW_OK);
    cr_assert_eq(minnow_dataset_from_floats(values, (uint32_t[]){0, 1, 0}, 3, 1, 2, &other), MINNOW_OK);
    train->class_names = names((const char *const[]){"cat", "cow", "dog"}, 3);
    other->class_names = names((const char *const[]){"cow", "dog"}, 2);
    cr_assert_eq(dataset_match(other, train), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_arr_eq(other->labels, ((uint32_t[]){1, 2, 1}), 3 * sizeof(uint32_t));
    cr_assert_eq(other->classes, 3);
    minnow_dataset_free(train);
    minnow_dataset_free(other);
}

Test(match, refuses_what_training_never_saw) {
    static const float values[4] = {0, 1, 2, 3};
    minnow_dataset *train, *wide, *other;
    cr_assert_eq(minnow_dataset_from_floats(values, (uint32_t[]){0, 1}, 2, 1, 2, &train), MINNOW_OK);
    cr_assert_eq(minnow_dataset_from_floats(values, (uint32_t[]){0, 2}, 2, 1, 3, &other), MINNOW_OK);
    cr_assert_eq(minnow_dataset_from_floats(values, (uint32_t[]){0, 1}, 2, 2, 2, &wide), MINNOW_OK);
    cr_assert_eq(dataset_match(other, train), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "item 1 is of class 2, which"), "%s", minnow_last_error());
    cr_assert_eq(dataset_match(wide, train), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "have 2 values"), "%s", minnow_last_error());
    minnow_dataset_free(train);
    minnow_dataset_free(other);
    minnow_dataset_free(wide);
}

/* Labels from 1, in training data that showed no 0. */
Test(match, lowers_labels) {
    static const float values[2] = {0, 1};
    minnow_dataset *train, *other, *zero;
    cr_assert_eq(minnow_dataset_from_floats(values, (uint32_t[]){0, 1}, 2, 1, 2, &train), MINNOW_OK);
    train->from_one = true;
    cr_assert_eq(minnow_dataset_from_floats(values, (uint32_t[]){2, 1}, 2, 1, 3, &other), MINNOW_OK);
    cr_assert_eq(minnow_dataset_from_floats(values, (uint32_t[]){0, 1}, 2, 1, 3, &zero), MINNOW_OK);
    cr_assert_eq(dataset_match(other, train), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_arr_eq(other->labels, ((uint32_t[]){1, 0}), 2 * sizeof(uint32_t));
    cr_assert_eq(dataset_match(zero, train), MINNOW_ERROR_INPUT);
    minnow_dataset_free(train);
    minnow_dataset_free(other);
    minnow_dataset_free(zero);
}
