#ifndef MINNOW_CLI_INSPECT_TABLE_H
#define MINNOW_CLI_INSPECT_TABLE_H

#include "minnow/minnow.h"

/* How a network that was trained on a table takes its columns, one a line; nothing for other networks. Returns 0 or,
   having said why, an exit status. */
int inspect_print_table(const char *path, const minnow_network *network);

#endif
