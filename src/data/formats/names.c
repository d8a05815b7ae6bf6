#include "data/formats/names.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"

/* ---- Words ---- */

static const struct {
    const char *word;
    int subset, role; /* -1: the word says nothing of it */
} WORDS[] = {
    {"train", NAME_TRAIN, -1},     {"training", NAME_TRAIN, -1},   {"test", NAME_TEST, -1},
    {"testing", NAME_TEST, -1},    {"t10k", NAME_TEST, -1},        {"val", NAME_OTHER, -1},
    {"valid", NAME_OTHER, -1},     {"validation", NAME_OTHER, -1}, {"test50k", NAME_OTHER, -1},
    {"extra", NAME_OTHER, -1},     {"x", -1, NAME_FEATURES},       {"image", -1, NAME_FEATURES},
    {"images", -1, NAME_FEATURES}, {"data", -1, NAME_FEATURES},    {"features", -1, NAME_FEATURES},
    {"pixels", -1, NAME_FEATURES}, {"inputs", -1, NAME_FEATURES},  {"y", -1, NAME_LABELS},
    {"label", -1, NAME_LABELS},    {"labels", -1, NAME_LABELS},    {"target", -1, NAME_LABELS},
    {"targets", -1, NAME_LABELS},  {"classes", -1, NAME_LABELS},
};

static void read_word(const char *word, size_t length, struct name_meaning *meaning) {
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (strlen(WORDS[i].word) != length || strncasecmp(WORDS[i].word, word, length) != 0)
            continue;
        if (WORDS[i].subset >= 0)
            meaning->subset = (enum name_subset)WORDS[i].subset;
        if (WORDS[i].role >= 0)
            meaning->role = (enum name_role)WORDS[i].role;
    }
}

struct name_meaning name_meaning(const char *name) {
    struct name_meaning meaning = {NAME_WHOLE, NAME_NEITHER};
    for (const char *at = name_of_path(name); *at != '\0';) {
        size_t length = 0;
        while (isalnum((unsigned char)at[length]))
            length++;
        read_word(at, length, &meaning);
        at += length > 0 ? length : 1;
    }
    return meaning;
}

const char *name_of_path(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* ---- Lists ---- */

minnow_status name_set_add(struct name_set *list, const char *name) {
    char *copy = memory_copy_string(name);
    char **larger = copy != NULL ? realloc(list->name, (list->count + 1) * sizeof *list->name) : NULL;
    if (larger == NULL) {
        free(copy);
        return fail_memory(name);
    }
    list->name = larger;
    list->name[list->count++] = copy;
    return MINNOW_OK;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void name_set_sort(struct name_set *list) {
    if (list->count > 1)
        qsort(list->name, list->count, sizeof *list->name, compare_names);
}

void name_set_free(struct name_set *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->name[i]);
    free(list->name);
    *list = (struct name_set){0};
}

static minnow_status add_path(const char *folder, const char *name, struct name_set *out) {
    char *path = file_path(folder, name);
    minnow_status status = path != NULL ? name_set_add(out, path) : fail_memory(folder);
    free(path);
    return status;
}

/* The entries whose name begins with prefix and '-'; all of them without a prefix. */
static minnow_status read_entries(const char *folder, const char *prefix, struct name_set *out) {
    DIR *open = opendir(folder);
    size_t length = prefix != NULL ? strlen(prefix) : 0;
    minnow_status status = MINNOW_OK;
    for (struct dirent *entry; status == MINNOW_OK && open != NULL && (entry = readdir(open)) != NULL;) {
        const char *name = entry->d_name;
        bool fits = prefix == NULL || (strncmp(name, prefix, length) == 0 && name[length] == '-');
        if (name[0] != '.' && fits)
            status = add_path(folder, name, out);
    }
    if (open != NULL)
        closedir(open);
    return status;
}

minnow_status name_set_folder(const char *path, struct name_set *out) {
    struct stat info;
    *out = (struct name_set){0};
    if (path[0] == '\0')
        return MINNOW_OK;

    minnow_status status;
    if (stat(path, &info) == 0) {
        status = S_ISDIR(info.st_mode) ? read_entries(path, NULL, out) : MINNOW_OK;
    } else {
        const char *prefix = name_of_path(path);
        char *folder = prefix == path ? memory_copy_string(".") : strndup(path, (size_t)(prefix - path));
        if (folder == NULL)
            return fail_memory(path);
        status = *prefix != '\0' ? read_entries(folder, prefix, out) : MINNOW_OK;
        free(folder);
    }

    if (status == MINNOW_OK)
        name_set_sort(out);
    else
        name_set_free(out);
    return status;
}

/* ---- Pairs ---- */

/* Whether b is a and ".gz". */
static bool only_compressed(const char *a, const char *b) {
    size_t length = strlen(a);
    return strncmp(a, b, length) == 0 && strcmp(b + length, ".gz") == 0;
}

static minnow_status find_one(const struct name_set *list, const char *source, enum name_subset subset,
                              enum name_role role, size_t *out) {
    *out = NAME_NONE;
    for (size_t i = 0; i < list->count; i++) {
        struct name_meaning meaning = name_meaning(list->name[i]);
        if (meaning.subset != subset || meaning.role != role)
            continue;
        if (*out == NAME_NONE)
            *out = i;
        else if (!only_compressed(list->name[*out], list->name[i]))
            return fail(
                MINNOW_ERROR_INPUT,
                "%s: holds several data sets, %s and %s; name one by what its files begin with, as in "
                "--data emnist/emnist-letters",
                source, name_of_path(list->name[*out]), name_of_path(list->name[i]));
    }
    return MINNOW_OK;
}

minnow_status name_set_pair(const struct name_set *list, const char *source, minnow_subset subset,
                            struct name_pair *out) {
    enum name_subset wanted = subset == MINNOW_SUBSET_TRAIN ? NAME_TRAIN : NAME_TEST;
    *out = (struct name_pair){NAME_NONE, NAME_NONE, false};
    minnow_status status = find_one(list, source, wanted, NAME_FEATURES, &out->features);
    if (status == MINNOW_OK && out->features == NAME_NONE) {
        wanted = NAME_WHOLE;
        status = find_one(list, source, wanted, NAME_FEATURES, &out->features);
        out->whole = out->features != NAME_NONE;
    }
    if (status == MINNOW_OK)
        status = find_one(list, source, wanted, NAME_LABELS, &out->labels);
    return status;
}
