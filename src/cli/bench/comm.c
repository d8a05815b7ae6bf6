/* How fast the ranks that mpirun started reach each other: one message at a time, which is the latency, and all ranks at
   once, which is what a step of training does. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "cli/bench/bench.h"
#include "cli/frame/clock.h"
#include "cli/frame/json.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/ranks/ranks.h"

static const size_t sizes[] = {8, 64, 512, 4 << 10, 32 << 10, 256 << 10, 1 << 20, 4 << 20};
enum { SIZES = sizeof sizes / sizeof *sizes, MOST_ROUNDS = 1000, TAG = 1 };

/* Seconds of a round behind which there are no larger ones, but for those without which nothing is known of bytes: on a
   busy host a round takes as long because its ranks wait for a processor. */
static const double LONGEST = 0.1;
enum { SIZE_NEEDED = 256 << 10 };

/* Two buffers of the largest size, and the times of the rounds. */
struct link {
    minnow_comm *comm;
    char *out, *in;
    double *seconds;
    double budget;
};

static minnow_status failed(const minnow_comm *comm, minnow_status status) {
    return fail(status, "bench: %s", comm->failure != NULL ? comm->failure : "a message failed");
}

static minnow_status send(const struct link *link, size_t bytes, unsigned to) {
    void *request;
    minnow_status status = link->comm->start_send(link->comm, link->out, bytes, to, TAG, &request);
    return status == MINNOW_OK ? link->comm->wait(link->comm, &request) : status;
}

static minnow_status receive(const struct link *link, size_t bytes, unsigned from) {
    void *request;
    minnow_status status = link->comm->start_receive(link->comm, link->in, bytes, from, TAG, &request);
    return status == MINNOW_OK ? link->comm->wait(link->comm, &request) : status;
}

/* Between the first rank and the last, which is on another host if there are several: there and back. The others wait
   meanwhile, at the end of the round. */
static minnow_status ping(const struct link *link, size_t bytes) {
    const minnow_comm *comm = link->comm;
    minnow_status status = MINNOW_OK;
    if (comm->rank == 0) {
        status = send(link, bytes, comm->ranks - 1);
        status = status == MINNOW_OK ? receive(link, bytes, comm->ranks - 1) : status;
    } else if (comm->rank == comm->ranks - 1) {
        status = receive(link, bytes, 0);
        status = status == MINNOW_OK ? send(link, bytes, 0) : status;
    }
    return status;
}

/* Every rank sends to the next one and receives from the one before it. */
static minnow_status ring(const struct link *link, size_t bytes) {
    minnow_comm *comm = link->comm;
    unsigned next = (comm->rank + 1) % comm->ranks, before = (comm->rank + comm->ranks - 1) % comm->ranks;
    void *in = NULL, *out = NULL;
    minnow_status status = comm->start_receive(comm, link->in, bytes, before, TAG, &in);
    if (status == MINNOW_OK)
        status = comm->start_send(comm, link->out, bytes, next, TAG, &out);
    if (status == MINNOW_OK)
        status = comm->wait(comm, &in);
    return status == MINNOW_OK ? comm->wait(comm, &out) : status;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of a round's seconds, at rank 0, which decides how many rounds there are from the first few. */
static minnow_status time_rounds(const struct link *link, size_t bytes,
                                 minnow_status (*round)(const struct link *, size_t), double *median) {
    enum { TRIAL = 3 };
    size_t rounds = TRIAL;
    minnow_status status = MINNOW_OK;
    for (int pass = 0; pass < 2; pass++) {
        struct world_word word = {.stretch = rounds};
        world_exchange(&word); /* all begin at a time */
        rounds = (size_t)word.stretch;
        for (size_t i = 0; i < rounds && status == MINNOW_OK; i++) {
            double start = clock_seconds();
            status = round(link, bytes);
            link->seconds[i] = clock_seconds() - start;
        }
        if (status != MINNOW_OK)
            return failed(link->comm, status);
        qsort(link->seconds, rounds, sizeof *link->seconds, ascending);
        *median = link->seconds[rounds / 2];
        double wanted = link->budget / (*median + 1e-9);
        rounds = wanted < TRIAL ? TRIAL : wanted < MOST_ROUNDS ? (size_t)wanted : MOST_ROUNDS;
    }
    return MINNOW_OK;
}

static void print_size(const struct common_options *common, size_t bytes, double ping_seconds,
                       double ring_seconds) {
    double one_way = ping_seconds / 2;
    if (common->json)
        print_json(json_pack(
            "{s:s, s:I, s:o, s:o, s:o, s:o}", "bench", "comm", "bytes", (json_int_t)bytes, "one_way_seconds",
            json_number(one_way), "one_way_gbps", json_number((double)bytes / one_way * 1e-9), "ring_seconds",
            json_number(ring_seconds), "ring_gbps", json_number((double)bytes / ring_seconds * 1e-9)));
    else
        print("  %10zu %12.2f µs %9.3f GB/s %12.2f µs %9.3f GB/s\n", bytes, one_way * 1e6,
              (double)bytes / one_way * 1e-9, ring_seconds * 1e6, (double)bytes / ring_seconds * 1e-9);
    print_flush();
}

static void print_head(const minnow_comm *comm) {
    const char *why;
    print("%sMessages between %u ranks on %u host%s (%s)%s\n", output_colours()->bold, comm->ranks,
          world_hosts(), world_hosts() == 1 ? "" : "s", world_library(&why), output_colours()->plain);
    print("  %10s %28s %28s\n", "bytes", "one way, ranks 0 and last", "all to the next at once");
}

/* Rank 0's word: whether larger messages take so long that they are left out. */
static bool takes_too_long(double seconds) {
    struct world_word word = {.due = seconds > LONGEST};
    world_exchange(&word);
    return word.due != 0;
}

/* Measures, and leaves the cost of a message in the ring: its beginning from the smallest, its bytes from the largest. */
static minnow_status measure(const struct common_options *common, const struct link *link,
                             struct comm_cost *cost) {
    minnow_status status = MINNOW_OK;
    double ping_seconds = 0, ring_seconds = 0;
    size_t i = 0;
    for (; i < SIZES && status == MINNOW_OK; i++) {
        if (sizes[i] > SIZE_NEEDED && takes_too_long(ring_seconds))
            break;
        progress("%zu bytes", sizes[i]);
        status = time_rounds(link, sizes[i], ping, &ping_seconds);
        if (status == MINNOW_OK)
            status = time_rounds(link, sizes[i], ring, &ring_seconds);
        if (status == MINNOW_OK)
            print_size(common, sizes[i], ping_seconds, ring_seconds);
        if (i == 0)
            cost->latency = ring_seconds;
    }
    double bytes_seconds = ring_seconds - cost->latency;
    cost->bytes_per_second = (double)sizes[i > 0 ? i - 1 : 0] / (bytes_seconds > 1e-9 ? bytes_seconds : 1e-9);
    return status;
}

int bench_comm(const struct common_options *common, double budget) {
    struct comm_cost cost = {.name = "this cluster"};
    int status = world_open("bench --comm", COMM_SILENCE);
    if (status != STATUS_SUCCESS)
        return status;
    struct link link = {.comm = world_comm(), .budget = budget};
    if (link.comm == NULL)
        return problem(STATUS_USAGE, "bench: --comm: between which ranks? mpirun -n 2 minnow bench --comm; "
                                     "--comm with --predict computes without any");
    link.out = memory_allocate(sizes[SIZES - 1], 1);
    link.in = memory_allocate(sizes[SIZES - 1], 1);
    link.seconds = memory_allocate(MOST_ROUNDS, sizeof *link.seconds);
    bool ready = link.out != NULL && link.in != NULL && link.seconds != NULL;
    status = world_agree(ready ? STATUS_SUCCESS : report(fail_memory("messages to time")));
    if (status == STATUS_SUCCESS) {
        if (!common->json)
            print_head(link.comm);
        minnow_status measured = measure(common, &link, &cost);
        status = measured == MINNOW_OK ? comm_predict_here(common, &cost, link.comm, budget)
                                       : world_give_up(report(measured));
    }
    memory_free(link.out);
    memory_free(link.in);
    memory_free(link.seconds);
    return status;
}
