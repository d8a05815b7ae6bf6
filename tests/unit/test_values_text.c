/* One file of the original's values/ folder: what is read, and that the rest is named by line and number. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include "base/memory.h"
#include "model/model.h"
#include "net/network.h"

static minnow_status parse(const char *text, size_t size, struct values_table *table) {
    uint8_t *exact = malloc(size ? size : 1); /* a sanitizer sees any step outside */
    memcpy(exact, text, size);
    minnow_status status = values_parse("F.csv", exact, size, table);
    free(exact);
    return status;
}

static void expect_table(const char *text, size_t rows, size_t columns, const float *numbers) {
    struct values_table table;
    cr_assert_eq(parse(text, strlen(text), &table), MINNOW_OK, "\"%s\": %s", text, minnow_last_error());
    cr_assert_eq(table.rows, rows, "\"%s\"", text);
    cr_assert_eq(table.columns, columns, "\"%s\"", text);
    cr_assert_arr_eq(table.numbers, numbers, rows * columns * sizeof(float), "\"%s\"", text);
    memory_free(table.numbers);
}

Test(values_text, accepts_what_numpy_and_spreadsheets_write) {
    static const float four[] = {1.0f, 2.5f, -3e-5f, 4.0f};
    expect_table("1,2.5\n-3e-5,4\n", 2, 2, four);
    expect_table("1,2.5\n-3e-5,4", 2, 2, four);
    expect_table("1,2.5\r\n-3e-5,4\r\n", 2, 2, four);
    expect_table("1,2.5\r\n-3e-5,4", 2, 2, four);
    expect_table(" 1 ,\t2.5 \n -3e-5\t, 4 \n\n \r\n", 2, 2, four);
    expect_table("+1.0,25e-1,-0.00003,4.\n", 1, 4, four);
    expect_table("1\n2.5\n-3E-05\n4\n", 4, 1, four);
    expect_table("1.000000000000000000e+00\n", 1, 1, four);
    expect_table("0.1000000000000000055511151231257827\n", 1, 1, (float[]){0.1f});
    expect_table("-0\n", 1, 1, (float[]){-0.0f});
    expect_table("1e-400\n", 1, 1, (float[]){0.0f});
    expect_table("7e-46\n", 1, 1, (float[]){0.0f});        /* below half the smallest denormal */
    expect_table("7.1e-46\n", 1, 1, (float[]){0x1p-149f}); /* above it */
    expect_table("3.4028235677973366e38\n", 1, 1,
                 (float[]){0x1.fffffep127f}); /* just below where infinity begins */
    expect_table("1.00000005960464477539062500\n", 1, 1, (float[]){1.0f}); /* a tie, to even */
    expect_table("1.00000005960464477539062501\n", 1, 1, (float[]){0x1.000002p0f});
}

Test(values_text, takes_what_numpy_writes_of_a_run_that_diverged) {
    struct values_table table;
    const char *text = "nan,inf,-inf\n-nan,+Infinity,1\n";
    cr_assert_eq(parse(text, strlen(text), &table), MINNOW_OK, "%s", minnow_last_error());
    cr_assert(isnan(table.numbers[0]) && isnan(table.numbers[3]));
    cr_assert(table.numbers[1] == INFINITY && table.numbers[2] == -INFINITY && table.numbers[4] == INFINITY);
    memory_free(table.numbers);
}

static void expect_refused(const char *text, size_t size, const char *message) {
    struct values_table table;
    minnow_status status = parse(text, size, &table);
    cr_assert_eq(status, MINNOW_ERROR_INPUT, "\"%.40s\": status %d", text, (int)status);
    cr_assert_null(table.numbers);
    cr_assert_eq(strncmp(minnow_last_error(), "F.csv: ", 7), 0, "%s", minnow_last_error());
    cr_assert_not_null(strstr(minnow_last_error(), message), "expected \"%s\" in: %s", message,
                       minnow_last_error());
}

Test(values_text, refuses_bad_text) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "empty"},
        {"\n", "empty"},
        {" \r\n\n", "empty"},
        {"1,2\n3\n", "line 2: 1 numbers, but the lines before it have 2"},
        {"1,2\n3,4,5\n", "line 2: 3 numbers, but the lines before it have 2"},
        {"1,2\n\n3,4\n", "line 2: number 1: expected a decimal number"},
        {"\n1,2\n", "line 1: number 1: expected a decimal number"},
        {"1,\n", "line 1: number 2: expected a decimal number"},
        {",1\n", "line 1: number 1: expected a decimal number"},
        {"1,,2\n", "line 1: number 2: expected a decimal number"},
        {"1,2\n3,x\n", "line 2: number 2: expected a decimal number, found \"x\""},
        {"1,2\n3,\x1b[31m\n", "found \"\\x1b[31m\""},
        {"1 2\n", "line 1: number 1: expected a decimal number, found \"1 2\""},
        {"1;2\n", "found \"1;2\""},
        {"1\r2\n", "line 1: number 1"},
        {"0x10\n", "found \"0x10\""},
        {"1e\n", "found \"1e\""},
        {"1.2.3\n", "found \"1.2.3\""},
        {"--1\n", "found \"--1\""},
        {"- 1\n", "found \"- 1\""},
        {".\n", "found \".\""},
        {"1,5e5,1e39\n", "line 1: number 3: 1e39 is too large for single precision"},
        {"1\n-1e39\n", "line 2: number 1: -1e39 is too large for single precision"},
        {"3.4028236e38\n", "is too large for single precision"},
        {"1e999999999999999999999\n", "is too large for single precision"},
        {"1\ninfinite\n", "found \"infinite\""},
        {"nano\n", "found \"nano\""},
        {"# a comment\n1\n", "line 1: number 1: expected a decimal number, found \"# a comment\""},
        {"\xef\xbb\xbf"
         "1\n",
         "line 1: number 1"},
        {"abcdefghijklmnopqrstuvwxyz0123456789\n", "found \"abcdefghijklmnopqrstuvwx\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_refused(cases[i].text, strlen(cases[i].text), cases[i].message);
    expect_refused("1\0\n", 3, "line 1: number 1");
    expect_refused("\0", 1, "line 1: number 1");
}

Test(values_text, refuses_more_than_the_limits) {
    enum { COUNT = NETWORK_MAX_SIZE + 1 };
    char *text = malloc(2 * COUNT);
    for (size_t i = 0; i < COUNT; i++)
        memcpy(text + 2 * i, "1,", 2);
    expect_refused(text, 2 * COUNT - 1, "line 1: more than 65536 numbers");
    for (size_t i = 0; i < COUNT; i++)
        memcpy(text + 2 * i, "1\n", 2);
    expect_refused(text, 2 * COUNT, "more than 65536 lines");
    struct values_table table;
    cr_assert_eq(parse(text, 2 * COUNT - 2, &table), MINNOW_OK);
    cr_assert_eq(table.rows, COUNT - 1);
    memory_free(table.numbers);
    free(text);
}

/* A number as long as a file is read, or refused, in linear time. */
Test(values_text, bears_very_long_numbers) {
    enum { LENGTH = 4 << 20 };
    char *text = malloc(LENGTH);
    memset(text, '0', LENGTH);
    text[0] = '1';
    expect_refused(text, LENGTH, "is too large for single precision");
    text[1] = '.';
    struct values_table table;
    cr_assert_eq(parse(text, LENGTH, &table), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(table.numbers[0], 1.0f);
    memory_free(table.numbers);
    memset(text, ' ', LENGTH);
    expect_refused(text, LENGTH, "empty");
    free(text);
}
