/*
 * The first and only process of the emulated machine: runs one program, copies its output to Bochs's port for
 * messages, reports its exit status and switches the machine off. Linked statically.
 *
 * /arguments holds the program and its arguments, /environment NAME=VALUE strings; each string ends with a
 * NUL.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MESSAGE_PORT = 0xe9, SHUTDOWN_PORT = 0x8900, STRING_LIMIT = 256, FILE_LIMIT = 65536 };

static bool at_line_start = true;

static void write_port(const char *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        outb((unsigned char)bytes[i], MESSAGE_PORT);
    if (count > 0)
        at_line_start = bytes[count - 1] == '\n';
}

static void say(const char *text) {
    write_port(text, strlen(text));
}

/* Bochs stops when this word arrives, letter by letter. */
static _Noreturn void shut_down(void) {
    for (const char *letter = "Shutdown"; *letter != '\0'; letter++)
        outb((unsigned char)*letter, SHUTDOWN_PORT);
    for (;;)
        pause();
}

static _Noreturn void give_up(const char *what) {
    char line[256];
    snprintf(line, sizeof line, "init: %s: %s\n", what, strerror(errno));
    say(line);
    shut_down();
}

/* Splits a file of NUL-terminated strings. strings: [STRING_LIMIT], ends with NULL. */
static void read_strings(const char *path, char text[FILE_LIMIT], char *strings[STRING_LIMIT]) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, FILE_LIMIT - 1);
    if (length < 0)
        give_up(path);
    close(file);
    text[length] = '\0';
    size_t count = 0;
    for (char *at = text; at < text + length && count < STRING_LIMIT - 1; at += strlen(at) + 1)
        strings[count++] = at;
    strings[count] = NULL;
}

static _Noreturn void run_program(int output) {
    static char argument_text[FILE_LIMIT], environment_text[FILE_LIMIT];
    static char *arguments[STRING_LIMIT], *environment[STRING_LIMIT];
    read_strings("/arguments", argument_text, arguments);
    read_strings("/environment", environment_text, environment);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execve(arguments[0], arguments, environment);
    dprintf(STDERR_FILENO, "init: cannot run %s: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

int main(void) {
    mount("proc", "/proc", "proc", 0, NULL);
    mount("sysfs", "/sys", "sysfs", 0, NULL);
    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
    mkdir("/dev/shm", 01777);
    if (iopl(3) != 0)
        return 1;
    say("\n@minnow begin\n");
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        give_up("pipe");
    pid_t child = fork();
    if (child < 0)
        give_up("fork");
    if (child == 0)
        run_program(ends[1]);
    close(ends[1]);
    char bytes[4096];
    for (ssize_t count; (count = read(ends[0], bytes, sizeof bytes)) > 0;)
        write_port(bytes, (size_t)count);
    int status = 0;
    waitpid(child, &status, 0);
    if (!at_line_start)
        say("\n");
    if (WIFSIGNALED(status))
        snprintf(bytes, sizeof bytes, "killed by signal %d\n@minnow end %d\n", WTERMSIG(status),
                 128 + WTERMSIG(status));
    else
        snprintf(bytes, sizeof bytes, "@minnow end %d\n", WEXITSTATUS(status));
    say(bytes);
    shut_down();
}
