/* Files read whole. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include "base/file.h"
#include "base/stream.h"
#include "support/scratch.h"

TestSuite(file, .init = scratch_make, .fini = scratch_remove);

Test(file, reads_whole_files) {
    struct file_bytes bytes;
    static const size_t sizes[] = {0, 1, 65534, 65535, 65536, 65537, 300000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *text = malloc(sizes[i] + 1);
        for (size_t j = 0; j < sizes[i]; j++)
            text[j] = (char)(j * 7 + i);
        scratch_write(scratch_path("f"), text, sizes[i]);
        cr_assert_eq(file_read(scratch_path("f"), sizes[i], &bytes), MINNOW_OK, "%s", minnow_last_error());
        cr_assert_eq(bytes.size, sizes[i]);
        cr_assert_not_null(bytes.data);
        cr_assert_arr_eq(bytes.data, text, sizes[i]);
        file_bytes_free(&bytes);
        if (sizes[i] > 0) {
            cr_assert_eq(file_read(scratch_path("f"), sizes[i] - 1, &bytes), MINNOW_ERROR_INPUT);
            cr_assert_null(bytes.data);
            cr_assert_not_null(strstr(minnow_last_error(), "larger than"), "%s", minnow_last_error());
        }
        free(text);
    }
}

Test(file, reading_failures_name_the_file) {
    struct file_bytes bytes;
    cr_assert_eq(file_read(scratch_path("none"), 10, &bytes), MINNOW_ERROR_INPUT);
    cr_assert_null(bytes.data);
    cr_assert_not_null(strstr(minnow_last_error(), "/none: "), "%s", minnow_last_error());
    cr_assert_not_null(strstr(minnow_last_error(), "No such file"), "%s", minnow_last_error());
    cr_assert_eq(file_read(scratch_folder, 10, &bytes), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "folder"), "%s", minnow_last_error());
    cr_assert_eq(file_read("/dev/zero", 200000, &bytes), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "larger than"), "%s", minnow_last_error());
    cr_assert_eq(file_read("/dev/null", 10, &bytes), MINNOW_OK);
    cr_assert_eq(bytes.size, 0);
    file_bytes_free(&bytes);
    scratch_write(scratch_path("secret"), "x", 1);
    cr_assert_eq(chmod(scratch_path("secret"), 0), 0);
    cr_assert_eq(chmod(scratch_folder, 0755), 0);
    scratch_drop_root();
    cr_assert_eq(file_read(scratch_path("secret"), 10, &bytes), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "Permission denied"), "%s", minnow_last_error());
}

Test(file, paths_are_joined) {
    char *path = file_path("a/b", "c.csv");
    cr_assert_str_eq(path, "a/b/c.csv");
    free(path);
}

Test(file, only_a_clear_no_means_that_nothing_is_there) {
    scratch_write(scratch_path("f"), "x", 1);
    cr_assert(file_may_exist(scratch_path("f")));
    cr_assert(file_may_exist(scratch_folder));
    cr_assert(!file_may_exist(scratch_path("g")));
    cr_assert(!file_may_exist(scratch_path("f/g")));

    /* What cannot be examined may be there. */
    cr_assert_eq(symlink("loop", scratch_path("loop")), 0);
    cr_assert(file_may_exist(scratch_path("loop")));
}

/* With the standard streams closed, a file that is read must not become standard input. */
Test(file, streams_keep_away_from_the_standard_descriptors) {
    scratch_write(scratch_path("f"), "x", 1);
    int kept = fcntl(0, F_DUPFD_CLOEXEC, 100);
    close(0);
    struct byte_stream stream;
    minnow_status status = stream_open(scratch_path("f"), &stream);
    bool taken = fcntl(0, F_GETFD) >= 0;
    stream_close(&stream);
    if (kept >= 0)
        dup2(kept, 0);
    cr_assert_eq(status, MINNOW_OK);
    cr_assert(!taken);
}
