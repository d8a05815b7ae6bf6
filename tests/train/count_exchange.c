/*
 * usage: count_exchange HIDDEN BATCH THREADS [columns]
 *
 * Counts the bytes that a thread reads, in one step of the plan that training would make, of what another thread wrote last:
 * for each phase the mean and the most over the threads, as JSON. columns: where layers are split by columns. HIDDEN: layer sizes, as 128,64. The inputs are images of
 * 784 bytes, zeros multiplied. Any number of threads up to 64 is counted on one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "samples.h"
#include "train/plan.h"

enum { FEATURES = 784, CLASSES = 10 };

static size_t read_sizes(char *text, size_t *sizes) {
    size_t count = 1;
    sizes[0] = FEATURES;
    while (*text != '\0' && count < NETWORK_MAX_LAYERS) {
        sizes[count++] = strtoul(text, &text, 10);
        text += *text == ',';
    }
    sizes[count] = CLASSES;
    return count;
}

static struct plan *make_plan(minnow_network *network, const minnow_dataset *dataset, size_t batch,
                              unsigned threads, bool columns) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = batch;
    config.sparse = MINNOW_SPARSITY_OFF;
    config.plan = columns ? MINNOW_PLAN_COLUMNS : MINNOW_PLAN_SAMPLES;
    struct plan *plan;
    if (plan_create(network, dataset, &config, threads, &plan) != MINNOW_OK) {
        fprintf(stderr, "count_exchange: %s\n", minnow_last_error());
        exit(1);
    }
    return plan;
}

static void run_phase(struct plan *plan, const struct minibatch *batch, size_t phase) {
    for (unsigned t = 0; t < plan->threads; t++) {
        exchange_set_thread(t);
        plan->phases[phase].run(plan, &plan->phases[phase], batch, t);
    }
}

static void report(const struct plan *plan, size_t phase) {
    size_t sum = 0, most = 0;
    for (unsigned t = 0; t < plan->threads; t++) {
        size_t bytes = exchange_bytes(t);
        sum += bytes;
        most = bytes > most ? bytes : most;
    }
    const struct phase *phases = plan->phases;
    char number[32] = ""; /* of the phase, where there are many */
    if (plan->phase_count > 2)
        snprintf(number, sizeof number, " %zu", phase);
    printf("%s\"%s%s\": {\"mean\": %.0f, \"most\": %zu}", phase > 0 ? ", " : "{", phases[phase].name, number,
           (double)sum / plan->threads, most);
}

int main(int argc, char **argv) {
    size_t sizes[NETWORK_MAX_LAYERS + 1];
    bool columns = argc == 5 && strcmp(argv[4], "columns") == 0;
    if ((argc != 4 && !columns) || atoi(argv[2]) < 2 || atoi(argv[3]) < 1 ||
        atoi(argv[3]) > EXCHANGE_THREADS) {
        fprintf(stderr, "usage: count_exchange HIDDEN BATCH THREADS [columns], with 2 samples or more and 1 "
                        "to 64 threads\n");
        return 2;
    }
    size_t layers = read_sizes(argv[1], sizes), count = (size_t)atoi(argv[2]);
    minnow_network *network =
        samples_network(sizes, layers, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_dataset *dataset = samples_make(count, FEATURES, CLASSES);
    network->kernels = exchange_kernels(network->kernels);
    struct plan *plan = make_plan(network, dataset, count, (unsigned)atoi(argv[3]), columns);
    plan_refresh(plan);
    plan_begin_epoch(plan, 0);

    /* The first step only leaves everything where steps leave it. */
    struct update update = {.rule = UPDATE_PLAIN, .rate = 0.01f, .clip = 1.0f};
    struct minibatch batch = {.count = count,
                              .mixing = {1.0f, 0},
                              .loss_scale = 1.0f / (float)count,
                              .weighing = 1.0,
                              .update = update,
                              .bias_update = update};
    for (int step = 0; step < 2; step++)
        for (size_t phase = 0; phase < plan->phase_count; phase++) {
            exchange_begin();
            run_phase(plan, &batch, phase);
            if (step == 1)
                report(plan, phase);
        }
    printf("}\n");
    plan_free(plan);
    minnow_dataset_free(dataset);
    minnow_network_free(network);
    return 0;
}
