/* Pictures: a folder for each class of PNG, JPEG, PGM or PPM files, in folders train and test or without; and one picture
   to predict from. */
#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/formats/format.h"
#include "data/formats/names.h"
#include "data/pictures/normalise.h"

enum { FILE_MAX = INT_MAX };

/* ---- Folders ---- */

static bool is_directory(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool is_picture(const char *path) {
    uint8_t bytes[8];
    struct stat info;
    FILE *file = stat(path, &info) == 0 && S_ISREG(info.st_mode) ? fopen(path, "rbe") : NULL;
    size_t size = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file != NULL)
        fclose(file);
    return picture_kind_of(bytes, size) != NULL;
}

/* Whether one of the folder's first files is a picture. */
static bool holds_pictures(const char *folder) {
    enum { LOOKED_AT = 8 };
    struct name_set list;
    bool found = false;
    if (!is_directory(folder) || name_set_folder(folder, &list) != MINNOW_OK)
        return false;
    for (size_t i = 0; i < list.count && i < LOOKED_AT && !found; i++)
        found = is_picture(list.name[i]);
    name_set_free(&list);
    return found;
}

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

/* Adds the names of those folders in `folder` that hold pictures, if they are not there yet. */
static minnow_status add_classes(const char *folder, struct name_set *classes) {
    struct name_set list;
    minnow_status status = name_set_folder(folder, &list);
    for (size_t i = 0; status == MINNOW_OK && i < list.count; i++) {
        bool known = !holds_pictures(list.name[i]);
        for (size_t c = 0; c < classes->count && !known; c++)
            known = strcmp(classes->name[c], name_of_path(list.name[i])) == 0;
        if (!known)
            status = name_set_add(classes, name_of_path(list.name[i]));
    }
    name_set_free(&list);
    if (classes->count > 1)
        qsort(classes->name, classes->count, sizeof *classes->name, compare_classes);
    return status;
}

/* The folder of a subset, from malloc, or NULL: the one whose name says so. */
static minnow_status subset_folder(const char *path, enum name_subset subset, char **out) {
    struct name_set list;
    *out = NULL;
    minnow_status status = name_set_folder(path, &list);
    for (size_t i = 0; status == MINNOW_OK && i < list.count && *out == NULL; i++)
        if (name_meaning(list.name[i]).subset == subset && is_directory(list.name[i]) &&
            (*out = memory_copy_string(list.name[i])) == NULL)
            status = fail_memory(path);
    name_set_free(&list);
    return status;
}

/* What a folder of pictures consists of: a folder per subset, or else none of them and the classes at once. Classes are
   those of both, so that both subsets number them alike. */
struct layout {
    char *folder[2];
    struct name_set classes;
};

static void layout_free(struct layout *layout) {
    free(layout->folder[0]);
    free(layout->folder[1]);
    name_set_free(&layout->classes);
}

static minnow_status layout_find(const char *path, struct layout *out) {
    *out = (struct layout){0};
    if (!is_directory(path))
        return MINNOW_OK;
    minnow_status status = subset_folder(path, NAME_TRAIN, &out->folder[MINNOW_SUBSET_TRAIN]);
    if (status == MINNOW_OK)
        status = subset_folder(path, NAME_TEST, &out->folder[MINNOW_SUBSET_TEST]);
    for (int subset = 0; subset < 2 && status == MINNOW_OK; subset++)
        if (out->folder[subset] != NULL)
            status = add_classes(out->folder[subset], &out->classes);
    if (status == MINNOW_OK && out->folder[MINNOW_SUBSET_TRAIN] == NULL)
        status = add_classes(path, &out->classes);
    if (status != MINNOW_OK)
        layout_free(out);
    return status;
}

/* One class alone is no set: that is a folder of pictures to predict from. */
static minnow_status has(const char *path, minnow_subset subset, bool *out) {
    struct layout layout;
    minnow_status status = layout_find(path, &layout);
    if (status != MINNOW_OK)
        return status;
    bool whole = layout.folder[MINNOW_SUBSET_TRAIN] == NULL && layout.folder[MINNOW_SUBSET_TEST] == NULL;
    *out = layout.classes.count > 1 && (whole || layout.folder[subset] != NULL);
    layout_free(&layout);
    return MINNOW_OK;
}

/* ---- A subset's pictures ---- */

static minnow_status list_pictures(const char *folder, const struct name_set *classes, struct name_set *files,
                                   minnow_dataset *dataset) {
    minnow_status status = MINNOW_OK;
    for (size_t c = 0; c < classes->count && status == MINNOW_OK; c++) {
        char *class_folder = file_path(folder, classes->name[c]);
        struct name_set list = {0};
        status = class_folder != NULL ? name_set_folder(class_folder, &list) : fail_memory(folder);
        for (size_t i = 0; i < list.count && status == MINNOW_OK; i++)
            if (is_picture(list.name[i]))
                status = name_set_add(files, list.name[i]);

        uint32_t *labels = realloc(dataset->labels, (files->count + 1) * sizeof *labels);
        if (labels == NULL)
            status = fail_memory(folder);
        else
            dataset->labels = labels;
        for (; dataset->count < files->count && status == MINNOW_OK; dataset->count++)
            dataset->labels[dataset->count] = (uint32_t)c;
        name_set_free(&list);
        free(class_folder);
    }
    if (status == MINNOW_OK && files->count == 0)
        status = fail(MINNOW_ERROR_INPUT, "%s: holds no pictures in folders of classes", folder);
    return status;
}

static minnow_status read_picture(const char *path, size_t channels, struct picture *out) {
    struct file_bytes bytes;
    minnow_status status = file_read(path, FILE_MAX, &bytes);
    if (status != MINNOW_OK)
        return status;
    status = picture_decode(path, bytes.data, bytes.size, channels, out);
    file_bytes_free(&bytes);
    return status;
}

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

/* A picture of the recipe's size is copied; others are resized. */
static minnow_status put_sample(const struct picture *picture, const struct picture_recipe *recipe,
                                float *scratch, uint8_t *out) {
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

static minnow_status read_pictures(const struct name_set *files, const struct data_request *request,
                                   minnow_dataset *dataset) {
    float *scratch = NULL;
    minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < files->count && status == MINNOW_OK; i++) {
        struct picture picture;
        status = read_picture(files->name[i], request->colour ? 3 : 1, &picture);
        if (status != MINNOW_OK)
            break;
        if (i == 0)
            status = start(files->name[0], &picture, request, dataset);
        if (i == 0 && status == MINNOW_OK &&
            (scratch = memory_allocate(dataset->features, sizeof *scratch)) == NULL)
            status = fail_memory(files->name[0]);
        const struct picture_recipe *recipe = &dataset->pictures;
        if (status == MINNOW_OK && request->height == 0 &&
            (picture.height != recipe->height || picture.width != recipe->width))
            status = fail(
                MINNOW_ERROR_INPUT,
                "%s: %zu × %zu pixels, but %s has %zu × %zu; say what to shrink all to, as in --size 28x28",
                files->name[i], picture.width, picture.height, files->name[0], recipe->width, recipe->height);
        if (status == MINNOW_OK)
            status = put_sample(&picture, recipe, scratch, dataset->bytes + i * dataset->features);
        picture_free(&picture);
    }
    memory_free(scratch);
    return status;
}

static minnow_status check_classes(const char *path, const struct name_set *classes,
                                   const minnow_dataset *dataset) {
    if (dataset->classes != 0 && dataset->classes != classes->count)
        return fail(MINNOW_ERROR_INPUT, "%s: folders for %zu classes, expected %zu", path, classes->count,
                    dataset->classes);
    return MINNOW_OK;
}

/* The dataset's classes are the folders; it takes their names over. */
static void name_classes(struct name_set *classes, minnow_dataset *dataset) {
    dataset->classes = classes->count;
    dataset->class_names = classes->name;
    *classes = (struct name_set){0};
}

static minnow_status read_subset(const char *path, minnow_subset subset, const struct data_request *request,
                                 minnow_dataset *dataset) {
    struct layout layout;
    struct name_set files = {0};
    minnow_status status = layout_find(path, &layout);
    if (status != MINNOW_OK)
        return status;

    dataset->whole = layout.folder[subset] == NULL;
    const char *folder = dataset->whole ? path : layout.folder[subset];
    status = check_classes(path, &layout.classes, dataset);
    if (status == MINNOW_OK)
        status = list_pictures(folder, &layout.classes, &files, dataset);
    if (status == MINNOW_OK)
        status = read_pictures(&files, request, dataset);
    if (status == MINNOW_OK)
        name_classes(&layout.classes, dataset);
    name_set_free(&files);
    layout_free(&layout);
    return status;
}

/* ---- A picture to predict from ---- */

struct picture_sample {
    struct sample_stream base;
    size_t features;
    bool given;
    uint8_t *pixels; /* [features] */
    float scale;
};

static void close_sample(struct sample_stream *stream) {
    struct picture_sample *sample = (struct picture_sample *)stream;
    memory_free(sample->pixels);
    free(sample);
}

static minnow_status next_sample(struct sample_stream *stream, bool wait, float *values, bool *got) {
    (void)wait;
    struct picture_sample *sample = (struct picture_sample *)stream;
    if (sample->given)
        return MINNOW_OK;
    sample_from_bytes(sample->pixels, sample->features, sample->scale, values);
    *got = sample->given = true;
    return MINNOW_OK;
}

static bool recognise(const uint8_t *bytes, size_t size) {
    return picture_kind_of(bytes, size) != NULL;
}

/* What the network was trained on; if nobody has said, MNIST's images, where there are as many values. */
static minnow_status settle_recipe(const char *name, const struct sample_form *form,
                                   struct picture_recipe *out) {
    *out = form->pictures;
    if (out->method == PICTURES_UNKNOWN && form->features == NORMALISED_PIXELS)
        out->method = PICTURES_MNIST;
    if (out->method == PICTURES_MNIST)
        *out = (struct picture_recipe){PICTURES_MNIST, NORMALISED_SIDE, NORMALISED_SIDE, 1};
    if (out->method == PICTURES_UNKNOWN || out->height * out->width * out->channels != form->features)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: is a picture, and the network takes %zu values, but its file does not say which "
                    "pixels those "
                    "are; expected a network that was trained on pictures",
                    name, form->features);
    return MINNOW_OK;
}

static minnow_status make_sample(const struct byte_stream *bytes, const struct picture_recipe *recipe,
                                 uint8_t *out) {
    struct picture picture;
    minnow_status status = picture_decode(bytes->name, bytes->bytes + bytes->begin, bytes->end - bytes->begin,
                                          recipe->channels, &picture);
    if (status != MINNOW_OK)
        return status;
    if (recipe->method == PICTURES_MNIST) {
        status = picture_normalise(bytes->name, &picture, out);
    } else {
        float *scratch = memory_allocate(recipe->height * recipe->width, recipe->channels * sizeof *scratch);
        status = scratch != NULL ? put_sample(&picture, recipe, scratch, out) : fail_memory(bytes->name);
        memory_free(scratch);
    }
    picture_free(&picture);
    return status;
}

static minnow_status stream_samples(struct byte_stream *bytes, const struct sample_form *form,
                                    struct sample_stream **out) {
    struct picture_recipe recipe;
    *out = NULL;
    minnow_status status = settle_recipe(bytes->name, form, &recipe);
    if (status == MINNOW_OK)
        status = stream_gather(bytes, (size_t)FILE_MAX + 1);
    if (status == MINNOW_OK && !bytes->at_end)
        status = fail(MINNOW_ERROR_INPUT, "%s: larger than the %d bytes a picture may have", bytes->name,
                      FILE_MAX);
    if (status != MINNOW_OK)
        return status;

    struct picture_sample *sample = calloc(1, sizeof *sample);
    if (sample == NULL)
        return fail_memory(bytes->name);
    *sample = (struct picture_sample){
        {.next = next_sample, .close = close_sample}, form->features, false, NULL, form->scale};
    sample->pixels = memory_allocate(form->features, 1);
    status = sample->pixels != NULL ? make_sample(bytes, &recipe, sample->pixels) : fail_memory(bytes->name);
    if (status != MINNOW_OK) {
        close_sample(&sample->base);
        return status;
    }
    stream_close(bytes);
    *out = &sample->base;
    return MINNOW_OK;
}

const struct data_format pictures_format = {
    .name = "pictures",
    .help =
        "a folder for each class, of PNG, JPEG, PGM or PPM pictures, in folders train and test or without",
    .files = {"folders of pictures, one a class", "folders of pictures, one a class"},
    .has = has,
    .recognise = recognise,
    .read = read_subset,
    .stream = stream_samples,
};
