#include "cli/frame/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/number.h"

static bool quiet;
static bool silent;         /* nothing is written, but that a problem may be told by another process */
static char unsaid[1024];   /* what problem() was to say first */
static bool output_lost;    /* and standard error has said so */
static bool reader_gone;    /* likewise, without a word: the reader of a pipe has what it wanted */
static bool progress_shown; /* the cursor is behind a line that the next one replaces */

void terminal_start(void) {
    /* A closed descriptor gets one that fails as a closed one does: opened for the other direction. */
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF)
            continue;
        int mode = descriptor == 1 ? O_RDONLY : O_WRONLY;
        if (open("/dev/null", mode) != descriptor)
            _exit(1);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* likewise a file beyond the limit of its size */
}

static _Thread_local const char *part;

void terminal_speak_for(const char *name) {
    part = name;
}

void terminal_set_quiet(bool value) {
    quiet = value || silent;
}

void terminal_set_silent(void) {
    silent = quiet = true;
}

void terminal_speak_up(void) {
    silent = false;
}

const char *terminal_unsaid(void) {
    return unsaid;
}

static bool is_terminal(int descriptor) {
    const char *term = getenv("TERM");
    return isatty(descriptor) && (term == NULL || strcmp(term, "dumb") != 0);
}

/* ---- Standard error ---- */

static void wipe_progress(void) {
    if (progress_shown)
        fputs("\r\033[K", stderr);
    progress_shown = false;
}

/* Formats into one line: whatever a file name or an argument holds, no control character reaches the
 * terminal. */
static void write_line(const char *prefix, const char *format, va_list arguments) {
    char text[2048];
    vsnprintf(text, sizeof text, format, arguments);
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    if (silent) {
        if (unsaid[0] == '\0')
            snprintf(unsaid, sizeof unsaid, "%.*s", (int)sizeof unsaid - 1, text);
        return;
    }
    flockfile(stderr); /* of threads that work side by side, one speaks at a time */
    print_flush();     /* so that both streams keep their order when they end up in one place */
    wipe_progress();
    fprintf(stderr, "%s%s%s%s\n", prefix, part != NULL ? part : "", part != NULL ? ": " : "", text);
    funlockfile(stderr);
}

void note(const char *format, ...) {
    if (quiet || part != NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    write_line("", format, arguments);
    va_end(arguments);
}

void announce(const char *format, ...) {
    if (silent)
        return;
    va_list arguments;
    va_start(arguments, format);
    write_line("", format, arguments);
    va_end(arguments);
}

int problem(int exit_status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line("minnow: ", format, arguments);
    va_end(arguments);
    return exit_status;
}

bool progress_wanted(void) {
    return !quiet && part == NULL && is_terminal(STDERR_FILENO);
}

/* Cuts a text to so many columns: one that wraps could not be replaced. Escape sequences take none, and the bytes of
   UTF-8 behind a character's first belong to it. */
static void cut(char *text, size_t columns) {
    size_t used = 0;
    for (char *c = text; *c != '\0'; c++) {
        if (*c == '\033')
            c += strcspn(c, "mK");
        else if (((unsigned char)*c & 0xc0) != 0x80 && ++used > columns) {
            *c = '\0';
            return;
        }
        if (*c == '\0')
            return;
    }
}

void progress(const char *format, ...) {
    char text[2048];
    if (!progress_wanted())
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);

    cut(text, message_columns() - 1);
    wipe_progress();
    fprintf(stderr, "%s%s", text, message_colours()->plain);
    fflush(stderr);
    progress_shown = true;
}

bool message_is_terminal(void) {
    return isatty(STDERR_FILENO);
}

void message_line(const char *text) {
    if (quiet)
        return;
    print_flush();
    wipe_progress();
    fprintf(stderr, "%s\n", text);
}

/* ---- Standard output ---- */

bool output_fail(int reason) {
    bool first = !output_lost;
    output_lost = true; /* before the message, which flushes */
    reader_gone = first ? reason == EPIPE : reader_gone;
    if (first && !reader_gone)
        problem(1, "cannot write standard output: %s", strerror(reason));
    return false;
}

bool output_usable(void) {
    int flags = fcntl(STDOUT_FILENO, F_GETFL);
    if (silent)
        return true;
    if (flags == -1 || (flags & O_ACCMODE) == O_RDONLY)
        return output_fail(EBADF);
    return !output_lost;
}

void print(const char *format, ...) {
    if (output_lost || silent)
        return;
    va_list arguments;
    va_start(arguments, format);
    if (vprintf(format, arguments) < 0)
        output_fail(errno);
    va_end(arguments);
}

void print_harmless(const char *text) {
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        bool c1 = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;
        if (*c < 0x20 || *c == 0x7f || c1)
            print("?");
        else
            print("%c", *c);
        c += c1;
    }
}

bool print_flush(void) {
    if (output_lost)
        return false;
    wipe_progress();
    if (fflush(stdout) != 0 || ferror(stdout))
        return output_fail(errno);
    return true;
}

int terminal_finish(int status) {
    const int failure = 1, by_broken_pipe = 128 + SIGPIPE;
    bool written = print_flush() && (fclose(stdout) == 0 || output_fail(errno));
    if (reader_gone && (status == 0 || status == failure))
        return by_broken_pipe;
    return written || status != 0 ? status : failure;
}

bool output_is_terminal(void) {
    return isatty(STDOUT_FILENO);
}

/* ---- What a terminal takes ---- */

static size_t columns_of(int descriptor) {
    const size_t usual = 80;
    struct winsize size;
    const char *variable = getenv("COLUMNS");
    uint64_t columns;
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return variable != NULL && number_parse_u64(variable, &columns) && columns > 0 && columns < 10000
               ? (size_t)columns
               : usual;
}

size_t output_columns(void) {
    return columns_of(STDOUT_FILENO);
}

size_t message_columns(void) {
    return columns_of(STDERR_FILENO);
}

/* As setlocale() would read it, without the change of how numbers are written: the first of the three that is set. */
bool output_takes_utf8(void) {
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *locale = NULL;
    for (size_t i = 0; i < 3 && (locale == NULL || locale[0] == '\0'); i++)
        locale = getenv(variables[i]);
    return locale != NULL && (strcasestr(locale, "utf-8") != NULL || strcasestr(locale, "utf8") != NULL);
}

static const struct colours *colours_of(int descriptor) {
    static const struct colours colour = {"\033[1m", "\033[32m", "\033[31m", "\033[2m", "\033[0m"};
    static const struct colours none = {"", "", "", "", ""};
    const char *no_colour = getenv("NO_COLOR");
    bool wanted = is_terminal(descriptor) && (no_colour == NULL || no_colour[0] == '\0');
    return wanted ? &colour : &none;
}

const struct colours *output_colours(void) {
    return colours_of(STDOUT_FILENO);
}

const struct colours *message_colours(void) {
    return colours_of(STDERR_FILENO);
}
