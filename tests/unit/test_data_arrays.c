/* Data sets of arrays beyond MNIST's own four files: IDX of other types and names, NumPy's arrays in folders and
   archives, and what is found in folders of folders. */
#include "base/npy.h"
#include "data/formats/archive.h"
#include "data/formats/format.h"
#include "data/formats/gzip.h"
#include "data/formats/names.h"
#include "data/inputs.h"
#include "support/zip.h"

TestSuite(arrays, .init = scratch_make, .fini = scratch_remove);

enum { COUNT = 12, FEATURES = 15 };

/* A .npy file of one-byte or float32 numbers; number i is `first` + i · `step` modulo 256. */
static struct bytes npy(const char *type, const char *shape, size_t count, unsigned first, unsigned step) {
    struct bytes out = {0};
    char header[128];
    int length = snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n",
                          type, shape);
    put(&out, "\x93NUMPY\1\0", 8);
    put_le(&out, (uint64_t)length, 2);
    put(&out, header, (size_t)length);
    for (size_t i = 0; i < count; i++) {
        uint8_t byte = (uint8_t)(first + step * i);
        float value = (float)byte;
        if (strcmp(type, "<f4") == 0)
            put(&out, &value, sizeof value);
        else
            put(&out, &byte, 1);
    }
    return out;
}

static struct bytes npy_images(const char *type) {
    return npy(type, "12, 3, 5", COUNT * FEATURES, 0, 7);
}

static struct bytes npy_labels(void) {
    return npy("|u1", "12,", COUNT, 0, 1);
}

static minnow_dataset *open_as(const char *path, minnow_subset subset, struct data_request request) {
    minnow_dataset *dataset;
    cr_assert_eq(dataset_open(path, subset, &request, &dataset), MINNOW_OK, "%s", minnow_last_error());
    return dataset;
}

/* The twelve images of idx_images, of labels 0 to 11. */
static void check_images(minnow_dataset *dataset) {
    cr_assert_eq(dataset->count, COUNT);
    cr_assert_eq(dataset->features, FEATURES);
    cr_assert_not_null(dataset->bytes);
    for (size_t i = 0; i < COUNT * FEATURES; i++)
        cr_assert_eq(dataset->bytes[i], (uint8_t)(7 * i), "pixel %zu", i);
    minnow_dataset_free(dataset);
}

/* ---- Names ---- */

Test(arrays, names_tell_what_they_hold) {
    static const struct {
        const char *name;
        enum name_subset subset;
        enum name_role role;
    } rows[] = {
        {"train-images-idx3-ubyte", NAME_TRAIN, NAME_FEATURES},
        {"emnist-letters-test-labels-idx1-ubyte.gz", NAME_TEST, NAME_LABELS},
        {"qmnist-test50k-labels-idx2-int", NAME_OTHER, NAME_LABELS},
        {"some/folder/x_train.npy", NAME_TRAIN, NAME_FEATURES},
        {"train/y_test", NAME_TEST, NAME_LABELS},
        {"X.npy", NAME_WHOLE, NAME_FEATURES},
        {"val_images", NAME_OTHER, NAME_FEATURES},
        {"trainer", NAME_WHOLE, NAME_NEITHER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct name_meaning meaning = name_meaning(rows[i].name);
        cr_assert_eq(meaning.subset, rows[i].subset, "%s", rows[i].name);
        cr_assert_eq(meaning.role, rows[i].role, "%s", rows[i].name);
    }
}

/* ---- IDX ---- */

static struct bytes idx_int_labels(uint32_t columns) {
    struct bytes bytes = {0};
    put_be32(&bytes, 0xc02);
    put_be32(&bytes, COUNT);
    put_be32(&bytes, columns);
    for (uint32_t i = 0; i < COUNT * columns; i++)
        put_be32(&bytes, i % columns == 0 ? i / columns : 99);
    return bytes;
}

Test(arrays, qmnist_labels_of_eight_columns) {
    write_bytes("qmnist-train-images-idx3-ubyte", idx_images(COUNT, 3, 5));
    write_bytes("qmnist-train-labels-idx2-int", idx_int_labels(8));
    minnow_dataset *dataset = open_as(scratch_folder, MINNOW_SUBSET_TRAIN, (struct data_request){0});
    cr_assert_eq(dataset->classes, 12);
    cr_assert_eq(minnow_dataset_label(dataset, 11), 11);
    check_images(dataset);
    write_bytes("qmnist-train-labels-idx2-int", idx_int_labels(3));
    expect_refused(12, "qmnist-train-labels-idx2-int", "a row of 3 numbers of which one is 1");
}

Test(arrays, idx_of_floats) {
    struct bytes images = {0};
    put_be32(&images, 0xd02);
    put_be32(&images, 2);
    put_be32(&images, 2);
    const uint32_t values[] = {0x3f000000, 0xbf800000, 0, 0x41200000}; /* 0.5, -1, 0, 10 */
    for (size_t i = 0; i < 4; i++)
        put_be32(&images, values[i]);
    write_bytes("train-images-idx2-float", images);
    write_bytes("train-labels-idx1-ubyte", idx_labels(2));
    minnow_dataset *dataset = open_dataset(scratch_folder, MINNOW_SUBSET_TRAIN, 10);
    static const float expected[] = {0.5f, -1.0f, 0.0f, 10.0f};
    cr_assert_null(dataset->bytes);
    cr_assert_arr_eq(dataset->values, expected, sizeof expected);
    minnow_dataset_free(dataset);

    images.data[12] = 0x7f, images.data[13] = 0xc0; /* NaN */
    write_bytes("train-images-idx2-float", images);
    expect_refused(10, "train-images-idx2-float", "number 0 is nan, expected a finite number");
}

/* EMNIST's letters: several sets in a folder, labels from 1, images on their sides. */
Test(arrays, emnist_letters) {
    struct bytes labels = idx_labels(2);
    labels.data[8] = 1, labels.data[9] = 2;
    write_bytes("emnist-letters-train-images-idx3-ubyte", idx_images(2, 3, 5));
    write_bytes("emnist-letters-train-labels-idx1-ubyte", labels);
    write_bytes("emnist-digits-train-images-idx3-ubyte", idx_images(2, 3, 5));
    expect_refused(10, "",
                   "holds several data sets, emnist-digits-train-images-idx3-ubyte and emnist-letters");

    const char *path = scratch_path("emnist-letters");
    minnow_dataset *dataset =
        open_as(path, MINNOW_SUBSET_TRAIN, (struct data_request){.classes = 2, .transpose = true});
    cr_assert(dataset->from_one);
    cr_assert_eq(dataset->labels[0], 0);
    cr_assert_eq(dataset->height, 5);
    cr_assert_eq(dataset->bytes[1], (uint8_t)(7 * 5), "the first column's second pixel");
    minnow_dataset_free(dataset);
}

Test(arrays, classes_are_counted_over_both_subsets) {
    struct bytes few = idx_labels(COUNT), more = idx_labels(COUNT);
    for (size_t i = 8; i < 8 + COUNT; i++)
        few.data[i] = 1 + i % 3, more.data[i] = 1 + i % 5;
    write_bytes("train-images-idx3-ubyte", idx_images(COUNT, 3, 5));
    write_bytes("train-labels-idx1-ubyte", few);
    write_bytes("t10k-images-idx3-ubyte", idx_images(COUNT, 3, 5));
    write_bytes("t10k-labels-idx1-ubyte", more);
    minnow_dataset *train = open_as(scratch_folder, MINNOW_SUBSET_TRAIN, (struct data_request){0});
    minnow_dataset *test = open_as(scratch_folder, MINNOW_SUBSET_TEST, (struct data_request){0});
    dataset_settle_classes(train, test);
    cr_assert_eq(train->classes, 5);
    cr_assert_eq(test->classes, 5);
    cr_assert_eq(train->labels[0], 8 % 3);
    minnow_dataset_free(train);
    minnow_dataset_free(test);
}

/* torchvision keeps its files two folders further in; unpacked archives often have a folder for each file. */
Test(arrays, folders_in_folders) {
    static const char *const folders[] = {"MNIST", "MNIST/raw", "MNIST/raw/train-images-idx3-ubyte"};
    for (size_t i = 0; i < 3; i++)
        cr_assert_eq(mkdir(scratch_path(folders[i]), 0700), 0);
    write_bytes("MNIST/raw/train-images-idx3-ubyte/train-images-idx3-ubyte", idx_images(COUNT, 3, 5));
    write_bytes("MNIST/raw/train-labels-idx1-ubyte", idx_labels(COUNT));
    check_images(open_dataset(scratch_folder, MINNOW_SUBSET_TRAIN, 10));

    cr_assert_eq(mkdir(scratch_path("other"), 0700), 0);
    write_bytes("other/train-images-idx3-ubyte", idx_images(COUNT, 3, 5));
    expect_refused(10, "", "holds several data sets");
}

/* ---- NumPy ---- */

Test(arrays, folder_of_npy) {
    write_bytes("x_train.npy", npy_images("<f4"));
    write_bytes("y_train.npy", npy_labels());
    cr_assert_not(dataset_folder_has(scratch_folder, MINNOW_SUBSET_TEST));
    check_images(open_dataset(scratch_folder, MINNOW_SUBSET_TRAIN, 12));
    write_bytes("x_train.npy", npy("|u1", "11, 15", 11 * FEATURES, 0, 7));
    expect_refused(12, "x_train.npy", "11 images, but");
    write_bytes("x_train.npy", npy("|O8", "11, 15", 11, 0, 7));
    expect_refused(12, "x_train.npy", "Python objects");
}

/* Fortran order: the first index runs fastest. */
Test(arrays, places_in_fortran_order) {
    struct array array = {.fortran_order = true, .rank = 3, .shape = {2, 3, 5}};
    for (size_t n = 0; n < 2; n++)
        for (size_t y = 0; y < 3; y++)
            for (size_t x = 0; x < 5; x++)
                cr_assert_eq(array_place(&array, n, 5 * y + x, 15), n + 2 * (y + 3 * x));
}

Test(arrays, npy_to_predict_from) {
    struct bytes images = npy("|u1", "2, 15", 2 * FEATURES, 0, 7);
    struct byte_stream stream;
    struct inputs *inputs;
    float values[3 * FEATURES];
    size_t count;
    stream_from_memory("array", images.data, images.size, &stream);
    cr_assert_eq(inputs_open(&stream, FEATURES, 0.5f, &inputs), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(inputs_read(inputs, 3, values, &count), MINNOW_OK);
    cr_assert_eq(count, 2);
    cr_assert_eq(values[16], 0.5f * 7 * 16);
    inputs_close(inputs);
    stream_from_memory("array", images.data, images.size, &stream);
    cr_assert_eq(inputs_open(&stream, FEATURES + 1, 0.5f, &inputs), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "samples of 15 values, but the network takes 16"));
}

/* ---- Archives ---- */

static bool without_archives(void) {
    write_text("probe.zip", "PK\3\4");
    struct name_set list;
    bool without = archive_list(scratch_path("probe.zip"), &list) != MINNOW_OK &&
                   strstr(minnow_last_error(), "built without libarchive") != NULL;
    remove(scratch_path("probe.zip"));
    return without;
}

Test(arrays, npz_of_two_subsets) {
    if (without_archives())
        cr_skip_test("built without libarchive");
    struct zip zip = {0};
    zip_add(&zip, "x_train.npy", npy_images("|u1"));
    zip_add(&zip, "y_train.npy", npy_labels());
    zip_add(&zip, "x_test.npy", npy("|u1", "2, 15", 2 * FEATURES, 0, 7));
    zip_add(&zip, "y_test.npy", npy("|u1", "2,", 2, 3, 1));
    write_bytes("mnist.npz", zip_end(&zip));
    check_images(open_dataset(scratch_path("mnist.npz"), MINNOW_SUBSET_TRAIN, 12));
    check_images(open_dataset(scratch_folder, MINNOW_SUBSET_TRAIN, 12));
    minnow_dataset *test = open_dataset(scratch_path("mnist.npz"), MINNOW_SUBSET_TEST, 12);
    cr_assert_eq(test->count, 2);
    cr_assert_eq(test->labels[1], 4);
    minnow_dataset_free(test);
}

/* IDX files, compressed once more, in a zip archive; and one set without subsets, of which every fifth sample is
   for the test. */
Test(arrays, zip_of_idx_and_whole_sets) {
    if (without_archives())
        cr_skip_test("built without libarchive");
    struct bytes images = idx_images(COUNT, 3, 5);
    struct zip idx = {0}, whole = {0};
    zip_add(&idx, "mnist/train-images-idx3-ubyte.gz", gzip(images.data, images.size));
    zip_add(&idx, "mnist/train-labels-idx1-ubyte", idx_labels(COUNT));
    write_bytes("idx.zip", zip_end(&idx));
    check_images(open_dataset(scratch_path("idx.zip"), MINNOW_SUBSET_TRAIN, 10));

    zip_add(&whole, "X.npy", npy_images("|u1"));
    zip_add(&whole, "y.npy", npy_labels());
    write_bytes("whole.npz", zip_end(&whole));
    minnow_dataset *train = open_dataset(scratch_path("whole.npz"), MINNOW_SUBSET_TRAIN, 12);
    minnow_dataset *test = open_dataset(scratch_path("whole.npz"), MINNOW_SUBSET_TEST, 12);
    cr_assert_eq(train->count, 10);
    cr_assert_eq(test->count, 2);
    cr_assert_eq(test->labels[0], 4);
    cr_assert_eq(test->bytes[0], (uint8_t)(7 * 4 * FEATURES));
    cr_assert_eq(train->labels[4], 5);
    minnow_dataset_free(train);
    minnow_dataset_free(test);
}

Test(arrays, damaged_archives) {
    if (without_archives())
        cr_skip_test("built without libarchive");
    struct zip zip = {0};
    zip_add(&zip, "x_train.npy", npy_images("|u1"));
    zip_add(&zip, "y_train.npy", npy_labels());
    size_t members = zip.all.size; /* behind them, the directory alone is missing, which says nothing new */
    struct bytes whole = zip_end(&zip);
    for (size_t size = 40; size < members; size += 7) {
        scratch_write(scratch_path("cut.npz"), whole.data, size);
        minnow_dataset *dataset;
        cr_assert_eq(minnow_dataset_open(scratch_path("cut.npz"), MINNOW_SUBSET_TRAIN, 12, &dataset),
                     MINNOW_ERROR_INPUT, "%zu of %zu bytes", size, whole.size);
    }
}

/* 400 MB of zeros in 400 kB of gzip. */
Test(arrays, gzip_bomb) {
    enum { PIECE = 1 << 20, PIECES = 400 };
    cr_assert_eq(gzip_plausible(1000), (size_t)1 << 28);
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
    uint8_t *zeros = calloc(1, PIECE), *bomb = malloc(PIECES * 4096);
    cr_assert(compressor != NULL && zeros != NULL && bomb != NULL);
    size_t one = libdeflate_gzip_compress(compressor, zeros, PIECE, bomb, 4096);
    cr_assert_gt(one, 0);
    for (size_t i = 1; i < PIECES; i++)
        memcpy(bomb + i * one, bomb, one);
    struct file_bytes expanded;
    cr_assert_eq(gzip_expand("bomb", bomb, PIECES * one, SIZE_MAX, &expanded), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "expands to more than the"), "%s", minnow_last_error());
    libdeflate_free_compressor(compressor);
    free(zeros);
    free(bomb);
}

/* ---- CIFAR ---- */

Test(arrays, cifar_10_batches) {
    enum { RECORD = 3073 };
    uint8_t *records = calloc(2, RECORD);
    cr_assert_not_null(records);
    records[0] = 9;
    records[1] = 11, records[1 + 1024] = 22, records[1 + 2048] = 33; /* the first pixel's colours */
    scratch_write(scratch_path("data_batch_1.bin"), records, RECORD);
    scratch_write(scratch_path("data_batch_2.bin"), records, 2 * RECORD);
    write_text("batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\ntruck\n\n");
    minnow_dataset *dataset = open_as(scratch_folder, MINNOW_SUBSET_TRAIN, (struct data_request){0});
    cr_assert_eq(dataset->count, 3);
    cr_assert_eq(dataset->classes, 10);
    cr_assert_eq(dataset->labels[1], 9);
    cr_assert_str_eq(dataset->class_names[9], "truck");
    const uint8_t pixel[] = {11, 22, 33};
    cr_assert_arr_eq(dataset->bytes, pixel, 3);
    minnow_dataset_free(dataset);
    scratch_write(scratch_path("data_batch_1.bin"), records, RECORD - 1);
    expect_refused(10, "data_batch_1.bin", "3072 bytes, expected records of 3073");
    free(records);
}
