/* Samples to predict: the same from memory, a file and a pipe, each as soon as it is there; and what is wrong
 * is told. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <string.h>
#include <unistd.h>
#include "base/memory.h"
#include "data/inputs.h"
#include "support/scratch.h"

TestSuite(inputs, .init = scratch_make, .fini = scratch_remove);

enum { FEATURES = 4 };

/* Three images of 2 × 2. */
static const uint8_t images[] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0,  0,
                                 0, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255};
/* The second row is of bytes / 256. */
static const char rows[] = "0.1,-2,3e5,0\r\n0.5,0,0.99609375,0.00390625\n1,2,3,4";
static const float row_values[] = {0.1f, -2, 3e5f, 0, 64, 0, 127.5f, 0.5f, 1, 2, 3, 4};
static const float scale = 0.5f;

static struct inputs *open_inputs(struct byte_stream *stream, size_t features) {
    struct inputs *inputs;
    cr_assert_eq(inputs_open(stream, features, scale, &inputs), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_null(stream->bytes);
    return inputs;
}

static void expect_samples(struct byte_stream *stream, const float *expected, size_t count, size_t most) {
    struct inputs *inputs = open_inputs(stream, FEATURES);
    float values[8 * FEATURES];
    size_t got, total = 0;
    do {
        cr_assert_eq(inputs_read(inputs, most, values, &got), MINNOW_OK, "%s", minnow_last_error());
        cr_assert(got <= most && total + got <= count);
        cr_assert_arr_eq(values, expected + total * FEATURES, got * FEATURES * sizeof(float));
        total += got;
    } while (got > 0);
    cr_assert_eq(total, count);
    inputs_close(inputs);
}

/* Each number of samples at a time, from memory and from a file. */
static void expect_everywhere(const void *bytes, size_t size, const float *expected, size_t count) {
    struct byte_stream stream;
    const char *path = scratch_path("file");
    scratch_write(path, bytes, size);
    for (size_t most = 1; most <= 8; most++) {
        stream_from_memory("memory", bytes, size, &stream);
        expect_samples(&stream, expected, count, most);
        cr_assert_eq(stream_open(path, &stream), MINNOW_OK);
        expect_samples(&stream, expected, count, most);
    }
}

static void image_values(float values[3 * FEATURES]) {
    for (size_t i = 0; i < 3 * FEATURES; i++)
        values[i] = (float)images[16 + i] * scale;
}

static size_t compress(const void *bytes, size_t size, uint8_t *out, size_t room) {
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
    size_t compressed = libdeflate_gzip_compress(compressor, bytes, size, out, room);
    cr_assert_neq(compressed, 0);
    libdeflate_free_compressor(compressor);
    return compressed;
}

Test(inputs, reads_images_and_rows_compressed_or_not) {
    float expected[3 * FEATURES];
    uint8_t compressed[512];
    image_values(expected);
    expect_everywhere(images, sizeof images, expected, 3);
    expect_everywhere(compressed, compress(images, sizeof images, compressed, sizeof compressed), expected,
                      3);
    expect_everywhere(rows, sizeof rows - 1, row_values, 3);
    expect_everywhere(compressed, compress(rows, sizeof rows - 1, compressed, sizeof compressed), row_values,
                      3);
    uint8_t none[16];
    memcpy(none, images, sizeof none);
    none[7] = 0;
    expect_everywhere(none, sizeof none, expected, 0);
}

static void put(int fd, const void *bytes, size_t size) {
    cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
}

/* Writes the bytes in two parts, the first of which holds `whole` samples and some of the next: these are
   delivered before the second part is there. */
static void expect_in_time(const void *bytes, size_t size, size_t first, const float *expected, size_t whole,
                           size_t count) {
    int ends[2];
    struct byte_stream stream;
    float values[8 * FEATURES];
    size_t got;
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(stream_from_fd("pipe", ends[0], &stream), MINNOW_OK);
    put(ends[1], bytes, first);
    struct inputs *inputs = open_inputs(&stream, FEATURES);
    cr_assert_eq(inputs_read(inputs, 8, values, &got), MINNOW_OK);
    cr_assert_eq(got, whole);
    cr_assert_arr_eq(values, expected, whole * FEATURES * sizeof(float));
    put(ends[1], (const uint8_t *)bytes + first, size - first);
    close(ends[1]);
    cr_assert_eq(inputs_read(inputs, 8, values, &got), MINNOW_OK);
    cr_assert_eq(got, count - whole);
    cr_assert_arr_eq(values, expected + whole * FEATURES, got * FEATURES * sizeof(float));
    cr_assert_eq(inputs_read(inputs, 8, values, &got), MINNOW_OK);
    cr_assert_eq(got, 0);
    inputs_close(inputs);
    cr_assert_eq(close(ends[0]), 0, "the descriptor is the caller's");
}

Test(inputs, a_pipe_is_read_as_far_as_it_has_come) {
    float expected[3 * FEATURES];
    image_values(expected);
    expect_in_time(images, sizeof images, 16 + 4, expected, 1, 3);
    expect_in_time(images, sizeof images, 16 + 11, expected, 2, 3);
    expect_in_time(rows, sizeof rows - 1, 16, row_values, 1, 3);
    expect_in_time(rows, sizeof rows - 1, sizeof rows - 1, row_values, 2, 3);
}

/* A file many times the size of what is read at once, and lines that end anywhere in it. */
Test(inputs, large_files_come_in_pieces) {
    enum { COUNT = 20000, LARGE = 100 };
    char *text = malloc(COUNT * LARGE * 8), *at = text;
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < LARGE; j++)
            at += sprintf(at, "%zu%c", (i * 31 + j * 7) % 997 + 1, j + 1 < LARGE ? ',' : '\n');
    scratch_write(scratch_path("file"), text, (size_t)(at - text));
    struct byte_stream stream;
    cr_assert_eq(stream_open(scratch_path("file"), &stream), MINNOW_OK);
    struct inputs *inputs = open_inputs(&stream, LARGE);
    float values[64 * LARGE];
    size_t got, total = 0;
    do {
        cr_assert_eq(inputs_read(inputs, 64, values, &got), MINNOW_OK, "%s", minnow_last_error());
        for (size_t i = 0; i < got * LARGE; i++)
            cr_assert_eq(values[i], (float)(((total + i / LARGE) * 31 + i % LARGE * 7) % 997 + 1));
        total += got;
    } while (got > 0);
    cr_assert_eq(total, COUNT);
    inputs_close(inputs);
    free(text);
}

/* ---- Refusals ---- */

static void expect_refused(struct byte_stream *stream, size_t before, const char *message) {
    struct inputs *inputs = NULL;
    float values[8 * FEATURES];
    size_t got, total = 0;
    minnow_status status = inputs_open(stream, FEATURES, scale, &inputs);
    while (status == MINNOW_OK) {
        status = inputs_read(inputs, 8, values, &got);
        total += got;
        cr_assert(got > 0 || status != MINNOW_OK, "expected \"%s\", but there was no failure", message);
    }
    inputs_close(inputs);
    cr_assert_eq(status, MINNOW_ERROR_INPUT);
    cr_assert_eq(total, before, "%s: %zu samples before it, expected %zu", message, total, before);
    cr_assert_not_null(strstr(minnow_last_error(), message), "expected \"%s\" in: %s", message,
                       minnow_last_error());
    cr_assert_eq(strncmp(minnow_last_error(), "F: ", 3), 0, "%s", minnow_last_error());
}

/* From memory, where the end is known, and from a pipe. */
static void expect_both_refused(const void *bytes, size_t size, size_t before, size_t before_piped,
                                const char *message) {
    struct byte_stream stream;
    int ends[2];
    stream_from_memory("F", bytes, size, &stream);
    expect_refused(&stream, before, message);
    cr_assert_eq(pipe(ends), 0);
    put(ends[1], bytes, size);
    close(ends[1]);
    cr_assert_eq(stream_from_fd("F", ends[0], &stream), MINNOW_OK);
    expect_refused(&stream, before_piped, message);
    close(ends[0]);
}

static void expect_text_refused(const char *text, size_t before, const char *message) {
    expect_both_refused(text, strlen(text), before, before, message);
}

Test(inputs, refuses_what_is_not_as_announced) {
    uint8_t bytes[sizeof images + 1];
    memcpy(bytes, images, sizeof images);
    bytes[sizeof images] = 1;
    expect_both_refused("", 0, 0, 0, "is empty");
    expect_both_refused(bytes, sizeof bytes, 0, 3, "1 bytes follow the 12 that the header announces");
    expect_both_refused(bytes, sizeof images - 1, 0, 2, "announces 12 bytes of data, 11 follow");
    expect_both_refused(bytes, 20, 0, 1, "announces 12 bytes of data, 4 follow");
    expect_both_refused(bytes, 15, 0, 0, "too short for the IDX header");
    bytes[11] = 3;
    expect_both_refused(bytes, sizeof images, 0, 0, "images of 3 × 2 pixels, but the network takes 4 values");
    bytes[3] = 1;
    expect_both_refused(bytes, sizeof images, 0, 0, "are images and labels mixed up?");
    static const uint8_t huge[] = {0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    expect_both_refused(huge, sizeof huge, 0, 0, "the product of the dimensions overflows");
    static const uint8_t zip[] = {0x1f, 0x8b, 8, 0, 0, 0};
    expect_both_refused(zip, sizeof zip, 0, 0, "not a gzip file, or one cut short");
    expect_text_refused("1,2,3\n", 0, "rows of 3 values, but the network takes 4");
    expect_text_refused("1,2,3,4,5\n", 0, "rows of 5 values, but the network takes 4, and no label");
    expect_text_refused("1,2,3,4\n1,2,3\n", 1, "line 2: 3 values, expected 4 as in line 1");
    expect_text_refused("1,2,3,4\n1,2,3,4\n1,2,x,4\n", 2, "line 3, value 3: expected a finite number");
    expect_text_refused("1,2,3,nan\n", 0, "expected a finite number");
    expect_text_refused("label,p1,p2,p3\n", 0, "line 1, value 1: expected a finite number");
}

Test(inputs, refuses_what_cannot_be_opened) {
    struct byte_stream stream;
    cr_assert_eq(stream_open(scratch_path("none"), &stream), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "cannot be opened"));
    cr_assert_eq(stream_open(scratch_folder, &stream), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "is a folder"));
    cr_assert_eq(stream_from_fd("closed", 999, &stream), MINNOW_ERROR_INPUT);
    stream_close(&stream);
    int fd = open("/dev/null", O_WRONLY);
    cr_assert_eq(stream_from_fd("F", fd, &stream), MINNOW_OK);
    expect_refused(&stream, 0, "cannot be read");
    close(fd);
}

/* A bad row is told once, with the rows before it, and those behind it follow. */
Test(inputs, rows_go_on_behind_a_bad_one) {
    static const char text[] = "1,2\n3,x\n4,5\n6\n7,8\n";
    struct byte_stream stream;
    stream_from_memory("rows", (const uint8_t *)text, sizeof text - 1, &stream);
    struct inputs *inputs = open_inputs(&stream, 2);
    float values[8 * 2];
    size_t got;
    cr_assert_eq(inputs_read(inputs, 8, values, &got), MINNOW_ERROR_INPUT);
    cr_assert_eq(got, 1);
    cr_assert(inputs_sample_is_bad(inputs));
    cr_assert_not_null(strstr(minnow_last_error(), "line 2, value 2"), "%s", minnow_last_error());
    cr_assert_eq(inputs_read(inputs, 8, values, &got), MINNOW_ERROR_INPUT);
    cr_assert_eq(got, 1);
    cr_assert_float_eq(values[0], 4.0f, 0);
    cr_assert(inputs_sample_is_bad(inputs));
    cr_assert_not_null(strstr(minnow_last_error(), "line 4: 1 values"), "%s", minnow_last_error());
    cr_assert_eq(inputs_read(inputs, 8, values, &got), MINNOW_OK);
    cr_assert_eq(got, 1);
    cr_assert_float_eq(values[1], 8.0f, 0);
    cr_assert_not(inputs_sample_is_bad(inputs));
    cr_assert(inputs_have_features(inputs));
    inputs_close(inputs);
}

/* Where the first row shows that the file is not for this network, or is none of rows, nothing can follow. */
Test(inputs, a_wrong_file_is_not_a_bad_row) {
    static const char *const wrong[] = {"1,2,3\n1,2\n", "GGUF\3\n1,2\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct byte_stream stream;
        stream_from_memory("wrong", (const uint8_t *)wrong[i], strlen(wrong[i]), &stream);
        struct inputs *inputs = open_inputs(&stream, 2);
        float values[2];
        size_t got;
        cr_assert_eq(inputs_read(inputs, 1, values, &got), MINNOW_ERROR_INPUT);
        cr_assert_not(inputs_sample_is_bad(inputs));
        inputs_close(inputs);
    }
}
