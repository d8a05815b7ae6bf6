/* Several files of a folder that take their places together. */
#include <criterion/criterion.h>
#include <string.h>
#include "base/output_folder.h"
#include "support/scratch.h"

TestSuite(output_folder, .init = scratch_make, .fini = scratch_remove);

static void expect_contents(const char *name, const char *expected) {
    size_t size;
    char *text = (char *)scratch_read(scratch_path(name), &size);
    cr_assert_str_eq(text, expected, "%s", name);
    free(text);
}

static struct output_folder *open_folder(const char *name) {
    struct output_folder *folder;
    cr_assert_eq(output_folder_open(scratch_path(name), &folder), MINNOW_OK, "%s", minnow_last_error());
    return folder;
}

static struct output *add(struct output_folder *folder, const char *name) {
    struct output *output;
    cr_assert_eq(output_folder_add(folder, name, &output), MINNOW_OK, "%s", minnow_last_error());
    return output;
}

/* More files than a folder has room for at first, written to in turns. */
Test(output_folder, all_files_take_their_places_on_close) {
    enum { COUNT = 21 };
    struct output *outputs[COUNT];
    struct output_folder *folder = open_folder("d");
    char name[16];
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "f%d", i);
        outputs[i] = add(folder, name);
    }
    for (int i = 0; i < COUNT; i++)
        output_printf(outputs[i], "begin ");
    for (int i = COUNT - 1; i >= 0; i--)
        output_printf(outputs[i], "end %d", i);
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "d/f%d", i);
        cr_assert_neq(access(scratch_path(name), F_OK), 0, "%s is there before the folder is closed", name);
    }

    cr_assert_eq(output_folder_close(folder, MINNOW_OK), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(scratch_count(scratch_path("d")), COUNT);
    for (int i = 0; i < COUNT; i++) {
        char expected[32];
        snprintf(name, sizeof name, "d/f%d", i);
        snprintf(expected, sizeof expected, "begin end %d", i);
        expect_contents(name, expected);
    }
}

Test(output_folder, a_failure_before_closing_leaves_all_as_it_was) {
    cr_assert_eq(mkdir(scratch_path("d"), 0777), 0);
    scratch_write(scratch_path("d/a"), "old", 3);
    struct output_folder *folder = open_folder("d");
    output_printf(add(folder, "a"), "new");
    output_printf(add(folder, "b"), "new");
    cr_assert_eq(output_folder_close(folder, MINNOW_ERROR_MEMORY), MINNOW_ERROR_MEMORY);
    expect_contents("d/a", "old");
    cr_assert_eq(scratch_count(scratch_path("d")), 1);
}

/* The last of three files cannot be written to its end: the first two, which can, stay what they were. */
Test(output_folder, a_failure_on_closing_leaves_all_as_it_was) {
    cr_assert_eq(mkdir(scratch_path("d"), 0777), 0);
    scratch_write(scratch_path("d/a"), "old a", 5);
    scratch_write(scratch_path("d/b"), "old b", 5);
    cr_assert_eq(symlink("/dev/full", scratch_path("d/c")), 0);
    static const char *const open_to_nobody[] = {"", "d", "d/a", "d/b"};
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(chmod(scratch_path(open_to_nobody[i]), 0777), 0);
    scratch_drop_root();
    struct output_folder *folder = open_folder("d");
    struct output *output;
    static const char *const names[] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; i++) {
        output = add(folder, names[i]);
        output_printf(output, "new");
    }
    cr_assert_eq(output_folder_close(folder, MINNOW_OK), MINNOW_ERROR_OUTPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "d/c"), "%s", minnow_last_error());
    expect_contents("d/a", "old a");
    expect_contents("d/b", "old b");
    cr_assert_eq(scratch_count(scratch_path("d")), 3);
}

Test(output_folder, only_a_folder_of_its_own_making_goes_away) {
    struct output_folder *folder = open_folder("d");
    output_printf(add(folder, "a"), "new");
    struct output *output = (struct output *)1;
    cr_assert_eq(output_folder_add(folder, "none/b", &output), MINNOW_ERROR_OUTPUT);
    cr_assert_null(output);
    cr_assert_eq(output_folder_close(folder, MINNOW_ERROR_OUTPUT), MINNOW_ERROR_OUTPUT);
    cr_assert_eq(scratch_count(scratch_folder), 0);

    cr_assert_eq(mkdir(scratch_path("d"), 0777), 0);
    cr_assert_eq(output_folder_close(open_folder("d"), MINNOW_ERROR_OUTPUT), MINNOW_ERROR_OUTPUT);
    cr_assert_eq(scratch_count(scratch_folder), 1);
}

Test(output_folder, a_folder_that_cannot_be_made_is_named) {
    struct output_folder *folder = (struct output_folder *)1;
    cr_assert_eq(output_folder_open(scratch_path("none/d"), &folder), MINNOW_ERROR_OUTPUT);
    cr_assert_null(folder);
    cr_assert_not_null(strstr(minnow_last_error(), "none/d: the folder cannot be created: No such file"),
                       "%s", minnow_last_error());
}
