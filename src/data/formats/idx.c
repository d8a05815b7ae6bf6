/* IDX, the format of MNIST. */
#include "data/formats/idx.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/byte_order.h"
#include "base/file.h"
#include "base/file_kind.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/formats/format.h"
#include "data/formats/gzip.h"
#include "data/formats/pair.h"

enum { TYPE_UNSIGNED_BYTE = 8, IMAGE_RANK = 3, LABEL_RANK = 1 };

/* The dotted names are what some archives of MNIST unpack to. */
static const struct pair_names NAMES[2] = {
    {.images = {"train-images-idx3-ubyte", "train-images-idx3-ubyte.gz", "train-images.idx3-ubyte",
                "train-images.idx3-ubyte.gz"},
     .labels = {"train-labels-idx1-ubyte", "train-labels-idx1-ubyte.gz", "train-labels.idx1-ubyte",
                "train-labels.idx1-ubyte.gz"},
     .labels_expected = "train-labels-idx1-ubyte or its .gz"},
    {.images = {"t10k-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz", "t10k-images.idx3-ubyte",
                "t10k-images.idx3-ubyte.gz"},
     .labels = {"t10k-labels-idx1-ubyte", "t10k-labels-idx1-ubyte.gz", "t10k-labels.idx1-ubyte",
                "t10k-labels.idx1-ubyte.gz"},
     .labels_expected = "t10k-labels-idx1-ubyte or its .gz"},
};

/* ---- Parsing ---- */

static minnow_status check_header(const char *name, const uint8_t *bytes, size_t size, size_t rank) {
    size_t header = idx_header_size(rank);
    if (size == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: is empty, expected an IDX file; get it again", name);
    if (size >= 2 && (bytes[0] != 0 || bytes[1] != 0))
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: begins with %02x %02x, expected the magic 00 00 08 %02zx of an IDX file; get it again", name,
            bytes[0], bytes[1], rank);
    if (size < header)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: %zu bytes, too short for the IDX header of %zu bytes; the file is cut short, get it again",
            name, size, header);
    if (bytes[2] != TYPE_UNSIGNED_BYTE)
        return fail(MINNOW_ERROR_INPUT, "%s: byte 2: element type %02x, expected 08 (unsigned bytes)", name,
                    bytes[2]);
    if (bytes[3] != rank)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: byte 3: %d dimensions, expected %zu; are images and labels mixed up?", name,
                    bytes[3], rank);
    return MINNOW_OK;
}

minnow_status idx_parse_header(const char *name, const uint8_t *bytes, size_t size, size_t rank,
                               struct idx *out, size_t *elements) {
    *out = (struct idx){0};
    *elements = 1;
    minnow_status status = check_header(name, bytes, size, rank);
    if (status != MINNOW_OK && file_kind_check(name, bytes, size, FILE_KIND_IDX, FILE_AS_DATA) != MINNOW_OK)
        return MINNOW_ERROR_INPUT; /* which explains more: what kind of file it is instead */
    if (status != MINNOW_OK)
        return status;

    struct idx idx = {.data = bytes + idx_header_size(rank), .rank = rank};
    for (size_t i = 0; i < rank; i++) {
        idx.size[i] = load_be32(bytes + 4 + 4 * i);
        if (!size_multiply(*elements, idx.size[i], elements))
            return fail(MINNOW_ERROR_INPUT,
                        "%s: byte %zu: the product of the dimensions overflows; the header is damaged", name,
                        4 + 4 * i);
    }
    *out = idx;
    return MINNOW_OK;
}

minnow_status idx_check_length(const char *name, size_t elements, size_t available) {
    if (elements > available)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: the header announces %zu bytes of data, %zu follow; the file is cut short, get it again",
            name, elements, available);
    if (elements < available)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: %zu bytes follow the %zu that the header announces; the file is damaged, get it again", name,
            available - elements, elements);
    return MINNOW_OK;
}

minnow_status idx_parse(const char *name, const uint8_t *bytes, size_t size, size_t rank, struct idx *out) {
    size_t elements;
    minnow_status status = idx_parse_header(name, bytes, size, rank, out, &elements);
    if (status == MINNOW_OK)
        status = idx_check_length(name, elements, size - idx_header_size(rank));
    if (status != MINNOW_OK)
        *out = (struct idx){0};
    return status;
}

/* ---- A subset from a folder ---- */

static minnow_status has(const char *folder, minnow_subset subset, bool *out) {
    return pair_has(folder, &NAMES[subset], out);
}

/* Reads a file of `rank` dimensions and at most `limit` bytes, compressed or not. `idx` points into `bytes`,
   which the caller frees after success. */
static minnow_status read_file(const char *path, size_t rank, size_t limit, bool map,
                               struct file_bytes *bytes, struct idx *idx) {
    minnow_status status = map ? file_map(path, limit, bytes) : file_read(path, limit, bytes);
    if (status == MINNOW_OK && gzip_detect(bytes->data, bytes->size)) {
        struct file_bytes expanded;
        status = gzip_expand(path, bytes->data, bytes->size, limit, &expanded);
        file_bytes_free(bytes);
        *bytes = expanded;
    }
    if (status == MINNOW_OK)
        status = idx_parse(path, bytes->data, bytes->size, rank, idx);
    if (status != MINNOW_OK)
        file_bytes_free(bytes);
    return status;
}

static minnow_status read_labels(const char *path, minnow_dataset *dataset) {
    struct file_bytes bytes;
    struct idx idx;
    minnow_status status =
        read_file(path, LABEL_RANK, idx_header_size(LABEL_RANK) + DATASET_COUNT_MAX, false, &bytes, &idx);
    if (status != MINNOW_OK)
        return status;

    size_t count = idx.size[0];
    if (count == 0) {
        status = fail(MINNOW_ERROR_INPUT, "%s: holds 0 labels, expected at least 1", path);
    } else if ((dataset->labels = memory_allocate(count, sizeof(uint32_t))) == NULL) {
        status = fail_memory(path);
    } else {
        for (size_t i = 0; i < count; i++)
            dataset->labels[i] = idx.data[i];
        dataset->count = count;
    }

    file_bytes_free(&bytes);
    return status;
}

static minnow_status check_images(const struct pair *pair, const struct idx *idx, size_t count) {
    size_t features;
    if (idx->size[0] != count)
        return fail(MINNOW_ERROR_INPUT, "%s: %zu images, but %s has %zu labels; they do not belong together",
                    pair->images, idx->size[0], pair->labels, count);
    if (!size_multiply(idx->size[1], idx->size[2], &features) || features < 1 ||
        features > DATASET_FEATURES_MAX)
        return fail(MINNOW_ERROR_INPUT, "%s: images of %zu × %zu pixels, expected 1 to %d pixels",
                    pair->images, idx->size[1], idx->size[2], DATASET_FEATURES_MAX);
    return MINNOW_OK;
}

static minnow_status read_images(const struct pair *pair, bool map, minnow_dataset *dataset) {
    size_t limit;
    if (!size_multiply(dataset->count, DATASET_FEATURES_MAX, &limit) ||
        !size_add(limit, idx_header_size(IMAGE_RANK), &limit))
        limit = SIZE_MAX / 2;

    struct file_bytes bytes;
    struct idx idx;
    minnow_status status = read_file(pair->images, IMAGE_RANK, limit, map, &bytes, &idx);
    if (status != MINNOW_OK)
        return status;
    status = check_images(pair, &idx, dataset->count);
    if (status != MINNOW_OK) {
        file_bytes_free(&bytes);
        return status;
    }

    dataset->height = idx.size[1];
    dataset->width = idx.size[2];
    dataset->features = idx.size[1] * idx.size[2];
    dataset->scale = PIXEL_SCALE;
    dataset->file = bytes;
    dataset->bytes = bytes.data + idx_header_size(IMAGE_RANK);
    return MINNOW_OK;
}

static minnow_status read_subset(const char *folder, minnow_subset subset, bool map,
                                 minnow_dataset *dataset) {
    struct pair pair;
    minnow_status status = pair_find(folder, &NAMES[subset], &pair);
    if (status != MINNOW_OK)
        return status;

    /* The labels come first: they are the smaller file and say how many images there must be. */
    status = read_labels(pair.labels, dataset);
    if (status == MINNOW_OK)
        status = data_format_check_labels(pair.labels, dataset);
    if (status == MINNOW_OK)
        status = read_images(&pair, map, dataset);
    pair_free(&pair);
    return status;
}

/* ---- A subset to a folder ---- */

static void write_header(struct output *output, size_t rank, const size_t *sizes) {
    uint8_t header[16] = {0, 0, TYPE_UNSIGNED_BYTE, (uint8_t)rank};
    for (size_t i = 0; i < rank; i++)
        store_be32(header + 4 + 4 * i, (uint32_t)sizes[i]);
    output_write(output, header, 4 + 4 * rank);
}

/* The shape that the file says images have. A dataset that came from CSV has none: then a square if the
   number of features makes one, otherwise one row of pixels. */
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

static void write_labels(const minnow_dataset *dataset, struct output *output) {
    write_header(output, LABEL_RANK, &dataset->count);
    for (size_t i = 0; i < dataset->count; i++) {
        uint8_t label = (uint8_t)dataset->labels[i];
        output_write(output, &label, 1);
    }
}

static minnow_status write_subset(const minnow_dataset *dataset, minnow_subset subset, const char *folder) {
    if (dataset->bytes == NULL || dataset->scale != PIXEL_SCALE)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "%s: the features are not all bytes / 256, which IDX files hold; write CSV",
                    dataset->source);
    if (dataset->classes > 256)
        return fail(MINNOW_ERROR_ARGUMENT, "%s: %zu classes, but IDX labels are bytes; write CSV",
                    dataset->source, dataset->classes);

    struct pair_outputs outputs;
    minnow_status status = pair_outputs_open(folder, &NAMES[subset], &outputs);
    if (status != MINNOW_OK)
        return status;

    size_t sizes[IMAGE_RANK] = {dataset->count};
    image_shape(dataset, &sizes[1], &sizes[2]);
    write_header(outputs.images, IMAGE_RANK, sizes);
    output_write(outputs.images, dataset->bytes, dataset->count * dataset->features);
    write_labels(dataset, outputs.labels);
    return pair_outputs_close(&outputs, MINNOW_OK);
}

/* ---- Images to predict from ---- */

/* Every IDX file begins with two bytes 0. One is enough here, so that a damaged file is refused as what it was
   meant to be. */
static bool recognise(const uint8_t *bytes, size_t size) {
    return size > 0 && bytes[0] == 0;
}

struct idx_samples {
    struct sample_stream base;
    struct byte_stream bytes;
    size_t features;
    float scale;
    size_t announced, used; /* bytes of images: in the header, and returned so far */
};

/* Whether the stream, read to its end, had as many bytes of images as the header announced. */
static minnow_status check_end(struct idx_samples *samples) {
    struct byte_stream *bytes = &samples->bytes;
    minnow_status status = stream_gather(bytes, 1);
    if (status == MINNOW_OK)
        status =
            idx_check_length(bytes->name, samples->announced, samples->used + (bytes->end - bytes->begin));
    return status;
}

static minnow_status next_sample(struct sample_stream *stream, bool wait, float *values, bool *got) {
    struct idx_samples *samples = (struct idx_samples *)stream;
    struct byte_stream *bytes = &samples->bytes;
    size_t size = samples->features;
    minnow_status status = MINNOW_OK;

    if (samples->used == samples->announced)
        return wait ? check_end(samples) : MINNOW_OK;

    while (status == MINNOW_OK && bytes->end - bytes->begin < size && !bytes->at_end &&
           (wait || !stream_waits(bytes)))
        status = stream_more(bytes);
    if (status != MINNOW_OK)
        return status;
    if (bytes->end - bytes->begin < size)
        return bytes->at_end ? check_end(samples) : MINNOW_OK;

    sample_from_bytes(bytes->bytes + bytes->begin, size, samples->scale, values);
    bytes->begin += size;
    samples->used += size;
    *got = true;
    return MINNOW_OK;
}

static void close_samples(struct sample_stream *stream) {
    struct idx_samples *samples = (struct idx_samples *)stream;
    stream_close(&samples->bytes);
    free(samples);
}

/* Reads the header; *announced is how many bytes of images follow it. */
static minnow_status open_images(struct byte_stream *bytes, size_t features, size_t *announced) {
    size_t header = idx_header_size(IMAGE_RANK), pixels;
    struct idx idx;
    minnow_status status = stream_gather(bytes, header);
    if (status == MINNOW_OK)
        status = idx_parse_header(bytes->name, bytes->bytes + bytes->begin, bytes->end - bytes->begin,
                                  IMAGE_RANK, &idx, announced);
    if (status != MINNOW_OK)
        return status;

    if (!size_multiply(idx.size[1], idx.size[2], &pixels) || pixels != features)
        return fail(MINNOW_ERROR_INPUT, "%s: images of %zu × %zu pixels, but the network takes %zu values",
                    bytes->name, idx.size[1], idx.size[2], features);
    bytes->begin += header;

    /* A pipe's length is only known at its end, where check_end looks at it. */
    return bytes->total == STREAM_UNKNOWN ? MINNOW_OK
                                          : idx_check_length(bytes->name, *announced, bytes->total - header);
}

static minnow_status stream_samples(struct byte_stream *bytes, size_t features, float scale,
                                    struct sample_stream **out) {
    *out = NULL;
    size_t announced;
    minnow_status status = open_images(bytes, features, &announced);
    if (status != MINNOW_OK)
        return status;

    struct idx_samples *samples = calloc(1, sizeof *samples);
    if (samples == NULL)
        return fail_memory(bytes->name);
    *samples = (struct idx_samples){
        {.next = next_sample, .close = close_samples}, *bytes, features, scale, announced, 0};
    *bytes = (struct byte_stream){0};
    *out = &samples->base;
    return MINNOW_OK;
}

const struct data_format idx_format = {
    .name = "idx",
    .help = "the four IDX files of MNIST, gzip-compressed or not",
    .files = {"train-images-idx3-ubyte, with or without .gz", "t10k-images-idx3-ubyte, with or without .gz"},
    .has = has,
    .recognise = recognise,
    .read = read_subset,
    .write = write_subset,
    .stream = stream_samples,
};
