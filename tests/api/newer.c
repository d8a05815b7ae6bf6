/* What a program built against a newer header can do that an older library cannot; see newer/minnow. */
#include <minnow/minnow.h>

#include <stdio.h>
#include <string.h>

#include "versions.h"

struct trials {
    size_t made, refused;
    char *why;
};

/* A call with a member set that the library does not know must be refused for that reason, without a result. */
static void count(struct trials *trials, const char *call, minnow_status status, bool has_result) {
    trials->made++;
    if (status == MINNOW_ERROR_ARGUMENT && !has_result &&
        strstr(minnow_last_error(), "sets a member that this version of minnow, ") != NULL &&
        strstr(minnow_last_error(), minnow_version()) != NULL)
        trials->refused++;
    else if (trials->why[0] == '\0')
        snprintf(trials->why, 512, "%s: status %d, %s, \"%s\"", call, (int)status,
                 has_result ? "a result" : "no result", minnow_last_error());
}

static const size_t layer_sizes[] = {784, 10};

static minnow_network *make_network(size_t added, minnow_status *status) {
    minnow_network *network;
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = layer_sizes;
    config.layer_count = 1;
    config.added = added;
    *status = minnow_network_create(&config, &network);
    return network;
}

/* The files exist, so that nothing else is wrong. */
static void try_networks(struct trials *trials, const char *folder) {
    char arrays[512], file[512];
    snprintf(arrays, sizeof arrays, "%s/npy", folder);
    snprintf(file, sizeof file, "%s/file", folder);

    minnow_status status;
    minnow_network *network = make_network(1, &status);
    count(trials, "network_create", status, network != NULL);

    network = make_network(0, &status);
    if (status != MINNOW_OK || minnow_network_save_npy(network, arrays) != MINNOW_OK ||
        minnow_network_save(network, file) != MINNOW_OK)
        snprintf(trials->why, 512, "%s", minnow_last_error());
    minnow_network_free(network);

    minnow_foreign_config foreign;
    minnow_foreign_config_init(&foreign, sizeof foreign);
    foreign.added = (size_t)1 << 63;
    status = minnow_network_load_npy(arrays, &foreign, &network);
    count(trials, "network_load_npy", status, network != NULL);
    status = minnow_network_load_foreign(file, &foreign, &network);
    count(trials, "network_load_foreign", status, network != NULL);
}

/* A checkpoint of the start of training; NULL if it cannot be had. */
static minnow_network *make_checkpoint(const char *folder, minnow_network *network,
                                       const minnow_dataset *dataset) {
    char path[512];
    snprintf(path, sizeof path, "%s/checkpoint", folder);
    minnow_network *checkpoint = NULL;
    minnow_trainer *trainer;
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    if (minnow_trainer_create(network, dataset, &config, &trainer) == MINNOW_OK &&
        minnow_trainer_save(trainer, path) == MINNOW_OK)
        (void)minnow_network_load(path, NULL, &checkpoint);
    minnow_trainer_free(trainer);
    return checkpoint;
}

static void try_training(struct trials *trials, const char *folder, minnow_network *network,
                         const minnow_dataset *dataset) {
    minnow_trainer *trainer;
    minnow_network *checkpoint = make_checkpoint(folder, network, dataset);
    if (checkpoint == NULL)
        return;
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.added = 1;
    minnow_status status = minnow_trainer_create(network, dataset, &config, &trainer);
    count(trials, "trainer_create", status, trainer != NULL);
    status = minnow_trainer_resume(checkpoint, dataset, &config, &trainer);
    count(trials, "trainer_resume", status, trainer != NULL);
    minnow_network_free(checkpoint);
}

size_t newer_refusals(const char *folder, size_t *made, char why[512]) {
    struct trials trials = {.why = why};
    minnow_status status;
    minnow_dataset *dataset;
    minnow_network *network = make_network(0, &status);
    why[0] = '\0';
    if (minnow_dataset_digits(MINNOW_SUBSET_TRAIN, 10, 1, &dataset) == MINNOW_OK && network != NULL) {
        try_networks(&trials, folder);
        try_training(&trials, folder, network, dataset);
    }
    minnow_network_free(network);
    minnow_dataset_free(dataset);
    *made = trials.made;
    return trials.refused;
}

bool newer_results_are_zeroed(void) {
    minnow_status status;
    minnow_dataset *dataset;
    minnow_network *network = make_network(0, &status);
    if (network == NULL || minnow_dataset_digits(MINNOW_SUBSET_TRAIN, 10, 1, &dataset) != MINNOW_OK)
        return false;

    minnow_evaluation evaluation;
    minnow_evaluation_init(&evaluation, sizeof evaluation);
    evaluation.added = 5;
    status = minnow_network_evaluate(network, dataset, 1, &evaluation, NULL);
    bool zeroed = status == MINNOW_OK && evaluation.added == 0 && evaluation.total == 10;

    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    progress.added = 5;
    minnow_trainer *trainer;
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    if (minnow_trainer_create(network, dataset, &config, &trainer) == MINNOW_OK)
        status = minnow_trainer_advance(trainer, 0, &progress);
    zeroed = zeroed && status == MINNOW_OK && progress.added == 0 && progress.epoch == 1;

    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
    return zeroed;
}
