/* What a program does with the library, and what it saw, whichever header it was compiled against. */
#ifndef TESTS_API_VERSIONS_H
#define TESTS_API_VERSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Everything that must be the same for every header. */
struct outcome {
    char failure[512]; /* the first thing that went wrong, with its line; "" if nothing did */
    size_t epochs, epoch_samples;
    double train_loss;
    uint32_t trained_crc, resumed_crc, imported_crc;
    size_t resumed_batch;
    double resumed_rate;
    size_t total, correct;
};

/* What sizeof said of each of the structs. */
struct struct_sizes {
    size_t network_config, foreign_config, training_config, progress, evaluation;
};

/* The same program (versions.c) compiled against each header. It keeps its files in `folder`. */
void run_older(const char *folder, struct outcome *out, struct struct_sizes *sizes);
void run_today(const char *folder, struct outcome *out, struct struct_sizes *sizes);
void run_newer(const char *folder, struct outcome *out, struct struct_sizes *sizes);

/* Members that only the newer header has (newer.c): how often each function refused one that was set, with the
   right message and without a result, out of how many trials; and whether the library zeroed them in the
   structs that it fills. `why` receives the first failure. */
size_t newer_refusals(const char *folder, size_t *trials, char why[512]);
bool newer_results_are_zeroed(void);

#endif
