/* Numbers read from text and written as text. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/byte_order.h"
#include "base/number.h"
#include "base/random.h"

static void expect_float(const char *text, float expected, size_t consumed) {
    size_t length = strlen(text);
    char *exact = malloc(length ? length : 1); /* without a NUL: the end alone must stop the reader */
    memcpy(exact, text, length);
    const char *at = exact;
    float value;
    cr_assert(number_read_float(&at, exact + length, &value), "\"%s\"", text);
    cr_assert_eq(float_to_bits(value), float_to_bits(expected), "\"%s\" gave %a, not %a", text, (double)value,
                 (double)expected);
    cr_assert_eq((size_t)(at - exact), consumed, "\"%s\": %zu characters read", text, (size_t)(at - exact));
    free(exact);
}

Test(number, reads_floats) {
    expect_float("1", 1.0f, 1);
    expect_float("-0", -0.0f, 2);
    expect_float("+.5e1x", 5.0f, 5);
    expect_float("5.,", 5.0f, 2);
    expect_float("1e", 1.0f, 1);
    expect_float("1e+", 1.0f, 1);
    expect_float("0x10", 0.0f, 1);
    expect_float("1,5", 1.0f, 1);
    expect_float("1e-46", 0.0f, 5);
    expect_float("1e40", INFINITY, 4);
    expect_float("-InFiNiTy", -INFINITY, 9);
    expect_float("infx", INFINITY, 3);
    expect_float("1e99999999999999999999", INFINITY, 22);
    expect_float("-1e-99999999999999999999", -0.0f, 24);
    expect_float("1e4294967297", INFINITY, 12);
    expect_float("00000000000000000000000000000000000001", 1.0f, 38);
    /* 16 digits whose nearest double is the middle between two floats, and lies on the other side of the
       number: rounding to double and then to float goes astray. */
    expect_float("5.000000715255737", 0x1.400002p2f, 17);
    expect_float("-5.000000715255737", -0x1.400002p2f, 18);
    /* 17 digits that make no exact double: their quotient by 10^14 rounds to the wrong side of the middle. */
    expect_float("112.23756790161133", 0x1.c0f346p+6f, 18);
    expect_float("16777217", 16777216.0f, 8); /* ties to even */
    expect_float("16777219", 16777220.0f, 8);
    expect_float("16777217.000000000000000000000000001", 16777218.0f, 36);
    expect_float("340282346638528859811704183484516925440", FLT_MAX, 39);
    expect_float("340282356779733661637539395458142568447", FLT_MAX, 39);
    expect_float("340282356779733661637539395458142568448", INFINITY, 39);
    expect_float("1.401298464324817e-45", 0x1p-149f, 21);
    expect_float("1.1754943508222875e-38", 0x1p-126f, 22);
    expect_float("1.1754942807573643e-38", 0x1p-126f,
                 22); /* just above the middle below the smallest normal float */
    expect_float("1.1754942807573642e-38", 0x0.fffffep-126f, 22);
}

Test(number, refuses_what_is_no_number) {
    static const char *const texts[] = {"",   "-",   "+", ".",  "-.", "e5",  ".e5",
                                        " 1", "\t1", "x", "na", "in", "--1", "+-1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *at = texts[i];
        float value;
        double wide;
        cr_assert(!number_read_float(&at, at + strlen(at), &value), "\"%s\"", texts[i]);
        cr_assert_eq(at, texts[i]);
        cr_assert(!number_read_double(&at, at + strlen(at), &wide), "\"%s\"", texts[i]);
        cr_assert_eq(at, texts[i]);
    }
}

/* Numbers made of random digits, against the C library. */
Test(number, agrees_with_the_c_library) {
    for (uint32_t i = 0; i < 200000; i++) {
        struct random_block draw = random_draw(1, RANDOM_SHUFFLE, 0, 0, i);
        char text[96];
        int length = snprintf(text, sizeof text, "%s%.*u%.*s%ue%d", draw.word[0] & 1 ? "-" : "",
                              (int)(draw.word[0] >> 8 & 7) + 1, draw.word[1] >> (draw.word[0] >> 16 & 31),
                              (int)(draw.word[0] >> 1 & 1), ".", draw.word[2] >> (draw.word[0] >> 24 & 31),
                              (int)(draw.word[3] % 61) - 30);
        if (i % 2 == 0) { /* short and without an exponent, as in data files */
            *strchr(text, 'e') = '\0';
            length = (int)strlen(text);
        }
        const char *at = text;
        float value;
        cr_assert(number_read_float(&at, text + length, &value), "%s", text);
        cr_assert_eq(float_to_bits(value), float_to_bits(strtof(text, NULL)), "%s", text);
        double wide;
        cr_assert(number_parse_double(text, &wide), "%s", text);
        cr_assert_eq(wide, strtod(text, NULL), "%s", text);
    }
}

Test(number, parses_whole_strings) {
    double wide;
    cr_assert(number_parse_double("2.5e-3", &wide) && wide == 0.0025);
    cr_assert(number_parse_double("nan", &wide) && isnan(wide));
    cr_assert(!number_parse_double("", &wide));
    cr_assert(!number_parse_double("1 ", &wide));
    cr_assert(!number_parse_double("1x", &wide));
    cr_assert(!number_parse_double(" 1", &wide));
    uint64_t whole;
    cr_assert(number_parse_u64("0", &whole) && whole == 0);
    cr_assert(number_parse_u64("18446744073709551615", &whole) && whole == UINT64_MAX);
    static const char *const wrong[] = {
        "", "18446744073709551616", "99999999999999999999", "-1", "+1", "1.0", "1e3", "0x1", " 1", "1 "};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_assert(!number_parse_u64(wrong[i], &whole), "\"%s\"", wrong[i]);
}

Test(number, writes_the_shortest_double) {
    char text[NUMBER_TEXT];
    static const struct {
        double value;
        const char *text;
    } shortest[] = {{0.9813, "0.9813"},
                    {0.1, "0.1"},
                    {100, "100"},
                    {-0.0, "-0"},
                    {1e22, "1e+22"},
                    {123456789012.5, "123456789012.5"},
                    {1.0 / 3.0, "0.3333333333333333"},
                    {0.1 + 0.2, "0.30000000000000004"},
                    {0x1p-1074, "5e-324"},
                    {DBL_MAX, "1.7976931348623157e+308"}};
    for (size_t i = 0; i < sizeof shortest / sizeof shortest[0]; i++) {
        cr_assert_eq(number_write_shortest_double(shortest[i].value, text), strlen(shortest[i].text));
        cr_assert_str_eq(text, shortest[i].text);
    }
    for (uint32_t i = 0; i < 100000; i++) {
        struct random_block draw = random_draw(3, RANDOM_SHUFFLE, 0, 0, i);
        double value = double_from_bits((uint64_t)draw.word[0] << 32 | draw.word[1]), back;
        if (!isfinite(value))
            continue;
        number_write_shortest_double(value, text);
        cr_assert(number_parse_double(text, &back));
        cr_assert_eq(double_to_bits(back), double_to_bits(value), "%s", text);
    }
}

Test(number, writes_numbers_that_read_back) {
    char text[NUMBER_TEXT];
    cr_assert_eq(number_write_e18(-1.0 / 3.0, text), 25);
    cr_assert_str_eq(text, "-3.333333333333333148e-01");
    cr_assert_eq(number_write_e18(-DBL_MAX, text), 26);
    cr_assert_str_eq(text, "-1.797693134862315708e+308");
    static const struct {
        float value;
        const char *text;
    } shortest[] = {{0.0f, "0"},
                    {-0.0f, "-0"},
                    {1.0f, "1"},
                    {0.1f, "0.1"},
                    {0.17f, "0.17"},
                    {1e10f, "1e+10"},
                    {16777216.0f, "16777216"},
                    {0x1p-149f, "1e-45"},
                    {FLT_MAX, "3.4028235e+38"},
                    {0.3f, "0.3"},
                    {1.0f / 3.0f, "0.33333334"}};
    for (size_t i = 0; i < sizeof shortest / sizeof shortest[0]; i++) {
        cr_assert_eq(number_write_shortest(shortest[i].value, text), strlen(shortest[i].text));
        cr_assert_str_eq(text, shortest[i].text);
    }
    for (uint32_t i = 0; i < 100000; i++) {
        uint32_t bits = random_draw(2, RANDOM_SHUFFLE, 0, 0, i).word[0];
        float value, back;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        const char *at = text;
        size_t length = number_write_shortest(value, text);
        cr_assert(number_read_float(&at, text + length, &back) && at == text + length);
        cr_assert_eq(float_to_bits(back), bits, "%s", text);
        at = text;
        length = number_write_e18((double)value, text);
        cr_assert(number_read_float(&at, text + length, &back) && at == text + length);
        cr_assert_eq(float_to_bits(back), bits, "%s", text);
    }
}

Test(number, writes_numbers_for_people) {
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},
                 {1, "1"},
                 {0.3, "0.3"},
                 {0.27, "0.27"},
                 {3.2e-5, "0.000032"},
                 {1.0 / 3, "0.3333"},
                 {2.0 / 3e5, "0.000006667"},
                 {1234.56, "1235"},
                 {99.996, "100"},
                 {-0.125, "-0.125"},
                 {1e-9, "1e-09"},
                 {12345678, "1.235e+07"},
                 {100, "100"},
                 {10, "10"},
                 {999999, "999999"},
                 {0.99999, "1"}};
    char text[NUMBER_TEXT];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(number_write_readable(cases[i].value, text), strlen(cases[i].text));
        cr_expect_str_eq(text, cases[i].text);
    }
}
