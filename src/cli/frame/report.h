/* How each outcome becomes an exit status, and a failure of the library the program's one line about it. */
#ifndef MINNOW_CLI_REPORT_H
#define MINNOW_CLI_REPORT_H

#include <stddef.h>

#include "minnow/minnow.h"

enum exit_status {
    STATUS_SUCCESS = 0,
    STATUS_FAILURE = 1, /* while running */
    STATUS_USAGE = 2,   /* wrong options */
    STATUS_INPUT = 3,   /* a bad input file */
};

/* Every status that the program may end with, for the help and the man page. The text is a phrase in lower case. */
struct exit_status_text {
    int status;
    const char *text;
};
extern const struct exit_status_text exit_statuses[];
extern const size_t exit_status_count;

/* Prints minnow_last_error(). Returns the exit status that goes with `status`. */
int report(minnow_status status);

/* The same with a message that was kept. */
int report_message(minnow_status status, const char *message);

#endif
