/* A folder of its own for each test, and whole files in and out of it. Failures end the test. */
#ifndef MINNOW_TESTS_SCRATCH_H
#define MINNOW_TESTS_SCRATCH_H

#include <criterion/criterion.h>
#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_folder[PATH_MAX];

static inline void scratch_make(void) {
    const char *parent = getenv("TMPDIR");
    snprintf(scratch_folder, sizeof scratch_folder, "%s/minnow-test-XXXXXX",
             parent != NULL ? parent : "/tmp");
    cr_assert_not_null(mkdtemp(scratch_folder), "%s", scratch_folder);
}

static inline int scratch_remove_one(const char *path, const struct stat *info, int type, struct FTW *place) {
    (void)info, (void)type, (void)place;
    return remove(path);
}

static inline int scratch_unlock_one(const char *path, const struct stat *info, int type, struct FTW *place) {
    (void)info, (void)place;
    return type == FTW_D ? chmod(path, 0700) : 0;
}

static inline void scratch_remove(void) {
    if (seteuid(0) != 0) {
        /* The test never was root, so that the files belong to this user. */
    }
    nftw(scratch_folder, scratch_unlock_one, 16, FTW_PHYS);
    nftw(scratch_folder, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of a file in the folder; valid for the next seven calls. */
static inline const char *scratch_path(const char *name) {
    static char paths[8][PATH_MAX + 256];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", scratch_folder, name);
    return path;
}

static inline void scratch_write(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fwrite(bytes, 1, size, file), size);
    cr_assert_eq(fclose(file), 0);
}

/* The contents of a file, from malloc, with a NUL behind them. */
static inline uint8_t *scratch_read(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    uint8_t *bytes = NULL;
    size_t used = 0, got;
    do {
        bytes = realloc(bytes, used + 65537);
        cr_assert_not_null(bytes);
        got = fread(bytes + used, 1, 65536, file);
        used += got;
    } while (got > 0);
    bytes[used] = 0;
    fclose(file);
    *size = used;
    return bytes;
}

/* How many entries the folder has, so that leftovers are noticed. */
static inline size_t scratch_count(const char *folder) {
    DIR *directory = opendir(folder);
    cr_assert_not_null(directory, "%s", folder);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(directory);
    return count;
}

/* Continues as the user nobody if the test runs as root. Tests of permissions need that, since permissions do not
   restrict root; and tests that write to a device, since root could by mistake replace the machine's device by
   a file. Each test is a process of its own, so that the others stay root. */
static inline void scratch_drop_root(void) {
    if (geteuid() == 0)
        cr_assert_eq(setresuid(65534, 65534, 0), 0);
}

#endif
