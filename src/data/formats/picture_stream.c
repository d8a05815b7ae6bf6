/* Pictures to predict from. */
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/formats/pictures.h"
#include "data/pictures/normalise.h"

enum { FILE_MAX = INT_MAX };

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
        status = scratch != NULL ? picture_fit(&picture, recipe, scratch, out) : fail_memory(bytes->name);
        memory_free(scratch);
    }
    picture_free(&picture);
    return status;
}

minnow_status picture_stream(struct byte_stream *bytes, const struct sample_form *form,
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

/* ---- A folder of them ---- */

/* How many folders further in: a set's folder, a subset's, a class's, and one to spare. */
enum { DEEPEST = 4 };

static minnow_status add_pictures(const char *path, int depth, struct name_set *out) {
    struct name_set list;
    struct stat info;
    minnow_status status = name_set_folder(path, &list);
    for (size_t i = 0; i < list.count && status == MINNOW_OK; i++) {
        bool folder = stat(list.name[i], &info) == 0 && S_ISDIR(info.st_mode);
        if (folder && depth > 0)
            status = add_pictures(list.name[i], depth - 1, out);
        else if (!folder && (picture_is_file(list.name[i]) || picture_is_member(name_of_path(list.name[i]))))
            status = name_set_add(out, list.name[i]);
    }
    name_set_free(&list);
    return status;
}

minnow_status picture_list_folder(const char *path, struct name_set *out) {
    *out = (struct name_set){0};
    minnow_status status = add_pictures(path, DEEPEST, out);
    if (status != MINNOW_OK)
        name_set_free(out);
    return status;
}
