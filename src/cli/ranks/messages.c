/* The module for MPI: messages between ranks, and what a rank has to know of the world. Everything is point to point: in
   what order a reduction of MPI's adds up is MPI's choice, and differs between libraries, networks and numbers of ranks. */
#include "cli/ranks/state.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
EXPORT ranks_module_library minnow_mpi_library;
EXPORT ranks_module_open minnow_mpi_open;
EXPORT ranks_module_close minnow_mpi_close;

double mpi_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- Messages ---- */

static minnow_status failed(struct mpi_state *state, int error, const char *what, unsigned peer) {
    char why[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    if (MPI_Error_string(error, why, &length) != MPI_SUCCESS)
        snprintf(why, sizeof why, "error %d of MPI", error);
    snprintf(state->failure, sizeof state->failure, "%s rank %u failed: %.160s", what, peer, why);
    state->world->comm.failure = state->failure;
    return MINNOW_ERROR_COMMUNICATION;
}

/* Requests are few and come by the thousand, so they are kept. */
static struct mpi_request *take_request(struct mpi_state *state, unsigned peer, bool is_send) {
    struct mpi_request *request = state->free;
    if (request != NULL)
        state->free = request->next;
    else
        request = malloc(sizeof *request);
    if (request != NULL)
        *request = (struct mpi_request){.request = MPI_REQUEST_NULL, .peer = peer, .is_send = is_send};
    else
        state->world->comm.failure = "not enough memory for a message";
    return request;
}

static void give_back(struct mpi_state *state, struct mpi_request *request) {
    request->next = state->free;
    state->free = request;
}

static minnow_status started(struct mpi_state *state, int error, struct mpi_request *request, void **out) {
    *out = NULL;
    if (error != MPI_SUCCESS) {
        minnow_status status =
            failed(state, error, request->is_send ? "a message to" : "a message from", request->peer);
        give_back(state, request);
        return status;
    }
    *out = request;
    return MINNOW_OK;
}

static minnow_status start_send(minnow_comm *comm, const void *data, size_t bytes, unsigned to, unsigned tag,
                                void **out) {
    struct mpi_state *state = comm->context;
    struct mpi_request *request = take_request(state, to, true);
    *out = NULL;
    if (request == NULL)
        return MINNOW_ERROR_MEMORY;
    pthread_mutex_lock(&state->mutex);
    int error = MPI_Isend(data, (int)bytes, MPI_BYTE, (int)to, (int)tag, state->messages, &request->request);
    pthread_mutex_unlock(&state->mutex);
    return started(state, error, request, out);
}

static minnow_status start_receive(minnow_comm *comm, void *data, size_t bytes, unsigned from, unsigned tag,
                                   void **out) {
    struct mpi_state *state = comm->context;
    struct mpi_request *request = take_request(state, from, false);
    *out = NULL;
    if (request == NULL)
        return MINNOW_ERROR_MEMORY;
    pthread_mutex_lock(&state->mutex);
    int error =
        MPI_Irecv(data, (int)bytes, MPI_BYTE, (int)from, (int)tag, state->messages, &request->request);
    pthread_mutex_unlock(&state->mutex);
    return started(state, error, request, out);
}

/* A rank that waits for a message. */
struct waiting {
    unsigned asked; /* how often, until it sleeps */
    double last, slept;
};

/* Who has waited for so long waits for a rank that hangs, though it beats: its pulse is a thread of its own. Time in which
   this process stood still, as with Ctrl-Z, does not count. */
static void check_patience(struct mpi_state *state, const struct mpi_request *request,
                           struct waiting *waiting) {
    enum { STOOD_STILL = 1 };
    const struct world *world = state->world;
    double now = mpi_seconds();
    if (waiting->last > 0.0 && now - waiting->last < STOOD_STILL)
        waiting->slept += now - waiting->last;
    waiting->last = now;
    if (world->patience <= 0.0 || waiting->slept < world->patience)
        return;
    char line[300];
    snprintf(
        line, sizeof line,
        "rank %u (%s) has waited %.0f seconds for rank %u, which gives signs of life but %s: the run ends",
        world->comm.rank, world->host, waiting->slept, request->peer,
        request->is_send ? "takes no message" : "sends no message");
    mpi_give_up(state, line);
}

/* A rank that waits asks again and again for a millisecond or two, since most messages of a step come as soon; at once where
   the host has more ranks than processors, and behind that in any case, it sleeps between two questions. It does not yield:
   on a busy host that hands a whole turn to each of the others, and a rank that has slept is put before them. */
static void pause_wait(struct mpi_state *state, const struct mpi_request *request, struct waiting *waiting) {
    const unsigned spins = state->crowded ? 50 : 20000;
    if (waiting->asked < spins) {
        waiting->asked++;
        return;
    }
    nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    check_patience(state, request, waiting);
}

static minnow_status wait_for(minnow_comm *comm, void **handle) {
    struct mpi_state *state = comm->context;
    struct mpi_request *request = *handle;
    *handle = NULL;
    if (request == NULL)
        return MINNOW_OK;

    int done = 0, error = MPI_SUCCESS;
    for (struct waiting waiting = {0}; !done && error == MPI_SUCCESS;) {
        pause_wait(state, request, &waiting);
        pthread_mutex_lock(&state->mutex);
        error = MPI_Test(&request->request, &done, MPI_STATUS_IGNORE);
        pthread_mutex_unlock(&state->mutex);
    }

    unsigned peer = request->peer;
    bool is_send = request->is_send;
    give_back(state, request);
    return error == MPI_SUCCESS ? MINNOW_OK
                                : failed(state, error, is_send ? "a message to" : "a message from", peer);
}

/* MPI moves messages only within its own calls. */
static minnow_status progress(minnow_comm *comm) {
    struct mpi_state *state = comm->context;
    int found;
    pthread_mutex_lock(&state->mutex);
    int error = MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, state->messages, &found, MPI_STATUS_IGNORE);
    pthread_mutex_unlock(&state->mutex);
    return error == MPI_SUCCESS ? MINNOW_OK : failed(state, error, "messages at", comm->rank);
}

_Noreturn void mpi_give_up(struct mpi_state *state, const char *line) {
    struct world *world = state->world;
    while (atomic_exchange(&state->gives_up, true)) /* another thread does: it ends this one too */
        pause();
    if (line != NULL)
        world->last_words(line);
    /* MPI_Abort asks the launcher to end every process, this one too. Where that is not possible any more, or MPI is
       in the middle of something, the process ends by itself. */
    alarm(2);
    signal(SIGALRM, SIG_DFL);
    MPI_Abort(state->messages, 1);
    _exit(1);
}

static void abort_world(minnow_comm *comm, const char *why) {
    char line[400];
    struct mpi_state *state = comm->context;
    if (why != NULL)
        snprintf(line, sizeof line, "rank %u (%s): %s", comm->rank, state->world->host, why);
    mpi_give_up(state, why != NULL ? line : NULL);
}

/* ---- The world ---- */

/* A rank may use the processors of its mask, each of which it shares with the ranks of this host whose masks have it too:
   what mpirun binds to a processor of its own gets that one, what it lets run anywhere an equal part of all. */
static unsigned share_of_processors(MPI_Comm host, int ranks) {
    cpu_set_t mine, *all = calloc((size_t)ranks, sizeof *all);
    double share = 0.0;
    CPU_ZERO(&mine);
    sched_getaffinity(0, sizeof mine, &mine);
    if (all == NULL ||
        MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all, sizeof mine, MPI_BYTE, host) != MPI_SUCCESS)
        ranks = 0;
    for (int processor = 0; processor < CPU_SETSIZE; processor++) {
        int users = 0;
        for (int rank = 0; rank < ranks && CPU_ISSET(processor, &mine); rank++)
            users += CPU_ISSET(processor, &all[rank]);
        share += users > 0 ? 1.0 / users : 0.0;
    }
    free(all);
    return share < 1.0 ? 0 : (unsigned)(share + 1e-6);
}

/* Collective calls of MPI are used here, before training, for facts about the world. */
static bool survey(struct mpi_state *state) {
    struct world *world = state->world;
    MPI_Comm host;
    int ranks = 1, place = 0, first, hosts = 1;
    bool known =
        MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host) == MPI_SUCCESS;
    if (!known)
        return false;
    MPI_Comm_size(host, &ranks);
    MPI_Comm_rank(host, &place);
    unsigned share = share_of_processors(host, ranks);
    MPI_Comm_free(&host);

    first = place == 0;
    known = MPI_Allreduce(&first, &hosts, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD) == MPI_SUCCESS;
    world->host_ranks = (unsigned)ranks;
    world->hosts = (unsigned)hosts;
    world->processors = share == 0 ? 1 : share;
    state->crowded = share == 0;
    return known;
}

static void fill_comm(struct mpi_state *state, int rank, int ranks) {
    minnow_comm *comm = &state->world->comm;
    *comm = (minnow_comm){
        .struct_size = sizeof *comm,
        .rank = (unsigned)rank,
        .ranks = (unsigned)ranks,
        .context = state,
        .start_send = start_send,
        .start_receive = start_receive,
        .wait = wait_for,
        .progress = progress,
        .abort = abort_world,
    };
}

const char *minnow_mpi_library(void) {
    static char name[64];
    char version[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    const char *known;
    MPI_Get_library_version(version, &length);
    if (sscanf(version, "Open MPI v%40[0-9.]", name) == 1)
        snprintf(version, sizeof version, "Open MPI %s", name);
    else if ((known = strstr(version, "MPICH Version:")) != NULL &&
             sscanf(known + 14, " %40[0-9.]", name) == 1)
        snprintf(version, sizeof version, "MPICH %s", name);
    version[strcspn(version, ",\n")] = '\0';
    snprintf(name, sizeof name, "%.63s", version);
    return name;
}

/* A world that cannot be joined: what was made of it is not taken apart, as the program ends. */
const char *minnow_mpi_open(struct world *world) {
    static struct mpi_state state;
    int provided = 0, rank = 0, ranks = 1;
    if (world->version != RANKS_MODULE_VERSION)
        return "the module for MPI is of another version of minnow";
    /* Where there are more ranks than processors Open MPI yields with every question; see pause_wait. */
    setenv("OMPI_MCA_mpi_yield_when_idle", "0", 1);
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided) != MPI_SUCCESS)
        return "MPI could not be started";
    state = (struct mpi_state){.world = world, .mutex = PTHREAD_MUTEX_INITIALIZER};
    world->state = &state;
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (gethostname(world->host, sizeof world->host) != 0)
        strcpy(world->host, "?");
    world->host[sizeof world->host - 1] = '\0';

    /* Copies have the error handler of what they are copies of. */
    if (MPI_Comm_dup(MPI_COMM_WORLD, &state.messages) != MPI_SUCCESS ||
        MPI_Comm_dup(MPI_COMM_WORLD, &state.pulse) != MPI_SUCCESS || !survey(&state))
        return "MPI did not connect the ranks";
    fill_comm(&state, rank, ranks);
    bool wants_pulse = ranks > 1 && world->silence > 0.0 && provided >= MPI_THREAD_SERIALIZED;
    if (wants_pulse && !mpi_pulse_start(&state))
        return "no thread could be started for signs of life";
    return NULL;
}

void minnow_mpi_close(struct world *world) {
    struct mpi_state *state = world->state;
    mpi_pulse_end(state);
    MPI_Comm_free(&state->messages);
    MPI_Comm_free(&state->pulse);
    while (state->free != NULL) {
        struct mpi_request *next = state->free->next;
        free(state->free);
        state->free = next;
    }
    MPI_Finalize();
}
