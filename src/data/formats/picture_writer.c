#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/formats/pictures.h"

/* ---- Classes ---- */

static bool all_digits(const char *name) {
    size_t length = strspn(name, "0123456789");
    return length > 0 && length <= 9 && name[length] == '\0';
}

/* Numbers by their size, before names, which are sorted by their letters. */
static int compare_classes(const void *a, const void *b) {
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    if (all_digits(x) && all_digits(y) && atol(x) != atol(y))
        return atol(x) < atol(y) ? -1 : 1;
    return strcmp(x, y);
}

void picture_sort_classes(struct name_set *classes) {
    if (classes->count > 1)
        qsort(classes->name, classes->count, sizeof *classes->name, compare_classes);
}

minnow_status picture_check_classes(const char *path, const struct name_set *classes,
                                    const minnow_dataset *dataset) {
    if (dataset->classes != 0 && dataset->classes != classes->count)
        return fail(MINNOW_ERROR_INPUT, "%s: folders for %zu classes, expected %zu", path, classes->count,
                    dataset->classes);
    return MINNOW_OK;
}

void picture_name_classes(struct name_set *classes, minnow_dataset *dataset) {
    dataset->classes = classes->count;
    dataset->class_names = classes->name;
    *classes = (struct name_set){0};
}

/* ---- Samples ---- */

/* The size that the request or the first picture gives. */
static minnow_status start(const char *path, const struct picture *first, const struct data_request *request,
                           minnow_dataset *dataset) {
    struct picture_recipe recipe = {PICTURES_AREA, request->height, request->width, first->channels};
    if (recipe.height == 0) {
        recipe.height = first->height;
        recipe.width = first->width;
    }
    size_t features;
    if (!size_multiply(recipe.height * recipe.channels, recipe.width, &features) ||
        features > DATASET_FEATURES_MAX)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: a picture of %zu × %zu pixels; say what to shrink them to, as in --size 28x28", path,
                    recipe.width, recipe.height);

    dataset->pictures = recipe;
    dataset->features = features;
    dataset->scale = PIXEL_SCALE;
    if (recipe.channels == 1) {
        dataset->height = recipe.height;
        dataset->width = recipe.width;
    }
    dataset->bytes = memory_allocate(dataset->count, features);
    return dataset->bytes != NULL ? MINNOW_OK : fail_memory(path);
}

minnow_status picture_fit(const struct picture *picture, const struct picture_recipe *recipe, float *scratch,
                          uint8_t *out) {
    size_t features = recipe->height * recipe->width * recipe->channels;
    if (picture->height == recipe->height && picture->width == recipe->width) {
        memcpy(out, picture->pixels, features);
        return MINNOW_OK;
    }
    minnow_status status = picture_resize(picture, recipe->height, recipe->width, scratch);
    for (size_t i = 0; status == MINNOW_OK && i < features; i++)
        out[i] = (uint8_t)lroundf(fminf(scratch[i], 255.0f));
    return status;
}

/* The first picture's part: room for all of them. */
static minnow_status begin(struct picture_writer *writer, const char *name, const struct picture *picture) {
    if (writer->first != NULL)
        return MINNOW_OK;
    writer->first = name;
    minnow_status status = start(name, picture, writer->request, writer->dataset);
    if (status != MINNOW_OK)
        return status;
    writer->scratch = memory_allocate(writer->dataset->features, sizeof *writer->scratch);
    return writer->scratch != NULL ? MINNOW_OK : fail_memory(name);
}

minnow_status picture_put(struct picture_writer *writer, size_t sample, const char *name,
                          const struct file_bytes *bytes) {
    struct picture picture;
    minnow_status status =
        picture_decode(name, bytes->data, bytes->size, writer->request->colour ? 3 : 1, &picture);
    if (status != MINNOW_OK)
        return status;

    minnow_dataset *dataset = writer->dataset;
    const struct picture_recipe *recipe = &dataset->pictures;
    status = begin(writer, name, &picture);
    if (status == MINNOW_OK && writer->request->height == 0 &&
        (picture.height != recipe->height || picture.width != recipe->width))
        status =
            fail(MINNOW_ERROR_INPUT,
                 "%s: %zu × %zu pixels, but %s has %zu × %zu; say what to shrink all to, as in --size 28x28",
                 name, picture.width, picture.height, writer->first, recipe->width, recipe->height);
    if (status == MINNOW_OK)
        status = picture_fit(&picture, recipe, writer->scratch, dataset->bytes + sample * dataset->features);
    picture_free(&picture);
    return status;
}

void picture_writer_close(struct picture_writer *writer) {
    memory_free(writer->scratch);
    writer->scratch = NULL;
}
