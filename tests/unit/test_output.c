/* Files written: either complete or not there at all. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "base/output.h"
#include "support/scratch.h"

TestSuite(output, .init = scratch_make, .fini = scratch_remove);

static void expect_contents(const char *path, const char *expected) {
    size_t size;
    char *text = (char *)scratch_read(path, &size);
    cr_assert_str_eq(text, expected, "%s", path);
    free(text);
}

static void write_text(const char *path, const char *text) {
    scratch_write(path, text, strlen(text));
}

static struct output *open_output(const char *path) {
    struct output *output;
    cr_assert_eq(output_open(path, &output), MINNOW_OK, "%s", minnow_last_error());
    return output;
}

static void expect_not_opened(const char *path, const char *message) {
    struct output *output = (struct output *)1;
    cr_assert_eq(output_open(path, &output), MINNOW_ERROR_OUTPUT);
    cr_assert_null(output);
    cr_assert_not_null(strstr(minnow_last_error(), path), "%s", minnow_last_error());
    cr_assert_not_null(strstr(minnow_last_error(), message), "%s", minnow_last_error());
}

/* ---- Writing ---- */

Test(output, a_target_changes_only_on_commit) {
    write_text(scratch_path("f"), "old");
    struct output *output = open_output(scratch_path("f"));
    output_write(output, "ne", 2);
    output_printf(output, "%c %d", 'w', 5);
    expect_contents(scratch_path("f"), "old");
    cr_assert_eq(output_sync(output), MINNOW_OK);
    expect_contents(scratch_path("f"), "old");
    output_write(output, "!", 1);
    cr_assert_eq(output_commit(output), MINNOW_OK, "%s", minnow_last_error());
    expect_contents(scratch_path("f"), "new 5!");
    cr_assert_eq(scratch_count(scratch_folder), 1);
}

Test(output, abort_leaves_nothing) {
    struct output *output = open_output(scratch_path("f"));
    output_write(output, "new", 3);
    cr_assert_eq(output_sync(output), MINNOW_OK);
    output_abort(output);
    cr_assert_eq(scratch_count(scratch_folder), 0);
    write_text(scratch_path("f"), "old");
    output_abort(open_output(scratch_path("f")));
    expect_contents(scratch_path("f"), "old");
    cr_assert_eq(scratch_count(scratch_folder), 1);
    output_abort(NULL);
    cr_assert_eq(output_commit(NULL), MINNOW_OK);
}

Test(output, writes_of_every_size_arrive) {
    struct output *output = open_output(scratch_path("f"));
    char *expected = malloc(2000000);
    size_t used = 0;
    for (size_t size = 0; size < 200000; size = size * 3 / 2 + 1) {
        memset(expected + used, (int)('a' + size % 26), size);
        output_write(output, expected + used, size);
        used += size;
    }
    memset(expected + used, 'z', 1000);
    output_printf(output, "%.*s", 1000, expected + used);
    used += 1000;
    expected[used] = '\0';
    cr_assert_eq(output_commit(output), MINNOW_OK);
    expect_contents(scratch_path("f"), expected);
    free(expected);
}

Test(output, several_outputs_do_not_collide) {
    struct output *outputs[20];
    for (int i = 0; i < 20; i++) {
        outputs[i] = open_output(scratch_path("f"));
        output_printf(outputs[i], "%d", i);
    }
    cr_assert_eq(scratch_count(scratch_folder), 20);
    for (int i = 0; i < 19; i++)
        cr_assert_eq(output_commit(outputs[i]), MINNOW_OK);
    expect_contents(scratch_path("f"), "18");
    output_abort(outputs[19]);
    cr_assert_eq(scratch_count(scratch_folder), 1);
}

/* ---- What killed processes leave behind ---- */

/* The number of a process that has ended, and left NAME.tmp-PID-0 in the middle of writing NAME. */
static pid_t killed_writer(const char *name) {
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        struct output *output;
        if (output_open(scratch_path(name), &output) == MINNOW_OK && output_sync(output) == MINNOW_OK)
            raise(SIGKILL);
        _exit(1);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status));
    return child;
}

static const char *temporary_name(const char *name, long pid, const char *end) {
    static char text[64];
    snprintf(text, sizeof text, "%s.tmp-%ld-%s", name, pid, end);
    return scratch_path(text);
}

static bool is_there(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0;
}

Test(output, temporaries_of_killed_processes_are_removed) {
    pid_t dead = killed_writer("f");
    cr_assert(is_there(temporary_name("f", dead, "0")));
    write_text(temporary_name("f", dead, "17"), "older");
    write_text(temporary_name("f", getpid(), "0"), "of an earlier process of this number");
    struct output *output = open_output(scratch_path("f"));
    cr_assert_eq(scratch_count(scratch_folder), 1);
    output_write(output, "new", 3);
    cr_assert_eq(output_commit(output), MINNOW_OK);
    expect_contents(scratch_path("f"), "new");
    cr_assert_eq(scratch_count(scratch_folder), 1);
    /* Without a folder in its name. */
    cr_assert_eq(chdir(scratch_folder), 0);
    write_text(temporary_name("f", dead, "0"), "");
    output_abort(open_output("f"));
    cr_assert_eq(scratch_count(scratch_folder), 1);
}

Test(output, other_files_are_not_taken_for_temporaries) {
    pid_t dead = killed_writer("f");
    char zero[32];
    snprintf(zero, sizeof zero, "f.tmp-0%ld-0", (long)dead);
    const char *const kept[] = {"f.tmp-0-0", "f.tmp--1-0", "f.tmp-99999999999-0", "f.tmp-1-0", zero};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        write_text(scratch_path(kept[i]), "kept");
    static const char *const ends[] = {"", "x", "1x", "1.bak", "01", "-1"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        write_text(temporary_name("f", dead, ends[i]), "kept");
    write_text(temporary_name("g", dead, "0"), "kept");
    write_text(temporary_name("xf", dead, "0"), "kept");
    write_text(temporary_name("f.old", dead, "0"), "kept");
    cr_assert_eq(mkdir(temporary_name("f", dead, "2"), 0777), 0);
    cr_assert_eq(mkfifo(temporary_name("f", dead, "3"), 0666), 0);
    cr_assert_eq(symlink(scratch_path("f"), temporary_name("f", dead, "4")), 0);
    size_t count = scratch_count(scratch_folder);
    output_abort(open_output(scratch_path("f")));
    cr_assert_eq(scratch_count(scratch_folder), count - 1, "the dead writer's alone");
    cr_assert(!is_there(temporary_name("f", dead, "0")));
}

Test(output, a_temporary_in_use_or_of_others_is_kept) {
    pid_t dead = killed_writer("f");
    /* As of a process in another container: locked, though there is no such process here. */
    int locked = open(temporary_name("f", dead, "0"), O_RDWR);
    cr_assert(locked >= 0 && flock(locked, LOCK_EX) == 0);
    if (geteuid() == 0) {
        write_text(temporary_name("f", dead, "1"), "of somebody else");
        cr_assert_eq(chown(temporary_name("f", dead, "1"), 65534, 65534), 0);
    }
    size_t count = scratch_count(scratch_folder);
    struct output *own = open_output(scratch_path("f")), *other = open_output(scratch_path("f"));
    cr_assert_eq(scratch_count(scratch_folder), count + 2);
    output_abort(other);
    cr_assert_eq(output_commit(own), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(scratch_count(scratch_folder), count + 1);
    close(locked);
    output_abort(open_output(scratch_path("f")));
    cr_assert_eq(scratch_count(scratch_folder), count);
}

Test(output, links_are_followed) {
    cr_assert_eq(mkdir(scratch_path("sub"), 0777), 0);
    write_text(scratch_path("sub/real"), "old");
    cr_assert_eq(symlink("sub/real", scratch_path("link")), 0);
    cr_assert_eq(symlink(scratch_path("link"), scratch_path("chain")), 0);
    cr_assert_eq(symlink("sub/fresh", scratch_path("dangling")), 0);
    cr_assert_eq(symlink("loop", scratch_path("loop")), 0);
    struct output *output = open_output(scratch_path("chain"));
    output_write(output, "new", 3);
    cr_assert_eq(output_commit(output), MINNOW_OK);
    expect_contents(scratch_path("sub/real"), "new");
    output = open_output(scratch_path("dangling"));
    output_write(output, "fresh", 5);
    cr_assert_eq(output_commit(output), MINNOW_OK);
    expect_contents(scratch_path("sub/fresh"), "fresh");
    struct stat info;
    static const char *const links[] = {"link", "chain", "dangling"};
    for (int i = 0; i < 3; i++)
        cr_assert(lstat(scratch_path(links[i]), &info) == 0 && S_ISLNK(info.st_mode), "%s", links[i]);
    cr_assert_eq(scratch_count(scratch_folder), 5);
    cr_assert_eq(scratch_count(scratch_path("sub")), 2);
    expect_not_opened(scratch_path("loop"), "symbolic link");
}

Test(output, the_mode_is_kept) {
    write_text(scratch_path("f"), "old");
    cr_assert_eq(chmod(scratch_path("f"), 0640), 0);
    cr_assert_eq(output_commit(open_output(scratch_path("f"))), MINNOW_OK);
    struct stat info;
    cr_assert_eq(stat(scratch_path("f"), &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0640);
    umask(027);
    cr_assert_eq(output_commit(open_output(scratch_path("g"))), MINNOW_OK);
    cr_assert_eq(stat(scratch_path("g"), &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0640);
}

Test(output, opening_failures_name_the_file) {
    expect_not_opened(scratch_path("none/f"), "No such file");
    expect_not_opened(scratch_folder, "directory");
    write_text(scratch_path("f"), "old");
    expect_not_opened(scratch_path("f/f"), "Not a directory");
    cr_assert_eq(chmod(scratch_path("f"), 0444), 0);
    cr_assert_eq(chmod(scratch_folder, 0777), 0);
    scratch_drop_root();
    expect_not_opened(scratch_path("f"), "Permission denied"); /* a rename over it would be allowed */
    expect_contents(scratch_path("f"), "old");
    cr_assert_eq(output_commit(open_output(scratch_path("g"))), MINNOW_OK);
}

Test(output, a_read_only_folder_is_refused) {
    write_text(scratch_path("f"), "old");
    cr_assert_eq(chmod(scratch_path("f"), 0666), 0);
    cr_assert_eq(chmod(scratch_folder, 0555), 0);
    scratch_drop_root();
    expect_not_opened(scratch_path("f"), "Permission denied");
    expect_not_opened(scratch_path("g"), "Permission denied");
    expect_contents(scratch_path("f"), "old");
}

Test(output, a_full_disk_leaves_the_target) {
    write_text(scratch_path("f"), "old");
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {100000, RLIM_INFINITY};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    char *large = calloc(1, 150000);
    for (int way = 0; way < 3; way++) {
        struct output *output = open_output(scratch_path("f"));
        if (way == 0) {
            output_write(output, large, 150000); /* at once */
        } else {
            for (int i = 0; i < 15; i++)
                output_write(output, large, 10000); /* through the buffer */
        }
        if (way == 2)
            cr_assert_eq(output_sync(output), MINNOW_ERROR_OUTPUT);
        output_write(output, "more", 4);
        cr_assert_eq(output_commit(output), MINNOW_ERROR_OUTPUT);
        cr_assert_not_null(strstr(minnow_last_error(), "/f: "), "%s", minnow_last_error());
        cr_assert_not_null(strstr(minnow_last_error(), "File too large"), "%s", minnow_last_error());
        expect_contents(scratch_path("f"), "old");
        cr_assert_eq(scratch_count(scratch_folder), 1);
    }
    free(large);
}

Test(output, devices_are_written_through) {
    scratch_drop_root();
    struct output *output = open_output("/dev/null");
    output_write(output, "x", 1);
    cr_assert_eq(output_commit(output), MINNOW_OK, "%s", minnow_last_error());
    struct stat info;
    cr_assert(stat("/dev/null", &info) == 0 && S_ISCHR(info.st_mode));
    output = open_output("/dev/full");
    output_write(output, "x", 1);
    cr_assert_eq(output_commit(output), MINNOW_ERROR_OUTPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "/dev/full: "), "%s", minnow_last_error());
    cr_assert_not_null(strstr(minnow_last_error(), "No space left"), "%s", minnow_last_error());
    output_abort(open_output("/dev/null"));
}

struct pipe_reader {
    const char *path;
    uint8_t *bytes;
    size_t size;
};

static void *read_pipe(void *context) {
    struct pipe_reader *reader = context;
    reader->bytes = scratch_read(reader->path, &reader->size);
    return NULL;
}

Test(output, pipes_are_written_through) {
    struct pipe_reader reader = {.path = scratch_path("pipe")};
    cr_assert_eq(mkfifo(reader.path, 0600), 0);
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, read_pipe, &reader), 0);
    struct output *output = open_output(reader.path);
    output_write(output, "through", 7);
    cr_assert_eq(output_commit(output), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert_str_eq((char *)reader.bytes, "through");
    struct stat info;
    cr_assert(lstat(reader.path, &info) == 0 && S_ISFIFO(info.st_mode));
    cr_assert_eq(scratch_count(scratch_folder), 1);
    free(reader.bytes);
}

/* With the standard streams closed, a file must not become standard output. */
Test(output, files_keep_away_from_the_standard_descriptors) {
    int kept[3];
    for (int fd = 0; fd < 3; fd++) {
        kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 100);
        close(fd);
    }
    struct output *output = NULL;
    minnow_status status = output_open(scratch_path("f"), &output);
    bool taken = fcntl(0, F_GETFD) >= 0 || fcntl(1, F_GETFD) >= 0 || fcntl(2, F_GETFD) >= 0;
    output_abort(output);
    for (int fd = 0; fd < 3; fd++)
        dup2(kept[fd], fd);
    cr_assert_eq(status, MINNOW_OK);
    cr_assert(!taken);
}
