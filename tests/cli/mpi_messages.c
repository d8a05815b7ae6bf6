/* mpi_messages MODULE [hang], started by mpirun: the messages of the module for MPI arrive whole, in the order of their tag,
   and whichever is waited for first. Prints one line on rank 0; the exit status of a rank that finds a fault is 1. With
   "hang" rank 0 waits for a message that is never sent. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/ranks/module.h"

enum { MOST = 300000, TAGS = 3, IN_A_ROW = 4, ROUNDS = 5 };

static void last_words(const char *line) {
    fprintf(stderr, "last words: %s\n", line);
}

static void require(bool holds, const char *what) {
    if (holds)
        return;
    fprintf(stderr, "mpi_messages: %s\n", what);
    exit(1);
}

/* Of a message: from 1 byte, to what MPI sends only when the receiver is ready. */
static size_t size_of(unsigned from, unsigned to, unsigned tag, unsigned turn) {
    static const size_t sizes[] = {1, 7, 64, 4095, 70000, MOST};
    return sizes[(from + 2 * to + 3 * tag + turn) % 6];
}

static uint8_t byte_of(unsigned from, unsigned to, unsigned tag, unsigned turn, size_t i) {
    return (uint8_t)(31 * from + 17 * to + 13 * tag + 7 * turn + i + (i >> 8));
}

struct message {
    unsigned peer, tag, turn;
    size_t bytes;
    uint8_t *data;
    void *request;
};

static struct message make(unsigned peer, unsigned tag, unsigned turn, size_t bytes) {
    struct message message = {.peer = peer, .tag = tag, .turn = turn, .bytes = bytes, .data = malloc(bytes)};
    require(message.data != NULL, "no memory");
    return message;
}

/* Everyone to everyone, all under way at a time; waited for from the last to the first. */
static void round_of(minnow_comm *comm, struct message *in, struct message *out) {
    size_t count = 0;
    for (unsigned peer = 0; peer < comm->ranks; peer++)
        for (unsigned tag = 0; tag < TAGS; tag++)
            for (unsigned turn = 0; turn < IN_A_ROW && peer != comm->rank; turn++, count++) {
                struct message *o = &out[count], *i = &in[count];
                *o = make(peer, tag, turn, size_of(comm->rank, peer, tag, turn));
                *i = make(peer, tag, turn, size_of(peer, comm->rank, tag, turn));
                for (size_t b = 0; b < o->bytes; b++)
                    o->data[b] = byte_of(comm->rank, peer, tag, turn, b);
                minnow_status status = comm->start_send(comm, o->data, o->bytes, peer, tag, &o->request);
                require(status == MINNOW_OK && o->request != NULL, "a send did not start");
                status = comm->start_receive(comm, i->data, i->bytes, peer, tag, &i->request);
                require(status == MINNOW_OK && i->request != NULL, "a receive did not start");
            }
    require(comm->progress(comm) == MINNOW_OK, "no progress");
    for (size_t m = count; m-- > 0;) {
        require(comm->wait(comm, &in[m].request) == MINNOW_OK && in[m].request == NULL, "a receive failed");
        require(comm->wait(comm, &out[m].request) == MINNOW_OK && out[m].request == NULL, "a send failed");
        require(comm->wait(comm, &out[m].request) == MINNOW_OK, "waiting for nothing failed");
        for (size_t b = 0; b < in[m].bytes; b++)
            require(in[m].data[b] == byte_of(in[m].peer, comm->rank, in[m].tag, in[m].turn, b),
                    "wrong bytes");
        free(in[m].data);
        free(out[m].data);
    }
}

/* The last rank lives, but sends nothing that rank 0 waits for. */
static void hang(minnow_comm *comm) {
    char byte;
    void *request;
    if (comm->rank == comm->ranks - 1)
        sleep(30);
    if (comm->rank == 0 && comm->start_receive(comm, &byte, 1, comm->ranks - 1, 0, &request) == MINNOW_OK)
        (void)comm->wait(comm, &request);
}

int main(int argc, char **argv) {
    bool hangs = argc == 3 && strcmp(argv[2], "hang") == 0;
    require(argc == 2 || hangs, "expected the module");
    void *module = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
    require(module != NULL, "the module does not load");
    ranks_module_open *join;
    ranks_module_close *leave;
    *(void **)&join = dlsym(module, RANKS_MODULE_OPEN);
    *(void **)&leave = dlsym(module, RANKS_MODULE_CLOSE);

    struct world world = {.version = RANKS_MODULE_VERSION + 1,
                          .silence = 5,
                          .patience = hangs ? 1 : 500,
                          .last_words = last_words};
    require(join(&world) != NULL, "a module of another version was taken");
    world.version = RANKS_MODULE_VERSION;
    const char *why = join(&world);
    require(why == NULL, why);
    require(world.processors >= 1 && world.host_ranks >= 1 && world.hosts >= 1, "facts of the world");

    if (hangs)
        hang(&world.comm);

    size_t most = (size_t)world.comm.ranks * TAGS * IN_A_ROW;
    struct message *in = calloc(most, sizeof *in), *out = calloc(most, sizeof *out);
    require(in != NULL && out != NULL, "no memory");
    for (int i = 0; i < ROUNDS; i++)
        round_of(&world.comm, in, out);
    free(in);
    free(out);
    leave(&world);
    if (world.comm.rank == 0)
        printf("%u ranks, %u on this host\n", world.comm.ranks, world.host_ranks);
    return 0;
}
