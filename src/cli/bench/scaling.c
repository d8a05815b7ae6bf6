/* How long a step of training takes over several ranks: the model of ../../train/README.md, with the costs of this cluster
   or of usual ones; and on this cluster, how long it does. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/bench/bench.h"
#include "cli/frame/clock.h"
#include "cli/frame/json.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/ranks/ranks.h"
#include "net/layout.h"
#include "train/ranks.h"
#include "train/trainer.h"

/* ---- The model ---- */

enum { LAYERS_MOST = 4 };

/* A network and its mini-batch. */
struct job {
    const char *name;
    size_t sizes[LAYERS_MOST + 1], layers, batch;
};

static const struct job jobs[] = {
    {"784-128-64-10", {784, 128, 64, 10}, 3, 128},
    {"784-512-256-10", {784, 512, 256, 10}, 3, 512},
    {"784-1000-500-10", {784, 1000, 500, 10}, 3, 512},
    {"784-1000-500-10", {784, 1000, 500, 10}, 3, 4096},
    {"784-4096-4096-10", {784, 4096, 4096, 10}, 3, 4096},
    {"4096-16384-16384-1000", {4096, 16384, 16384, 1000}, 3, 16384},
};
enum { JOBS = sizeof jobs / sizeof *jobs, MEASURED_JOBS = 3 };

/* Of whoever has no cluster at hand: what Open MPI reaches between two programs, not what the cable could. */
static const struct comm_cost fabrics[] = {
    {"10 GbE", 25e-6, 1.1e9},
    {"100 GbE", 8e-6, 11e9},
    {"InfiniBand", 2e-6, 24e9},
};

/* A rank of the prediction: a server of 16 cores at 60 GFLOPS each, and its memory. */
static const double FLOPS = 1e12, MEMORY = 100e9;

static double layer_weights(const struct job *job, size_t layer) {
    return (double)(job->sizes[layer] + 1) * (double)job->sizes[layer + 1];
}

static double all_weights(const struct job *job) {
    double weights = 0;
    for (size_t l = 0; l < job->layers; l++)
        weights += layer_weights(job, l);
    return weights;
}

/* Bytes that a rank sends of a layer's sums, and again of its weights: those of the rows in memory, of which it owns one
   part in so many ranks. */
static double layer_bytes(const struct job *job, size_t layer, double ranks) {
    size_t strides[LAYERS_MOST];
    parameters_strides(job->layers, job->sizes, strides);
    return sizeof(float) * (double)(job->sizes[layer] * strides[layer]) * (ranks - 1) / ranks;
}

/* What is small goes whole to every rank: the sums of biases, a word, and two for each of the rank's samples. */
static double small_bytes(const struct job *job, double ranks) {
    double words = 1 + 2 * (double)job->batch / ranks;
    for (size_t l = 0; l < job->layers; l++)
        words += (double)size_round_up(job->sizes[l + 1], CACHE_LINE_FLOATS);
    return sizeof(float) * words * (ranks - 1);
}

/* In a step, the mean over ranks, each of which has one node of the tree. */
static double bytes_sent(const struct job *job, double ranks) {
    double bytes = small_bytes(job, ranks);
    for (size_t l = 0; l < job->layers; l++)
        bytes += 2 * layer_bytes(job, l, ranks);
    return bytes;
}

/* Seconds until these bytes have gone, in a message to each of the other ranks. */
static double exchange(double bytes, double ranks, const struct comm_cost *cost) {
    return ranks > 1 ? (ranks - 1) * cost->latency + bytes / cost->bytes_per_second : 0;
}

/* What is not hidden of the messages: what is small travels first, then the sums of a layer's gradient while the gradients
   of the layers before it are computed, and those of the first layer while nothing is left to compute; then the weights
   come back. */
static double exposed(const struct job *job, double ranks, double backward, const struct comm_cost *cost) {
    double link_free = exchange(small_bytes(job, ranks), ranks, cost), now = 0, weights = all_weights(job);
    for (size_t l = job->layers; l-- > 0;) {
        now += backward * layer_weights(job, l) / weights;
        link_free = fmax(link_free, now) + exchange(layer_bytes(job, l, ranks), ranks, cost);
    }
    double back = 0;
    for (size_t l = 0; l < job->layers; l++)
        back += exchange(layer_bytes(job, l, ranks), ranks, cost);
    return link_free - now + back;
}

/* A step in seconds, where `compute` are those of the products and `update` those of the parameters on one rank. */
static double step(const struct job *job, double ranks, double compute, double update,
                   const struct comm_cost *cost) {
    double share = compute / ranks;
    return share + update / ranks + exposed(job, ranks, share / 2, cost);
}

static void cost_of(const struct job *job, double *compute, double *update) {
    double weights = all_weights(job), first = layer_weights(job, 0);
    *compute = 2 * (double)job->batch * (3 * weights - first) / FLOPS;
    *update = 5 * sizeof(float) * weights /
              MEMORY; /* the sum, the weight there and back, its copy there and back */
}

/* ---- Usual networks ---- */

static const unsigned rank_counts[] = {2, 4, 8, 16, 64, 256, 1024};
enum { RANK_COUNTS = sizeof rank_counts / sizeof *rank_counts };

static void print_row(const struct common_options *common, const struct job *job,
                      const struct comm_cost *cost) {
    double compute, update;
    cost_of(job, &compute, &update);
    double alone = step(job, 1, compute, update, cost);
    if (!common->json)
        print("| %s | %zu | %s | %.3g |", job->name, job->batch, cost->name, alone * 1e3);
    for (size_t i = 0; i < RANK_COUNTS; i++) {
        double ranks = rank_counts[i], seconds = step(job, ranks, compute, update, cost);
        if (ranks > (double)job->batch) {
            if (!common->json)
                print(" – |");
        } else if (common->json) {
            print_json(json_pack("{s:s, s:s, s:I, s:s, s:i, s:o, s:o, s:o}", "bench", "comm_predict",
                                 "network", job->name, "batch", (json_int_t)job->batch, "fabric", cost->name,
                                 "ranks", (int)rank_counts[i], "step_seconds", json_number(seconds),
                                 "efficiency", json_number(alone / ranks / seconds), "bytes_sent",
                                 json_number(bytes_sent(job, ranks))));
        } else {
            print(" %.0f |", 100 * alone / ranks / seconds);
        }
    }
    if (!common->json)
        print("\n");
}

int bench_comm_predict(const struct common_options *common) {
    if (!common->json) {
        print("Predicted, not measured: efficiency in per cent, the time of one rank over that of all.\n"
              "A rank is a server of 1,000 GFLOPS and 100 GB/s; src/train/README.md has the model.\n\n"
              "| network | batch | between them | one rank, ms |");
        for (size_t i = 0; i < RANK_COUNTS; i++)
            print(" %u |", rank_counts[i]);
        print("\n|---|---|---|---|");
        for (size_t i = 0; i < RANK_COUNTS; i++)
            print("---|");
        print("\n");
    }
    for (size_t j = 0; j < JOBS; j++)
        for (size_t f = 0; f < sizeof fabrics / sizeof *fabrics; f++)
            print_row(common, &jobs[j], &fabrics[f]);
    return print_flush() ? STATUS_SUCCESS : STATUS_FAILURE;
}

/* ---- This cluster ---- */

enum { SAMPLES = 8192, TRIALS = 3, LEAST_STEPS = 2 };

/* A communicator that is another one, but for that it adds up how long it waits. */
struct timed {
    minnow_comm comm; /* first, as its functions receive a pointer to it */
    minnow_comm *inner;
    double waited;
};

static minnow_status timed_wait(minnow_comm *comm, void **request) {
    struct timed *timed = (struct timed *)comm;
    double start = clock_seconds();
    minnow_status status = timed->inner->wait(timed->inner, request);
    timed->waited += clock_seconds() - start;
    comm->failure = timed->inner->failure;
    return status;
}

/* NULL where there is none. */
static minnow_comm *open_timed(struct timed *timed, minnow_comm *inner) {
    *timed = (struct timed){.inner = inner};
    if (inner == NULL)
        return NULL;
    timed->comm = *inner;
    timed->comm.wait = timed_wait;
    return &timed->comm;
}

/* A step as it was measured on this rank: its seconds, those of them that it waited for messages, with nothing to compute
   meanwhile, and the bytes that it sent. */
struct measured {
    double seconds, waited, bytes_sent;
};

static struct measured so_far(const minnow_trainer *trainer, const struct timed *timed) {
    const struct ranks *ranks = trainer->plan->ranks;
    return (struct measured){clock_seconds(), timed->waited,
                             ranks != NULL ? (double)ranks->link.bytes_sent : 0};
}

/* Of the fastest of some stretches. Every rank advances by as much. */
static minnow_status time_steps(minnow_trainer *trainer, const struct timed *timed, size_t batch,
                                double budget, struct measured *out) {
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    size_t steps = LEAST_STEPS;
    out->seconds = INFINITY;
    minnow_status status = MINNOW_OK;
    for (int trial = 0; trial <= TRIALS && status == MINNOW_OK; trial++) {
        struct world_word word = {.stretch = steps};
        world_exchange(&word);
        steps = (size_t)word.stretch;
        struct measured begin = so_far(trainer, timed), end;
        for (size_t left = steps * batch; left > 0 && status == MINNOW_OK;) {
            size_t before = progress.epoch_done ? 0 : progress.epoch_samples;
            status = minnow_trainer_advance(trainer, left, &progress);
            size_t done = progress.epoch_samples - before;
            left -= done < left ? done : left;
        }
        end = so_far(trainer, timed);
        double taken = end.seconds - begin.seconds;
        if (trial > 0 && taken / (double)steps < out->seconds) /* the first one tries plans */
            *out = (struct measured){taken / (double)steps, (end.waited - begin.waited) / (double)steps,
                                     (end.bytes_sent - begin.bytes_sent) / (double)steps};
        double wanted = budget * (double)steps / TRIALS / (taken + 1e-9);
        steps = wanted < LEAST_STEPS ? LEAST_STEPS : wanted < 10000 ? (size_t)wanted : 10000;
    }
    return status;
}

/* With the other ranks, or, where comm is NULL, each by itself. */
static minnow_status time_job(const struct common_options *common, const struct job *job,
                              const minnow_dataset *digits, size_t batch, minnow_comm *comm, double budget,
                              struct measured *out) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = job->sizes;
    config.layer_count = job->layers;
    config.isa = common->kernels->name;
    minnow_training_config training;
    minnow_training_config_init(&training, sizeof training);
    training.batch = batch;
    training.epochs = 1000000;
    training.learning_rate = 1e-6; /* what is learned does not matter, and no loss is to grow */
    training.threads = common->threads != 0 ? common->threads : world_processors();
    training.sub_batches = comm != NULL ? comm->ranks : 1;
    struct timed timed;
    training.comm = open_timed(&timed, comm);

    minnow_network *network = NULL;
    minnow_trainer *trainer = NULL;
    minnow_status status = minnow_network_create(&config, &network);
    if (status == MINNOW_OK)
        status = minnow_trainer_create(network, digits, &training, &trainer);
    if (status == MINNOW_OK)
        status = time_steps(trainer, &timed, batch, budget, out);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    return status;
}

static void print_step(const struct common_options *common, const struct job *job, unsigned ranks,
                       double alone, double share, double predicted, const struct measured *together) {
    double bytes = bytes_sent(job, ranks);
    if (common->json)
        print_json(json_pack("{s:s, s:s, s:I, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "bench", "comm_step",
                             "network", job->name, "batch", (json_int_t)job->batch, "ranks", (int)ranks,
                             "alone_seconds", json_number(alone), "share_seconds", json_number(share),
                             "predicted_seconds", json_number(predicted), "measured_seconds",
                             json_number(together->seconds), "measured_wait_seconds",
                             json_number(together->waited), "bytes_sent", json_number(bytes),
                             "measured_bytes_sent", json_number(together->bytes_sent)));
    else
        print("  %-16s %5zu %9.3f ms %9.3f ms %9.3f ms %5.0f %% %9.3f ms %5.0f %% %5.0f %% %9.3f MB\n",
              job->name, job->batch, alone * 1e3, share * 1e3, predicted * 1e3,
              100 * alone / ranks / predicted, together->seconds * 1e3,
              100 * alone / ranks / together->seconds, 100 * together->waited / together->seconds,
              bytes * 1e-6);
}

/* One job: each rank alone, alone with a rank's share of the mini-batch, and all together. */
static minnow_status compare(const struct common_options *common, const struct job *job,
                             const minnow_dataset *digits, const struct comm_cost *cost, minnow_comm *comm,
                             double budget) {
    struct measured alone = {0}, share = {0}, together = {0};
    size_t part = (job->batch + comm->ranks - 1) / comm->ranks;
    if (job->batch < comm->ranks) /* not every rank would have a sample */
        return MINNOW_OK;

    progress("%s, batch %zu", job->name, job->batch);
    minnow_status status = time_job(common, job, digits, job->batch, NULL, budget, &alone);
    if (status == MINNOW_OK)
        status = time_job(common, job, digits, part, NULL, budget, &share);
    if (status == MINNOW_OK)
        status = time_job(common, job, digits, job->batch, comm, budget, &together);
    if (status != MINNOW_OK)
        return status;

    double predicted = share.seconds + exposed(job, comm->ranks, share.seconds / 2, cost);
    print_step(common, job, comm->ranks, alone.seconds, share.seconds, predicted, &together);
    return print_flush() ? MINNOW_OK : MINNOW_ERROR_OUTPUT;
}

int comm_predict_here(const struct common_options *common, const struct comm_cost *cost, minnow_comm *comm,
                      double budget) {
    minnow_dataset *digits = NULL;
    minnow_status status = minnow_dataset_digits(MINNOW_SUBSET_TRAIN, SAMPLES, 1, &digits);
    int agreed = world_agree(status == MINNOW_OK ? STATUS_SUCCESS : report(status));
    if (agreed != STATUS_SUCCESS) {
        minnow_dataset_free(digits);
        return agreed;
    }
    if (!common->json) {
        print("%sSteps of training: %.2f µs to begin a message, %.3f GB/s for each rank%s\n",
              output_colours()->bold, cost->latency * 1e6, cost->bytes_per_second * 1e-9,
              output_colours()->plain);
        print("  %-16s %5s %12s %12s %20s %20s %7s %12s\n", "", "batch", "one rank", "with 1/n",
              "n ranks, predicted", "measured", "waiting", "bytes sent");
    }
    for (size_t j = 0; j < MEASURED_JOBS && status == MINNOW_OK; j++)
        status = compare(common, &jobs[j], digits, cost, comm, budget);
    minnow_dataset_free(digits);
    /* The others may be in the middle of a step, which this rank will not take part in. */
    return status == MINNOW_OK ? STATUS_SUCCESS : world_give_up(report(status));
}
