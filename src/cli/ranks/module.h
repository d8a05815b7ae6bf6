/* What the program and its module for MPI agree on. The module is the only code that is linked with MPI; the program loads
   it where a launcher has started it (see README.md). */
#ifndef MINNOW_CLI_RANKS_MODULE_H
#define MINNOW_CLI_RANKS_MODULE_H

#include <stdbool.h>

#include "minnow/minnow.h"

/* Of this header: a module that was built of another one is not used. */
enum { RANKS_MODULE_VERSION = 2, RANKS_HOST_TEXT = 64 };

/* The world that the launcher made, as its rank sees it. The program fills in the first part, the module the second. */
struct world {
    unsigned version; /* RANKS_MODULE_VERSION */
    double
        silence; /* seconds without a sign of life from a rank, after which it counts as lost; 0: for ever */
    double
        patience; /* seconds that a message is waited for, where its rank gives signs of life; 0: for ever */
    /* Prints one line about why the processes end now. Called from any thread, at most once. */
    void (*last_words)(const char *line);

    minnow_comm comm;
    unsigned host_ranks; /* ranks on this host, with this one */
    unsigned hosts;
    unsigned processors; /* this rank's share of those that its host lets it use, at least 1 */
    char host[RANKS_HOST_TEXT];
    void *state; /* the module's own */
};

/* The three functions that a module exports. Texts that it returns are its own, and stay. */

/* "Open MPI 4.1.4": the library that the module runs on. To be called at any time. */
typedef const char *ranks_module_library(void);
/* Joins the world. NULL, or in one line why not. */
typedef const char *ranks_module_open(struct world *world);
/* Leaves it, when every rank does; waits for the others. */
typedef void ranks_module_close(struct world *world);

#define RANKS_MODULE_LIBRARY "minnow_mpi_library"
#define RANKS_MODULE_OPEN "minnow_mpi_open"
#define RANKS_MODULE_CLOSE "minnow_mpi_close"

#endif
