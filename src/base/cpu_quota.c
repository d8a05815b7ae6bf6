#include "base/cpu_quota.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/number.h"

/* Where each version of control groups is mounted by everyone. Version 2 is below "unified" on systems that keep
   the CPU controller in version 1, and then its groups have no cpu.max: there is no need to look. */
static const char VERSION_2[] = "/sys/fs/cgroup", VERSION_1[] = "/sys/fs/cgroup/cpu";

/* Longer files than this are not what the kernel writes for the groups of one process. */
enum { TEXT = 16384 };

/* Reads ROOT PATH / NAME as a string. False when it cannot be read, or is longer than `size` allows. */
static bool read_text(const char *root, const char *path, const char *name, char *text, size_t size) {
    char whole[PATH_MAX];
    int length = snprintf(whole, sizeof whole, "%s%s/%s", root, path, name);
    if (length < 0 || (size_t)length >= sizeof whole)
        return false;
    int fd = file_descriptor(whole, O_RDONLY | O_NONBLOCK, 0);
    if (fd < 0)
        return false;

    size_t used = 0;
    ssize_t got;
    while ((got = read(fd, text + used, size - used)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        used += (size_t)got;
        if (used == size)
            break;
    }
    close(fd);
    if (got != 0 || memchr(text, '\0', used) != NULL)
        return false;
    text[used] = '\0';
    return true;
}

/* A positive whole number up to `end`. */
static bool parse_positive(const char *text, const char *end, uint64_t *out) {
    char digits[24];
    size_t length = (size_t)(end - text);
    if (length >= sizeof digits)
        return false;
    memcpy(digits, text, length);
    digits[length] = '\0';
    return number_parse_u64(digits, out) && *out > 0;
}

/* Both in microseconds. 0 where one is not a positive number: "max" and -1 mean no quota. */
static double quotient(const char *quota, const char *quota_end, const char *period, const char *period_end) {
    uint64_t run, of;
    if (!parse_positive(quota, quota_end, &run) || !parse_positive(period, period_end, &of))
        return 0.0;
    return (double)run / (double)of;
}

/* cpu.max is one line, "150000 100000" or "max 100000". */
static double quota_of_version_2(const char *root, const char *group) {
    char text[128];
    if (!read_text(root, group, "cpu.max", text, sizeof text))
        return 0.0;
    size_t line = strcspn(text, "\n"), first = strcspn(text, " \n");
    if (first == line)
        return 0.0;
    return quotient(text, text + first, text + first + 1, text + line);
}

static double quota_of_version_1(const char *root, const char *group) {
    char quota[128], period[128];
    if (!read_text(root, group, "cpu.cfs_quota_us", quota, sizeof quota) ||
        !read_text(root, group, "cpu.cfs_period_us", period, sizeof period))
        return 0.0;
    return quotient(quota, quota + strcspn(quota, "\n"), period, period + strcspn(period, "\n"));
}

/* The smallest quota of a group and of those around it, up to the mount. In a container the path may be that of
   the host, of which only the last group, the mount itself, is there. */
static double smallest_quota(const char *root, const char *mount, const char *path,
                             double (*quota_of)(const char *root, const char *group)) {
    char group[PATH_MAX];
    double smallest = 0.0;
    size_t mount_length = strlen(mount), length = mount_length + strlen(path);
    /* ".." is the kernel's way to name a group outside of what the process can see. */
    if (length >= sizeof group || path[0] != '/' || strstr(path, "/..") != NULL)
        length = mount_length;
    memcpy(group, mount, mount_length);
    memcpy(group + mount_length, path, length - mount_length);

    for (;;) {
        group[length] = '\0';
        double quota = quota_of(root, group);
        if (quota > 0.0 && (smallest == 0.0 || quota < smallest))
            smallest = quota;
        if (length == mount_length)
            return smallest;
        do
            length--;
        while (length > mount_length && group[length] != '/');
    }
}

/* Whether one of the comma-separated controllers is "cpu". */
static bool has_cpu(const char *controllers) {
    while (*controllers != '\0') {
        size_t length = strcspn(controllers, ",");
        if (length == 3 && memcmp(controllers, "cpu", 3) == 0)
            return true;
        controllers += length;
        controllers += *controllers == ',';
    }
    return false;
}

double cpu_quota(const char *root) {
    char text[TEXT];
    double smallest = 0.0;
    if (!read_text(root, "/proc/self", "cgroup", text, sizeof text))
        return 0.0;

    /* A line is "ID:CONTROLLERS:PATH"; version 2 has no controllers there. */
    for (char *line = text, *next; line != NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        char *controllers = strchr(line, ':');
        char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (path == NULL)
            continue;
        *path++ = '\0';
        controllers++;

        double quota = 0.0;
        if (*controllers == '\0')
            quota = smallest_quota(root, VERSION_2, path, quota_of_version_2);
        else if (has_cpu(controllers))
            quota = smallest_quota(root, VERSION_1, path, quota_of_version_1);
        if (quota > 0.0 && (smallest == 0.0 || quota < smallest))
            smallest = quota;
    }
    return smallest;
}
