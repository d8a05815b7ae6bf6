/* ARFF as CSV, and as a table. */
#include <criterion/criterion.h>
#include <string.h>

#include "data/formats/arff.h"
#include "data/table/table.h"

static const char IRIS[] =
    "% of a test\n\n@RELATION iris\n@attribute 'sepal length' real\n@attribute w NUMERIC\r\n"
    "@attribute class {a, 'b c'}\n@DATA\n5.1, 3.5 ,a\n% a comment\n?,3,'b c'\n-1,1e2,\"say \\\"a\\\"\"\n";

static void expect_csv(const char *text, const char *expected) {
    struct file_bytes csv;
    cr_assert_eq(arff_to_csv("F", (const uint8_t *)text, strlen(text), &csv), MINNOW_OK, "%s",
                 minnow_last_error());
    cr_assert_eq(csv.size, strlen(expected), "%.*s", (int)csv.size, (const char *)csv.data);
    cr_assert_eq(memcmp(csv.data, expected, csv.size), 0, "%.*s", (int)csv.size, (const char *)csv.data);
    file_bytes_free(&csv);
}

static void refuse(const char *text, const char *why) {
    struct file_bytes csv;
    cr_assert_eq(arff_to_csv("F", (const uint8_t *)text, strlen(text), &csv), MINNOW_ERROR_INPUT, "%s", text);
    cr_assert_null(csv.data);
    cr_assert_not_null(strstr(minnow_last_error(), why), "%s in: %s", why, minnow_last_error());
}

Test(arff, becomes_csv) {
    cr_assert(arff_detect((const uint8_t *)IRIS, strlen(IRIS)));
    cr_assert_not(arff_detect((const uint8_t *)"relation,x\n", 11));
    expect_csv(IRIS, "\"sepal length\",\"w\",\"class\"\n5.1,3.5,a\n?,3,\"b c\"\n-1,1e2,\"say \"\"a\"\"\"\n");
}

#define HEADER "@relation x\n@attribute a numeric\n@attribute b string\n@data\n"
Test(arff, what_is_wrong_is_said) {
    refuse("@relation x\n@attribute a numeric\n", "ends before @data");
    refuse("@relation x\n@data\n1\n", "no attributes");
    refuse("@relation x\n@attribute a colour\n@data\n", "line 2: expected numeric, string, date");
    refuse("@relation x\n@attribute 'a numeric\n@data\n", "line 2: expected a quote");
    refuse(HEADER "1\n", "line 5: 1 values, expected 2");
    refuse(HEADER "1,'x\n", "line 5: expected a quote at the end");
    refuse(HEADER "1,'x' y\n", "line 5: expected a comma");
    refuse(HEADER "{0 1}\n", "line 5: a row of the sparse form");
}

Test(arff, is_read_as_a_table) {
    struct table *table;
    struct table_options options = {.threads = 1};
    cr_assert_eq(table_from_memory("F", IRIS, strlen(IRIS), &options, &table), MINNOW_OK, "%s",
                 minnow_last_error());
    cr_assert_eq(table->rows, 3);
    cr_assert_eq(table->columns, 3);
    cr_assert_str_eq(table->column[0].name, "sepal length");
    cr_assert_eq(table->column[0].gaps, 1);
    cr_assert_eq(table->column[2].kind, TABLE_TEXT);
    table_free(table);
}
