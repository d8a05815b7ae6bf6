/* A library to preload into a program. It makes one call of the program fail as if the disk were broken or full.
   The environment says which: FAULT_CALL is the kind of call (write, fsync of a file, folder for fsync of a
   folder, or rename), and FAULT_AT counts the calls of that kind, from 1. When that call has failed, the file
   FAULT_MARK exists. Only the program's own calls count, not those that the C library makes for itself. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fails(const char *call) {
    static atomic_int count;
    const char *chosen = getenv("FAULT_CALL"), *at = getenv("FAULT_AT"), *mark = getenv("FAULT_MARK");
    if (chosen == NULL || at == NULL || strcmp(chosen, call) != 0 ||
        atomic_fetch_add(&count, 1) + 1 != atoi(at))
        return false;
    if (mark != NULL)
        close(open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
    return true;
}

/* The C library's own function of that name. */
static void find(const char *name, void *function, size_t size) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL)
        abort();
    memcpy(function, &found, size);
}

ssize_t write(int fd, const void *data, size_t size) {
    ssize_t (*real)(int, const void *, size_t);
    find("write", &real, sizeof real);
    if (!fails("write"))
        return real(fd, data, size);
    if (size > 1)
        (void)!real(fd, data, size / 2); /* a disk that becomes full takes the first part */
    errno = ENOSPC;
    return -1;
}

int fsync(int fd) {
    struct stat info;
    int (*real)(int);
    find("fsync", &real, sizeof real);
    bool folder = fstat(fd, &info) == 0 && S_ISDIR(info.st_mode);
    if (!fails(folder ? "folder" : "fsync"))
        return real(fd);
    errno = EIO;
    return -1;
}

int rename(const char *from, const char *to) {
    int (*real)(const char *, const char *);
    find("rename", &real, sizeof real);
    if (!fails("rename"))
        return real(from, to);
    errno = EIO;
    return -1;
}
