/* An archive of pictures in folders of classes: CLASS/NAME.png, TRAIN/CLASS/NAME.png, or either further in. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/formats/archive.h"
#include "data/formats/pictures.h"

/* ---- Names of members ---- */

static bool ends_as_picture(const char *name) {
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".pgm", ".ppm", ".pnm"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    return false;
}

/* The folder that something lies in, without the folders that it lies in itself. */
struct part {
    const char *begin;
    size_t length;
};
static struct part folder_of(const char *name, const char *end) {
    while (end > name && end[-1] == '/')
        end--;
    const char *begin = end;
    while (begin > name && begin[-1] != '/')
        begin--;
    return (struct part){begin, (size_t)(end - begin)};
}

/* Whether a folder or the file itself is hidden, as what macOS adds to each file is too. */
static bool is_hidden(const char *name) {
    bool hidden = strstr(name, "__MACOSX/") != NULL;
    for (const char *part = name; part != NULL && !hidden;) {
        const char *slash = strchr(part, '/');
        hidden = part[0] == '.' && part[1] != '/' && strncmp(part, "../", 3) != 0;
        part = slash != NULL ? slash + 1 : NULL;
    }
    return hidden;
}

bool picture_is_member(const char *name) {
    return ends_as_picture(name) && !is_hidden(name);
}

/* A picture by its member's name: its class and the subset that the folder around that speaks of. */
struct member {
    char *class;
    enum name_subset subset;
};

/* class is NULL if the member is no picture of a class. */
static minnow_status read_name(const char *name, struct member *out) {
    *out = (struct member){NULL, NAME_WHOLE};
    const char *file = name_of_path(name);
    if (!picture_is_member(name) || file == name)
        return MINNOW_OK;

    struct part class = folder_of(name, file), around = folder_of(name, class.begin);
    char *texts[2] = {strndup(class.begin, class.length), strndup(around.begin, around.length)};
    if (texts[1] != NULL)
        out->subset = name_meaning(texts[1]).subset;
    free(texts[1]);
    if (texts[0] == NULL || texts[1] == NULL) {
        free(texts[0]);
        return fail_memory(name);
    }
    out->class = texts[0];
    return MINNOW_OK;
}

/* ---- What the archive holds ---- */

/* The pictures of a subset, in the order of samples: by class, and within one by name. */
struct picture_member {
    const char *name;
    uint32_t class;
};
struct contents {
    struct name_set names, classes;
    struct picture_member *member; /* [count], sorted by name */
    uint32_t *sample;              /* [count]: which sample each is */
    bool *seen;                    /* [count] */
    size_t count;
    bool whole; /* no folder speaks of the subset */
};

static void contents_free(struct contents *contents) {
    name_set_free(&contents->names);
    name_set_free(&contents->classes);
    memory_free(contents->member);
    memory_free(contents->sample);
    memory_free(contents->seen);
}

static size_t find_class(const struct name_set *classes, const char *name) {
    size_t c = 0;
    while (c < classes->count && strcmp(classes->name[c], name) != 0)
        c++;
    return c;
}

/* Collects the classes of all pictures, and tells which subsets folders speak of. */
static minnow_status list_classes(struct contents *contents, bool spoken_of[2]) {
    minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < contents->names.count && status == MINNOW_OK; i++) {
        struct member member;
        status = read_name(contents->names.name[i], &member);
        if (member.class == NULL)
            continue;
        spoken_of[MINNOW_SUBSET_TRAIN] |= member.subset == NAME_TRAIN;
        spoken_of[MINNOW_SUBSET_TEST] |= member.subset == NAME_TEST;
        if (find_class(&contents->classes, member.class) == contents->classes.count)
            status = name_set_add(&contents->classes, member.class);
        free(member.class);
        if (status == MINNOW_OK && contents->classes.count > DATASET_CLASSES_MAX)
            status = fail(MINNOW_ERROR_INPUT, "more than %d folders of pictures", DATASET_CLASSES_MAX);
    }
    picture_sort_classes(&contents->classes);
    return status;
}

static minnow_status list_members(struct contents *contents, enum name_subset subset) {
    minnow_status status = MINNOW_OK;
    contents->member = memory_allocate(contents->names.count, sizeof *contents->member);
    if (contents->member == NULL)
        return fail_memory("an archive of pictures");
    for (size_t i = 0; i < contents->names.count && status == MINNOW_OK; i++) {
        struct member member;
        status = read_name(contents->names.name[i], &member);
        if (member.class != NULL && (contents->whole || member.subset == subset))
            contents->member[contents->count++] = (struct picture_member){
                contents->names.name[i], (uint32_t)find_class(&contents->classes, member.class)};
        free(member.class);
    }
    return status;
}

/* Samples are numbered class by class. */
static minnow_status number_samples(struct contents *contents) {
    size_t count = contents->count, sample = 0;
    contents->sample = memory_allocate(count, sizeof *contents->sample);
    contents->seen = memory_allocate(count, sizeof *contents->seen);
    if (contents->sample == NULL || contents->seen == NULL)
        return fail_memory("an archive of pictures");
    for (size_t c = 0; c < contents->classes.count && sample < count; c++)
        for (size_t i = 0; i < count; i++)
            if (contents->member[i].class == c)
                contents->sample[i] = (uint32_t)sample++;
    return MINNOW_OK;
}

static minnow_status contents_find(const char *path, minnow_subset subset, struct contents *out) {
    bool spoken_of[2] = {false, false};
    *out = (struct contents){0};
    minnow_status status = archive_list(path, &out->names);
    if (status == MINNOW_OK)
        status = list_classes(out, spoken_of);
    out->whole = !spoken_of[MINNOW_SUBSET_TRAIN] && !spoken_of[MINNOW_SUBSET_TEST];
    if (status == MINNOW_OK)
        status = list_members(out, subset == MINNOW_SUBSET_TRAIN ? NAME_TRAIN : NAME_TEST);
    if (status != MINNOW_OK)
        contents_free(out);
    return status;
}

/* An archive that cannot be listed is not one of pictures: the format that reads all others says what is wrong. */
minnow_status picture_archive_has(const char *path, minnow_subset subset, bool *has) {
    struct contents contents;
    minnow_status status = contents_find(path, subset, &contents);
    *has = status == MINNOW_OK && contents.classes.count > 1 && contents.count > 0;
    if (status == MINNOW_OK)
        contents_free(&contents);
    return status == MINNOW_ERROR_INPUT ? MINNOW_OK : status;
}

/* ---- Reading ---- */

struct archive_pictures {
    struct contents contents;
    struct picture_writer writer;
};

static int compare_members(const void *a, const void *b) {
    return strcmp(((const struct picture_member *)a)->name, ((const struct picture_member *)b)->name);
}

static const struct picture_member *find_member(const struct contents *contents, const char *name) {
    const struct picture_member wanted = {.name = name};
    return bsearch(&wanted, contents->member, contents->count, sizeof wanted, compare_members);
}

static bool wants_member(void *context, const char *name) {
    const struct archive_pictures *pictures = context;
    return find_member(&pictures->contents, name) != NULL;
}

static minnow_status take_member(void *context, const char *name, struct file_bytes *bytes) {
    struct archive_pictures *pictures = context;
    struct contents *contents = &pictures->contents;
    const struct picture_member *member = find_member(contents, name);
    size_t index = (size_t)(member - contents->member);
    contents->seen[index] = true;
    return picture_put(&pictures->writer, contents->sample[index], member->name, bytes);
}

static minnow_status label_samples(const struct contents *contents, minnow_dataset *dataset) {
    dataset->count = contents->count;
    dataset->whole = contents->whole;
    dataset->labels = memory_allocate(contents->count, sizeof *dataset->labels);
    if (dataset->labels == NULL)
        return fail_memory(dataset->source);
    for (size_t i = 0; i < contents->count; i++)
        dataset->labels[contents->sample[i]] = contents->member[i].class;
    return MINNOW_OK;
}

static minnow_status check_seen(const char *path, const struct contents *contents) {
    for (size_t i = 0; i < contents->count; i++)
        if (!contents->seen[i])
            return fail(MINNOW_ERROR_INPUT, "%s: member %s cannot be read", path, contents->member[i].name);
    return MINNOW_OK;
}

minnow_status picture_archive_read(const char *path, minnow_subset subset, const struct data_request *request,
                                   minnow_dataset *dataset) {
    struct archive_pictures pictures = {.writer = {.request = request, .dataset = dataset}};
    struct contents *contents = &pictures.contents;
    minnow_status status = contents_find(path, subset, contents);
    if (status != MINNOW_OK)
        return status;

    status = picture_check_classes(path, &contents->classes, dataset);
    if (status == MINNOW_OK)
        status = number_samples(contents);
    if (status == MINNOW_OK)
        status = label_samples(contents, dataset);
    if (status == MINNOW_OK)
        status = archive_read(path, &(struct archive_reader){wants_member, take_member, &pictures});
    if (status == MINNOW_OK)
        status = check_seen(path, contents);
    if (status == MINNOW_OK)
        picture_name_classes(&contents->classes, dataset);
    picture_writer_close(&pictures.writer);
    contents_free(contents);
    return status;
}
