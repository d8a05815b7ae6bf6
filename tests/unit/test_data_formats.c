/* Every row of the table of data formats: it is whole, reads back what it writes, and knows its own files from
   the others'. A new row is tested by being in the table. */
#include <string.h>

#include "data/dataset.h"
#include "data/formats/format.h"
#include "data/inputs.h"
#include "support/dataset_files.h"

TestSuite(formats, .init = scratch_make, .fini = scratch_remove);

enum { COUNT = 11, HEIGHT = 3, WIDTH = 5, FEATURES = HEIGHT * WIDTH, CLASSES = 10 };

/* Samples that every format can hold: bytes / 256 and few classes. Every byte appears that is a multiple
   of 7. */
static minnow_dataset *sample_dataset(void) {
    uint8_t pixels[COUNT * FEATURES];
    uint32_t labels[COUNT];
    minnow_dataset *dataset;
    for (size_t i = 0; i < COUNT * FEATURES; i++)
        pixels[i] = (uint8_t)(7 * i);
    for (size_t i = 0; i < COUNT; i++)
        labels[i] = (uint32_t)(3 * i % CLASSES);

    minnow_status status =
        minnow_dataset_from_bytes(pixels, labels, COUNT, FEATURES, CLASSES, PIXEL_SCALE, &dataset);
    cr_assert_eq(status, MINNOW_OK, "%s", minnow_last_error());
    return dataset;
}

static void write_subset(const struct data_format *format, minnow_subset subset, const char *folder) {
    minnow_dataset *dataset = sample_dataset();
    cr_assert_eq(format->write(dataset, subset, folder), MINNOW_OK, "%s: %s", format->name,
                 minnow_last_error());
    minnow_dataset_free(dataset);
}

/* Rows that are only read are tested in files of their own. */
static bool is_written(size_t row) {
    return data_formats[row]->write != NULL;
}

static bool has(const struct data_format *format, const char *folder, minnow_subset subset) {
    bool has;
    cr_assert_eq(format->has(folder, subset, &has), MINNOW_OK, "%s", minnow_last_error());
    return has;
}

static const struct data_format *format_of(const char *folder, minnow_subset subset) {
    const struct data_format *format;
    cr_assert_eq(data_format_of_folder(folder, subset, &format), MINNOW_OK, "%s", minnow_last_error());
    return format;
}

Test(formats, every_row_is_whole) {
    for (size_t i = 0; i < data_format_count; i++) {
        const struct data_format *format = data_formats[i];
        cr_assert(format->name != NULL && *format->name != '\0', "row %zu", i);
        cr_assert(format->help != NULL && *format->help != '\0', "%s", format->name);
        for (int subset = 0; subset < 2; subset++)
            cr_assert(format->files[subset] != NULL && *format->files[subset] != '\0', "%s", format->name);
        cr_assert(format->has != NULL && format->read != NULL, "%s", format->name);
        cr_assert_eq(format->recognise != NULL, format->stream != NULL, "%s", format->name);
        cr_assert_eq(data_format_find(format->name), format, "%s: two rows of one name", format->name);
    }
    cr_assert_null(data_format_find(""));
    cr_assert_null(data_format_find("parchment"));
}

Test(formats, what_is_written_is_read_back) {
    for (size_t i = 0; i < data_format_count; i++) {
        const struct data_format *format = data_formats[i];
        for (int s = 0; s < 2 && is_written(i); s++) {
            minnow_subset subset = (minnow_subset)s, other = (minnow_subset)!s;
            minnow_dataset *expected = sample_dataset();
            cr_assert_not(has(format, scratch_folder, subset), "%s", format->name);
            write_subset(format, subset, scratch_folder);

            cr_assert(has(format, scratch_folder, subset), "%s", format->name);
            cr_assert_not(has(format, scratch_folder, other), "%s", format->name);
            cr_assert(dataset_folder_has(scratch_folder, subset), "%s", format->name);
            for (size_t j = 0; j < data_format_count; j++)
                cr_assert_eq(has(data_formats[j], scratch_folder, subset), i == j,
                             "%s takes the folder of %s", data_formats[j]->name, format->name);
            cr_assert_eq(format_of(scratch_folder, subset), format, "%s", format->name);

            minnow_dataset *dataset = open_dataset(scratch_folder, subset, CLASSES);
            cr_assert_eq(minnow_dataset_features(dataset), FEATURES, "%s", format->name);
            cr_assert_eq(dataset_crc32(dataset), dataset_crc32(expected), "%s", format->name);
            cr_assert_eq(dataset->scale, expected->scale, "%s", format->name);
            cr_assert_str_eq(dataset->source, scratch_folder);
            minnow_dataset_free(dataset);
            minnow_dataset_free(expected);
            scratch_remove();
            scratch_make();
        }
    }
    cr_assert_null(format_of(scratch_folder, MINNOW_SUBSET_TRAIN));
}

/* Labels that are too large are found by each reader, before it looks at the features. */
Test(formats, labels_of_more_classes_are_refused) {
    for (size_t i = 0; i < data_format_count; i++) {
        if (!is_written(i))
            continue;
        write_subset(data_formats[i], MINNOW_SUBSET_TRAIN, scratch_folder);
        expect_refused(9, "", "label 9 at item 3, expected 0 to 8");
        scratch_remove();
        scratch_make();
    }
}

/* A folder without data is told what it could have held: a file of each row. */
Test(formats, folder_of_none_names_the_files_of_all) {
    for (size_t i = 0; i < data_format_count; i++)
        expect_refused(CLASSES, "", data_formats[i]->files[MINNOW_SUBSET_TRAIN]);
}

/* ---- Streams ---- */

/* The path of the file that holds the features of a subset, after write_subset: the first of the two names
   that the row's `files` begins with. */
static const char *features_file(const struct data_format *format) {
    char name[256];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(format->files[MINNOW_SUBSET_TEST], ","),
             format->files[MINNOW_SUBSET_TEST]);
    return scratch_path(name);
}

static void expect_all_samples(struct byte_stream *stream, const struct data_format *format) {
    enum { MOST = COUNT + 1 };
    const float scale = 0.25f;
    minnow_dataset *expected = sample_dataset();
    float values[MOST * FEATURES];
    struct inputs *inputs;
    size_t count;
    cr_assert_eq(inputs_open(stream, FEATURES, scale, &inputs), MINNOW_OK, "%s: %s", format->name,
                 minnow_last_error());

    cr_assert_eq(inputs_read(inputs, MOST, values, &count), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(count, COUNT, "%s: %zu samples", format->name, count);
    for (size_t i = 0; i < COUNT * FEATURES; i++)
        cr_assert_eq(values[i], (float)expected->bytes[i] * scale, "%s: value %zu", format->name, i);

    cr_assert_eq(inputs_read(inputs, MOST, values, &count), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(count, 0, "%s", format->name);
    inputs_close(inputs);
    minnow_dataset_free(expected);
}

Test(formats, each_recognises_its_own_files_alone) {
    for (size_t i = 0; i < data_format_count; i++) {
        if (!is_written(i))
            continue;
        write_subset(data_formats[i], MINNOW_SUBSET_TEST, scratch_folder);
        size_t size;
        uint8_t *bytes = scratch_read(features_file(data_formats[i]), &size);
        for (size_t j = 0; j < data_format_count; j++)
            if (data_formats[j]->recognise != NULL)
                cr_assert_eq(data_formats[j]->recognise(bytes, size), i == j, "%s on a file of %s",
                             data_formats[j]->name, data_formats[i]->name);
        cr_assert_eq(data_format_recognise(bytes, size), data_formats[i]);
        free(bytes);
    }
    cr_assert_null(data_format_recognise((const uint8_t *)"", 0));
}

/* As it is and compressed. */
Test(formats, what_is_written_is_streamed) {
    for (size_t i = 0; i < data_format_count; i++) {
        if (!is_written(i))
            continue;
        write_subset(data_formats[i], MINNOW_SUBSET_TEST, scratch_folder);
        size_t size;
        uint8_t *bytes = scratch_read(features_file(data_formats[i]), &size);
        struct byte_stream stream;
        stream_from_memory("plain", bytes, size, &stream);
        expect_all_samples(&stream, data_formats[i]);

        struct bytes compressed = gzip(bytes, size);
        stream_from_memory("compressed", compressed.data, compressed.size, &stream);
        expect_all_samples(&stream, data_formats[i]);
        free(bytes);
    }
}
