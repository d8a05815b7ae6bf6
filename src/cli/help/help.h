/* What minnow says about itself as a whole. */
#ifndef MINNOW_CLI_HELP_HELP_H
#define MINNOW_CLI_HELP_HELP_H

/* The short help: the common commands, examples, and where the rest is. Returns the exit status. */
int help_print_short(void);

#endif
