/* Results go to standard output, everything else to standard error. */
#ifndef MINNOW_CLI_TERMINAL_H
#define MINNOW_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* First thing in main: makes descriptors 0 to 2 safe when the caller closed them (no file may become standard
   output), and turns a broken pipe into an ordinary write error. */
void terminal_start(void);
/* Last thing in main: flushes; returns `status`, or 1 with a line on standard error if any output was lost. Where
   the reader of a pipe is gone, as head(1) is after its lines, that is no fault: nothing is said, and 141
   returned, as a shell reports a program that SIGPIPE ended. */
int terminal_finish(int status);

/* From here on note() and progress() say nothing. */
void terminal_set_quiet(bool quiet);

/* From here on nothing is written, to neither stream: another process speaks for this one too. What problem() was to say
   first is kept for it, "" so far. Behind terminal_speak_up problems are written again, for last words. */
void terminal_set_silent(void);
void terminal_speak_up(void);
const char *terminal_unsaid(void);

/* What this thread says from here on is said of one part of the work, "seed 3", that it does beside other threads:
   problem() names it, and note() and progress() say nothing. NULL: it speaks for the program again. The text must last
   as long. */
void terminal_speak_for(const char *part);

/* Whether standard output can be written to, as far as can be told before writing; says so if not. For
   commands that would work long before their first result. */
bool output_usable(void);

/* Results, on standard output. After the first failure they do nothing. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What a file says, or is called, may be anything: without control characters (C1's, two bytes in UTF-8,
   among them), so that nothing but text reaches the terminal. */
void print_harmless(const char *text);
/* Pushes results out; false, having said so once, when they could not be written. */
bool print_flush(void);
/* For results that could not be made, as if writing them had failed for that reason (an errno). Returns false.
 */
bool output_fail(int reason);

/* A message on standard error, one line; the newline is added. Not with --quiet. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, with --quiet too: what a run cannot be used without. */
void announce(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Whether progress() shows anything: standard error is a terminal, and --quiet was not given. */
bool progress_wanted(void);
/* A line that the next progress() or note() overwrites; nothing unless standard error is a terminal. What is
   wider than the terminal is cut off. */
void progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Whether standard error is a terminal, of any kind: a dumb one too, on which no line is redrawn. */
bool message_is_terminal(void);
/* A message as note() prints it, but of the program's own characters alone, which may be escape sequences. */
void message_line(const char *text);
/* "minnow: …" on standard error, always; returns exit_status. */
int problem(int exit_status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether standard output is a terminal, of any kind. */
bool output_is_terminal(void);

/* Escape sequences when standard output, or standard error, takes colour (a terminal, NO_COLOR unset), otherwise "". */
struct colours {
    const char *bold, *good, *bad, *dim, *plain;
};
const struct colours *output_colours(void);
const struct colours *message_colours(void);

/* How many columns standard output, or standard error, has: the terminal's, or else $COLUMNS, or else 80. At least 1. */
size_t output_columns(void);
size_t message_columns(void);
/* Whether they take characters beyond ASCII, as the locale says that the user has chosen. */
bool output_takes_utf8(void);

#endif
