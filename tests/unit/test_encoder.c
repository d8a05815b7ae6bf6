/* Tables into features: what an encoder is fitted to, what rows become, and what a model's file keeps of it. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/table/columns.h"
#include "data/table/encoder.h"
#include "data/table/split.h"

static struct table *read_table(const char *text) {
    struct table *table;
    struct table_options options = {.threads = 1};
    cr_assert_eq(table_from_memory("t.csv", text, strlen(text), &options, &table), MINNOW_OK, "%s",
                 minnow_last_error());
    return table;
}

/* Fitted on the first `rows` rows of the table. */
static struct encoder *fit(const struct table *table, size_t rows, const struct encoder_options *options) {
    struct notes notes = {0};
    struct encoder *encoder;
    uint32_t *row = memory_allocate(rows, sizeof *row);
    for (size_t i = 0; i < rows; i++)
        row[i] = (uint32_t)i;
    cr_assert_eq(encoder_begin(table, options, &notes, &encoder), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(encoder_fit(encoder, table, row, rows, options, &notes), MINNOW_OK, "%s",
                 minnow_last_error());
    memory_free(row);
    notes_free(&notes);
    return encoder;
}

/* The features of one row. */
static void encode(const struct encoder *encoder, const struct table *table, uint32_t row, float *values) {
    struct encoding *encoding;
    cr_assert_eq(encoding_open(encoder, table, &encoding), MINNOW_OK, "%s", minnow_last_error());
    encoding_rows(encoding, &row, 1, values);
    encoding_close(encoding);
}

static void expect_features(const struct encoder *encoder, const struct table *table, uint32_t row,
                            const float *expected) {
    float values[64];
    cr_assert_leq(encoder->features, 64);
    encode(encoder, table, row, values);
    for (size_t i = 0; i < encoder->features; i++)
        cr_assert_float_eq(values[i], expected[i], 1e-6, "row %u, feature %zu: %f, expected %f", row, i,
                           (double)values[i], (double)expected[i]);
}

static const char SMALL[] = "size,colour,class\n"
                            "1,red,a\n3,blue,b\n,red,a\n5,,b\n7,green,a\n";

Test(encoder, numbers_are_standardised_and_categories_one_hot) {
    struct table *table = read_table(SMALL);
    struct encoder *encoder =
        fit(table, 4, &(struct encoder_options){0}); /* without the green one, and the 7 */
    float spread = sqrtf(8.0F / 3.0F);
    cr_assert_eq(encoder->features, 4);
    cr_assert_float_eq(encoder->columns[0].centre, 3.0F, 1e-6);
    cr_assert_float_eq(encoder->columns[0].spread, spread, 1e-6);
    expect_features(encoder, table, 0, (const float[]){-2 / spread, 0, 1, 0});
    expect_features(encoder, table, 2,
                    (const float[]){0, 1, 1, 0}); /* the gap: the median, 3, and the indicator */
    expect_features(encoder, table, 3,
                    (const float[]){2 / spread, 0, 1, 0}); /* the gap: the most frequent, red */
    expect_features(encoder, table, 4,
                    (const float[]){4 / spread, 0, 0, 0}); /* a value that training never saw */
    encoder_free(encoder);
    table_free(table);
}

Test(encoder, scales) {
    static const char text[] = "x,class\n1,a\n2,b\n3,a\n4,b\n5,a\n";
    static const struct {
        enum encoder_scale scale;
        float centre, spread;
    } cases[] = {
        {SCALE_STANDARD, 3, 1.4142135F}, {SCALE_ROBUST, 3, 2}, {SCALE_MINMAX, 1, 4}, {SCALE_NONE, 0, 1}};
    struct table *table = read_table(text);
    for (size_t i = 0; i < 4; i++) {
        struct encoder_options options = {.scale = cases[i].scale, .scale_given = true, .keep = "x"};
        struct encoder *encoder = fit(table, 5, &options);
        cr_assert_float_eq(encoder->columns[0].centre, cases[i].centre, 1e-6);
        cr_assert_float_eq(encoder->columns[0].spread, cases[i].spread, 1e-6);
        encoder_free(encoder);
    }
    table_free(table);
}

/* Ten of one value, ten of another, and three that come once each: those share a place, with what is new. */
Test(encoder, rare_and_unseen_values_share_a_place) {
    char text[16384];
    size_t length = (size_t)sprintf(text, "c,class\n");
    for (size_t i = 0; i < 600; i++)
        length += (size_t)sprintf(text + length, "%s,%c\n",
                                  i < 3   ? (const char *[]){"p", "q", "r"}[i]
                                  : i % 2 ? "u"
                                          : "v",
                                  i % 3 ? 'a' : 'b');
    sprintf(text + length, "new,a\n");
    struct table *table = read_table(text);
    struct encoder *encoder = fit(table, 600, &(struct encoder_options){0});
    cr_assert_eq(encoder->features, 3);
    expect_features(encoder, table, 3, (const float[]){1, 0, 0});
    expect_features(encoder, table, 0, (const float[]){0, 0, 1});
    expect_features(encoder, table, 600, (const float[]){0, 0, 1});
    encoder_free(encoder);
    table_free(table);
}

static struct table *many_values(size_t rows, size_t values) {
    char *text = memory_allocate(rows, 32);
    size_t length = (size_t)sprintf(text, "c,class\n");
    for (size_t i = 0; i < rows; i++)
        length += (size_t)sprintf(text + length, "value%zu,%c\n", i % values, i % 3 ? 'a' : 'b');
    struct table *table = read_table(text);
    memory_free(text);
    return table;
}

/* Such a column has no feature, and a model's file could not say anything of it. */
Test(encoder, texts_that_training_lacks_are_left_out) {
    struct table *table = read_table("a,b,class\n1,,x\n2,,y\n3,,x\n4,u,y\n5,v,x\n");
    struct encoder *encoder = fit(table, 3, &(struct encoder_options){.scale = SCALE_NONE}), *again;
    cr_assert_eq(encoder->column_count, 1);
    cr_assert_str_eq(encoder->columns[0].name, "a");

    char *text;
    cr_assert_eq(encoder_to_text(encoder, &text), MINNOW_OK);
    cr_assert_eq(encoder_from_text("model", text, &again), MINNOW_OK, "%s", minnow_last_error());
    free(text);
    encoder_free(again);
    encoder_free(encoder);
    table_free(table);
}

Test(encoder, many_values_are_hashed) {
    struct table *table = many_values(3000, 300);
    struct encoder *encoder = fit(table, 3000, &(struct encoder_options){0});
    float first[256], again[256], sum = 0;
    cr_assert_eq(encoder->columns[0].kind, ENCODER_HASHED);
    encode(encoder, table, 7, first);
    encode(encoder, table, 307, again);
    for (size_t i = 0; i < encoder->features; i++)
        sum += first[i];
    cr_assert_eq(sum, 1.0F);
    cr_assert_arr_eq(first, again, encoder->features * sizeof *first);
    encoder_free(encoder);
    table_free(table);
}

/* ---- Columns that tell nothing ---- */

Test(encoder, keys_and_constants_are_left_out) {
    char text[8192];
    size_t length = (size_t)sprintf(text, "row,customer_id,name,same,x,class\n");
    for (int i = 0; i < 60; i++)
        length += (size_t)sprintf(text + length, "%d,%d,n%d,5,%d,%c\n", i + 1, i * 7919 % 1000, i, i % 7,
                                  i % 2 ? 'a' : 'b');
    struct table *table = read_table(text);
    enum column_use use[6];
    struct notes notes = {0};
    struct encoder_options options = {0};
    cr_assert_eq(columns_choose(table, "class", &options, &notes, use), MINNOW_OK);
    const enum column_use expected[] = {COLUMN_COUNTS,   COLUMN_NAMES, COLUMN_NAMES,
                                        COLUMN_CONSTANT, COLUMN_USED,  COLUMN_LABEL};
    cr_assert_arr_eq(use, expected, sizeof use);
    cr_assert_eq(notes.count, 3);

    options = (struct encoder_options){.ignore = "x,name", .keep = "row"};
    cr_assert_eq(columns_choose(table, "class", &options, &notes, use), MINNOW_OK);
    cr_assert_eq(use[0], COLUMN_USED);
    cr_assert_eq(use[2], COLUMN_IGNORED);
    cr_assert_eq(use[4], COLUMN_IGNORED);
    options = (struct encoder_options){.ignore = "y"};
    cr_assert_eq(columns_choose(table, "class", &options, &notes, use), MINNOW_ERROR_ARGUMENT);
    notes_free(&notes);
    table_free(table);
}

/* ---- Labels ---- */

static void expect_label(const char *text, const char *option, const char *label, enum encoder_task task,
                         size_t classes) {
    struct table *table = read_table(text);
    struct notes notes = {0};
    struct encoder *encoder;
    minnow_status status = encoder_begin(table, &(struct encoder_options){.label = option}, &notes, &encoder);
    if (label == NULL) {
        cr_assert_neq(status, MINNOW_OK, "%s", text);
    } else {
        cr_assert_eq(status, MINNOW_OK, "%s", minnow_last_error());
        cr_assert_str_eq(encoder->label, label);
        cr_assert_eq(encoder->task, task);
        cr_assert_eq(encoder->class_count, classes);
    }
    encoder_free(encoder);
    notes_free(&notes);
    table_free(table);
}

Test(encoder, the_label_is_said_or_guessed) {
    expect_label("a,Species,c\n1,x,2\n3,y,4\n", NULL, "Species", TASK_CLASSES, 2);
    expect_label("a,b\n1,x\n3,y\n", NULL, "b", TASK_CLASSES, 2);
    expect_label("1,2,x\n3,4,y\n", NULL, "column 3", TASK_CLASSES, 2);
    expect_label("a,b,c\n1,2,3\n3,4,5\n", NULL, NULL, 0, 0);
    expect_label("a,b,c\n1,2,3\n3,4,5\n", "last", "c", TASK_CLASSES, 2);
    expect_label("a,b,c\n1,2,3\n3,4,5\n", "first", "a", TASK_CLASSES, 2);
    expect_label("a,b,c\n1,2,3\n3,4,5\n", "2", "b", TASK_CLASSES, 2);
    expect_label("a,b,c\n1,2,3\n3,4,5\n", "4", NULL, 0, 0);
    expect_label("a,b\n1,x\n3,x\n", "b", NULL, 0, 0);
    expect_label("a,y\n1,0.5\n2,1.5\n3,2.5\n4,3.5\n5,4.5\n6,5.5\n7,6.5\n8,7.5\n9,8.5\n10,9.5\n11,1.25\n",
                 NULL, "y", TASK_REGRESSION, 0);
}

Test(encoder, labels_of_other_tables) {
    struct table *table = read_table("x,label\n1,10\n2,2\n3,2\n4,10\n"),
                 *other = read_table("label,x\n2,1\n10,1\n,1\n");
    struct encoder *encoder = fit(table, 4, &(struct encoder_options){0});
    uint32_t labels[4];
    cr_assert_str_eq(encoder->classes[0], "2");
    cr_assert_str_eq(encoder->classes[1], "10");
    cr_assert_eq(encoder_labels(encoder, other, labels), MINNOW_OK);
    cr_assert_arr_eq(labels, ((const uint32_t[]){0, 1, TABLE_GAP}), 3 * sizeof *labels);
    table_free(other);

    other = read_table("label,x\n2,1\n3,1\n");
    cr_assert_eq(encoder_labels(encoder, other, labels), MINNOW_ERROR_INPUT);
    cr_assert(strstr(minnow_last_error(), "\"3\", which training never saw") != NULL, "%s",
              minnow_last_error());
    table_free(other);
    encoder_free(encoder);
    table_free(table);
}

/* ---- Other tables ---- */

Test(encoder, columns_come_in_any_order_and_none_may_lack) {
    struct table *table = read_table(SMALL), *other = read_table("more,colour,size\n9,blue,1\n8,red,1\n");
    struct encoder *encoder = fit(table, 4, &(struct encoder_options){0});
    float spread = encoder->columns[0].spread;
    expect_features(encoder, other, 0, (const float[]){-2 / spread, 0, 0, 1});
    table_free(other);

    struct encoding *encoding;
    other = read_table("more,colour\n9,blue\n8,red\n");
    cr_assert_eq(encoding_open(encoder, other, &encoding), MINNOW_ERROR_INPUT);
    cr_assert(strstr(minnow_last_error(), "lacks the column \"size\"") != NULL, "%s", minnow_last_error());
    table_free(other);
    encoder_free(encoder);
    table_free(table);
}

Test(encoder, gaps_may_be_errors) {
    struct table *table = read_table(SMALL);
    struct encoder *encoder = fit(table, 4, &(struct encoder_options){.gaps_are_errors = true});
    struct encoding *encoding;
    cr_assert_eq(encoding_open(encoder, table, &encoding), MINNOW_OK);
    cr_assert_eq(encoding_check_row(encoding, 1), MINNOW_OK);
    cr_assert_eq(encoding_check_row(encoding, 2), MINNOW_ERROR_INPUT);
    cr_assert(strstr(minnow_last_error(), "row 3, column \"size\"") != NULL, "%s", minnow_last_error());
    encoding_close(encoding);
    encoder_free(encoder);
    table_free(table);
}

/* ---- Pixels ---- */

static char *pixel_table(size_t rows, unsigned most) {
    char *text = memory_allocate(rows + 1, 64 * 4 + 16);
    size_t length = 0;
    for (size_t row = 0; row < rows; row++) {
        length += (size_t)sprintf(text + length, "%zu", row % 3);
        for (size_t c = 0; c < 64; c++)
            length += (size_t)sprintf(text + length, ",%zu", (row * 31 + c * 7) % (most + 1));
        length += (size_t)sprintf(text + length, "\n");
    }
    return text;
}

Test(encoder, pixels_stay_bytes) {
    static const struct {
        unsigned most;
        float scale;
    } cases[] = {{255, 1.0F / 256}, {16, 1.0F / 16}, {1, 1}};
    for (size_t i = 0; i < 3; i++) {
        char *text = pixel_table(300, cases[i].most);
        struct table *table = read_table(text);
        struct encoder *encoder = fit(table, 300, &(struct encoder_options){.label = "first"});
        cr_assert(encoder->bytes);
        cr_assert_eq(encoder->scale, cases[i].scale);

        uint32_t rows[] = {5, 17}, labels[300];
        struct encoding *encoding;
        minnow_dataset *dataset;
        cr_assert_eq(encoder_labels(encoder, table, labels), MINNOW_OK);
        cr_assert_eq(encoding_open(encoder, table, &encoding), MINNOW_OK);
        cr_assert_eq(encoding_dataset(encoding, rows, 2, labels, 2, &dataset), MINNOW_OK);
        cr_assert_eq(dataset->height, 8);
        cr_assert_eq(dataset->labels[1], 17 % 3);
        for (size_t c = 0; c < 64; c++)
            cr_assert_eq(dataset->bytes[64 + c], (17 * 31 + c * 7) % (cases[i].most + 1));
        minnow_dataset_free(dataset);
        encoding_close(encoding);
        encoder_free(encoder);

        encoder = fit(table, 300, &(struct encoder_options){.label = "first", .scale_given = true});
        cr_assert_not(encoder->bytes);
        encoder_free(encoder);
        table_free(table);
        memory_free(text);
    }
}

/* ---- Dividing the rows ---- */

Test(encoder, rows_are_divided_by_class) {
    struct table *table = many_values(1000, 10);
    struct encoder *encoder = fit(table, 1000, &(struct encoder_options){0});
    uint32_t *labels = memory_allocate(1000, sizeof *labels);
    cr_assert_eq(encoder_labels(encoder, table, labels), MINNOW_OK);
    for (uint64_t seed = 0; seed < 3; seed++) {
        struct encoder_split split = {.by_share = true, .share = 0.25, .seed = seed};
        struct row_list rows, test;
        size_t of_class[2] = {0, 0};
        bool seen[1000] = {false};
        cr_assert_eq(rows_with_label(table, labels, &rows), MINNOW_OK);
        cr_assert_eq(rows_divide(encoder, &split, labels, &rows, &test), MINNOW_OK);
        cr_assert_eq(rows.count, 750);
        cr_assert_eq(test.count, 250);
        for (size_t i = 0; i < 250; i++)
            of_class[labels[test.row[i]]]++;
        cr_assert(of_class[1] == 83 || of_class[1] == 84, "%zu", of_class[1]); /* 334 rows are of it */
        for (size_t i = 0; i < 1000; i++) {
            uint32_t row = i < 750 ? rows.row[i] : test.row[i - 750];
            cr_assert_not(seen[row]);
            seen[row] = true;
        }
        row_list_free(&rows);
        row_list_free(&test);
    }
    memory_free(labels);
    encoder_free(encoder);
    table_free(table);
}

Test(encoder, each_fifth_row_and_no_class_alone) {
    struct table *table = read_table("x,class\n1,a\n2,a\n3,a\n4,a\n5,b\n6,a\n7,b\n8,a\n9,a\n0,c\n");
    struct encoder *encoder = fit(table, 10, &(struct encoder_options){0});
    uint32_t labels[10];
    struct row_list rows, test;
    cr_assert_eq(encoder_labels(encoder, table, labels), MINNOW_OK);
    cr_assert_eq(rows_with_label(table, labels, &rows), MINNOW_OK);
    cr_assert_eq(rows_divide(encoder, &(struct encoder_split){0}, labels, &rows, &test), MINNOW_OK);
    cr_assert_eq(test.count, 1); /* row 9 has the only c */
    cr_assert_eq(test.row[0], 4);
    cr_assert_eq(rows.count, 9);
    row_list_free(&rows);
    row_list_free(&test);
    encoder_free(encoder);
    table_free(table);
}

Test(encoder, targets_are_standardised) {
    struct table *table = read_table("a,y\n1,10.5\n2,20.5\n3,30.5\n4,\n5,50.5\n");
    struct encoder_options options = {.label = "y", .task_given = true, .task = TASK_REGRESSION};
    struct encoder *encoder = fit(table, 3, &options);
    uint32_t labels[5], rows[] = {0, 2, 4};
    struct encoding *encoding;
    minnow_dataset *dataset;
    float spread = sqrtf(200.0F / 3.0F);
    cr_assert_float_eq(encoder->target_centre, 20.5F, 1e-5);
    cr_assert_float_eq(encoder->target_spread, spread, 1e-5);
    cr_assert_eq(encoder_labels(encoder, table, labels), MINNOW_OK);
    cr_assert_eq(labels[3], TABLE_GAP);
    cr_assert_eq(encoding_open(encoder, table, &encoding), MINNOW_OK);
    cr_assert_eq(encoding_dataset(encoding, rows, 3, labels, 1, &dataset), MINNOW_OK);
    cr_assert_eq(dataset->classes, 1);
    cr_assert_float_eq(dataset->targets[0], -10 / spread, 1e-6);
    cr_assert_float_eq(dataset->targets[1], 10 / spread, 1e-6);
    cr_assert_float_eq(dataset->targets[2], 30 / spread, 1e-6);
    minnow_dataset_free(dataset);
    encoding_close(encoding);
    encoder_free(encoder);
    table_free(table);
}

/* ---- The model's file ---- */

static void expect_round_trip(const char *text, size_t rows, const struct encoder_options *options) {
    struct table *table = read_table(text);
    struct encoder *encoder = fit(table, rows, options), *again;
    encoder->crc32 = 0x12345678;
    encoder->whole_crc32 = 0x00abcdef;
    encoder->split = (struct encoder_split){.by_share = true, .share = 0.1, .seed = UINT64_MAX};
    encoder->clip = encoder->bytes ? 0 : 3;
    encoder->reading =
        (struct encoder_reading){';', '\'', ',', false, true, memory_copy_string("k.A.,-9"), ','};
    char *first, *second;
    cr_assert_eq(encoder_to_text(encoder, &first), MINNOW_OK);
    cr_assert_eq(encoder_from_text("m", first, &again), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(encoder_to_text(again, &second), MINNOW_OK);
    cr_assert_str_eq(first, second);
    cr_assert_eq(again->features, encoder->features);
    cr_assert_eq(again->split.seed, UINT64_MAX);
    cr_assert_eq(again->whole_crc32, 0x00abcdef);
    cr_assert_str_eq(again->reading.gaps, "k.A.,-9");
    cr_assert(again->reading.delimiter == ';' && again->reading.quote == '\'' &&
              again->reading.decimal == ',');
    cr_assert(again->reading.usual_decimal == ',');
    cr_assert(again->reading.no_header && !again->reading.has_header);

    float own[128], read[128];
    for (uint32_t row = 0; row < table->rows; row++) {
        encode(encoder, table, row, own);
        encode(again, table, row, read);
        cr_assert_arr_eq(own, read, encoder->features * sizeof *own);
    }
    free(first);
    free(second);
    encoder_free(encoder);
    encoder_free(again);
    table_free(table);
}

Test(encoder, text_reads_back_to_the_same_features) {
    char *pixels = pixel_table(100, 255);
    expect_round_trip(SMALL, 4, &(struct encoder_options){0});
    expect_round_trip("a,b,y\n0.1,1e-30,0.5\n3.3,1e30,1.7\n2.2,7,9\n1.1,3,2\n", 4,
                      &(struct encoder_options){.label = "y", .task_given = true, .task = TASK_REGRESSION});
    expect_round_trip(pixels, 100, &(struct encoder_options){.label = "first"});
    memory_free(pixels);
}

Test(encoder, a_files_word_is_not_believed) {
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"version\":2}",
        "{\"version\":1,\"task\":\"classes\",\"numeric_label\":false,\"classes\":[\"a\"],\"label\":\"l\","
        "\"columns\":[]}",
        "{\"version\":1,\"task\":\"regression\",\"target_centre\":0,\"target_spread\":0,\"label\":\"l\","
        "\"columns\":[]}",
        "{\"version\":1,\"task\":\"regression\",\"target_centre\":0,\"target_spread\":1,\"label\":\"l\","
        "\"columns\":[]}",
        "{\"version\":1,\"task\":\"regression\",\"target_centre\":0,\"target_spread\":1,\"label\":\"l\","
        "\"columns\":[{}]}",
        "{\"version\":1,\"task\":\"regression\",\"target_centre\":0,\"target_spread\":1,\"label\":\"l\","
        "\"columns\":[{\"name\":\"x\",\"centre\":0,\"spread\":-1,\"fill\":0,\"gaps\":false}]}",
        "{\"version\":1,\"task\":\"regression\",\"target_centre\":0,\"target_spread\":1,\"label\":\"l\","
        "\"columns\":[{\"name\":\"x\",\"values\":[\"a\"],\"other\":false,\"fill\":1}]}",
        "{\"version\":1,\"task\":\"regression\",\"target_centre\":0,\"target_spread\":1,\"label\":\"l\","
        "\"columns\":[{\"name\":\"x\",\"buckets\":65536},{\"name\":\"y\",\"buckets\":1}]}",
        "{\"version\":1,\"task\":\"regression\",\"target_centre\":0,\"target_spread\":1,\"label\":\"l\","
        "\"split\":{\"crc32\":\"0\"},"
        "\"columns\":[{\"name\":\"x\",\"buckets\":6}]}",
        "{\"version\":1,\"task\":\"regression\",\"target_centre\":0,\"target_spread\":1,\"label\":\"l\","
        "\"reading\":{\"delimiter\":\",\",\"decimal\":\",\"},"
        "\"columns\":[{\"name\":\"x\",\"buckets\":6}]}",
        "{\"version\":1,\"task\":\"regression\",\"target_centre\":0,\"target_spread\":1,\"label\":\"l\","
        "\"reading\":{\"quote\":\"\\n\"},"
        "\"columns\":[{\"name\":\"x\",\"buckets\":6}]}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct encoder *encoder;
        cr_assert_eq(encoder_from_text("m", texts[i], &encoder), MINNOW_ERROR_INPUT, "%s", texts[i]);
        cr_assert_null(encoder);
        cr_assert(strncmp(minnow_last_error(), "m: metadata \"table\": ", 21) == 0, "%s",
                  minnow_last_error());
    }
}
