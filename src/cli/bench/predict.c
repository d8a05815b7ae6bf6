/* How long a prediction takes: alone, where what counts is the wait, and among many, where it is their
 * number. */
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "cli/bench/bench.h"
#include "cli/command.h"
#include "cli/frame/clock.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "data/dataset.h"

enum { DIGITS = 10000, FEATURES = 784, CLASSES = 10, WARM_UP = 2000, CALLS = 100000 };

struct subject {
    const char *name;
    const size_t *sizes;
    size_t layers;
};

static const struct subject subjects[] = {
    {"784-10", (const size_t[]){FEATURES, CLASSES}, 1},
    {"784-16-16-10", (const size_t[]){FEATURES, 16, 16, CLASSES}, 3},
    {"784-128-64-10", (const size_t[]){FEATURES, 128, 64, CLASSES}, 3},
    {"784-1000-500-10", (const size_t[]){FEATURES, 1000, 500, CLASSES}, 3},
};

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorted seconds of CALLS single predictions, each of another image. Its features are computed from bytes just
   before, as a calling program would do; the time that reading the clock takes is included. */
static minnow_status time_single(const minnow_network *network, const minnow_dataset *digits,
                                 double *seconds) {
    _Alignas(CACHE_LINE) float input[FEATURES];
    uint32_t label;
    float outputs[CLASSES];
    minnow_status status = MINNOW_OK;
    for (size_t call = 0; call < WARM_UP + CALLS && status == MINNOW_OK; call++) {
        const uint8_t *image = digits->bytes + call % DIGITS * FEATURES;
        for (size_t i = 0; i < FEATURES; i++)
            input[i] = (float)image[i] * digits->scale;
        double start = clock_seconds();
        status = minnow_network_predict(network, input, 1, &label, outputs);
        if (call >= WARM_UP)
            seconds[call - WARM_UP] = clock_seconds() - start;
    }
    qsort(seconds, CALLS, sizeof *seconds, ascending);
    return status;
}

/* Samples per second when all are evaluated together, the best of some runs. */
static minnow_status time_many(const minnow_network *network, const minnow_dataset *digits, unsigned threads,
                               double budget, double *rate) {
    minnow_status status = MINNOW_OK;
    minnow_evaluation evaluation;
    minnow_evaluation_init(&evaluation, sizeof evaluation);
    double begin = clock_seconds();
    *rate = 0;
    for (int run = 0; status == MINNOW_OK && (run < 5 || clock_seconds() - begin < budget); run++) {
        double start = clock_seconds();
        status = minnow_network_evaluate(network, digits, threads, &evaluation, NULL);
        double now = DIGITS / (clock_seconds() - start);
        *rate = now > *rate ? now : *rate;
    }
    return status;
}

static void print_subject(const struct common_options *common, const struct subject *subject,
                          const double *seconds, unsigned threads, double rate) {
    double median = seconds[CALLS / 2], late = seconds[CALLS / 100 * 99];
    if (common->json) {
        print_json(json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:i, s:o}", "bench", "predict", "network",
                             subject->name, "isa", common->kernels->name, "min_seconds",
                             json_number(seconds[0]), "p50_seconds", json_number(median), "p99_seconds",
                             json_number(late), "threads", (int)threads, "samples_per_second",
                             json_number(rate)));
        return;
    }
    print("  %-18s %9.2f µs %9.2f µs %9.2f µs %14.0f\n", subject->name, seconds[0] * 1e6, median * 1e6,
          late * 1e6, rate);
}

static minnow_status bench_subject(const struct common_options *common, const struct subject *subject,
                                   const minnow_dataset *digits, unsigned threads, double budget,
                                   double *seconds) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = subject->sizes;
    config.layer_count = subject->layers;
    config.isa = common->kernels->name;
    minnow_network *network;
    double rate;
    minnow_status status = minnow_network_create(&config, &network);
    if (status == MINNOW_OK)
        status = time_single(network, digits, seconds);
    if (status == MINNOW_OK)
        status = time_many(network, digits, threads, budget, &rate);
    if (status == MINNOW_OK)
        print_subject(common, subject, seconds, threads, rate);
    minnow_network_free(network);
    return status;
}

int bench_predict(const struct common_options *common, unsigned threads, double budget) {
    minnow_dataset *digits = NULL;
    double *seconds = memory_allocate(CALLS, sizeof *seconds);
    minnow_status status = seconds == NULL ? fail_memory("the times of predictions")
                                           : minnow_dataset_digits(MINNOW_SUBSET_TEST, DIGITS, 1, &digits);
    if (status == MINNOW_OK && !common->json)
        print("%sPredictions of digits (%s)%s\n  %-18s %12s %12s %12s %14s\n  %-18s %12s %12s %12s %14s\n",
              output_colours()->bold, common->kernels->name, output_colours()->plain, "",
              "one:", "one:", "one:", "many:", "", "fastest", "median", "99 of 100", "images/s");
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0] && status == MINNOW_OK && print_flush(); i++)
        status = bench_subject(common, &subjects[i], digits, threads, budget, seconds);
    memory_free(seconds);
    minnow_dataset_free(digits);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}
