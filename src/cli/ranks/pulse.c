/* Signs of life. A launcher notices when a process dies, and ends the others; it need not notice that a host has lost its
   power or its network, or that a process is stopped, and some launchers (srun without --kill-on-bad-exit) leave the others
   alone even then. So each rank sends a beat to the next one, round in a ring, and each listens to the one before it: n
   small messages in each half second, whatever the ranks are busy with, and nobody asks whether a rank is merely slow. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/ranks/state.h"

static const double INTERVAL = 0.5;
enum { BEATS, LEAVES };

/* The ring as this rank sees it. */
struct ring {
    struct mpi_state *state;
    int before, behind;
    char heard, said;
    MPI_Request hears, says;
    double heard_at;
    bool other_left, left;
};

static void listen(struct ring *ring) {
    MPI_Irecv(&ring->heard, 1, MPI_CHAR, ring->before, 0, ring->state->pulse, &ring->hears);
}

/* Takes what has come in. */
static void hear(struct ring *ring, double now) {
    int came = 1;
    while (!ring->other_left && MPI_Test(&ring->hears, &came, MPI_STATUS_IGNORE) == MPI_SUCCESS && came) {
        ring->heard_at = now;
        ring->other_left = ring->heard == LEAVES;
        if (!ring->other_left)
            listen(ring);
    }
}

/* Sends a beat, or the last one, unless the one before is still under way: the next rank has other troubles then. */
static void say(struct ring *ring, bool leaving) {
    int gone = 1;
    if (ring->says != MPI_REQUEST_NULL)
        MPI_Test(&ring->says, &gone, MPI_STATUS_IGNORE);
    if (!gone || ring->left)
        return;
    ring->said = leaving ? LEAVES : BEATS;
    ring->left = leaving;
    MPI_Isend(&ring->said, 1, MPI_CHAR, ring->behind, 0, ring->state->pulse, &ring->says);
}

static bool is_over(struct ring *ring) {
    int gone = 1;
    if (ring->left && ring->other_left)
        MPI_Test(&ring->says, &gone, MPI_STATUS_IGNORE);
    return ring->left && ring->other_left && gone;
}

static void check_silence(const struct ring *ring, double now) {
    const struct world *world = ring->state->world;
    if (ring->other_left || now - ring->heard_at < world->silence)
        return;
    char line[300];
    snprintf(line, sizeof line,
             "rank %u (%s) has heard nothing of rank %d for %.0f seconds: its process or its host is lost, "
             "and the run "
             "ends",
             world->comm.rank, world->host, ring->before, now - ring->heard_at);
    mpi_give_up(ring->state, line);
}

static void *beat(void *context) {
    struct mpi_state *state = context;
    const minnow_comm *comm = &state->world->comm;
    struct ring ring = {
        .state = state,
        .before = (int)((comm->rank + comm->ranks - 1) % comm->ranks),
        .behind = (int)((comm->rank + 1) % comm->ranks),
        .hears = MPI_REQUEST_NULL,
        .says = MPI_REQUEST_NULL,
    };
    double last = mpi_seconds();
    ring.heard_at = last;

    pthread_mutex_lock(&state->mutex);
    listen(&ring);
    for (bool over = false; !over;) {
        bool leaving = atomic_load(&state->leaving);
        double now = mpi_seconds();
        /* This process itself stood still, as with Ctrl-Z, which stops the others too: they get a new start. */
        if (now - last > 4 * INTERVAL)
            ring.heard_at = now;
        last = now;
        hear(&ring, now);
        say(&ring, leaving);
        over = is_over(&ring);
        pthread_mutex_unlock(&state->mutex);

        check_silence(&ring, now);
        if (!over)
            nanosleep(&(struct timespec){.tv_nsec = leaving ? 1000000 : (long)(INTERVAL * 1e9)}, NULL);
        pthread_mutex_lock(&state->mutex);
    }
    pthread_mutex_unlock(&state->mutex);
    return NULL;
}

bool mpi_pulse_start(struct mpi_state *state) {
    sigset_t all, before;
    sigfillset(&all); /* signals are the program's other threads' */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    state->beats = pthread_create(&state->thread, NULL, beat, state) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return state->beats;
}

void mpi_pulse_end(struct mpi_state *state) {
    atomic_store(&state->leaving, true);
    if (state->beats)
        pthread_join(state->thread, NULL);
    state->beats = false;
}
