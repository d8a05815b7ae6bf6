/* Small data files for the tests of datasets, made in the scratch folder. */
#ifndef MINNOW_TESTS_DATASET_FILES_H
#define MINNOW_TESTS_DATASET_FILES_H

#include <libdeflate.h>
#include "data/dataset.h"
#include "support/scratch.h"

/* Bytes under construction. */
struct bytes {
    size_t size;
    uint8_t data[4096];
};

static inline void put(struct bytes *bytes, const void *data, size_t size) {
    cr_assert_leq(size, sizeof bytes->data - bytes->size);
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

static inline void put_be32(struct bytes *bytes, uint32_t value) {
    uint8_t text[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    put(bytes, text, sizeof text);
}

/* `count` images of height × width, pixel i of the file being 7 · i modulo 256. */
static inline struct bytes idx_images(uint32_t count, uint32_t height, uint32_t width) {
    struct bytes bytes = {0};
    put_be32(&bytes, 0x803);
    put_be32(&bytes, count);
    put_be32(&bytes, height);
    put_be32(&bytes, width);
    for (uint32_t i = 0; i < count * height * width; i++)
        put(&bytes, &(uint8_t){(uint8_t)(7 * i)}, 1);
    return bytes;
}

/* `count` labels, label i being i modulo 10. */
static inline struct bytes idx_labels(uint32_t count) {
    struct bytes bytes = {0};
    put_be32(&bytes, 0x801);
    put_be32(&bytes, count);
    for (uint32_t i = 0; i < count; i++)
        put(&bytes, &(uint8_t){(uint8_t)(i % 10)}, 1);
    return bytes;
}

/* A gzip member that holds the bytes. */
static inline struct bytes gzip(const void *data, size_t size) {
    struct bytes out = {0};
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
    cr_assert_not_null(compressor);
    out.size = libdeflate_gzip_compress(compressor, data, size, out.data, sizeof out.data);
    libdeflate_free_compressor(compressor);
    cr_assert_neq(out.size, 0);
    return out;
}

static inline void write_bytes(const char *name, struct bytes bytes) {
    scratch_write(scratch_path(name), bytes.data, bytes.size);
}

static inline void write_text(const char *name, const char *text) {
    scratch_write(scratch_path(name), text, strlen(text));
}

static inline minnow_dataset *open_dataset(const char *folder, minnow_subset subset, size_t classes) {
    minnow_dataset *dataset;
    minnow_status status = minnow_dataset_open(folder, subset, classes, &dataset);
    cr_assert_eq(status, MINNOW_OK, "%s", minnow_last_error());
    return dataset;
}

/* The training set of the scratch folder must be refused as INPUT, in one line that names `file` and says
   `why`. */
static inline void expect_refused(size_t classes, const char *file, const char *why) {
    minnow_dataset *dataset = (minnow_dataset *)&dataset;
    minnow_status status = minnow_dataset_open(scratch_folder, MINNOW_SUBSET_TRAIN, classes, &dataset);
    const char *message = minnow_last_error();
    cr_assert_eq(status, MINNOW_ERROR_INPUT, "status %d: %s", status, message);
    cr_assert_null(dataset);
    cr_assert_not_null(strstr(message, *file == '\0' ? scratch_folder : scratch_path(file)), "%s in: %s",
                       file, message);
    cr_assert_not_null(strstr(message, why), "%s in: %s", why, message);
    cr_assert_null(strchr(message, '\n'));
}

#endif
