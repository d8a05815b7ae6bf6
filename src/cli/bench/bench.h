/* What the files of minnow bench share. */
#ifndef MINNOW_CLI_BENCH_H
#define MINNOW_CLI_BENCH_H

#include "harness/check.h"
#include "cli/frame/options.h"

/* ---- timing.c: several things timed against each other ---- */

enum { BENCH_SAMPLES = 101 };

/* Something to time. All that are compared take turns, so that a machine whose speed wanders slows them
 * alike. */
struct contender {
    const char *name;
    void (*run)(struct contender *self, size_t repetitions); /* NULL: does not take part */
    void *context;
    size_t repetitions; /* per sample */
    size_t samples;
    double seconds[BENCH_SAMPLES]; /* of one repetition; sorted when timing is over */
};

/* Times `count` contenders for about `budget` seconds each, at least five times. rest: seconds to let other
   libraries' threads fall asleep before each sample. */
void bench_time(struct contender *const *contenders, size_t count, double budget, double rest);
double contender_best(const struct contender *contender); /* NaN if it took no part */
double contender_median(const struct contender *contender);

/* ---- machine.c: what the machine can do at most ---- */

/* Fused multiply-adds in registers, on each of `threads` threads. */
struct peak {
    struct contender contender;
    const struct kernels *table;
    unsigned threads;
    double flops; /* of one repetition */
};
void peak_init(struct peak *peak, const struct kernels *table, unsigned threads);
double peak_gflops(const struct peak *peak);

/* Reading an array of a given size, each thread its own. */
struct reading {
    struct contender contender;
    const struct kernels *table;
    unsigned threads;
    size_t floats; /* of one thread */
    float *array;  /* [threads][floats] */
};
bool reading_init(struct reading *reading, const struct kernels *table, unsigned threads, size_t bytes);
double reading_gbps(const struct reading *reading);
void reading_free(struct reading *reading);

/* Measures and prints the peaks of all tables and the bandwidth of each level of memory. False without
 * memory. */
bool bench_machine(const struct common_options *common, unsigned threads, double budget);

/* ---- kernel.c: one operation at one shape ---- */

struct bench_kernel {
    struct contender contender;
    const struct kernels *table;
    const struct kernel_entry *entry;
    struct kernel_case c;
    unsigned threads;
    struct kernel_call call, scalar_call; /* the second to verify the first with */
    void *memory[2][KERNEL_OPERANDS];
};
/* Prepares the operation at the shape; false if there is not enough memory. Release with bench_kernel_free in
 * any case. */
bool bench_kernel_init(struct bench_kernel *kernel, const struct kernels *table,
                       const struct kernel_entry *entry, struct kernel_shape shape,
                       enum activation activation, unsigned threads);
/* Runs it and compares with scalar: all of it and what is around it or, where that would take long, samples
   of its rows. */
bool bench_kernel_verify(struct bench_kernel *kernel, struct kernel_fault *fault);
void bench_kernel_free(struct bench_kernel *kernel);

/* ---- peers.c: the same work by others ---- */

enum { PEERS = 3 }; /* libm, OpenBLAS, oneDNN */

struct peer {
    struct contender contender; /* run is NULL if the peer does not have the operation, or is not built in */
    struct bench_kernel *kernel;
    void *extra;
};
/* Sets up what the peers need to do the kernel's work on its operands. */
void peers_init(struct peer peers[PEERS], struct bench_kernel *kernel);
void peers_free(struct peer peers[PEERS]);
/* Once, before the first: holds the peers to the table's instruction set and the number of threads. */
void peers_configure(const struct kernels *table, unsigned threads);
/* Whether OpenBLAS and oneDNN are built in. */
bool peers_built_in(void);

/* ---- predict.c: whole predictions ---- */

/* Prints the latency of single predictions and, on `threads` threads, the throughput of many. Returns the
 * exit status. */
int bench_predict(const struct common_options *common, unsigned threads, double budget);

/* ---- comm.c, scaling.c: the ranks that mpirun started, and steps of training over them ---- */

/* What a message costs a rank: to begin it, and its bytes. */
struct comm_cost {
    const char *name;
    double latency, bytes_per_second;
};
enum { COMM_SILENCE = 10 }; /* seconds after which a silent rank counts as lost */

/* Measures messages, then steps, and prints what the model says of them. Returns the exit status. */
int bench_comm(const struct common_options *common, double budget);
/* The second half of it, on every rank. */
int comm_predict_here(const struct common_options *common, const struct comm_cost *cost, minnow_comm *comm,
                      double budget);
/* Prints what the model says of usual networks on usual fabrics. Returns the exit status. */
int bench_comm_predict(const struct common_options *common);

#endif
