/* IDX, the format of MNIST. */
#include "data/formats/idx.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/byte_order.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/formats/arrays.h"
#include "data/formats/format.h"
#include "data/formats/gzip.h"
#include "data/formats/names.h"
#include "data/formats/pair.h"

enum { TYPE_UNSIGNED_BYTE = 8, IMAGE_RANK = 3, LABEL_RANK = 1, LABELS_MAX = INT_MAX };

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

/* ---- A subset from a folder ---- */

/* Archives unpack to folders of the file's own name, with the file in them. */
static minnow_status inside_folder(char **path) {
    struct stat info;
    if (stat(*path, &info) != 0 || !S_ISDIR(info.st_mode))
        return MINNOW_OK;
    char *inside = file_path(*path, name_of_path(*path));
    if (inside == NULL)
        return fail_memory(*path);
    if (stat(inside, &info) == 0) {
        free(*path);
        *path = inside;
    } else {
        free(inside);
    }
    return MINNOW_OK;
}

/* Leaves the names that speak of IDX, as all names of such files do. */
static void keep_idx(struct name_set *list) {
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (strstr(name_of_path(list->name[i]), "idx") != NULL)
            list->name[kept++] = list->name[i];
        else
            free(list->name[i]);
    }
    list->count = kept;
}

/* Looks for a subset by MNIST's own names first, and then by what other names say: those of EMNIST, QMNIST
   and the like. No images: out->images is NULL. Errors: INPUT (several sets, images without labels), MEMORY. */
static minnow_status find_files(const char *path, minnow_subset subset, struct pair *out) {
    bool usual;
    *out = (struct pair){0};
    minnow_status status = pair_has(path, &NAMES[subset], &usual);
    if (status != MINNOW_OK || usual)
        return status != MINNOW_OK ? status : pair_find(path, &NAMES[subset], out);

    struct name_set list;
    struct name_pair found;
    status = name_set_folder(path, &list);
    if (status != MINNOW_OK)
        return status;
    keep_idx(&list);
    status = name_set_pair(&list, path, subset, &found);
    if (status == MINNOW_OK && found.features != NAME_NONE && !found.whole) {
        if (found.labels == NAME_NONE)
            status = fail(MINNOW_ERROR_INPUT, "%s: holds images but no labels; expected %s beside them", path,
                          NAMES[subset].labels_expected);
        else if ((out->images = memory_copy_string(list.name[found.features])) == NULL ||
                 (out->labels = memory_copy_string(list.name[found.labels])) == NULL)
            status = fail_memory(path);
    }
    name_set_free(&list);
    if (status != MINNOW_OK)
        pair_free(out);
    return status;
}

/* A folder of several sets counts as one that holds the subset, so that `read` can say what is wrong. */
static minnow_status has(const char *path, minnow_subset subset, bool *out) {
    struct pair pair;
    minnow_status status = find_files(path, subset, &pair);
    *out = status == MINNOW_ERROR_INPUT || pair.images != NULL;
    pair_free(&pair);
    return status == MINNOW_ERROR_INPUT ? MINNOW_OK : status;
}

/* Reads a file of at most `limit` bytes, compressed or not. `array` points into `bytes`, which the caller frees
   after success. */
static minnow_status read_file(const char *path, enum idx_content content, size_t limit, bool map,
                               struct file_bytes *bytes, struct array *array) {
    minnow_status status = map ? file_map(path, limit, bytes) : file_read(path, limit, bytes);
    if (status == MINNOW_OK && gzip_detect(bytes->data, bytes->size)) {
        struct file_bytes expanded;
        status = gzip_expand(path, bytes->data, bytes->size, limit, &expanded);
        file_bytes_free(bytes);
        *bytes = expanded;
    }
    if (status == MINNOW_OK)
        status = idx_parse(path, bytes->data, bytes->size, content, array);
    if (status != MINNOW_OK)
        file_bytes_free(bytes);
    return status;
}

static minnow_status read_labels(const char *path, minnow_dataset *dataset) {
    struct file_bytes bytes;
    struct array array;
    minnow_status status = read_file(path, IDX_LABELS, LABELS_MAX, false, &bytes, &array);
    if (status != MINNOW_OK)
        return status;

    status = arrays_read_labels(path, &array, dataset);
    file_bytes_free(&bytes);
    return status;
}

static minnow_status read_images(const struct pair *pair, bool map, minnow_dataset *dataset) {
    size_t limit;
    if (!size_multiply(dataset->count, DATASET_FEATURES_MAX * sizeof(double), &limit) ||
        !size_add(limit, idx_header_size(ARRAY_MAX_RANK), &limit))
        limit = SIZE_MAX / 2;

    struct file_bytes bytes;
    struct array array;
    minnow_status status = read_file(pair->images, IDX_IMAGES, limit, map, &bytes, &array);
    if (status != MINNOW_OK)
        return status;

    if (array.type != ARRAY_UINT8) {
        status = arrays_read_features(pair->images, &array, pair->labels, dataset);
        file_bytes_free(&bytes);
        return status;
    }
    status = arrays_borrow_features(pair->images, &array, pair->labels, dataset);
    if (status == MINNOW_OK)
        dataset->file = bytes;
    else
        file_bytes_free(&bytes);
    return status;
}

static minnow_status read_subset(const char *path, minnow_subset subset, const struct data_request *request,
                                 minnow_dataset *dataset) {
    struct pair pair;
    minnow_status status = find_files(path, subset, &pair);
    if (status == MINNOW_OK)
        status = inside_folder(&pair.labels);
    if (status == MINNOW_OK)
        status = inside_folder(&pair.images);

    /* The labels come first: they are the smaller file and say how many images there must be. */
    if (status == MINNOW_OK)
        status = read_labels(pair.labels, dataset);
    if (status == MINNOW_OK)
        status = read_images(&pair, request->map, dataset);
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
static minnow_status open_images(struct byte_stream *bytes, size_t features, struct array *array,
                                 size_t *announced) {
    enum { RANK_AT = 3 };
    size_t pixels;
    minnow_status status = stream_gather(bytes, RANK_AT + 1);
    size_t rank = bytes->end - bytes->begin > RANK_AT ? bytes->bytes[bytes->begin + RANK_AT] : IMAGE_RANK;
    if (status == MINNOW_OK)
        status = stream_gather(bytes, idx_header_size(rank));
    if (status == MINNOW_OK)
        status = idx_parse_header(bytes->name, bytes->bytes + bytes->begin, bytes->end - bytes->begin,
                                  IDX_IMAGES, array, announced);
    if (status != MINNOW_OK)
        return status;

    if (!array_product(array, 1, &pixels) || pixels != features)
        return fail(MINNOW_ERROR_INPUT, "%s: images of %zu × %zu pixels, but the network takes %zu values",
                    bytes->name, array->shape[1], array->rank > 2 ? array->shape[2] : 1, features);

    /* A pipe's length is only known at its end, where check_end looks at it. */
    return bytes->total == STREAM_UNKNOWN
               ? MINNOW_OK
               : idx_check_length(bytes->name, *announced, bytes->total - idx_header_size(rank));
}

/* Numbers of other types than bytes: whether they are pixels shows when all are there. */
static minnow_status stream_numbers(struct byte_stream *bytes, size_t announced, size_t features, float scale,
                                    struct sample_stream **out) {
    struct array array;
    size_t whole;
    if (!size_add(announced, idx_header_size(ARRAY_MAX_RANK), &whole) || whole > INT_MAX)
        return fail(MINNOW_ERROR_INPUT, "%s: %zu bytes of numbers, expected at most %d", bytes->name,
                    announced, INT_MAX);
    minnow_status status = stream_gather(bytes, whole);
    if (status == MINNOW_OK)
        status = idx_parse(bytes->name, bytes->bytes + bytes->begin, bytes->end - bytes->begin, IDX_IMAGES,
                           &array);
    return status == MINNOW_OK ? arrays_stream(bytes, &array, features, scale, out) : status;
}

static minnow_status stream_samples(struct byte_stream *bytes, const struct sample_form *form,
                                    struct sample_stream **out) {
    size_t features = form->features;
    float scale = form->scale;
    *out = NULL;
    struct array array;
    size_t announced;
    minnow_status status = open_images(bytes, features, &array, &announced);
    if (status != MINNOW_OK)
        return status;
    if (array.type != ARRAY_UINT8)
        return stream_numbers(bytes, announced, features, scale, out);

    struct idx_samples *samples = calloc(1, sizeof *samples);
    if (samples == NULL)
        return fail_memory(bytes->name);
    bytes->begin += idx_header_size(array.rank);
    *samples = (struct idx_samples){
        {.next = next_sample, .close = close_samples}, *bytes, features, scale, announced, 0};
    *bytes = (struct byte_stream){0};
    *out = &samples->base;
    return MINNOW_OK;
}

const struct data_format idx_format = {
    .name = "idx",
    .is_default = true,
    .help = "the four IDX files of MNIST, EMNIST, QMNIST and the like, gzip-compressed or not",
    .files = {"train-images-idx3-ubyte, with or without .gz", "t10k-images-idx3-ubyte, with or without .gz"},
    .has = has,
    .recognise = recognise,
    .read = read_subset,
    .write = write_subset,
    .stream = stream_samples,
};
