#include "cli/ranks/ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/ranks/load.h"

/* ---- Who started this ---- */

static struct {
    bool launched, opened;
    const char *launcher;
    unsigned rank, ranks; /* 0 ranks: the launcher does not say how many */
    bool agreed;          /* that the run has failed */
    struct world world;
    const struct module *module;
} here = {.ranks = 1};

/* What a launcher sets. One that also sets it for a shell, in which no ranks are, counts only for several. */
static const struct launcher {
    const char *name, *ranks, *rank; /* ranks NULL: only MPI knows */
    bool several;
} launchers[] = {
    {"mpirun", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", false},
    {"mpiexec", "PMI_SIZE", "PMI_RANK", false},
    {"srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID", true},
    {"a launcher of PMIx", NULL, "PMIX_RANK", false},
};

static bool read_number(const char *name, unsigned *out) {
    const char *text = name != NULL ? getenv(name) : NULL;
    uint64_t value;
    if (text == NULL || !number_parse_u64(text, &value) || value > INT32_MAX)
        return false;
    *out = (unsigned)value;
    return true;
}

static bool started_by(const struct launcher *launcher) {
    unsigned ranks = 0, rank = 0;
    if (!read_number(launcher->rank, &rank))
        return false;
    if (launcher->ranks != NULL && (!read_number(launcher->ranks, &ranks) || rank >= ranks))
        return false;
    if (launcher->several && ranks < 2)
        return false;
    here.launched = true;
    here.launcher = launcher->name;
    here.ranks = ranks;
    here.rank = rank;
    return true;
}

void world_start(void) {
    for (size_t i = 0; i < sizeof launchers / sizeof *launchers && !here.launched; i++)
        (void)started_by(&launchers[i]);
    if (here.rank != 0)
        terminal_set_silent();
}

bool world_launched(void) {
    return here.launched;
}

const char *world_launcher(void) {
    return here.launched ? here.launcher : "nobody";
}

unsigned world_count(void) {
    return here.ranks == 0 ? 2 : here.ranks; /* not known: several, or nobody would need to be asked */
}

unsigned world_index(void) {
    return here.rank;
}

/* ---- Joining ---- */

/* Of a thread, at the very end. */
static void say_last_words(const char *line) {
    terminal_speak_up();
    problem(STATUS_FAILURE, "%s", line);
}

static int cannot(const char *command, const char *why) {
    return problem(STATUS_USAGE, "%s: %s has started %u ranks, but %s", command, here.launcher, world_count(),
                   why);
}

/* A rank may read data or write a file for so many times as long as it may be silent. */
enum { HANGS = 100 };

int world_open(const char *command, double silence) {
    const char *why = NULL;
    if (here.ranks == 1 || here.opened)
        return STATUS_SUCCESS;
    here.module = module_load(&why);
    if (here.module == NULL)
        return cannot(command, why);

    here.world = (struct world){.version = RANKS_MODULE_VERSION,
                                .silence = silence,
                                .patience = HANGS * silence,
                                .last_words = say_last_words};
    why = here.module->open(&here.world);
    if (why != NULL)
        return cannot(command, why);
    here.opened = true;

    /* Where the launcher and the library do not go together, each process believes that it is alone. */
    const minnow_comm *comm = &here.world.comm;
    if (here.ranks == 0) {
        here.ranks = comm->ranks;
        here.rank = comm->rank;
    }
    if (comm->ranks == here.ranks && comm->rank == here.rank)
        return STATUS_SUCCESS;
    here.opened = false;
    char text[160];
    snprintf(text, sizeof text,
             "%s sees %u: the launcher is not that of this library (srun may need --mpi=pmix)",
             here.module->library(), comm->ranks);
    return cannot(command, text);
}

minnow_comm *world_comm(void) {
    return here.opened && here.ranks > 1 ? &here.world.comm : NULL;
}

unsigned world_hosts(void) {
    return here.opened ? here.world.hosts : 1;
}

unsigned world_here(void) {
    return here.opened ? here.world.host_ranks : 1;
}

unsigned world_processors(void) {
    return here.opened ? here.world.processors : 0;
}

/* ---- Talking ---- */

/* A word on its way, with what its rank has to say about its status. */
struct packet {
    struct world_word word;
    uint32_t rank;
    char host[RANKS_HOST_TEXT];
    char text[1024];
};
enum { TAG = 32767 }; /* the trainer's messages have lower ones */

static minnow_status send_packet(minnow_comm *comm, const struct packet *packet, unsigned to) {
    void *request;
    minnow_status status = comm->start_send(comm, packet, sizeof *packet, to, TAG, &request);
    return status == MINNOW_OK ? comm->wait(comm, &request) : status;
}

static minnow_status receive_packet(minnow_comm *comm, struct packet *packet, unsigned from) {
    void *request;
    minnow_status status = comm->start_receive(comm, packet, sizeof *packet, from, TAG, &request);
    status = status == MINNOW_OK ? comm->wait(comm, &request) : status;
    packet->host[sizeof packet->host - 1] = packet->text[sizeof packet->text - 1] = '\0';
    return status;
}

/* Rank 0's: hears everyone, then tells everyone. The first failure, by rank, is the one that counts, and where rank 0 has
   failed too it has said so itself. */
static minnow_status lead(minnow_comm *comm, struct packet *own) {
    struct packet other, failed = {.word = {0}};
    minnow_status status = MINNOW_OK;
    for (unsigned rank = 1; rank < comm->ranks && status == MINNOW_OK; rank++) {
        status = receive_packet(comm, &other, rank);
        if (status != MINNOW_OK)
            break;
        if (other.word.status != STATUS_SUCCESS && failed.word.status == STATUS_SUCCESS)
            failed = other;
        if (own->word.signal == 0)
            own->word.signal = other.word.signal;
    }
    if (status == MINNOW_OK && own->word.status == STATUS_SUCCESS && failed.word.status != STATUS_SUCCESS) {
        own->word.status = failed.word.status;
        problem(STATUS_FAILURE, "rank %u (%s): %s", failed.rank, failed.host,
                failed.text[0] != '\0' ? failed.text : "failed");
    }
    for (unsigned rank = 1; rank < comm->ranks && status == MINNOW_OK; rank++)
        status = send_packet(comm, own, rank);
    return status;
}

void world_exchange(struct world_word *word) {
    minnow_comm *comm = world_comm();
    if (comm == NULL)
        return;
    struct packet own = {.word = *word, .rank = here.rank};
    snprintf(own.host, sizeof own.host, "%s", here.world.host);
    snprintf(own.text, sizeof own.text, "%s", terminal_unsaid());

    minnow_status status;
    if (here.rank == 0) {
        status = lead(comm, &own);
    } else {
        status = send_packet(comm, &own, 0);
        if (status == MINNOW_OK)
            status = receive_packet(comm, &own, 0);
    }
    if (status != MINNOW_OK)
        comm->abort(comm, comm->failure != NULL ? comm->failure : "a message failed");
    *word = own.word;
    here.agreed = word->status != STATUS_SUCCESS;
}

int world_agree(int status) {
    struct world_word word = {.status = status};
    world_exchange(&word);
    return world_comm() != NULL ? word.status : status;
}

int world_give_up(int status) {
    minnow_comm *comm = world_comm();
    if (comm != NULL)
        comm->abort(comm, here.rank > 0 ? terminal_unsaid() : NULL); /* rank 0 has said it */
    return status;
}

/* What is wrong before the ranks meet is as a rule so with all of them: rank 0 says it, and with its status the launcher ends
   the others, here. Where it is wrong with this rank alone, with an option that only this one was given, the others would
   wait for it, so it speaks for itself. */
static int fail_before_meeting(int status) {
    enum { SECONDS_FOR_RANK_0 = 5 };
    sleep(SECONDS_FOR_RANK_0);
    terminal_speak_up();
    return problem(status, "rank %u: %s", here.rank, terminal_unsaid());
}

int world_finish(int status) {
    if (!here.opened && here.rank > 0 && status != STATUS_SUCCESS)
        return fail_before_meeting(status);
    if (here.opened) {
        if (!here.agreed)
            status = world_agree(status);
        here.module->close(&here.world);
        here.opened = false;
    }
    return here.rank == 0 ? status : STATUS_SUCCESS;
}

const char *world_library(const char **why) {
    const struct module *module = module_load(why);
    return module != NULL ? module->library() : NULL;
}
