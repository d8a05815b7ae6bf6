#include "base/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"

/* ---- Temporaries left behind by killed processes ---- */

/* Moves *at behind a number as printf writes it, and returns it; -1 if there is none. */
static long take_number(const char **at) {
    enum { MOST_DIGITS = 10 };
    size_t digits = strspn(*at, "0123456789");
    if (digits == 0 || digits > MOST_DIGITS || (digits > 1 && **at == '0'))
        return -1;
    long number = strtol(*at, NULL, 10);
    *at += digits;
    return number;
}

/* Whether `name` is BASE.tmp-PID-N; gives the PID. */
static bool is_temporary(const char *name, const char *base, pid_t *pid) {
    static const char infix[] = ".tmp-";
    size_t length = strlen(base);
    if (strncmp(name, base, length) != 0 || strncmp(name + length, infix, sizeof infix - 1) != 0)
        return false;
    const char *at = name + length + sizeof infix - 1;
    long number = take_number(&at);
    *pid = (pid_t)number;
    if (number <= 0 || *pid != number || *at++ != '-')
        return false;
    return take_number(&at) >= 0 && *at == '\0';
}

/* Whether nobody will finish the temporary that process `pid` made. Its writer holds a lock on it as long as it
   works. A lock also shows writers whose process number says nothing here: those in another container, and one
   there that has this process's own number. Where the file system has no locks, the number alone decides. */
static bool is_abandoned(int fd, pid_t pid) {
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != geteuid())
        return false;
    bool ended = kill(pid, 0) != 0 && errno == ESRCH;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return ended && errno != EWOULDBLOCK;
    return ended || pid == getpid();
}

/* Removes what earlier processes that were killed while they wrote `real` left beside it. */
static void remove_abandoned(const char *real) {
    const char *slash = strrchr(real, '/'), *base = slash != NULL ? slash + 1 : real;
    char *folder = slash != NULL ? strndup(real, (size_t)(base - real)) : memory_copy_string(".");
    DIR *directory = folder != NULL ? opendir(folder) : NULL;
    free(folder);
    if (directory == NULL)
        return;
    pid_t pid;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (!is_temporary(entry->d_name, base, &pid))
            continue;
        int fd = openat(dirfd(directory), entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd >= 0 && is_abandoned(fd, pid))
            (void)unlinkat(dirfd(directory), entry->d_name, 0); /* if it fails, a later run tries again */
        if (fd >= 0)
            close(fd);
    }
    closedir(directory);
}

/* ---- Writing ---- */

enum { BUFFER_SIZE = 65536 };

struct output {
    int fd;          /* of the temporary, or of the target when direct */
    bool direct;     /* the target is a device or pipe: no temporary, no rename */
    char *target;    /* as the caller named it, for messages */
    char *real;      /* the file it stands for, symbolic links followed */
    char *temporary; /* NULL when direct */
    int error;       /* the first failure's errno */
    bool synced;     /* nothing was written since output_sync */
    size_t used;     /* of the buffer */
    char buffer[BUFFER_SIZE];
};

static void output_free(struct output *output) {
    free(output->target);
    free(output->real);
    free(output->temporary);
    free(output);
}

/* The file a chain of symbolic links names, which need not exist yet. NULL with errno on failure. */
static char *follow_links(const char *path) {
    char *current = memory_copy_string(path);
    for (int depth = 0; current != NULL; depth++) {
        char link[PATH_MAX];
        ssize_t length = readlink(current, link, sizeof link - 1);
        if (length < 0)
            return current; /* not a link, or nothing is there; if it cannot be opened, open() will say why */
        if (depth == 40) {
            free(current);
            errno = ELOOP;
            return NULL;
        }
        link[length] = '\0';
        const char *slash = strrchr(current, '/');
        char *next = NULL;
        if (link[0] == '/' || slash == NULL)
            next = memory_copy_string(link);
        else if (asprintf(&next, "%.*s/%s", (int)(slash - current), current, link) < 0)
            next = NULL;
        free(current);
        current = next;
    }
    errno = ENOMEM;
    return NULL;
}

/* Locks a new temporary until its descriptor is closed. False when remove_abandoned() in another process came
   between its creation and the lock, and has removed it. */
static bool keep_temporary(int fd) {
    struct stat info;
    (void)flock(fd, LOCK_EX); /* it fails where there are no locks, see is_abandoned() */
    return fstat(fd, &info) != 0 || info.st_nlink > 0;
}

/* Opens NAME.tmp-PID-N, a name nobody else has, with the mode of the file it will replace. */
static int open_temporary(struct output *output, const struct stat *replaced) {
    static atomic_uint counter;
    for (int attempt = 0; attempt < 100; attempt++) {
        free(output->temporary);
        if (asprintf(&output->temporary, "%s.tmp-%ld-%u", output->real, (long)getpid(),
                     atomic_fetch_add(&counter, 1)) < 0) {
            output->temporary = NULL;
            errno = ENOMEM;
            return -1;
        }
        int fd = file_descriptor(output->temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (fd >= 0 && !keep_temporary(fd)) {
            close(fd);
            errno = EEXIST;
            continue;
        }
        if (fd >= 0 && replaced != NULL)
            (void)fchmod(fd, replaced->st_mode & 07777); /* no loss on file systems without modes */
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

static int open_target(struct output *output) {
    struct stat info;
    bool exists = stat(output->target, &info) == 0;
    if (!exists && errno != ENOENT)
        return -1;
    if (exists && S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return -1;
    }
    if (exists && !S_ISREG(info.st_mode)) {
        output->direct = true;
        return file_descriptor(output->target, O_WRONLY, 0);
    }
    /* Renaming over a read-only file would succeed, against the will of whoever made it read-only. */
    if (exists && access(output->target, W_OK) != 0)
        return -1;
    output->real = follow_links(output->target);
    if (output->real == NULL)
        return -1;
    remove_abandoned(output->real);
    return open_temporary(output, exists ? &info : NULL);
}

minnow_status output_open(const char *path, struct output **out) {
    *out = NULL;
    if (path[0] == '\0')
        return fail(MINNOW_ERROR_OUTPUT, "expected the name of a file to write, found an empty one");
    struct output *output = calloc(1, sizeof *output);
    if (output == NULL)
        return fail_memory(path);
    output->fd = -1;
    output->target = memory_copy_string(path);
    if (output->target != NULL)
        output->fd = open_target(output);
    if (output->fd < 0) {
        int error = output->target == NULL ? ENOMEM : errno;
        output_free(output);
        return fail(MINNOW_ERROR_OUTPUT, "%s: cannot be written: %s", path, strerror(error));
    }
    *out = output;
    return MINNOW_OK;
}

static void write_fully(struct output *output, const char *data, size_t size) {
    while (size > 0 && output->error == 0) {
        ssize_t written = write(output->fd, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            output->error = errno;
            return;
        }
        data += written;
        size -= (size_t)written;
    }
}

static void flush(struct output *output) {
    write_fully(output, output->buffer, output->used);
    output->used = 0;
}

void output_write(struct output *output, const void *data, size_t size) {
    output->synced = false;
    if (size > BUFFER_SIZE - output->used)
        flush(output);
    if (size > BUFFER_SIZE) {
        write_fully(output, data, size);
        return;
    }
    memcpy(output->buffer + output->used, data, size);
    output->used += size;
}

void output_printf(struct output *output, const char *format, ...) {
    char small[512], *text = small;
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(small, sizeof small, format, arguments);
    if (length >= (int)sizeof small && vasprintf(&text, format, again) < 0)
        length = -1;
    va_end(again);
    va_end(arguments);
    if (length < 0) {
        if (output->error == 0)
            output->error = ENOMEM;
        return;
    }
    output_write(output, text, (size_t)length);
    if (text != small)
        free(text);
}

/* After the rename the folder must be synced too, or a power cut could undo it. Some file systems cannot sync
   folders, which is no failure of this file. */
static void sync_folder(const char *path) {
    char *folder = memory_copy_string(path);
    if (folder == NULL)
        return;
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder ? 1 : 0] = '\0';
    int fd = file_descriptor(slash == NULL ? "." : folder, O_RDONLY | O_DIRECTORY, 0);
    free(folder);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

static minnow_status output_failure(const struct output *output) {
    return fail(MINNOW_ERROR_OUTPUT, "%s: cannot be written: %s%s", output->target, strerror(output->error),
                output->direct ? "" : "; what stood there before is untouched");
}

minnow_status output_sync(struct output *output) {
    flush(output);
    if (output->error == 0 && !output->direct && !output->synced && fsync(output->fd) != 0)
        output->error = errno;
    output->synced = true;
    return output->error == 0 ? MINNOW_OK : output_failure(output);
}

minnow_status output_commit(struct output *output) {
    if (output == NULL)
        return MINNOW_OK;
    minnow_status status = output_sync(output);
    /* Close only after the rename: the lock must last until the temporary has its final name. What close() could
       report, the sync has reported already, but for devices and pipes, which are not synced. */
    if (output->error == 0 && !output->direct && rename(output->temporary, output->real) != 0)
        output->error = errno;
    if (close(output->fd) != 0 && output->error == 0 && output->direct)
        output->error = errno;
    if (output->error != 0) {
        status = output_failure(output);
        if (!output->direct)
            unlink(output->temporary);
    } else if (!output->direct) {
        sync_folder(output->real);
    }
    output_free(output);
    return status;
}

void output_abort(struct output *output) {
    if (output == NULL)
        return;
    close(output->fd);
    if (!output->direct)
        unlink(output->temporary);
    output_free(output);
}
