/* Pictures to predict from. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* How many folders further in: far more than anyone sorts pictures into, and few enough for the stack. */
enum { DEEPEST = 64 };

/* A walk through a folder and those within it. Links may lead back to where it was already. */
struct walk {
    struct name_set *pictures, *unread;
    size_t count;
    struct visited {
        dev_t device;
        ino_t inode;
    } * visited; /* [count] */
};

static minnow_status add_unread(struct walk *walk, const char *path, const char *why) {
    char *line;
    if (asprintf(&line, "%s: %s", path, why) < 0)
        return fail_memory(path);
    minnow_status status = name_set_add(walk->unread, line);
    free(line);
    return status;
}

/* Whether the walk was in this folder before; from now on it was. */
static minnow_status visit(struct walk *walk, const char *path, const struct stat *info, bool *before) {
    *before = false;
    for (size_t i = 0; i < walk->count && !*before; i++)
        *before = walk->visited[i].device == info->st_dev && walk->visited[i].inode == info->st_ino;
    if (*before)
        return MINNOW_OK;

    struct visited *more = realloc(walk->visited, (walk->count + 1) * sizeof *more);
    if (more == NULL)
        return fail_memory(path);
    more[walk->count++] = (struct visited){info->st_dev, info->st_ino};
    walk->visited = more;
    return MINNOW_OK;
}

static minnow_status add_folder(struct walk *walk, const char *path, const struct stat *info, int depth);

/* What is there but no file is not opened: to read a pipe is to wait for who writes to it. A link to nothing counts by its
   name, so that its reader says what is wrong. */
static minnow_status add_entry(struct walk *walk, const char *path, int depth) {
    struct stat info;
    bool there = stat(path, &info) == 0, named = picture_is_member(name_of_path(path));
    if (there && S_ISDIR(info.st_mode))
        return add_folder(walk, path, &info, depth - 1);
    if (there && !S_ISREG(info.st_mode))
        return named ? add_unread(walk, path, "not read; expected a picture, found no regular file")
                     : MINNOW_OK;
    return named || picture_is_file(path) ? name_set_add(walk->pictures, path) : MINNOW_OK;
}

static minnow_status add_folder(struct walk *walk, const char *path, const struct stat *info, int depth) {
    bool before;
    minnow_status status = visit(walk, path, info, &before);
    if (status != MINNOW_OK || before)
        return status;
    if (depth < 0)
        return add_unread(walk, path, "not read, as it lies too many folders deep; name it by itself");
    DIR *folder = opendir(path);
    if (folder == NULL)
        return add_unread(walk, path, strerror(errno));
    closedir(folder);

    struct name_set list;
    status = name_set_folder(path, &list);
    for (size_t i = 0; i < list.count && status == MINNOW_OK; i++)
        status = add_entry(walk, list.name[i], depth);
    name_set_free(&list);
    return status;
}

minnow_status picture_list_folder(const char *path, struct name_set *out, struct name_set *unread) {
    struct walk walk = {.pictures = out, .unread = unread};
    struct stat info;
    *out = *unread = (struct name_set){0};
    minnow_status status = stat(path, &info) == 0 ? add_folder(&walk, path, &info, DEEPEST)
                                                  : add_unread(&walk, path, strerror(errno));
    free(walk.visited);
    if (status != MINNOW_OK) {
        name_set_free(out);
        name_set_free(unread);
    }
    return status;
}
