/* The original program's CSV files, and the way between them and IDX. */
#include <fcntl.h>
#include "base/memory.h"
#include "base/number.h"
#include "data/formats/csv.h"
#include "data/formats/format.h"
#include "support/dataset_files.h"

TestSuite(csv, .init = scratch_make, .fini = scratch_remove);

static const char IMAGES[] = "train_images.csv", LABELS[] = "train_labels.csv";
static const char TWO_LABELS[] = "1.0,0.0,0.0\n0.0,0.0,1.0\n";

static minnow_dataset *open_text(const char *images, const char *labels, size_t classes) {
    write_text(IMAGES, images);
    write_text(LABELS, labels);
    return open_dataset(scratch_folder, MINNOW_SUBSET_TRAIN, classes);
}

static void refuse_images(const char *images, const char *why) {
    write_text(IMAGES, images);
    write_text(LABELS, TWO_LABELS);
    expect_refused(3, IMAGES, why);
}

static void refuse_labels(const char *labels, const char *why) {
    write_text(IMAGES, "0.0\n0.0\n");
    write_text(LABELS, labels);
    expect_refused(3, LABELS, why);
}

/* ---- What is accepted ---- */

Test(csv, multiples_of_a_256th_are_bytes) {
    minnow_dataset *dataset = open_text("0.0,0.49609375,0.99609375\n0.00390625,0.5,5e-1\n", TWO_LABELS, 3);
    const uint8_t expected[] = {0, 127, 255, 1, 128, 128};
    cr_assert_eq(minnow_dataset_count(dataset), 2);
    cr_assert_eq(minnow_dataset_features(dataset), 3);
    cr_assert_eq(dataset->scale, 0x1p-8F);
    cr_assert_not_null(dataset->bytes);
    cr_assert_arr_eq(dataset->bytes, expected, sizeof expected);
    cr_assert_eq(minnow_dataset_label(dataset, 0), 0);
    cr_assert_eq(minnow_dataset_label(dataset, 1), 2);
    minnow_dataset_free(dataset);
}

/* The first row still fits bytes; the second shows that they do not. */
Test(csv, other_numbers_are_floats) {
    static const char *const seconds[] = {"0.1,-0.5", "1.0,0.0", "256,1e9", "0.001953125,0.5"};
    for (size_t i = 0; i < 4; i++) {
        char text[64];
        float expected[4] = {0.5F, 0.25F};
        cr_assert_eq(sscanf(seconds[i], "%f,%f", &expected[2], &expected[3]), 2);
        snprintf(text, sizeof text, "0.5,0.25\n%s\n", seconds[i]);
        minnow_dataset *dataset = open_text(text, TWO_LABELS, 3);
        cr_assert_null(dataset->bytes, "%s", seconds[i]);
        cr_assert_arr_eq(dataset->values, expected, sizeof expected);
        minnow_dataset_free(dataset);
    }
}

Test(csv, line_ends_and_blanks) {
    minnow_dataset *dataset = open_text("0.5, 0.25 ,0\r\n\t.5,1.e-1,+.25", "0,1\r\n1,0", 2);
    const float expected[] = {0.5F, 0.25F, 0.0F, 0.5F, 0.1F, 0.25F};
    cr_assert_eq(minnow_dataset_count(dataset), 2);
    cr_assert_arr_eq(dataset->values, expected, sizeof expected);
    cr_assert_eq(minnow_dataset_label(dataset, 0), 1);
    cr_assert_eq(minnow_dataset_label(dataset, 1), 0);
    minnow_dataset_free(dataset);
}

/* Each number, read by whichever way the reader takes, is number_read_float's to the bit. */
static void compare_number(const char *text) {
    const char *p = text;
    float expected;
    cr_assert(number_read_float(&p, text + strlen(text), &expected), "%s", text);
    char line[128];
    snprintf(line, sizeof line, "%s,0.1\n", text);
    struct csv_source *source;
    minnow_dataset dataset = {.count = 1};
    cr_assert_eq(csv_from_memory("text", line, strlen(line), &source), MINNOW_OK);
    cr_assert_eq(csv_read_features(source, "labels", &dataset), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(memcmp(dataset.values, &expected, sizeof expected), 0, "%s: %a, expected %a", text,
                 (double)dataset.values[0], (double)expected);
    csv_close(source);
    memory_free(dataset.values);
}

Test(csv, numbers_are_correctly_rounded) {
    /* Halfway between two floats, and just beside; the limits of the short way; float's smallest. */
    static const char *const hard[] = {
        "16777217",
        "16777219",
        "16777217.00000",
        "16777217.000001",
        "1.00000005960464",
        "1.000000059604645",
        "0.000000059604644",
        "999999999999999",
        "9999999999999999",
        "99999999999999.9",
        "9999999999999.99",
        "0.00000000000001",
        "1e-45",
        "1.17549435e-38",
        "3.4028235e38",
        "0.500000029802322",
        "8388608.5",
        "8388609.5",
        /* beside halfway, but halfway as doubles */ "9.84693193435669",
        "9.81549882888794",
        "9.59871530532837",
        "9.28182077407837",
        "000000000000001",
        "0000000000000001.5",
    };
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++)
        compare_number(hard[i]);
    uint32_t state = 1;
    for (int i = 0; i < 20000; i++) {
        char text[64];
        state = state * 1664525u + 1013904223u;
        unsigned whole = state >> (state % 31), decimals = state % 8;
        state = state * 1664525u + 1013904223u;
        snprintf(text, sizeof text, "%u.%0*u", whole, (int)decimals + 1, (state >> 8) % 10000000u);
        compare_number(text);
    }
}

/* Lines longer than the pieces a file is read in. */
Test(csv, long_lines) {
    enum { COLUMNS = 60000 };
    FILE *file = fopen(scratch_path(IMAGES), "w");
    cr_assert_not_null(file);
    for (int row = 0; row < 2; row++)
        for (int i = 0; i < COLUMNS; i++)
            fprintf(file, "%.8f%c", (double)((i + row) % 256) / 256, i + 1 == COLUMNS ? '\n' : ',');
    cr_assert_eq(fclose(file), 0);
    write_text(LABELS, TWO_LABELS);
    minnow_dataset *dataset = open_dataset(scratch_folder, MINNOW_SUBSET_TRAIN, 3);
    cr_assert_eq(minnow_dataset_features(dataset), COLUMNS);
    for (int i = 0; i < 2 * COLUMNS; i++)
        cr_assert_eq(dataset->bytes[i], (i % COLUMNS + i / COLUMNS) % 256, "%d", i);
    minnow_dataset_free(dataset);
}

/* ---- What is refused ---- */

Test(csv, ragged_rows) {
    refuse_images("0.0,0.5\n0.0\n", "line 2: 1 values, expected 2 as in line 1");
    refuse_images("0.0\n0.0,0.0\n", "line 2: 2 values, expected 1 as in line 1");
    refuse_labels("1.0,0.0\n0.0,1.0,0.0\n", "line 2: 3 values, expected 2 as in line 1");
}

Test(csv, values_that_are_no_numbers) {
    static const char *const bad[] = {"abc",  "",    "1.2.3", "0x10", "nan", "inf", "-inf",
                                      "1e99", "--1", ".",     "1 2",  "1;2", "\x01"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[64], why[64];
        snprintf(text, sizeof text, "0.0,0.0\n0.0,%s\n", bad[i]);
        snprintf(why, sizeof why, "line 2, value 2: expected a finite number, found \"%s\"",
                 bad[i][0] == 1 ? "\\x01" : bad[i]);
        refuse_images(text, why);
        snprintf(text, sizeof text, "%s,0.0\n0.0,0.0\n", bad[i]);
        refuse_images(text, "line 1, value 1: expected a finite number");
    }
    refuse_images("0.0,0.0,\n", "line 1, value 3: expected a finite number, found \"\"");
    refuse_images("0.0\n\n0.0\n", "line 2, value 1");
}

Test(csv, empty_files) {
    refuse_images("", "is empty");
    refuse_labels("", "is empty");
}

Test(csv, counts_that_differ) {
    refuse_images("0.0\n", "1 rows, but");
    refuse_images("0.0\n0.5\n0.25\n", "line 3: a row too many");
}

Test(csv, labels_that_are_not_one_hot) {
    refuse_labels("1.0,0.0\n1.0,1.0\n", "line 2: expected a label as one 1 among zeros");
    refuse_labels("0.0,0.0\n1.0,0.0\n", "line 1: expected a label as one 1 among zeros");
    refuse_labels("0.5,0.5\n1.0,0.0\n", "line 1: expected a label as one 1 among zeros");
}

Test(csv, label_beyond_the_classes) {
    refuse_labels("1.0,0.0,0.0,0.0\n0.0,0.0,0.0,1.0\n", "label 3 at item 1, expected 0 to 2");
}

Test(csv, labels_are_missing) {
    write_text(IMAGES, "0.0\n");
    expect_refused(3, "", "no labels; expected train_labels.csv");
}

Test(csv, files_that_are_none) {
    cr_assert_eq(mkdir(scratch_path(IMAGES), 0700), 0);
    write_text(LABELS, TWO_LABELS);
    expect_refused(3, IMAGES, "is a folder");
    cr_assert_eq(rmdir(scratch_path(IMAGES)), 0);
    cr_assert_eq(mkfifo(scratch_path("pipe"), 0600), 0);
    int writer = open(scratch_path("pipe"), O_RDWR);
    cr_assert_geq(writer, 0);
    cr_assert_eq(symlink("pipe", scratch_path(IMAGES)), 0);
    expect_refused(3, IMAGES, "is a device or pipe");
    close(writer);
}

static void fill_line(const char *name, size_t count, const char *text) {
    FILE *file = fopen(scratch_path(name), "w");
    cr_assert_not_null(file);
    for (size_t i = 0; i < count; i++)
        cr_assert_geq(fputs(text, file), 0);
    cr_assert_eq(fclose(file), 0);
}

Test(csv, too_many_values) {
    write_text(LABELS, TWO_LABELS);
    fill_line(IMAGES, 65537, "0.0,");
    expect_refused(3, IMAGES, "line 1: more than 65536 values");
    fill_line(IMAGES, 5 << 20, "0");
    expect_refused(3, IMAGES, "line 1 is longer than 4194304 bytes");
}

/* ---- Writing ---- */

/* A dataset of every byte in 3 × 86 pixels, with the labels 0 to 9. */
static minnow_dataset *every_byte(void) {
    write_bytes("train-images-idx3-ubyte", idx_images(12, 3, 86));
    write_bytes("train-labels-idx1-ubyte", idx_labels(12));
    return open_dataset(scratch_folder, MINNOW_SUBSET_TRAIN, 10);
}

static void expect_same_file(const char *a, const char *b) {
    size_t size_a, size_b;
    uint8_t *bytes_a = scratch_read(scratch_path(a), &size_a),
            *bytes_b = scratch_read(scratch_path(b), &size_b);
    cr_assert_eq(size_a, size_b, "%s: %zu, %s: %zu bytes", a, size_a, b, size_b);
    cr_assert_arr_eq(bytes_a, bytes_b, size_a);
    free(bytes_a);
    free(bytes_b);
}

static void round_trip(uint32_t height, uint32_t width, minnow_subset subset, const char *images,
                       const char *labels) {
    char name[PATH_MAX];
    write_bytes(images, idx_images(12, height, width));
    write_bytes(labels, idx_labels(12));
    minnow_dataset *dataset = open_dataset(scratch_folder, subset, 10);
    cr_assert_eq(csv_format.write(dataset, subset, scratch_path("csv")), MINNOW_OK, "%s",
                 minnow_last_error());
    minnow_dataset_free(dataset);
    dataset = open_dataset(scratch_path("csv"), subset, 10);
    cr_assert_eq(idx_format.write(dataset, subset, scratch_path("idx")), MINNOW_OK, "%s",
                 minnow_last_error());
    minnow_dataset_free(dataset);
    snprintf(name, sizeof name, "idx/%s", images);
    expect_same_file(images, name);
    snprintf(name, sizeof name, "idx/%s", labels);
    expect_same_file(labels, name);
    cr_assert_eq(scratch_count(scratch_path("csv")), 2);
    cr_assert_eq(scratch_count(scratch_path("idx")), 2);
}

/* CSV does not tell an image's shape: a square, or a row. */
Test(csv, idx_to_csv_to_idx_is_the_same_files) {
    round_trip(16, 16, MINNOW_SUBSET_TRAIN, "train-images-idx3-ubyte", "train-labels-idx1-ubyte");
    scratch_remove();
    scratch_make();
    round_trip(1, 258, MINNOW_SUBSET_TEST, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");
}

/* Values as Python prints byte / 256, which is what the original's converter wrote: exact in at most eight
 * decimals. */
Test(csv, written_as_python_prints) {
    minnow_dataset *dataset = every_byte();
    size_t size;
    cr_assert_eq(csv_format.write(dataset, MINNOW_SUBSET_TEST, scratch_folder), MINNOW_OK, "%s",
                 minnow_last_error());
    char *text = (char *)scratch_read(scratch_path("test_images.csv"), &size), *p = text;
    for (size_t i = 0; i < 12 * 258; i++) {
        char expected[32];
        unsigned byte = dataset->bytes[i];
        int length = snprintf(expected, sizeof expected, "%.8f", byte / 256.0);
        while (expected[length - 1] == '0' && expected[length - 2] != '.')
            expected[--length] = '\0';
        cr_assert_eq(strncmp(p, expected, (size_t)length), 0, "%zu: %s, found %.12s", i, expected, p);
        p += length;
        cr_assert_eq(*p++, i % 258 == 257 ? '\n' : ',');
    }
    cr_assert_eq((size_t)(p - text), size);
    free(text);
    text = (char *)scratch_read(scratch_path("test_labels.csv"), &size);
    cr_assert_eq(strncmp(text, "1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0\n0.0,1.0,0.0,", 52), 0, "%s", text);
    cr_assert_eq(size, 12 * 40);
    free(text);
    minnow_dataset_free(dataset);
}

Test(csv, floats_survive) {
    const float values[] = {0.1F, -1.5e-30F, 3.4028235e38F, 1e-45F, 1.0F / 3, 0.0F};
    const uint32_t labels[] = {2, 0};
    minnow_dataset *dataset, *back;
    cr_assert_eq(minnow_dataset_from_floats(values, labels, 2, 3, 3, &dataset), MINNOW_OK);
    cr_assert_eq(csv_format.write(dataset, MINNOW_SUBSET_TRAIN, scratch_folder), MINNOW_OK, "%s",
                 minnow_last_error());
    back = open_dataset(scratch_folder, MINNOW_SUBSET_TRAIN, 3);
    cr_assert_arr_eq(back->values, values, sizeof values);
    cr_assert_arr_eq(back->labels, labels, sizeof labels);
    cr_assert_eq(idx_format.write(dataset, MINNOW_SUBSET_TRAIN, scratch_path("idx")), MINNOW_ERROR_ARGUMENT);
    cr_assert_eq(access(scratch_path("idx"), F_OK), -1);
    minnow_dataset_free(dataset);
    minnow_dataset_free(back);
}

/* Bytes of another scale are written as their values. */
Test(csv, scaled_bytes) {
    const uint8_t pixels[] = {0, 1, 2, 255};
    const uint32_t labels[] = {0, 1};
    minnow_dataset *dataset, *back;
    cr_assert_eq(minnow_dataset_from_bytes(pixels, labels, 2, 2, 2, 0.1F, &dataset), MINNOW_OK);
    cr_assert_eq(csv_format.write(dataset, MINNOW_SUBSET_TRAIN, scratch_folder), MINNOW_OK, "%s",
                 minnow_last_error());
    back = open_dataset(scratch_folder, MINNOW_SUBSET_TRAIN, 2);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(back->values[i], (float)pixels[i] * 0.1F);
    cr_assert_eq(idx_format.write(dataset, MINNOW_SUBSET_TRAIN, scratch_folder), MINNOW_ERROR_ARGUMENT);
    minnow_dataset_free(dataset);
    minnow_dataset_free(back);
}

/* When the labels cannot be written, the images are not either, and what was there stays. */
Test(csv, both_files_or_neither) {
    minnow_dataset *dataset = every_byte();
    size_t size;
    cr_assert_eq(mkdir(scratch_path("out"), 0700), 0);
    write_text("out/train_images.csv", "before");
    cr_assert_eq(mkdir(scratch_path("out/train_labels.csv"), 0700), 0);
    cr_assert_eq(csv_format.write(dataset, MINNOW_SUBSET_TRAIN, scratch_path("out")), MINNOW_ERROR_OUTPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "train_labels.csv"), "%s", minnow_last_error());
    char *text = (char *)scratch_read(scratch_path("out/train_images.csv"), &size);
    cr_assert_str_eq(text, "before");
    cr_assert_eq(scratch_count(scratch_path("out")), 2);
    free(text);
    minnow_dataset_free(dataset);
}

/* The same when it shows only at the end, as on a full disk: labels go to /dev/full. */
Test(csv, both_files_or_neither_on_a_full_disk) {
    minnow_dataset *dataset = every_byte();
    size_t size;
    cr_assert_eq(mkdir(scratch_path("out"), 0777), 0);
    cr_assert_eq(chmod(scratch_path("out"), 0777), 0);
    cr_assert_eq(chmod(scratch_folder, 0755), 0);
    write_text("out/train_images.csv", "before");
    cr_assert_eq(chmod(scratch_path("out/train_images.csv"), 0666), 0);
    cr_assert_eq(symlink("/dev/full", scratch_path("out/train_labels.csv")), 0);
    scratch_drop_root();
    cr_assert_eq(csv_format.write(dataset, MINNOW_SUBSET_TRAIN, scratch_path("out")), MINNOW_ERROR_OUTPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "No space left"), "%s", minnow_last_error());
    char *text = (char *)scratch_read(scratch_path("out/train_images.csv"), &size);
    cr_assert_str_eq(text, "before");
    cr_assert_eq(scratch_count(scratch_path("out")), 2);
    free(text);
    minnow_dataset_free(dataset);
}

Test(csv, folder_that_cannot_be_made) {
    minnow_dataset *dataset = every_byte();
    write_text("file", "");
    cr_assert_eq(idx_format.write(dataset, MINNOW_SUBSET_TRAIN, scratch_path("file/sub")),
                 MINNOW_ERROR_OUTPUT);
    cr_assert_eq(csv_format.write(dataset, MINNOW_SUBSET_TRAIN, scratch_path("file")), MINNOW_ERROR_OUTPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "file"), "%s", minnow_last_error());
    minnow_dataset_free(dataset);
}
