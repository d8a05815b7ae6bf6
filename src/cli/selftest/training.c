/* minnow selftest: small trainings through each table, dense and sparse. */
#include <inttypes.h>
#include <stdio.h>

#include "base/team.h"
#include "cli/frame/json.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/selftest/selftest.h"
#include "train/trainer.h"

enum { SAMPLES = 150 };

static const struct training {
    const char *name;
    minnow_activation activation;
    minnow_loss loss;
    size_t batch;
} trainings[] = {
    {"relu, softmax, mini-batches of 32", MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, 32},
    {"sigmoid, quadratic, one by one", MINNOW_ACTIVATION_SIGMOID, MINNOW_LOSS_QUADRATIC, 1},
    {"tanh, logistic, mini-batches of 7", MINNOW_ACTIVATION_TANH, MINNOW_LOSS_LOGISTIC, 7},
    {"relu, quadratic, mini-batches of 127", MINNOW_ACTIVATION_RELU, MINNOW_LOSS_QUADRATIC, 127},
};

/* On exactly as many threads as were asked for, whether they pay or not. */
static minnow_status run_training(const struct selftest *self, minnow_network *network,
                                  const minnow_dataset *digits, const struct training *training,
                                  minnow_sparsity sparse) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = training->batch;
    config.epochs = 1;
    config.learning_rate = 0.1;
    config.sparse = sparse;
    minnow_trainer *trainer;
    minnow_status status =
        trainer_create(network, digits, &config, team_threads(self->common.threads), NULL, &trainer);
    minnow_progress state;
    minnow_progress_init(&state, sizeof state);
    while (status == MINNOW_OK && !state.run_done)
        status = minnow_trainer_advance(trainer, 0, &state);
    minnow_trainer_free(trainer);
    return status;
}

int selftest_training_outcome(const char *isa, minnow_status trained, uint32_t before, uint32_t after) {
    if (trained != MINNOW_OK)
        return report(trained);
    if (before == after) /* so that all tables would agree, by having done nothing */
        return problem(STATUS_FAILURE, "%s: training left the parameters as they were", isa);
    return STATUS_SUCCESS;
}

/* Trains a new network through the table; the CRC-32 of its parameters afterwards is the result. Returns 0 or,
   having said why, an exit status. */
static int train(const struct selftest *self, const struct kernels *table, const minnow_dataset *digits,
                 const struct training *training, minnow_sparsity sparse, uint32_t *crc) {
    static const size_t sizes[] = {784, 20, 18, 10}; /* no multiples of any vector, and more than a tile */
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = sizeof sizes / sizeof sizes[0] - 1;
    config.activation = training->activation;
    config.loss = training->loss;
    config.isa = table->name;

    minnow_network *network;
    minnow_status status = minnow_network_create(&config, &network);
    if (status != MINNOW_OK)
        return report(status);

    uint32_t untrained = minnow_network_params_crc32(network);
    status = run_training(self, network, digits, training, sparse);
    *crc = minnow_network_params_crc32(network);
    minnow_network_free(network);
    return selftest_training_outcome(table->name, status, untrained, *crc);
}

static void tell(const struct selftest *self, const struct kernels *table, const struct training *training,
                 uint32_t crc, bool equal, bool sparse_differs) {
    if (self->common.json) {
        char text[16];
        snprintf(text, sizeof text, "%08" PRIx32, crc);
        print_json(json_pack("{s:s, s:s, s:s, s:s, s:b}", "event", "training", "training", training->name,
                             "isa", table->name, "params_crc32", text, "equal", equal));
        return;
    }
    const char *verdict = equal ? "" : sparse_differs ? "  DIFFERENT, dense and sparse" : "  DIFFERENT";
    print("training  %-8s %-36s parameters' CRC-32 %08" PRIx32 "%s\n", table->name, training->name, crc,
          verdict);
}

static int check_training(struct selftest *self, const minnow_dataset *digits,
                          const struct training *training) {
    uint32_t expected = 0;
    for (size_t t = 0; t < kernel_table_count; t++) {
        const struct kernels *table = kernel_tables[t];
        uint32_t crc = 0, sparse_crc = 0;
        if (!selftest_wants(self, table))
            continue;

        int status = train(self, table, digits, training, MINNOW_SPARSITY_OFF, &crc);
        if (status == STATUS_SUCCESS)
            status = train(self, table, digits, training, MINNOW_SPARSITY_ON, &sparse_crc);
        if (status != STATUS_SUCCESS)
            return status;

        if (t == 0)
            expected = crc;
        bool equal = crc == expected && sparse_crc == expected;
        self->failed |= !equal;
        tell(self, table, training, crc, equal, crc != sparse_crc);
    }
    return STATUS_SUCCESS;
}

int selftest_check_trainings(struct selftest *self) {
    minnow_dataset *digits;
    minnow_status status = minnow_dataset_digits(MINNOW_SUBSET_TRAIN, SAMPLES, 1, &digits);
    if (status != MINNOW_OK)
        return report(status);
    int exit_status = STATUS_SUCCESS;
    for (size_t i = 0; i < sizeof trainings / sizeof trainings[0] && exit_status == STATUS_SUCCESS; i++)
        exit_status = check_training(self, digits, &trainings[i]);
    minnow_dataset_free(digits);
    return exit_status;
}
