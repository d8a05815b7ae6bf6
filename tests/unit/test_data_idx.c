/* IDX files, compressed or not, and the folder that holds them: what is accepted, and every refusal by its
 * message. */
#include "data/formats/gzip.h"
#include "support/dataset_files.h"

TestSuite(idx, .init = scratch_make, .fini = scratch_remove);

static const char IMAGES[] = "train-images-idx3-ubyte", LABELS[] = "train-labels-idx1-ubyte";
static const char IMAGES_GZ[] = "train-images-idx3-ubyte.gz", LABELS_GZ[] = "train-labels-idx1-ubyte.gz";

static void check_twelve(const minnow_dataset *dataset) {
    cr_assert_eq(minnow_dataset_count(dataset), 12);
    cr_assert_eq(minnow_dataset_features(dataset), 15);
    cr_assert_eq(minnow_dataset_classes(dataset), 10);
    cr_assert_eq(dataset->height, 3);
    cr_assert_eq(dataset->width, 5);
    cr_assert_eq(dataset->scale, 0x1p-8F);
    for (size_t i = 0; i < 12; i++)
        cr_assert_eq(minnow_dataset_label(dataset, i), i % 10);
    for (size_t i = 0; i < 12 * 15; i++)
        cr_assert_eq(dataset->bytes[i], (uint8_t)(7 * i), "pixel %zu", i);
}

static void open_twelve(minnow_subset subset) {
    minnow_dataset *dataset = open_dataset(scratch_folder, subset, 10);
    check_twelve(dataset);
    cr_assert_str_eq(dataset->source, scratch_folder);
    minnow_dataset_free(dataset);
}

/* ---- What is accepted ---- */

Test(idx, plain_files) {
    write_bytes(IMAGES, idx_images(12, 3, 5));
    write_bytes(LABELS, idx_labels(12));
    cr_assert(dataset_folder_has(scratch_folder, MINNOW_SUBSET_TRAIN));
    cr_assert_not(dataset_folder_has(scratch_folder, MINNOW_SUBSET_TEST));
    open_twelve(MINNOW_SUBSET_TRAIN);
}

Test(idx, test_files_with_dotted_names) {
    struct bytes images = idx_images(12, 3, 5), labels = idx_labels(12);
    write_bytes("t10k-images.idx3-ubyte", images);
    write_bytes("t10k-labels.idx1-ubyte.gz", gzip(labels.data, labels.size));
    cr_assert(dataset_folder_has(scratch_folder, MINNOW_SUBSET_TEST));
    open_twelve(MINNOW_SUBSET_TEST);
}

Test(idx, gzip_files) {
    struct bytes images = idx_images(12, 3, 5), labels = idx_labels(12);
    write_bytes(IMAGES_GZ, gzip(images.data, images.size));
    write_bytes(LABELS_GZ, gzip(labels.data, labels.size));
    open_twelve(MINNOW_SUBSET_TRAIN);
}

/* gzip's manual: concatenated members expand to the concatenation. */
Test(idx, gzip_of_several_members) {
    struct bytes images = idx_images(12, 3, 5), members = {0};
    for (size_t begin = 0; begin < images.size; begin += 50) {
        size_t size = images.size - begin < 50 ? images.size - begin : 50;
        struct bytes member = gzip(images.data + begin, size);
        put(&members, member.data, member.size);
    }
    write_bytes(IMAGES_GZ, members);
    write_bytes(LABELS, idx_labels(12));
    open_twelve(MINNOW_SUBSET_TRAIN);
}

/* Browsers expand a download and keep its name. */
Test(idx, content_decides_whatever_the_name) {
    struct bytes labels = idx_labels(12);
    write_bytes(IMAGES_GZ, idx_images(12, 3, 5));
    write_bytes(LABELS, gzip(labels.data, labels.size));
    open_twelve(MINNOW_SUBSET_TRAIN);
}

/* Compresses a thousandfold: far more than is believed of a file at first. */
Test(idx, gzip_that_expands_very_far) {
    enum { COUNT = 4000, SIZE = 16 + COUNT * 784 };
    uint8_t *zeros = calloc(1, SIZE);
    cr_assert_not_null(zeros);
    const uint8_t header[16] = {0, 0, 8, 3, 0, 0, COUNT >> 8, COUNT & 255, 0, 0, 0, 28, 0, 0, 0, 28};
    memcpy(zeros, header, sizeof header);
    struct bytes images = gzip(zeros, SIZE);
    struct file_bytes expanded;
    cr_assert_eq(gzip_expand("zeros", images.data, images.size, SIZE, &expanded), MINNOW_OK, "%s",
                 minnow_last_error());
    cr_assert_eq(expanded.size, SIZE);
    cr_assert_arr_eq(expanded.data, zeros, SIZE);
    file_bytes_free(&expanded);
    cr_assert_eq(gzip_expand("zeros", images.data, images.size, SIZE - 1, &expanded), MINNOW_ERROR_INPUT);
    cr_assert_null(expanded.data);
    cr_assert_not_null(strstr(minnow_last_error(), "expands to more than the"));
    free(zeros);
}

/* ---- Damaged gzip ---- */

Test(idx, gzip_cut_short_anywhere) {
    struct bytes images = idx_images(12, 3, 5), whole = gzip(images.data, images.size);
    write_bytes(LABELS, idx_labels(12));
    for (size_t size = 2; size < whole.size; size++) {
        scratch_write(scratch_path(IMAGES_GZ), whole.data, size);
        expect_refused(10, IMAGES_GZ, "cut short");
    }
}

Test(idx, gzip_damaged_checksum_or_length) {
    struct bytes images = idx_images(12, 3, 5), whole = gzip(images.data, images.size);
    write_bytes(LABELS, idx_labels(12));
    for (size_t back = 1; back <= 8; back++) {
        struct bytes damaged = whole;
        damaged.data[damaged.size - back] ^= 0x40;
        write_bytes(IMAGES_GZ, damaged);
        expect_refused(10, IMAGES_GZ, "damaged");
    }
}

Test(idx, gzip_followed_by_something_else) {
    struct bytes images = idx_images(12, 3, 5), whole = gzip(images.data, images.size);
    put(&whole, "more", 4);
    write_bytes(IMAGES_GZ, whole);
    write_bytes(LABELS, idx_labels(12));
    expect_refused(10, IMAGES_GZ, "4 bytes that are not gzip data follow the end");
}

Test(idx, gzip_content_longer_than_its_header_says) {
    struct bytes images = idx_images(12, 3, 5);
    put(&images, "x", 1);
    write_bytes(IMAGES_GZ, gzip(images.data, images.size));
    write_bytes(LABELS, idx_labels(12));
    expect_refused(10, IMAGES_GZ, "1 bytes follow the 180");
}

/* ---- Damaged IDX ---- */

/* Overwrites one byte of good images, which must then be refused. */
static void refuse_changed_byte(size_t offset, uint8_t value, const char *why) {
    struct bytes images = idx_images(12, 3, 5);
    images.data[offset] = value;
    write_bytes(IMAGES, images);
    write_bytes(LABELS, idx_labels(12));
    expect_refused(10, IMAGES, why);
}

Test(idx, wrong_magic) {
    refuse_changed_byte(0, 'P', "begins with 50 00, expected the magic 00 00 08 03");
    refuse_changed_byte(1, 1, "begins with 00 01");
}

Test(idx, wrong_type) {
    refuse_changed_byte(2, 0x0a, "element type 0a, expected 08");
    refuse_changed_byte(2, 0x0d, "announces 720 bytes of data, 180 follow");
}

Test(idx, wrong_number_of_dimensions) {
    refuse_changed_byte(3, 1, "1 dimensions, expected 3");
    refuse_changed_byte(3, 255, "255 dimensions, expected 3");
}

Test(idx, cut_short_anywhere) {
    struct bytes images = idx_images(12, 3, 5);
    write_bytes(LABELS, idx_labels(12));
    for (size_t size = 1; size < images.size; size++) {
        scratch_write(scratch_path(IMAGES), images.data, size);
        expect_refused(10, IMAGES, "cut short");
    }
}

Test(idx, trailing_bytes) {
    struct bytes images = idx_images(12, 3, 5);
    put(&images, "xyz", 3);
    write_bytes(IMAGES, images);
    write_bytes(LABELS, idx_labels(12));
    expect_refused(10, IMAGES, "3 bytes follow the 180 that the header announces");
}

/* 2^32 - 1 images of (2^32 - 1)² pixels; and a product that wraps to exactly what is there, 2^64 + 0. */
Test(idx, product_of_dimensions_overflows) {
    static const uint32_t shapes[][3] = {{0xffffffff, 0xffffffff, 0xffffffff}, {0x80000000, 0x80000000, 4}};
    write_bytes(LABELS, idx_labels(12));
    for (size_t i = 0; i < 2; i++) {
        struct bytes images = {0};
        put_be32(&images, 0x803);
        for (size_t j = 0; j < 3; j++)
            put_be32(&images, shapes[i][j]);
        write_bytes(IMAGES, images);
        expect_refused(10, IMAGES, "product of the dimensions overflows");
    }
}

Test(idx, dimensions_larger_than_memory) {
    struct bytes images = {0};
    put_be32(&images, 0x803);
    put_be32(&images, 0x7fffffff);
    put_be32(&images, 0x10000);
    put_be32(&images, 1);
    write_bytes(IMAGES, images);
    write_bytes(LABELS, idx_labels(12));
    expect_refused(10, IMAGES, "announces 140737488289792 bytes of data, 0 follow");
}

Test(idx, empty_files) {
    write_text(IMAGES, "");
    write_bytes(LABELS, idx_labels(12));
    expect_refused(10, IMAGES, "is empty");
    write_bytes(IMAGES, idx_images(12, 3, 5));
    write_text(LABELS, "");
    expect_refused(10, LABELS, "is empty");
}

Test(idx, no_items_or_no_pixels) {
    write_bytes(IMAGES, idx_images(0, 3, 5));
    write_bytes(LABELS, idx_labels(0));
    expect_refused(10, LABELS, "holds 0 labels");
    write_bytes(IMAGES, idx_images(12, 0, 5));
    write_bytes(LABELS, idx_labels(12));
    expect_refused(10, IMAGES, "0 × 5 pixels, expected 1 to 65536");
}

Test(idx, images_of_too_many_pixels) {
    enum { SIDE = 257 };
    uint8_t *bytes = calloc(1, 16 + SIDE * SIDE);
    cr_assert_not_null(bytes);
    const uint8_t header[16] = {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1};
    memcpy(bytes, header, sizeof header);
    scratch_write(scratch_path(IMAGES), bytes, 16 + SIDE * SIDE);
    free(bytes);
    write_bytes(LABELS, idx_labels(1));
    expect_refused(10, IMAGES, "257 × 257 pixels, expected 1 to 65536");
}

/* ---- The folder, and what files have in common ---- */

Test(idx, counts_that_differ) {
    write_bytes(IMAGES, idx_images(11, 3, 5));
    write_bytes(LABELS, idx_labels(12));
    expect_refused(10, IMAGES, "11 images, but");
    cr_assert_not_null(strstr(minnow_last_error(), "has 12 labels"));
    write_bytes(IMAGES, idx_images(13, 3, 5));
    expect_refused(10, IMAGES, "13 images, but");
}

Test(idx, label_beyond_the_classes) {
    struct bytes labels = idx_labels(12);
    labels.data[8 + 5] = 11;
    write_bytes(IMAGES, idx_images(12, 3, 5));
    write_bytes(LABELS, labels);
    expect_refused(10, LABELS, "label 11 at item 5, expected 0 to 9");
    minnow_dataset_free(open_dataset(scratch_folder, MINNOW_SUBSET_TRAIN, 12));
    expect_refused(11, LABELS, "label 11 at item 5, expected 0 to 10");
}

Test(idx, classes_out_of_range) {
    write_bytes(IMAGES, idx_images(12, 3, 5));
    write_bytes(LABELS, idx_labels(12));
    minnow_dataset *dataset;
    cr_assert_eq(minnow_dataset_open(scratch_folder, MINNOW_SUBSET_TRAIN, 0, &dataset),
                 MINNOW_ERROR_ARGUMENT);
    cr_assert_null(dataset);
    cr_assert_eq(minnow_dataset_open(scratch_folder, MINNOW_SUBSET_TRAIN, 65537, &dataset),
                 MINNOW_ERROR_ARGUMENT);
    cr_assert_eq(minnow_dataset_open(scratch_folder, (minnow_subset)2, 10, &dataset), MINNOW_ERROR_ARGUMENT);
}

Test(idx, folder_without_files) {
    cr_assert_not(dataset_folder_has(scratch_folder, MINNOW_SUBSET_TRAIN));
    expect_refused(10, "", "holds no train-images-idx3-ubyte");
}

Test(idx, labels_are_missing) {
    write_bytes(IMAGES, idx_images(12, 3, 5));
    expect_refused(10, "", "no labels; expected train-labels-idx1-ubyte");
}

static void refuse_folder(const char *folder, const char *why) {
    minnow_dataset *dataset;
    cr_assert_not(dataset_folder_has(folder, MINNOW_SUBSET_TRAIN));
    cr_assert_eq(minnow_dataset_open(folder, MINNOW_SUBSET_TRAIN, 10, &dataset), MINNOW_ERROR_INPUT);
    cr_assert_null(dataset);
    cr_assert_not_null(strstr(minnow_last_error(), why), "%s", minnow_last_error());
}

Test(idx, folder_that_is_none) {
    write_text("file", "hello");
    refuse_folder(scratch_path("file"),
                  "is plain text, expected a table, or a folder or archive of data files");
    refuse_folder(scratch_path("missing"), "No such file or directory");
    refuse_folder("", "No such file or directory");
}

Test(idx, file_that_is_a_folder) {
    cr_assert_eq(mkdir(scratch_path(IMAGES), 0700), 0);
    write_bytes(LABELS, idx_labels(12));
    expect_refused(10, IMAGES, "is a folder, expected a file");
}

Test(idx, file_that_may_not_be_read) {
    write_bytes(IMAGES, idx_images(12, 3, 5));
    write_bytes(LABELS, idx_labels(12));
    cr_assert_eq(chmod(scratch_folder, 0755), 0);
    cr_assert_eq(chmod(scratch_path(LABELS), 0), 0);
    scratch_drop_root();
    expect_refused(10, LABELS, "Permission denied");
}
