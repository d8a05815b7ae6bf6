/* Pictures: what each kind of file gives and what is refused, shrinking, folders of classes, and digits that are drawn
   anywhere in any light brought to MNIST's form. */
#include "support/pictures.h"

#include "data/dataset.h"
#include "data/formats/format.h"
#include "data/inputs.h"
#include "data/pictures/normalise.h"
#include "support/dataset_files.h"

TestSuite(pictures, .init = scratch_make, .fini = scratch_remove);

static struct picture ramp(size_t height, size_t width, size_t channels) {
    struct picture picture;
    cr_assert_eq(picture_allocate("ramp", height, width, channels, &picture), MINNOW_OK);
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            for (size_t c = 0; c < channels; c++)
                picture.pixels[(y * width + x) * channels + c] = (uint8_t)(8 * y + 3 * x + 40 * c);
    return picture;
}

/* ---- Files ---- */

/* Every prefix of the file, in a block of its own size, is refused in one line; the whole is within `most` of the picture. */
static void expect_decoded(struct picture_file file, const struct picture *expected, int most) {
    struct picture picture;
    const size_t mark = 16; /* a mark of the end, which some do without */
    for (size_t size = 0; size + mark < file.size; size += 1 + file.size / 97) {
        uint8_t *cut = malloc(size + 1);
        memcpy(cut, file.bytes, size);
        cr_assert_eq(picture_decode("cut", cut, size, expected->channels, &picture), MINNOW_ERROR_INPUT,
                     "%zu of %zu bytes", size, file.size);
        cr_assert_null(picture.pixels);
        cr_assert_null(strchr(minnow_last_error(), '\n'));
        free(cut);
    }
    cr_assert_eq(picture_decode("whole", file.bytes, file.size, expected->channels, &picture), MINNOW_OK,
                 "%s", minnow_last_error());
    cr_assert_eq(picture.height, expected->height);
    cr_assert_eq(picture.width, expected->width);
    for (size_t i = 0; i < picture.height * picture.width * picture.channels; i++)
        cr_assert_leq(abs(picture.pixels[i] - expected->pixels[i]), most, "byte %zu", i);
    picture_free(&picture);
    free(file.bytes);
}

Test(pictures, each_kind_is_decoded) {
    for (size_t channels = 1; channels <= 3; channels += 2) {
        struct picture picture = ramp(13, 17, channels);
        expect_decoded(write_pnm(&picture), &picture, 0);
#ifdef MINNOW_HAVE_PNG
        expect_decoded(write_png(&picture), &picture, 0);
#endif
#ifdef MINNOW_HAVE_JPEG
        expect_decoded(write_jpeg(&picture), &picture, 12);
#endif
        picture_free(&picture);
    }
}

static void expect_refused_picture(const char *bytes, size_t size, const char *why) {
    struct picture picture;
    cr_assert_eq(picture_decode("F", (const uint8_t *)bytes, size, 1, &picture), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), why), "%s", minnow_last_error());
}

Test(pictures, plain_text_and_deep_greys) {
    struct picture picture;
    cr_assert_eq(picture_decode("F", (const uint8_t *)"P2 2 1 1000\n0 500 ", 18, 1, &picture), MINNOW_OK);
    cr_assert_eq(picture.pixels[1], 128);
    picture_free(&picture);
    cr_assert_eq(picture_decode("F", (const uint8_t *)"P5 1 1 65535\n\x80\x00", 15, 1, &picture), MINNOW_OK);
    cr_assert_eq(picture.pixels[0], 128);
    picture_free(&picture);
    expect_refused_picture("P2 2 1 255\n7 x", 14, "number 1 of 2");
    expect_refused_picture("P5 2 1 0\n77", 11, "a largest value");
    expect_refused_picture("hello", 5, "expected a picture");
}

/* 60,000 × 60,000 pixels, of which a few bytes are there: refused before memory is taken. */
Test(pictures, huge_ones_are_refused) {
    expect_refused_picture("P5 60000 60000 255\n\1\2\3", 22, "60000 × 60000 pixels");
    expect_refused_picture("P5 0 5 255\n\1\2\3", 14, "5 pixels");
    expect_refused_picture("P5 600640 50 10\n1\2", 18, "which 18 bytes cannot hold");
#ifdef MINNOW_HAVE_PNG
    /* The header of a PNG with its checksum, from zlib's crc32. */
    struct picture picture = ramp(3, 3, 1);
    struct picture_file file = write_png(&picture);
    const uint8_t header[] = {0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 0, 0, 0, 0, 0xef, 0xb1, 0x6f, 0x4f};
    memcpy(file.bytes + 16, header, 8);
    struct picture out;
    cr_assert_eq(picture_decode("F", file.bytes, file.size, 1, &out), MINNOW_ERROR_INPUT);
    free(file.bytes);
    picture_free(&picture);
#endif
}

/* ---- Shrinking ---- */

Test(pictures, areas_are_averaged) {
    const float from[] = {0, 3, 6, 9, 12, 15}; /* 2 × 3 */
    float out[2];
    struct picture_box box = {0, 0, 2, 3};
    cr_assert_eq(area_resize(from, 3, box, 1, 1, 2, out), MINNOW_OK);
    cr_assert_float_eq(out[0], (0 + 9 + 0.5f * (3 + 12)) / 3, 1e-5);
    cr_assert_float_eq(out[1], (6 + 15 + 0.5f * (3 + 12)) / 3, 1e-5);
}

/* ---- Folders ---- */

static void write_picture(const char *name, uint8_t level, size_t side) {
    struct picture picture;
    cr_assert_eq(picture_allocate(name, side, side, 1, &picture), MINNOW_OK);
    memset(picture.pixels, level, side * side);
    struct picture_file file = write_pnm(&picture);
    scratch_write(scratch_path(name), file.bytes, file.size);
    free(file.bytes);
    picture_free(&picture);
}

static void make_folders(const char *const *names) {
    for (; *names != NULL; names++)
        cr_assert_eq(mkdir(scratch_path(*names), 0700), 0);
}

static minnow_dataset *open_pictures(minnow_subset subset, size_t side) {
    minnow_dataset *dataset;
    struct data_request request = {.height = side, .width = side};
    cr_assert_eq(dataset_open(scratch_folder, subset, &request, &dataset), MINNOW_OK, "%s",
                 minnow_last_error());
    return dataset;
}

Test(pictures, a_folder_for_each_class) {
    make_folders((const char *const[]){"train", "train/cat", "train/dog", "test", "test/dog", NULL});
    write_picture("train/cat/a.pgm", 10, 4);
    write_picture("train/dog/b.pgm", 20, 6);
    write_picture("train/dog/c.png", 30, 4); /* whatever its name says */
    write_text("train/dog/notes.txt", "not a picture");
    write_picture("test/dog/d.pgm", 40, 4);
    minnow_dataset *train = open_pictures(MINNOW_SUBSET_TRAIN, 2),
                   *test = open_pictures(MINNOW_SUBSET_TEST, 2);
    cr_assert_eq(train->count, 3);
    cr_assert_eq(train->features, 4);
    cr_assert_eq(train->labels[0], 0);
    cr_assert_eq(train->labels[2], 1);
    cr_assert_eq(train->bytes[4], 20);
    cr_assert_str_eq(train->class_names[1], "dog");
    cr_assert_eq(test->labels[0], 1, "classes are numbered alike in both subsets");
    cr_assert_eq(train->pictures.method, PICTURES_AREA);
    minnow_dataset_free(train);
    minnow_dataset_free(test);
    expect_refused(2, "train/dog/b.pgm", "6 × 6 pixels, but");
    expect_refused(3, "", "folders for 2 classes, expected 3");
}

Test(pictures, classes_by_number_and_no_test_set) {
    make_folders((const char *const[]){"10", "9", NULL});
    for (int i = 0; i < 10; i++) {
        char name[16];
        snprintf(name, sizeof name, "%s/%d.pgm", i < 5 ? "10" : "9", i);
        write_picture(name, (uint8_t)i, 3);
    }
    minnow_dataset *test = open_pictures(MINNOW_SUBSET_TEST, 3);
    cr_assert_eq(test->count, 2);
    cr_assert_str_eq(test->class_names[0], "9");
    cr_assert_eq(test->labels[0], 0);
    minnow_dataset_free(test);
}

/* ---- Digits ---- */

static uint32_t next_random(uint32_t *state) {
    return *state = *state * 1664525u + 1013904223u;
}

/* What a camera and its user do: dark on light, a slope in the light, and noise. */
static void spoil(struct picture *picture, bool inverted, bool lit, bool noisy, uint32_t *random) {
    for (size_t y = 0; y < picture->height; y++)
        for (size_t x = 0; x < picture->width; x++) {
            uint8_t *pixel = picture->pixels + y * picture->width + x;
            double level = inverted ? 255.0 - *pixel : *pixel;
            if (lit || noisy)
                level = 60.0 + 0.55 * level;
            if (lit)
                level += 50.0 * ((double)x / (double)picture->width - 0.5) +
                         40.0 * ((double)y / (double)picture->height - 0.5);
            if (noisy)
                level +=
                    (double)(next_random(random) >> 8 & 31) + (double)(next_random(random) >> 8 & 31) - 31.0;
            *pixel = (uint8_t)fmin(fmax(level, 0.0), 255.0);
        }
}

static double distance(const uint8_t *a, const uint8_t *b) {
    double sum = 0.0;
    for (size_t i = 0; i < NORMALISED_PIXELS; i++)
        sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    return sqrt(sum / NORMALISED_PIXELS);
}

/* The built-in digits, of any size and at any place, come out as they do when nothing was done to them. */
Test(pictures, digits_come_out_the_same_from_any_picture) {
    enum { DIGITS = 40, CANVAS = 200 };
    minnow_dataset *digits;
    uint32_t random = 7;
    cr_assert_eq(minnow_dataset_digits(MINNOW_SUBSET_TEST, DIGITS, 1, &digits), MINNOW_OK);
    double worst = 0.0, sum = 0.0;
    for (size_t i = 0; i < DIGITS; i++) {
        const uint8_t *digit = digits->bytes + i * NORMALISED_PIXELS;
        uint8_t clean[NORMALISED_PIXELS], found[NORMALISED_PIXELS];
        struct picture picture = enlarge(digit, 28, 140, 30, 30, CANVAS);
        cr_assert_eq(picture_normalise("clean", &picture, clean), MINNOW_OK, "%s", minnow_last_error());
        picture_free(&picture);

        size_t side = 60 + next_random(&random) / 65536 % 120;
        size_t top = next_random(&random) / 65536 % (CANVAS - side),
               left = next_random(&random) / 65536 % (CANVAS - side);
        picture = enlarge(digit, 28, side, top, left, CANVAS);
        spoil(&picture, i & 1, i & 2, i & 4, &random);
        cr_assert_eq(picture_normalise("spoilt", &picture, found), MINNOW_OK, "%s", minnow_last_error());
        picture_free(&picture);
        sum += distance(clean, found);
        worst = fmax(worst, distance(clean, found));
    }
    minnow_dataset_free(digits);
    cr_assert_lt(sum / DIGITS, 22.0, "mean distance %.1f of 255, largest %.1f", sum / DIGITS, worst);
}

Test(pictures, nothing_drawn_is_refused) {
    uint8_t out[NORMALISED_PIXELS];
    struct picture picture;
    cr_assert_eq(picture_allocate("white", 90, 120, 1, &picture), MINNOW_OK);
    memset(picture.pixels, 250, 90 * 120);
    cr_assert_eq(picture_normalise("white", &picture, out), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "white: nothing is drawn there"));
    picture_free(&picture);
}

/* The centre of mass is in the middle, and the longer side has 20 pixels. */
Test(pictures, a_bar_is_fitted_and_centred) {
    uint8_t out[NORMALISED_PIXELS];
    struct picture picture;
    cr_assert_eq(picture_allocate("bar", 100, 150, 1, &picture), MINNOW_OK);
    for (size_t y = 20; y < 60; y++)
        memset(picture.pixels + y * 150 + 100, 255, 10);
    cr_assert_eq(picture_normalise("bar", &picture, out), MINNOW_OK, "%s", minnow_last_error());
    picture_free(&picture);
    size_t rows = 0, top = NORMALISED_SIDE;
    for (size_t y = 0; y < NORMALISED_SIDE; y++)
        if (out[y * NORMALISED_SIDE + 14] > 128) {
            top = top < y ? top : y;
            rows++;
        }
    cr_assert_eq(rows, 20);
    cr_assert_eq(top, 5, "first row %zu", top);
}

/* ---- To predict from ---- */

static minnow_status read_one(const struct sample_form *form, struct picture_file file, float *values) {
    struct byte_stream stream;
    struct inputs *inputs;
    size_t count = 0;
    stream_from_memory("photo", file.bytes, file.size, &stream);
    minnow_status status = inputs_open_form(&stream, form, &inputs);
    if (status == MINNOW_OK)
        status = inputs_read(inputs, 1, values, &count);
    inputs_close(inputs);
    free(file.bytes);
    cr_assert_eq(count, status == MINNOW_OK);
    return status;
}

Test(pictures, become_what_the_network_takes) {
    struct picture picture = ramp(20, 20, 1);
    float values[NORMALISED_PIXELS];
    struct sample_form form = {.features = 4, .scale = 0.5f, .pictures = {PICTURES_AREA, 2, 2, 1}};
    cr_assert_eq(read_one(&form, write_pnm(&picture), values), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_float_eq(values[0], 0.5f * (8 * 4.5f + 3 * 4.5f), 0.5);

    form.pictures.method = PICTURES_UNKNOWN;
    cr_assert_eq(read_one(&form, write_pnm(&picture), values), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "does not say which pixels"), "%s", minnow_last_error());
    form.features = NORMALISED_PIXELS;
    picture_free(&picture);
    picture = enlarge((const uint8_t[NORMALISED_PIXELS]){[14 * 28 + 14] = 255, [15 * 28 + 14] = 255}, 28, 112,
                      0, 0, 112);
    cr_assert_eq(read_one(&form, write_pnm(&picture), values), MINNOW_OK, "%s", minnow_last_error());
    picture_free(&picture);
}
