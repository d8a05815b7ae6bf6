/* What a report measures, against figures worked out by hand. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "cli/report/measure.h"

static void near(double found, double expected, const char *what) {
    cr_assert(fabs(found - expected) < 1e-12, "%s is %.17g, not %.17g", what, found, expected);
}

Test(report, calibration) {
    struct calibration none = {0}, c = {0};
    cr_assert(isnan(calibration_error(&none)));
    calibration_add(&c, 0.95, true);
    calibration_add(&c, 0.91, false);
    calibration_add(&c, 0.55, true);
    calibration_add(&c, 1.0, true);
    cr_assert(c.count[9] == 3 && c.right[9] == 2 && c.count[5] == 1 && c.total == 4);
    /* |2 - 2.86| and |1 - 0.55|, over four samples */
    near(calibration_error(&c), (0.86 + 0.45) / 4, "the error");

    struct calibration odd = {0};
    calibration_add(&odd, NAN, false);
    calibration_add(&odd, -3, false);
    calibration_add(&odd, 7, true);
    cr_assert(odd.count[0] == 2 && odd.count[9] == 1);
    near(calibration_error(&odd), 0, "the error at the ends");
}

/* Each number lies in its bin, in whichever order they came. */
Test(report, histogram) {
    enum { COUNT = 2000 };
    static float values[COUNT], reversed[COUNT];
    srand(5);
    for (size_t i = 0; i < COUNT; i++)
        values[i] = (float)ldexp(rand() / (double)RAND_MAX - 0.25, (int)(i % 12) - 6);
    for (size_t i = 0; i < COUNT; i++)
        reversed[i] = values[COUNT - 1 - i];

    struct histogram a, b;
    histogram_init(&a);
    histogram_init(&b);
    histogram_add(&a, values, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        histogram_add(&b, reversed + i, 1);
    cr_assert(memcmp(a.count, b.count, sizeof a.count) == 0 && a.exponent == b.exponent);
    for (size_t bin = 0; bin < HISTOGRAM_BINS; bin++) {
        size_t expected = 0;
        for (size_t i = 0; i < COUNT; i++)
            expected += values[i] != 0.0f && (double)values[i] >= histogram_edge(&a, bin) &&
                        (double)values[i] < histogram_edge(&a, bin + 1);
        cr_assert_eq(a.count[bin], expected, "bin %zu", bin);
    }
    size_t begin, end;
    cr_assert(histogram_bounds(&a, &begin, &end));
    cr_assert(a.count[begin] > 0 && a.count[end - 1] > 0 && end - begin > HISTOGRAM_BINS / 4);
}

Test(report, histogram_of_odd_numbers) {
    const float odd[] = {0.0f, -0.0f, NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 1e-45f, -1e-45f};
    struct histogram h;
    size_t begin, end;
    histogram_init(&h);
    cr_assert_not(histogram_bounds(&h, &begin, &end));
    histogram_add(&h, odd, sizeof odd / sizeof odd[0]);
    cr_assert(h.total == 9 && h.zeros == 2 && h.left_out == 3);
    cr_assert(histogram_bounds(&h, &begin, &end));
    cr_assert(h.count[begin] == 1 && h.count[end - 1] == 1);
    cr_assert(h.count[HISTOGRAM_BINS / 2] == 1 && h.count[HISTOGRAM_BINS / 2 - 1] == 1);
}

Test(report, dead_units) {
    const float activations[3][4] = {{0, 1, -1, 9}, {0, 2, -1, 9}, {0, 1, -1.5f, 9}};
    float least[3], most[3];
    struct unit_ranges ranges = {.units = 3, .least = least, .most = most};
    unit_ranges_add(&ranges, activations[0], 1, 4);
    cr_assert_eq(unit_dead_count(&ranges), 0, "one sample tells nothing");
    unit_ranges_add(&ranges, activations[1], 2, 4);
    cr_assert(unit_is_dead(&ranges, 0) && !unit_is_dead(&ranges, 1) && !unit_is_dead(&ranges, 2));
    cr_assert_eq(unit_dead_count(&ranges), 1);
    cr_assert(least[2] == -1.5f && most[1] == 2.0f);
}

Test(report, permutation) {
    const float from[3][4] = {{0, 1, 2, 3}, {10, 11, 12, 13}, {20, 21, 22, 23}};
    float values[3][4];
    const uint32_t order[3] = {2, 0, 1};
    memcpy(values, from, sizeof from);
    permute_columns(from[0], values[0], 3, 4, 1, 2, order);
    const float expected[3][4] = {{0, 21, 22, 3}, {10, 1, 2, 13}, {20, 11, 12, 23}};
    cr_assert(memcmp(values, expected, sizeof expected) == 0);

    const double drops[] = {1, 2, 3, 4};
    near(mean_and_spread_of(drops, 4).mean, 2.5, "the mean");
    near(mean_and_spread_of(drops, 4).spread, sqrt(5.0 / 3.0), "the spread");
    near(mean_and_spread_of(drops, 1).spread, 0, "the spread of one");
    cr_assert(isnan(mean_and_spread_of(drops, 0).mean));
}

Test(report, axis) {
    near(axis_step(0, 1, 5), 0.2, "0 to 1");
    near(axis_step(0, 1, 4), 0.5, "0 to 1 in four");
    near(axis_step(-3, 97, 10), 10, "-3 to 97");
    near(axis_step(0.93, 0.99, 6), 0.01, "0.93 to 0.99");
}

Test(report, base64) {
    static const struct {
        const char *bytes, *text;
    } rows[] = {{"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
                {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\xff\xfe\xfd", "//79"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[16] = "";
        base64_encode((const uint8_t *)rows[i].bytes, strlen(rows[i].bytes), text);
        cr_assert_str_eq(text, rows[i].text);
        cr_assert_eq(base64_length(strlen(rows[i].bytes)), strlen(rows[i].text));
    }
}
