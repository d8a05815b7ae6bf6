/* The commands, and how each outcome becomes an exit status. */
#ifndef MINNOW_CLI_COMMAND_H
#define MINNOW_CLI_COMMAND_H

#include "cli/frame/options.h"
#include "minnow/minnow.h"

enum exit_status {
    STATUS_SUCCESS = 0,
    STATUS_FAILURE = 1, /* while running */
    STATUS_USAGE = 2,   /* wrong options */
    STATUS_INPUT = 3,   /* a bad input file */
};

/* Prints minnow_last_error() as the program's one line about a failure; returns the exit status that goes
 * with it. */
int report(minnow_status status);
/* The same for a message that was kept. */
int report_message(minnow_status status, const char *message);

extern const struct command command_legacy; /* no subcommand: the original program's interface */
extern const struct command command_train;
extern const struct command command_test;
extern const struct command command_predict;
extern const struct command command_convert;
extern const struct command command_inspect;
extern const struct command command_info;
extern const struct command command_selftest;
extern const struct command command_bench;

#endif
