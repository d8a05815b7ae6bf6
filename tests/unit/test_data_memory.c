/* Datasets from memory, and split. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "data/dataset.h"

static const uint8_t PIXELS[] = {1, 2, 3, 4, 5, 6, 7, 8};
static const uint32_t LABELS[] = {3, 0, 2, 1};

static minnow_dataset *four_of_bytes(void) {
    minnow_dataset *dataset;
    cr_assert_eq(minnow_dataset_from_bytes(PIXELS, LABELS, 4, 2, 4, 0.5F, &dataset), MINNOW_OK, "%s",
                 minnow_last_error());
    return dataset;
}

Test(dataset, from_bytes) {
    minnow_dataset *dataset = four_of_bytes();
    cr_assert_eq(minnow_dataset_count(dataset), 4);
    cr_assert_eq(minnow_dataset_features(dataset), 2);
    cr_assert_eq(minnow_dataset_classes(dataset), 4);
    cr_assert_eq(dataset->scale, 0.5F);
    cr_assert_null(dataset->values);
    cr_assert_neq(dataset->bytes, PIXELS);
    cr_assert_arr_eq(dataset->bytes, PIXELS, sizeof PIXELS);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(minnow_dataset_label(dataset, i), LABELS[i]);
    minnow_dataset_free(dataset);
}

Test(dataset, from_floats) {
    const float values[] = {0.5F, -1.0F, 1e30F, -0.0F, 2.0F, 3.0F};
    minnow_dataset *dataset;
    cr_assert_eq(minnow_dataset_from_floats(values, LABELS, 2, 3, 4, &dataset), MINNOW_OK);
    cr_assert_null(dataset->bytes);
    cr_assert_arr_eq(dataset->values, values, sizeof values);
    minnow_dataset_free(dataset);
}

/* What is borrowed is read where it lies, and never freed: it is not from malloc here. */
Test(dataset, borrows) {
    static const float values[] = {0.5F, -1.0F, 1e30F, -0.0F, 2.0F, 3.0F};
    minnow_dataset *bytes, *floats;
    cr_assert_eq(minnow_dataset_borrow_bytes(PIXELS, LABELS, 4, 2, 4, 0.5F, &bytes), MINNOW_OK);
    cr_assert_eq(minnow_dataset_borrow_floats(values, LABELS, 2, 3, 4, &floats), MINNOW_OK);
    cr_expect_eq((const void *)bytes->bytes, (const void *)PIXELS);
    cr_expect_eq((const void *)floats->values, (const void *)values);
    cr_expect_eq(bytes->scale, 0.5F);
    cr_expect_neq((const void *)bytes->labels, (const void *)LABELS);
    minnow_dataset_free(bytes);
    minnow_dataset_free(floats);
}

/* Samples that are moved, exchanged or left out are so in a copy: the pages of constants would refuse to be written. */
Test(dataset, changes_a_copy_of_what_is_borrowed) {
    static const float values[] = {1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F, 7.0F, 8.0F};
    const bool all_but_the_first[] = {false, true, true, true};
    minnow_dataset *dataset, *tail;
    cr_assert_eq(minnow_dataset_borrow_floats(values, LABELS, 4, 2, 4, &dataset), MINNOW_OK);
    cr_assert_eq(minnow_dataset_split(dataset, 1, &tail), MINNOW_OK);
    cr_expect_eq((const void *)dataset->values, (const void *)values);
    minnow_dataset_free(tail);
    cr_assert_eq(minnow_dataset_set_image_size(dataset, 2, 1), MINNOW_OK);
    cr_assert_eq(dataset_transpose(dataset), MINNOW_OK);
    cr_expect_neq((const void *)dataset->values, (const void *)values);
    minnow_dataset_free(dataset);

    cr_assert_eq(minnow_dataset_borrow_bytes(PIXELS, LABELS, 4, 2, 4, 1.0F, &dataset), MINNOW_OK);
    cr_assert_eq(dataset_keep(dataset, all_but_the_first), MINNOW_OK);
    cr_assert_arr_eq(dataset->bytes, PIXELS + 2, 6);
    minnow_dataset_free(dataset);
}

Test(dataset, gives_samples_as_networks_take_them) {
    const float values[] = {0.5F, -1.0F, 1e30F, -0.0F, 2.0F, 3.0F}, halves[] = {2.5F, 3.0F};
    float features[3];
    minnow_dataset *bytes = four_of_bytes(), *floats;
    cr_assert_eq(minnow_dataset_sample(bytes, 2, features), MINNOW_OK);
    cr_assert_arr_eq(features, halves, sizeof halves);

    cr_assert_eq(minnow_dataset_from_floats(values, LABELS, 2, 3, 4, &floats), MINNOW_OK);
    cr_assert_eq(minnow_dataset_sample(floats, 1, features), MINNOW_OK);
    cr_assert_arr_eq(features, values + 3, sizeof features);
    minnow_dataset_free(bytes);
    minnow_dataset_free(floats);
}

static void refuse_bytes(size_t count, size_t features, size_t classes, float scale, const char *why) {
    minnow_dataset *dataset = (minnow_dataset *)&dataset;
    cr_assert_eq(minnow_dataset_from_bytes(PIXELS, LABELS, count, features, classes, scale, &dataset),
                 MINNOW_ERROR_ARGUMENT);
    cr_assert_null(dataset);
    cr_assert_not_null(strstr(minnow_last_error(), why), "%s", minnow_last_error());
}

Test(dataset, refused_bytes) {
    refuse_bytes(0, 2, 4, 1.0F, "count 0");
    refuse_bytes(((size_t)1 << 31) + 1, 2, 4, 1.0F, "count 2147483649");
    refuse_bytes(4, 0, 4, 1.0F, "0 features");
    refuse_bytes(4, 65537, 4, 1.0F, "65537 features");
    refuse_bytes(4, 2, 0, 1.0F, "0 classes");
    refuse_bytes(4, 2, 65537, 1.0F, "65537 classes");
    refuse_bytes(4, 2, 3, 1.0F, "label 3 at item 0, expected 0 to 2");
    refuse_bytes(4, 2, 4, NAN, "scale");
    refuse_bytes(4, 2, 4, INFINITY, "scale");
}

Test(dataset, refused_floats) {
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++) {
        const float values[] = {0.0F, 1.0F, 2.0F, bad[i]};
        minnow_dataset *dataset;
        cr_assert_eq(minnow_dataset_from_floats(values, LABELS, 2, 2, 4, &dataset), MINNOW_ERROR_ARGUMENT);
        cr_assert_null(dataset);
        cr_assert_not_null(strstr(minnow_last_error(), "feature 1 of item 1"), "%s", minnow_last_error());
    }
}

/* Values are looked at in blocks: in the first, at its end, in the last one, which is shorter. */
Test(dataset, finds_what_is_not_finite_wherever_it_is) {
    enum { FEATURES = 9, COUNT = 1000 };
    static const size_t places[] = {0, 4095, 4096, COUNT * FEATURES - 1};
    static float values[COUNT * FEATURES];
    static uint32_t labels[COUNT];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char where[64];
        snprintf(where, sizeof where, "feature %zu of item %zu", places[i] % FEATURES, places[i] / FEATURES);
        values[places[i]] = -INFINITY;
        minnow_dataset *dataset;
        cr_assert_eq(minnow_dataset_borrow_floats(values, labels, COUNT, FEATURES, 1, &dataset),
                     MINNOW_ERROR_ARGUMENT);
        cr_assert_not_null(strstr(minnow_last_error(), where), "%s", minnow_last_error());
        values[places[i]] = 3e38F;
    }
}

Test(dataset, split) {
    minnow_dataset *dataset = four_of_bytes(), *tail;
    dataset->height = 1;
    dataset->width = 2;
    cr_assert_eq(minnow_dataset_split(dataset, 3, &tail), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(minnow_dataset_count(dataset), 1);
    cr_assert_eq(minnow_dataset_label(dataset, 0), 3);
    cr_assert_arr_eq(dataset->bytes, PIXELS, 2);
    minnow_dataset_free(dataset); /* independent */
    cr_assert_eq(minnow_dataset_count(tail), 3);
    cr_assert_eq(minnow_dataset_classes(tail), 4);
    cr_assert_eq(tail->scale, 0.5F);
    cr_assert_eq(tail->width, 2);
    cr_assert_str_eq(tail->source, "memory");
    cr_assert_arr_eq(tail->bytes, PIXELS + 2, 6);
    cr_assert_arr_eq(tail->labels, LABELS + 1, 3 * sizeof *LABELS);
    minnow_dataset_free(tail);
}

Test(dataset, split_of_floats) {
    const float values[] = {1.0F, 2.0F, 3.0F};
    minnow_dataset *dataset, *tail;
    cr_assert_eq(minnow_dataset_from_floats(values, LABELS, 3, 1, 4, &dataset), MINNOW_OK);
    cr_assert_eq(minnow_dataset_split(dataset, 1, &tail), MINNOW_OK);
    cr_assert_eq(tail->values[0], 3.0F);
    cr_assert_eq(dataset->count, 2);
    minnow_dataset_free(dataset);
    minnow_dataset_free(tail);
}

Test(dataset, refused_splits) {
    minnow_dataset *dataset = four_of_bytes(), *tail = dataset;
    const size_t bad[] = {0, 4, 5, SIZE_MAX};
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(minnow_dataset_split(dataset, bad[i], &tail), MINNOW_ERROR_ARGUMENT, "%zu", bad[i]);
        cr_assert_null(tail);
        cr_assert_eq(minnow_dataset_count(dataset), 4);
    }
    minnow_dataset_free(dataset);
    minnow_dataset_free(NULL);
}
