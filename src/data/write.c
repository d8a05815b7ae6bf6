/* Datasets out: the original program's CSV files, and IDX. */
#include <stdio.h>
#include <string.h>

#include "base/byte_order.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/output_folder.h"
#include "base/status.h"
#include "data/dataset.h"

/* The two files of a subset, while they are written. */
struct outputs {
    struct output_folder *folder;
    struct output *images, *labels;
};

static minnow_status open_outputs(const char *folder, const char *images, const char *labels,
                                  struct outputs *out) {
    *out = (struct outputs){0};
    minnow_status status = output_folder_open(folder, &out->folder);
    if (status != MINNOW_OK)
        return status;

    status = output_folder_add(out->folder, images, &out->images);
    if (status == MINNOW_OK)
        status = output_folder_add(out->folder, labels, &out->labels);
    return status == MINNOW_OK ? MINNOW_OK : output_folder_close(out->folder, status);
}

/* ---- CSV ---- */

/* What a feature can be written as, at most, with its comma. */
enum { FIELD = NUMBER_TEXT + 1 };

/* The text of every byte · scale. */
struct byte_texts {
    char text[256][FIELD];
    size_t length[256];
};

/* byte / 256 as Python's repr of a float, which is its exact value: at least one digit and at most eight. */
static size_t write_256th(unsigned byte, char text[FIELD]) {
    size_t length = (size_t)snprintf(text, FIELD, "0.%08u", byte * 390625U);
    while (length > 3 && text[length - 1] == '0')
        length--;
    return length;
}

static void fill_byte_texts(float scale, struct byte_texts *texts) {
    for (unsigned byte = 0; byte < 256; byte++) {
        char *text = texts->text[byte];
        size_t length =
            scale == PIXEL_SCALE ? write_256th(byte, text) : number_write_shortest((float)byte * scale, text);
        text[length] = ',';
        texts->length[byte] = length + 1;
    }
}

static void write_byte_rows(const minnow_dataset *dataset, const struct byte_texts *texts, char *line,
                            struct output *output) {
    for (size_t row = 0; row < dataset->count; row++) {
        const uint8_t *bytes = dataset->bytes + row * dataset->features;
        char *end = line;
        for (size_t i = 0; i < dataset->features; i++) {
            /* A copy of constant length is one move or two; what is too much is overwritten or cut off. */
            memcpy(end, texts->text[bytes[i]], FIELD);
            end += texts->length[bytes[i]];
        }
        end[-1] = '\n';
        output_write(output, line, (size_t)(end - line));
    }
}

static void write_value_rows(const minnow_dataset *dataset, char *line, struct output *output) {
    for (size_t row = 0; row < dataset->count; row++) {
        const float *values = dataset->values + row * dataset->features;
        char *end = line;
        for (size_t i = 0; i < dataset->features; i++) {
            end += number_write_shortest(values[i], end);
            *end++ = ',';
        }
        end[-1] = '\n';
        output_write(output, line, (size_t)(end - line));
    }
}

static void write_one_hot_rows(const minnow_dataset *dataset, char *line, struct output *output) {
    size_t length = 4 * dataset->classes;
    for (size_t i = 0; i < dataset->classes; i++)
        memcpy(line + 4 * i, "0.0,", 4);
    line[length - 1] = '\n';
    for (size_t row = 0; row < dataset->count; row++) {
        char *digit = line + (size_t)4 * dataset->labels[row];
        *digit = '1';
        output_write(output, line, length);
        *digit = '0';
    }
}

minnow_status dataset_write_csv(const minnow_dataset *dataset, minnow_subset subset, const char *folder) {
    char *line = memory_allocate(dataset->features + 1, FIELD);
    char *one_hot = memory_allocate(dataset->classes, 4);
    struct byte_texts *texts = memory_allocate(1, sizeof *texts);
    struct outputs outputs;
    minnow_status status;
    if (line == NULL || one_hot == NULL || texts == NULL)
        status = fail_memory("a line of CSV");
    else if (subset == MINNOW_SUBSET_TRAIN)
        status = open_outputs(folder, "train_images.csv", "train_labels.csv", &outputs);
    else
        status = open_outputs(folder, "test_images.csv", "test_labels.csv", &outputs);
    if (status == MINNOW_OK) {
        if (dataset->bytes != NULL) {
            fill_byte_texts(dataset->scale, texts);
            write_byte_rows(dataset, texts, line, outputs.images);
        } else {
            write_value_rows(dataset, line, outputs.images);
        }
        write_one_hot_rows(dataset, one_hot, outputs.labels);
        status = output_folder_close(outputs.folder, MINNOW_OK);
    }
    memory_free(texts);
    memory_free(one_hot);
    memory_free(line);
    return status;
}

/* ---- IDX ---- */

static void write_header(struct output *output, size_t rank, const size_t *sizes) {
    uint8_t header[16] = {0, 0, 8, (uint8_t)rank};
    for (size_t i = 0; i < rank; i++)
        store_be32(header + 4 + 4 * i, (uint32_t)sizes[i]);
    output_write(output, header, 4 + 4 * rank);
}

/* The shape of an image. CSV does not say it: a square where the features make one, otherwise a row. */
static void image_shape(const minnow_dataset *dataset, size_t *height, size_t *width) {
    *height = dataset->height;
    *width = dataset->width;
    if (*height != 0)
        return;
    size_t side = 1;
    while (side * side < dataset->features)
        side++;
    *height = side * side == dataset->features ? side : 1;
    *width = dataset->features / *height;
}

static void write_idx_labels(const minnow_dataset *dataset, struct output *output) {
    write_header(output, 1, &dataset->count);
    for (size_t i = 0; i < dataset->count; i++) {
        uint8_t label = (uint8_t)dataset->labels[i];
        output_write(output, &label, 1);
    }
}

minnow_status dataset_write_idx(const minnow_dataset *dataset, minnow_subset subset, const char *folder) {
    if (dataset->bytes == NULL || dataset->scale != PIXEL_SCALE)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "%s: the features are not all bytes / 256, which IDX files hold; write CSV",
                    dataset->source);
    if (dataset->classes > 256)
        return fail(MINNOW_ERROR_ARGUMENT, "%s: %zu classes, but IDX labels are bytes; write CSV",
                    dataset->source, dataset->classes);
    struct outputs outputs;
    minnow_status status;
    if (subset == MINNOW_SUBSET_TRAIN)
        status = open_outputs(folder, "train-images-idx3-ubyte", "train-labels-idx1-ubyte", &outputs);
    else
        status = open_outputs(folder, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", &outputs);
    if (status != MINNOW_OK)
        return status;
    size_t sizes[3] = {dataset->count};
    image_shape(dataset, &sizes[1], &sizes[2]);
    write_header(outputs.images, 3, sizes);
    output_write(outputs.images, dataset->bytes, dataset->count * dataset->features);
    write_idx_labels(dataset, outputs.labels);
    return output_folder_close(outputs.folder, MINNOW_OK);
}
