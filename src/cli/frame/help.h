/* The help text of a command, made from its table of options. */
#ifndef MINNOW_CLI_HELP_H
#define MINNOW_CLI_HELP_H

#include "cli/command.h"

/* Prints it on standard output. `settings` hold the values that the help shows as defaults. */
void help_print(const struct command *command, const void *settings);

#endif
