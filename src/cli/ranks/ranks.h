/* The processes that a launcher (mpirun, mpiexec, srun) started beside this one, to train one network together. Where none
   did, there is one rank, 0, and nothing here takes any time. README.md says how it works. */
#ifndef MINNOW_CLI_RANKS_H
#define MINNOW_CLI_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "minnow/minnow.h"

/* First thing in main, behind terminal_start: reads what launchers put into the environment. From here on a rank other than
   0 writes nothing to the terminal. */
void world_start(void);

/* Whether a launcher started this, be it as the only rank. */
bool world_launched(void);
const char *world_launcher(void); /* which */
/* How many ranks there are and which one this is, as the launcher says. */
unsigned world_count(void);
unsigned world_index(void);

/* Joins the others, where there are several, by the module for MPI; a rank of which nothing is heard for so many seconds
   counts as lost, 0: none does. For one rank it does nothing. `command` begins the message when it cannot be done. Returns
   0 or, having said why, an exit status. */
int world_open(const char *command, double silence);
/* Behind it: how to reach them; NULL where this is the only one. */
minnow_comm *world_comm(void);
/* And on how many hosts they are; ranks on this one; the processors that are this rank's share, 0 where it is the only
   one. */
unsigned world_hosts(void);
unsigned world_here(void);
unsigned world_processors(void);

/* What ranks tell each other between stretches of work. */
struct world_word {
    int32_t status;   /* an exit status: of the first rank that has failed */
    int32_t signal;   /* the number of a signal that came to any of them */
    uint64_t stretch; /* rank 0's: how much to do next */
    uint32_t due;     /* rank 0's: what else is to be done, in bits of the caller's */
};
/* Each rank says its word and receives the one that holds for all. Every rank has to call it; rank 0 prints the message of
   another that has failed. Where there is one rank, the word stays. */
void world_exchange(struct world_word *word);
/* The same of a status alone: that of the first rank that has failed, or 0. */
int world_agree(int status);

/* For a failure that only this rank has, in the middle of work that the others wait for: ends all of them, with this one's
   message. Returns the status where this is the only rank. */
int world_give_up(int status);

/* Last thing in main, before terminal_finish: leaves the others. Returns the status to exit with: this one's, but 0 for
   ranks other than 0, whose launcher might otherwise end rank 0 before it has said what is wrong. A rank other than 0
   that fails before it has joined the others is given time to be ended by the launcher, and then says why itself. */
int world_finish(int status);

/* "Open MPI 4.1.4": the library behind the module for MPI; NULL where there is none. *why then receives the reason. */
const char *world_library(const char **why);

#endif
