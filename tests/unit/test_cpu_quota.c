/* Quotas of processor time, from trees of files as Linux lays them out, and as nobody should. */
#include <criterion/criterion.h>
#include <string.h>
#include "base/cpu_quota.h"
#include "base/status.h"
#include "support/scratch.h"

TestSuite(cpu_quota, .init = scratch_make, .fini = scratch_remove);

/* Writes a file of the tree, and makes the folders on the way to it. */
static void put(const char *path, const char *text) {
    char whole[PATH_MAX + 512];
    snprintf(whole, sizeof whole, "%s%s", scratch_folder, path);
    for (char *slash = whole + strlen(scratch_folder) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(whole, 0777); /* it may be there already */
        *slash = '/';
    }
    scratch_write(whole, text, strlen(text));
}

static void expect_quota(double expected) {
    double found = cpu_quota(scratch_folder);
    cr_assert_eq(found, expected, "a quota of %g, not %g", found, expected);
}

#define GROUPS "/sys/fs/cgroup"

Test(cpu_quota, none) {
    expect_quota(0.0);
    put("/proc/self/cgroup", "0::/user.slice/session.scope\n");
    expect_quota(0.0);
    put(GROUPS "/user.slice/session.scope/cpu.max", "max 100000\n");
    put(GROUPS "/user.slice/cpu.max", "max 100000\n");
    expect_quota(0.0);
    put("/proc/self/cgroup", "");
    expect_quota(0.0);
}

Test(cpu_quota, of_the_own_group) {
    put("/proc/self/cgroup", "0::/a/b\n");
    put(GROUPS "/a/b/cpu.max", "150000 100000\n");
    expect_quota(1.5);
    put(GROUPS "/a/b/cpu.max", "10000 100000");
    expect_quota(0.1);
    put(GROUPS "/a/b/cpu.max", "6400000 100000\n");
    expect_quota(64.0);
}

Test(cpu_quota, of_the_container) {
    put("/proc/self/cgroup", "0::/\n");
    put(GROUPS "/cpu.max", "200000 100000\n");
    expect_quota(2.0);
    /* The host's names, of which only the container's own group can be seen, where the host's mount is. */
    put("/proc/self/cgroup", "0::/docker/0123456789abcdef\n");
    expect_quota(2.0);
}

Test(cpu_quota, smallest_of_the_groups_around) {
    put("/proc/self/cgroup", "0::/a/b/c\n");
    put(GROUPS "/a/b/c/cpu.max", "300000 100000\n");
    put(GROUPS "/a/b/cpu.max", "max 100000\n");
    put(GROUPS "/a/cpu.max", "100000 50000\n");
    expect_quota(2.0);
    put(GROUPS "/a/b/c/cpu.max", "150000 100000\n");
    expect_quota(1.5);
    put(GROUPS "/cpu.max", "100000 100000\n");
    expect_quota(1.0);
    put(GROUPS "/a/other/cpu.max", "10000 100000\n");
    put(GROUPS "/a/b/c/d/cpu.max", "10000 100000\n");
    expect_quota(1.0);
}

Test(cpu_quota, version_1) {
    put("/proc/self/cgroup", "12:memory:/m\n4:cpu,cpuacct:/docker/x\n1:name=systemd:/s\n0::/s\n");
    put(GROUPS "/cpu/docker/x/cpu.cfs_quota_us", "-1\n");
    put(GROUPS "/cpu/docker/x/cpu.cfs_period_us", "100000\n");
    expect_quota(0.0);
    put(GROUPS "/cpu/docker/x/cpu.cfs_quota_us", "250000\n");
    expect_quota(2.5);
    put(GROUPS "/cpu/docker/cpu.cfs_quota_us", "50000\n");
    expect_quota(2.5); /* whose period is not there */
    put(GROUPS "/cpu/docker/cpu.cfs_period_us", "100000\n");
    expect_quota(0.5);
}

/* "cpuset" and "cpuacct" alone are not the controller that has quotas. */
Test(cpu_quota, version_1_of_other_controllers) {
    put(GROUPS "/cpu/x/cpu.cfs_quota_us", "50000\n");
    put(GROUPS "/cpu/x/cpu.cfs_period_us", "100000\n");
    put("/proc/self/cgroup", "3:cpuset:/x\n2:cpuacct,cpuset:/x\n1:name=cpu:/x\n");
    expect_quota(0.0);
    put("/proc/self/cgroup", "3:cpuset:/x\n2:cpuacct,cpu:/x");
    expect_quota(0.5);
}

Test(cpu_quota, garbage_is_no_quota) {
    static const char *const texts[] = {
        "",           "\n",           "max",          "150000",         "150000\n",       "150000 ",
        " 150000 1",  "0 100000",     "150000 0",     "-150000 100000", "1e5 100000",     "0x10 10",
        "150000 max", "150000  1000", "150000 1000 ", "150000 1000 1",  "150000\t1000",   "1.5 1",
        "nan 1",      "inf 1",        "150000,1000",  "+150000 100000", "\xff\xfe 100000"};
    put("/proc/self/cgroup", "0::/a\n");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        put(GROUPS "/a/cpu.max", texts[i]);
        double found = cpu_quota(scratch_folder);
        cr_assert_eq(found, 0.0, "\"%s\" gave a quota of %g", texts[i], found);
    }
    put(GROUPS "/a/cpu.max", "18446744073709551616 100000\n");
    expect_quota(0.0);
    put(GROUPS "/a/cpu.max", "18446744073709551615 18446744073709551615\n");
    expect_quota(1.0);

    static const char zero[] = "150000 100000\0\n";
    scratch_write(scratch_path(GROUPS "/a/cpu.max"), zero, sizeof zero - 1);
    expect_quota(0.0);
    char *large = malloc(100001);
    memset(large, '1', 100000);
    large[100000] = '\0';
    put(GROUPS "/a/cpu.max", large);
    expect_quota(0.0);
    put("/proc/self/cgroup", large);
    expect_quota(0.0);
    free(large);
}

Test(cpu_quota, lines_of_garbage_are_passed_over) {
    put(GROUPS "/a/cpu.max", "150000 100000\n");
    put(GROUPS "a/cpu.max", "10000 100000\n");
    put("/proc/self/cgroup", "\n:\n::\n0\n0:\n0::\nnothing\n:::::\n4:cpu\n4:cpu:\n0::a\n0::/a\n");
    expect_quota(1.5);
}

/* A path must not lead out of the tree, nor beyond the longest path there is. */
Test(cpu_quota, paths_stay_in_the_tree) {
    put("/cpu.max", "10000 100000\n");
    put("/a/cpu.max", "10000 100000\n");
    put("/sys/fs/a/cpu.max", "10000 100000\n");
    put(GROUPS "/cpu.max", "300000 100000\n");
    static const char *const paths[] = {"/..", "/../a", "/../../..", "/../../../a", "/x/../../a"};
    char line[3 * PATH_MAX];
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        snprintf(line, sizeof line, "0::%s\n", paths[i]);
        put("/proc/self/cgroup", line);
        expect_quota(3.0);
    }

    memset(line, '/', sizeof line);
    memcpy(line, "0::", 3);
    line[sizeof line - 1] = '\0';
    put("/proc/self/cgroup", line);
    expect_quota(3.0);
    memset(line + 4, 'x', sizeof line - 5);
    put("/proc/self/cgroup", line);
    expect_quota(3.0);
}

/* What cannot be read is no quota, and no reason to wait either. */
Test(cpu_quota, files_that_are_none) {
    put("/proc/self/cgroup", "0::/a\n");
    put(GROUPS "/a/x", "");
    cr_assert_eq(mkdir(scratch_path(GROUPS "/a/cpu.max"), 0777), 0);
    expect_quota(0.0);
    cr_assert_eq(rmdir(scratch_path(GROUPS "/a/cpu.max")), 0);
    cr_assert_eq(mkfifo(scratch_path(GROUPS "/a/cpu.max"), 0666), 0);
    alarm(10);
    expect_quota(0.0);
}

Test(cpu_quota, leaves_the_last_error_alone) {
    fail(MINNOW_ERROR_INPUT, "mine");
    expect_quota(0.0);
    put("/proc/self/cgroup", "0::/a\n");
    put(GROUPS "/a/cpu.max", "x y\n");
    expect_quota(0.0);
    cr_assert_str_eq(minnow_last_error(), "mine");
}
