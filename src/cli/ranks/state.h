/* The parts of the module for MPI: messages (messages.c) and signs of life (pulse.c). */
#ifndef MINNOW_CLI_RANKS_STATE_H
#define MINNOW_CLI_RANKS_STATE_H

#include <mpi.h>
#include <pthread.h>
#include <stdatomic.h>

#include "cli/ranks/module.h"

/* A message under way. */
struct mpi_request {
    struct mpi_request *next; /* of those that are free */
    MPI_Request request;
    unsigned peer;
    bool is_send;
};

/* Two threads call MPI: the one that trains, and the one that sends signs of life. A mutex is around each call, none of
   which waits, so that MPI need not be thread-safe, which costs it time with every message. */
struct mpi_state {
    struct world *world;
    MPI_Comm messages, pulse; /* two communicators, so that neither takes the other's messages */
    pthread_mutex_t mutex;
    struct mpi_request *free;
    char failure[256];
    bool crowded; /* the host has fewer processors than ranks: a rank that waits must let others run */

    pthread_t thread; /* of the pulse */
    bool beats;       /* it runs */
    atomic_bool leaving;
    atomic_bool gives_up; /* a thread of this rank is ending the processes */
};

double mpi_seconds(void);

/* Starts the signs of life of a world of several ranks. False if no thread could be started. */
bool mpi_pulse_start(struct mpi_state *state);
/* Ends them, when every rank does. */
void mpi_pulse_end(struct mpi_state *state);

/* Says why, and ends the processes of every rank. Does not return. */
_Noreturn void mpi_give_up(struct mpi_state *state, const char *line);

#endif
