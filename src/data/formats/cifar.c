/* CIFAR-10's and CIFAR-100's binary batches (A. Krizhevsky): records of a label, or of a coarse and a fine one, and 32 × 32
   pixels, first all their reds, then the greens, then the blues. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/formats/format.h"
#include "data/formats/names.h"

enum { SIDE = 32, PIXELS = SIDE * SIDE, CHANNELS = 3, FEATURES = PIXELS * CHANNELS, BATCHES = 5 };

/* The two data sets: how their files are called, and how many bytes of labels a record begins with. */
static const struct variant {
    const char *train[BATCHES + 1], *test[2], *names;
    size_t labels;
} variants[] = {
    {{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
     {"test_batch.bin"},
     "batches.meta.txt",
     1},
    {{"train.bin"}, {"test.bin"}, "fine_label_names.txt", 2},
};

static const char *const *files_of(const struct variant *variant, minnow_subset subset) {
    return subset == MINNOW_SUBSET_TRAIN ? variant->train : variant->test;
}

static bool whole_records(size_t size, const struct variant *variant) {
    return size > 0 && size % (variant->labels + FEATURES) == 0;
}

/* The variant whose first file of the subset is there, or NULL. */
static minnow_status find_variant(const char *folder, minnow_subset subset, const struct variant **out) {
    *out = NULL;
    for (size_t i = 0; i < sizeof variants / sizeof variants[0] && *out == NULL; i++) {
        char *path = file_path(folder, files_of(&variants[i], subset)[0]);
        if (path == NULL)
            return fail_memory(folder);
        if (file_may_exist(path))
            *out = &variants[i];
        free(path);
    }
    return MINNOW_OK;
}

static minnow_status has(const char *path, minnow_subset subset, bool *out) {
    const struct variant *variant;
    minnow_status status = find_variant(path, subset, &variant);
    *out = variant != NULL;
    return status;
}

/* From planes of colours to three colours a pixel, as pictures have them. */
static void interleave(const uint8_t *planes, uint8_t *out) {
    for (size_t i = 0; i < PIXELS; i++)
        for (size_t c = 0; c < CHANNELS; c++)
            out[i * CHANNELS + c] = planes[c * PIXELS + i];
}

static minnow_status add_batch(const char *path, const struct variant *variant, const struct file_bytes *file,
                               minnow_dataset *dataset) {
    size_t record = variant->labels + FEATURES, count = file->size / record, first = dataset->count;
    if (!whole_records(file->size, variant))
        return fail(MINNOW_ERROR_INPUT,
                    "%s: %zu bytes, expected records of %zu; the file is damaged, get it again", path,
                    file->size, record);

    uint8_t *bytes = realloc(dataset->bytes, (first + count) * FEATURES);
    if (bytes != NULL)
        dataset->bytes = bytes;
    uint32_t *labels = realloc(dataset->labels, (first + count) * sizeof *labels);
    if (labels != NULL)
        dataset->labels = labels;
    if (bytes == NULL || labels == NULL)
        return fail_memory(path);

    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = file->data + i * record;
        labels[first + i] = at[variant->labels - 1];
        interleave(at + variant->labels, bytes + (first + i) * FEATURES);
    }
    dataset->count += count;
    return MINNOW_OK;
}

/* A batch that is missing but for the first is no error: people keep one of them to try things. */
static minnow_status read_batches(const char *folder, const struct variant *variant, minnow_subset subset,
                                  minnow_dataset *dataset) {
    enum { BATCH_MAX = 1 << 30 };
    minnow_status status = MINNOW_OK;
    for (const char *const *name = files_of(variant, subset); *name != NULL && status == MINNOW_OK; name++) {
        struct file_bytes file;
        char *path = file_path(folder, *name);
        if (path == NULL)
            return fail_memory(folder);
        if (name == files_of(variant, subset) || file_may_exist(path)) {
            status = file_read(path, BATCH_MAX, &file);
            if (status == MINNOW_OK) {
                status = add_batch(path, variant, &file, dataset);
                file_bytes_free(&file);
            }
        }
        free(path);
    }
    return status;
}

/* A name a line; as many as there are classes, or none at all. */
static minnow_status read_names(const char *folder, const struct variant *variant, minnow_dataset *dataset) {
    char *path = file_path(folder, variant->names), line[128];
    FILE *file = path != NULL ? fopen(path, "rbe") : NULL;
    struct name_set names = {0};
    minnow_status status = path != NULL ? MINNOW_OK : fail_memory(folder);
    while (status == MINNOW_OK && file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] != '\0')
            status = name_set_add(&names, line);
    }
    if (file != NULL)
        fclose(file);
    free(path);

    if (status == MINNOW_OK && names.count == dataset->classes)
        dataset->class_names = names.name;
    else
        name_set_free(&names);
    return status;
}

static minnow_status read_subset(const char *path, minnow_subset subset, const struct data_request *request,
                                 minnow_dataset *dataset) {
    enum { CIFAR10 = 10, CIFAR100 = 100 };
    (void)request;
    const struct variant *variant;
    minnow_status status = find_variant(path, subset, &variant);
    if (status == MINNOW_OK)
        status = read_batches(path, variant, subset, dataset);
    if (status != MINNOW_OK)
        return status;

    dataset->features = FEATURES;
    dataset->scale = PIXEL_SCALE;
    dataset->pictures = (struct picture_recipe){PICTURES_AREA, SIDE, SIDE, CHANNELS};
    if (dataset->classes == 0)
        dataset->classes = variant->labels == 1 ? CIFAR10 : CIFAR100;
    status = data_format_check_labels(path, dataset);
    return status == MINNOW_OK ? read_names(path, variant, dataset) : status;
}

const struct data_format cifar_format = {
    .name = "cifar",
    .help = "the binary batches of CIFAR-10 and CIFAR-100",
    .files = {"data_batch_1.bin", "test_batch.bin"},
    .has = has,
    .read = read_subset,
};
