/* Tables as people have them: each line of ODDITIES is what goes in, and what comes out. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "data/table/dates.h"
#include "data/table/table.h"

/* ---- What a table holds, as one line of text ---- */

enum { DUMP = 4096 };

static size_t dump_cell(const struct table *table, size_t row, size_t column, char *out, size_t room) {
    if (table_is_gap(table, row, column))
        return (size_t)snprintf(out, room, "_");
    if (table->column[column].kind == TABLE_NUMBER)
        return (size_t)snprintf(out, room, "%.8g", (double)table_number(table, row, column));
    return (size_t)snprintf(out, room, "'%s'", table->column[column].values[table_code(table, row, column)]);
}

/* "a b: 1 'x'; 2 _": the names, and behind a colon the rows. */
static void dump(const struct table *table, char out[DUMP]) {
    size_t length = 0;
    for (size_t c = 0; c < table->columns; c++)
        length +=
            (size_t)snprintf(out + length, DUMP - length, "%s%s", c > 0 ? "|" : "", table->column[c].name);
    for (size_t row = 0; row < table->rows && length + 300 < DUMP; row++) {
        length += (size_t)snprintf(out + length, DUMP - length, "%s", row > 0 ? ";" : ":");
        for (size_t c = 0; c < table->columns; c++) {
            out[length++] = ' ';
            length += dump_cell(table, row, c, out + length, DUMP - length);
        }
    }
}

static void expect_with(const char *in, size_t size, const struct table_options *options,
                        const char *expected) {
    struct table *table;
    char found[DUMP] = "";
    if (table_from_memory("t.csv", in, size, options, &table) == MINNOW_OK) {
        dump(table, found);
        cr_expect_str_eq(found, expected, "in: \"%s\"\nexpected \"%s\"\nfound    \"%s\"", in, expected,
                         found);
    } else {
        cr_expect(expected[0] == '!' && strstr(minnow_last_error(), expected + 1) != NULL,
                  "in: \"%s\"\nexpected \"%s\"\nfound    \"!%s\"", in, expected, minnow_last_error());
        cr_expect_null(table);
    }
    table_free(table);
}

/* ---- The oddities ---- */

static const struct {
    const char *what, *in, *out; /* out: what `dump` writes, or '!' and a part of the message */
    struct table_options options;
} ODDITIES[] = {
    {"a plain table", "a,b\n1,2\n3,4\n", "a|b: 1 2; 3 4", {0}},
    {"no header", "1,2\n3,4\n", "column 1|column 2: 1 2; 3 4", {0}},
    {"no line end behind the last row", "a,b\n1,2\n3,4", "a|b: 1 2; 3 4", {0}},
    {"blank last lines", "a,b\n1,2\n\n\n \n", "a|b: 1 2", {0}},
    {"a blank line within", "a,b\n1,2\n\n3,4\n", "a|b: 1 2; 3 4", {0}},
    {"blank first lines", "\n\na,b\n1,2\n", "a|b: 1 2", {0}},
    {"Windows' line ends", "a,b\r\n1,x\r\n3,y\r\n", "a|b: 1 'x'; 3 'y'", {0}},
    {"an old Mac's line ends", "a,b\r1,x\r3,y\r", "a|b: 1 'x'; 3 'y'", {0}},
    {"a byte order mark",
     "\xef\xbb\xbf"
     "a,b\n1,2\n",
     "a|b: 1 2",
     {0}},
    {"semicolons", "a;b\n1;2\n", "a|b: 1 2", {0}},
    {"tabs, an empty field", "a\tb\tc\n1\t\t3\n", "a|b|c: 1 _ 3", {0}},
    {"bars", "a|b\n1|2\n", "a|b: 1 2", {0}},
    {"blanks, as in old data sets",
     "  1.5   2  3\n 10.25 20 30\n",
     "column 1|column 2|column 3: 1.5 2 3; 10.25 20 30",
     {0}},
    {"blanks behind commas", "a, b\n1, x y\n2 ,z\n", "a|b: 1 'x y'; 2 'z'", {0}},
    {"Excel's sep line", "sep=;\na;b\n1,5;2\n", "a|b: 1.5 2", {0}},
    {"numpy.savetxt's header", "# a,b\n1,2\n3,4\n", "a|b: 1 2; 3 4", {0}},
    {"comments before the header", "# made by hand\n#\na,b\n1,2\n", "a|b: 1 2", {0}},
    {"decimal commas", "a;b\n1,5;-0,25\n1.234,5;2\n", "a|b: 1.5 -0.25; 1234.5 2", {0}},
    {"decimal commas in quotes", "a,b\n\"1,5\",2\n\"2,75\",3\n", "a|b: 1.5 2; 2.75 3", {0}},
    {"thousands separators in quotes",
     "a,b\n\"1,234\",2\n\"12,345,678.5\",3\n",
     "a|b: 1234 2; 12345678 3",
     {0}},
    {"money and percent", "a,b\n$1200,45%\n$7.50,3 %\n", "a|b: 1200 45; 7.5 3", {0}},
    {"exponents and signs", "a,b\n1e3,+.5\n-2E-2,5.\n", "a|b: 1000 0.5; -0.02 5", {0}},
    {"quotes, and a comma and a line end in them",
     "a,b\n\"x, y\",1\n\"u\nv\",2\n",
     "a|b: 'x, y' 1; 'u\nv' 2",
     {0}},
    {"doubled quotes", "a,b\n\"say \"\"hi\"\"\",1\n", "a|b: 'say \"hi\"' 1", {0}},
    {"quoted numbers", "\"a\",\"b\"\n\"1\",\"x\"\n\"2\",\"y\"\n", "a|b: 1 'x'; 2 'y'", {0}},
    {"a quote within a text", "a,b\n5\" pipe,1\n6' pipe,2\n", "a|b: '5\" pipe' 1; '6' pipe' 2", {0}},
    {"single quotes, said", "a,b\n'x, y',1\n", "a|b: 'x, y' 1", {.quote = '\''}},
    {"a quote never closed", "a,b\n1,x\n2,\"y\n3,z\n", "!line 3, column \"b\": the quote", {0}},
    {"a text behind a closing quote", "a,b\n\"x\"y,1\n", "!line 2, column \"a\": expected a ','", {0}},
    {"a row too short", "a,b,c\n1,2,3\n4,5\n", "!line 3: 2 fields, expected 3 as in the line of names", {0}},
    {"a row too long", "1,2\n3,4\n5,6,7,8\n", "!line 3: 4 fields, expected 2 as in the first row", {0}},
    {"a delimiter behind each row", "a,b,\n1,2,\n3,4,\n", "a|b|column 3: 1 2 _; 3 4 _", {0}},
    {"R's row names, without a name", "a,b\nr1,1,2\nr2,3,4\n", "column 1|a|b: 'r1' 1 2; 'r2' 3 4", {0}},
    {"R's row names, with an empty name", "\"\",\"a\"\n\"1\",5\n\"2\",6\n", "column 1|a: 1 5; 2 6", {0}},
    {"pandas' columns without names",
     ",0,1,2\n0,5,6,x\n1,7,8,y\n",
     "column 1|0|1|2: 0 5 6 'x'; 1 7 8 'y'",
     {0}},
    {"gaps of every kind", "a,b\n1,x\nNA,\nNaN,?\n,N/A\nnull,y\n", "a|b: 1 'x'; _ _; _ _; _ _; _ 'y'", {0}},
    {"a word for a gap, said", "a,b\n1,x\n-999,missing\n", "a|b: 1 'x'; _ _", {.gaps = "-999,missing"}},
    {"a column of nothing but gaps", "a,b\n1,\n2,NA\n", "a|b: 1 _; 2 _", {0}},
    {"texts alone, with a header", "cap,odor\np,x\ne,x\n", "cap|odor: 'p' 'x'; 'e' 'x'", {0}},
    {"texts alone, without a header",
     "p,x,s\ne,x,s\np,b,y\n",
     "column 1|column 2|column 3: 'p' 'x' 's'; 'e' 'x' 's'; 'p' 'b' 'y'",
     {0}},
    {"a header, said", "p,x\ne,x\n", "p|x: 'e' 'x'", {.has_header = true}},
    {"no header, said", "p,1\ne,2\n", "column 1|column 2: 'p' 1; 'e' 2", {.no_header = true}},
    {"names that come twice", "x,x,x.2\n1,2,3\n", "x|x.2|x.2.2: 1 2 3", {0}},
    {"an empty name", "a,,c\n1,2,3\n", "a|column 2|c: 1 2 3", {0}},
    {"Latin-1", "a,b\ncaf\xe9,1\n", "a|b: 'caf\xc3\xa9' 1", {0}},
    {"Windows-1252", "a,b\n\x80uro\x9f\x81,1\n", "a|b: '\xe2\x82\xacuro\xc5\xb8\xc2\x81' 1", {0}},
    {"one column, one integer a line", "3\n1\n2\n", "column 1: 3; 1; 2", {0}},
    {"true and false", "a,b\ntrue,1\nfalse,2\n", "a|b: 'true' 1; 'false' 2", {0}},
    {"an infinite number",
     "a,b\n1,2\ninf,3\n",
     "!line 3, column \"a\": found \"inf\", expected a finite",
     {0}},
    {"a number beyond a float", "a,b\n1e60,2\n", "!line 2, column \"a\": found \"1e60\"", {0}},
    {"inf as a gap", "a,b\n1,2\ninf,3\n", "a|b: 1 2; _ 3", {.gaps = "inf"}},
    {"numbers wanted as texts",
     "zip,b\n02134,1\n90210,2\n",
     "zip|b: '02134' 1; '90210' 2",
     {.wanted = &(const struct table_wanted){"zip", TABLE_TEXT, false}, .wanted_count = 1}},
    {"a text where numbers are wanted",
     "a,b\n1,1\nx,2\n",
     "!line 3, column \"a\": expected a number, found \"x\"",
     {.wanted = &(const struct table_wanted){"a", TABLE_NUMBER, false}, .wanted_count = 1}},
    {"a wanted column that is not there",
     "a,b\n1,1\n",
     "!has no column \"c\"",
     {.wanted = &(const struct table_wanted){"c", TABLE_TEXT, false}, .wanted_count = 1}},
    {"nothing", "", "!is empty", {0}},
    {"blank lines alone", "\n \n", "!is empty", {0}},
    {"a header alone", "a,b\n", "!no rows", {.has_header = true}},
    {"a web page", "<!DOCTYPE html><html>", "!HTML", {0}},
    {"a blank behind a name", "a ,b\t\n1,2\n", "a|b: 1 2", {0}},
    {"a minus of typographers",
     "a,b\n\xe2\x88\x92"
     "1,x\n2,y\n",
     "a|b: '\xe2\x88\x92"
     "1' 'x'; '2' 'y'",
     {0}},
    {"dates are texts, and their parts numbers",
     "day,b\n2024-01-31,1\n2024-02-01,2\n",
     "day|b|day_year|day_month|day_day|day_weekday: '2024-01-31' 1 2024 1 31 3; '2024-02-01' 2 2024 2 1 4",
     {0}},
    {"whole numbers with leading zeros are texts", "a,b\n007,1\n010,2\n", "a|b: '007' 1; '010' 2", {0}},
    {"a single row", "a,b\n1,x", "a|b: 1 'x'", {0}},
    {"a quoted empty field is a gap", "a,b\n\"\",1\n3,2\n", "a|b: _ 1; 3 2", {0}},
    {"a trailing carriage return within quotes", "a,b\n\"x\r\",1\n", "a|b: 'x\r' 1", {0}},
};

Test(table, oddities) {
    for (size_t i = 0; i < sizeof ODDITIES / sizeof *ODDITIES; i++)
        expect_with(ODDITIES[i].in, strlen(ODDITIES[i].in), &ODDITIES[i].options, ODDITIES[i].out);
}

/* Excel's "Unicode text", in both orders of bytes. */
Test(table, utf16_is_read) {
    static const char little[] =
        "\xff\xfe"
        "a\0\t\0b\0\r\0\n\0001\0,\0005\0\t\0\xe9\0\r\0\n\0002\0\t\0\x3d\xd8\x00\xde\r\0\n";
    static const char big[] = "\xfe\xff"
                              "\0a\0,\0b\0\n\0001\0,\x20\xac\0\n\0002\0,\xd8\x3d\0\n";
    expect_with(little, sizeof little, &(struct table_options){.decimal = ','},
                "a|b: 1.5 '\xc3\xa9'; 2 '\xf0\x9f\x98\x80'");
    expect_with(big, sizeof big - 1, &(struct table_options){0}, "a|b: 1 '\xe2\x82\xac'; 2 '\xef\xbf\xbd'");
    expect_with("\xff\xfe"
                "a",
                3, &(struct table_options){.no_header = true}, "column 1: '\xef\xbf\xbd'");
}

Test(table, a_byte_0_is_no_text) {
    expect_with("a,b\nx\0y,1\n", 10, &(struct table_options){0}, "!byte 0");
}

/* ---- Longer tables ---- */

static struct table *read_long(const char *text, size_t size, unsigned threads) {
    struct table *table;
    struct table_options options = {.threads = threads};
    minnow_status status = table_from_memory("long.csv", text, size, &options, &table);
    cr_assert_eq(status, MINNOW_OK, "%s", minnow_last_error());
    return table;
}

static void expect_same(const struct table *a, const struct table *b) {
    cr_assert_eq(a->rows, b->rows);
    cr_assert_eq(a->columns, b->columns);
    for (size_t c = 0; c < a->columns; c++) {
        cr_assert_eq(a->column[c].kind, b->column[c].kind);
        cr_assert_eq(a->column[c].gaps, b->column[c].gaps);
        cr_assert_eq(a->column[c].value_count, b->column[c].value_count);
        for (size_t v = 0; v < a->column[c].value_count; v++) {
            cr_assert_str_eq(a->column[c].values[v], b->column[c].values[v]);
            cr_assert_eq(a->column[c].counts[v], b->column[c].counts[v]);
        }
    }
    size_t cells = a->rows * a->columns;
    cr_assert_eq(a->bytes == NULL, b->bytes == NULL);
    if (a->bytes != NULL)
        cr_assert_arr_eq(a->bytes, b->bytes, cells);
    else
        cr_assert_arr_eq(a->cells, b->cells, cells * sizeof *a->cells);
}

/* Quoted fields hold line ends and rows of the same form, so that many a block is begun within quotes at first; a stray
   quote, if asked for, makes the guess where rows begin wrong from its place on. */
static char *make_quoted(size_t rows, size_t stray, size_t *size) {
    char *text = memory_allocate(rows, 200);
    size_t length = (size_t)sprintf(text, "number,text,class\n");
    for (size_t i = 0; i < rows; i++) {
        length += (size_t)sprintf(text + length, "%zu.5,\"line %zu\n1,2,3\nfour, \"\"five\"\"\",c%zu\n", i,
                                  i % 977, i % 5);
        if (i == stray)
            length += (size_t)sprintf(text + length, "7,5\" pipe,c1\n");
    }
    *size = length;
    return text;
}

Test(table, threads_and_blocks_leave_no_trace) {
    enum { ROWS = 12000 };
    const size_t strays[] = {SIZE_MAX, 0, ROWS / 2};
    for (size_t i = 0; i < 3; i++) {
        size_t size;
        char *text = make_quoted(ROWS, strays[i], &size);
        struct table *one = read_long(text, size, 1), *four = read_long(text, size, 4);
        cr_assert_eq(one->rows, ROWS + (strays[i] < ROWS));
        cr_assert_eq(one->column[2].value_count, 5);
        expect_same(one, four);
        table_free(one);
        table_free(four);
        memory_free(text);
    }
}

/* What a column holds may show only at the end of a long table. */
Test(table, a_late_cell_changes_a_columns_kind) {
    enum { ROWS = 100000 };
    static const struct {
        const char *last;
        bool bytes;
        enum table_kind kind;
        size_t gaps;
    } cases[] = {{"7", true, TABLE_NUMBER, 0},
                 {"256", false, TABLE_NUMBER, 0},
                 {"0.5", false, TABLE_NUMBER, 0},
                 {"", false, TABLE_NUMBER, 1},
                 {"x", false, TABLE_TEXT, 0}};
    char *text = memory_allocate(ROWS + 2, 8);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t length = 0;
        for (size_t row = 0; row < ROWS; row++)
            length += (size_t)sprintf(text + length, "%zu,%zu\n", row % 3, row % 256);
        length += (size_t)sprintf(text + length, "%s,9\n", cases[i].last);
        for (unsigned threads = 1; threads <= 3; threads += 2) {
            struct table *table = read_long(text, length, threads);
            cr_assert_eq(table->rows, ROWS + 1);
            cr_assert_eq(table->bytes != NULL, cases[i].bytes, "%s", cases[i].last);
            cr_assert_eq(table->column[0].kind, cases[i].kind, "%s", cases[i].last);
            cr_assert_eq(table->column[0].gaps, cases[i].gaps, "%s", cases[i].last);
            for (size_t row = 0; row < ROWS; row++)
                cr_assert_eq(table_number(table, row, 1), (float)(row % 256));
            table_free(table);
        }
    }
    memory_free(text);
}

/* One word among many numbers is a mistake, or a gap; it does not make each number a category. */
Test(table, a_few_texts_among_numbers_are_refused) {
    enum { ROWS = 5000 };
    char *text = memory_allocate(ROWS + 2, 16);
    size_t length = 0;
    for (size_t row = 0; row < ROWS; row++)
        length += (size_t)sprintf(text + length, row == 3000 ? "none,1\n" : "%zu.25,1\n", row);
    expect_with(text, length, &(struct table_options){0}, "!line 3001, column \"column 1\": found \"none\"");
    struct table *table;
    struct table_options options = {.gaps = "none"};
    cr_assert_eq(table_from_memory("t.csv", text, length, &options, &table), MINNOW_OK);
    cr_assert_eq(table->column[0].gaps, 1);
    table_free(table);
    memory_free(text);
}

/* A long table, of which each thousandth row is bad in its own way. */
static char *bad_table(size_t rows, size_t *size) {
    static const char *const bad[] = {"1,2,x\n",      "one,a,x\n", "1,\"a,x\n",      "1e99,a,x\n",
                                      "1,\"a\"b,x\n", "1\n",       "\"1,\n2\",a,x\n"};
    char *text = memory_allocate(rows + 2, 16);
    size_t length = (size_t)sprintf(text, "n,t,u\n");
    for (size_t row = 0; row < rows; row++)
        length += row % 1000 == 500
                      ? (size_t)sprintf(text + length, "%s", bad[row / 1000 % (sizeof bad / sizeof *bad)])
                      : (size_t)sprintf(text + length, "%zu,%c,%zu\n", row, (char)('a' + row % 7), row % 3);
    *size = length;
    return text;
}

/* Where bad rows are kept they are rows, their number of threads and blocks does not matter, and a text in a column that
   nobody wants is no fault. */
Test(table, bad_rows_may_be_kept) {
    enum { ROWS = 70000 };
    static const char *const faults[] = {
        NULL,        "line 1502, column \"n\": expected a number, found \"one\"",
        "line 2502", "line 3502, column \"n\": found \"1e99\"",
        "line 4502", "line 5502: 1 fields, expected 3"};
    const struct table_wanted wanted[] = {{"n", TABLE_NUMBER, true}, {"t", TABLE_TEXT, true}};
    size_t size;
    char *text = bad_table(ROWS, &size);
    struct table *first = NULL;
    for (unsigned threads = 1; threads <= 4; threads += 3) {
        struct table_options options = {
            .wanted = wanted, .wanted_count = 2, .keep_bad_rows = true, .threads = threads};
        struct table *table;
        cr_assert_eq(table_from_memory("t.csv", text, size, &options, &table), MINNOW_OK, "%s",
                     minnow_last_error());
        cr_assert_eq(table->rows, ROWS);
        cr_assert_eq(table->fault_count, 60);
        for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
            const char *fault = table_row_fault(table, 1000 * i + 500);
            cr_assert((fault == NULL) == (faults[i] == NULL));
            cr_assert(fault == NULL || strstr(fault, faults[i]) != NULL, "%s", fault);
        }
        cr_assert_null(table_row_fault(table, 501));
        cr_assert_eq(table_number(table, ROWS - 1, 0), ROWS - 1);
        cr_assert_str_eq(table->column[1].values[table_code(table, 1500, 1)], "a",
                         "the rest of the row is read");
        if (first != NULL)
            expect_same(first, table);
        table_free(first);
        first = table;
    }
    table_free(first);
    memory_free(text);
}

/* The first row does not decide how many fields the others have. */
Test(table, most_rows_say_how_many_columns_there_are) {
    const struct table_options options = {.keep_bad_rows = true};
    static const char text[] = "a,b\n1\n2,3\n4,5\n";
    struct table *table;
    cr_assert_eq(table_from_memory("t.csv", text, sizeof text - 1, &options, &table), MINNOW_OK);
    cr_assert_eq(table->columns, 2);
    cr_assert_eq(table->fault_count, 1);
    cr_assert(strstr(table_row_fault(table, 0), "line 2: 1 fields, expected 2") != NULL);
    table_free(table);
}

Test(table, whole_numbers_beyond_a_float_are_noted) {
    static const char text[] = "a,b,c\n16777216,16777217,1e30\n-16777216,5,0.1\n";
    struct table *table = read_long(text, sizeof text - 1, 1);
    cr_assert_not(table->column[0].inexact);
    cr_assert(table->column[1].inexact);
    table_free(table);
}

/* The memory that a small file takes is bounded by its size, whatever its first line says. */
Test(table, dates_are_those_of_the_calendar) {
    static const struct {
        const char *text;
        enum date_form form;
        float part[DATE_PARTS];
    } cases[] = {
        {"2024-03-01", DATE_ISO, {2024, 3, 1, 5, 0}},
        {"2000/2/29", DATE_ISO, {2000, 2, 29, 2, 0}},
        {"01.03.2024", DATE_GERMAN, {2024, 3, 1, 5, 0}},
        {"7.1.1900", DATE_GERMAN, {1900, 1, 7, 7, 0}},
        {"2024-03-01T12:30", DATE_ISO, {2024, 3, 1, 5, 12.5F}},
        {"2024-03-01 06:15:00.125+01:00", DATE_ISO, {2024, 3, 1, 5, 6.25F}},
        {"2024-12-31T23:59:60Z", DATE_ISO, {2024, 12, 31, 2, 24}},
        {"31.12.1999 0:00", DATE_GERMAN, {1999, 12, 31, 5, 0}},
    };
    static const char *const none[] = {
        "",
        "2024",
        "2024-03",
        "2024-13-01",
        "2024-00-01",
        "2024-02-30",
        "1900-02-29",
        "24-03-01",
        "01.03.24",
        "01/03/2024",
        "2024-03-01x",
        "2024-03-01T",
        "2024-03-01T24:00",
        "2024-03-1.",
        "0000-01-01",
        "2024-03/01",
        "2024-03-01T12:60",
        "2024-03-01T12",
        "1.2.20245",
        "12024-03-01",
    };
    struct date date;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert(date_parse(cases[i].text, &date), "%s", cases[i].text);
        cr_assert_eq(date.form, cases[i].form, "%s", cases[i].text);
        for (size_t part = 0; part < DATE_PARTS; part++)
            cr_assert_float_eq(date.part[part], cases[i].part[part], 1e-5, "%s: part %zu: %g", cases[i].text,
                               part, (double)date.part[part]);
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_assert(!date_parse(none[i], &date), "%s", none[i]);
}

Test(table, many_columns_and_blank_lines_are_cheap) {
    enum { COLUMNS = 60000, LINES = 3000000 };
    char *text = memory_allocate(2 * COLUMNS * 2 + LINES, 1);
    size_t length = 0;
    for (size_t row = 0; row < 2; row++)
        for (size_t c = 0; c < COLUMNS; c++) {
            text[length++] = '1';
            text[length++] = c + 1 < COLUMNS ? ',' : '\n';
        }
    memset(text + length, '\n', LINES);
    struct table *table = read_long(text, length + LINES, 2);
    cr_assert_eq(table->rows, 2);
    cr_assert_eq(table->columns, COLUMNS);
    table_free(table);
    memory_free(text);
}
