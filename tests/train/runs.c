#include "runs.h"

#include <criterion/criterion.h>

#include "samples.h"

const struct problem runs_problems[RUNS_PROBLEMS] = {
    {{100, 30, 20, 10},
     3,
     150,
     16,
     MINNOW_ACTIVATION_RELU,
     MINNOW_LOSS_SOFTMAX,
     MINNOW_SCHEDULE_LINEAR,
     0,
     true,
     0},
    {{61, 33, 7},
     2,
     97,
     1,
     MINNOW_ACTIVATION_TANH,
     MINNOW_LOSS_LOGISTIC,
     MINNOW_SCHEDULE_COSINE,
     0.7,
     true,
     0},
    {{40, 5},
     1,
     130,
     64,
     MINNOW_ACTIVATION_SIGMOID,
     MINNOW_LOSS_QUADRATIC,
     MINNOW_SCHEDULE_CONSTANT,
     1.5,
     false,
     0},
    {{150, 40, 30, 10},
     3,
     170,
     48,
     MINNOW_ACTIVATION_RELU,
     MINNOW_LOSS_SOFTMAX,
     MINNOW_SCHEDULE_LINEAR,
     0.5,
     true,
     0},
    {{99, 30, 10},
     2,
     120,
     16,
     MINNOW_ACTIVATION_RELU,
     MINNOW_LOSS_SOFTMAX,
     MINNOW_SCHEDULE_LINEAR,
     0,
     true,
     9},
};

minnow_dataset *runs_data(const struct problem *problem) {
    minnow_dataset *dataset =
        samples_make(problem->count, problem->sizes[0], problem->sizes[problem->layers]);
    if (problem->height > 0)
        cr_assert_eq(
            minnow_dataset_set_image_size(dataset, problem->height, problem->sizes[0] / problem->height),
            MINNOW_OK);
    return dataset;
}

minnow_distortion_config runs_distortion(void) {
    minnow_distortion_config distortion;
    minnow_distortion_config_init(&distortion, sizeof distortion);
    distortion.rotation = 1.0 / 3.0;
    distortion.elastic_fields = 8;
    distortion.gentle_classes = (uint64_t)1 << 63 | 2;
    return distortion;
}

size_t runs_way;

minnow_training_config runs_config(const struct problem *problem) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = problem->batch;
    config.epochs = RUNS_EPOCHS;
    config.learning_rate = 0.1;
    config.schedule = problem->schedule;
    config.warmup_epochs = problem->warmup;
    config.shuffle = problem->shuffle;
    config.seed = UINT64_MAX - 5;
    samples_set_way(&config, runs_way, problem->loss, problem->layers);
    return config;
}

struct session runs_start(const struct problem *problem, const minnow_dataset *dataset) {
    struct session session;
    minnow_training_config config = runs_config(problem);
    minnow_distortion_config distortion = runs_distortion();
    config.distortion = problem->height > 0 ? &distortion : NULL;
    session.network =
        samples_network(problem->sizes, problem->layers, problem->activation, problem->loss, "scalar");
    cr_assert_eq(minnow_trainer_create(session.network, dataset, &config, &session.trainer), MINNOW_OK);
    return session;
}

void runs_end(struct session *session) {
    minnow_trainer_free(session->trainer);
    minnow_network_free(session->network);
}

bool runs_advance(struct session *session, size_t samples, struct outcome *outcome) {
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    cr_assert_eq(minnow_trainer_advance(session->trainer, samples, &progress), MINNOW_OK, "%s",
                 minnow_last_error());
    if (progress.epoch_done) {
        outcome->loss[progress.epoch - 1] = progress.train_loss;
        outcome->accuracy[progress.epoch - 1] = progress.train_accuracy;
    }
    return progress.run_done;
}

void runs_to_end(struct session *session, struct outcome *outcome) {
    while (!runs_advance(session, 0, outcome)) {
    }
    minnow_trainer_use_average(session->trainer, true);
    outcome->crc32 = minnow_network_params_crc32(session->network);
}

struct outcome runs_uninterrupted(const struct problem *problem, const minnow_dataset *dataset) {
    struct session session = runs_start(problem, dataset);
    struct outcome outcome;
    runs_to_end(&session, &outcome);
    runs_end(&session);
    return outcome;
}

void runs_expect_same(const struct outcome *outcome, const struct outcome *expected, const char *what) {
    cr_assert_eq(outcome->crc32, expected->crc32, "%s: parameters %08x, expected %08x", what,
                 (unsigned)outcome->crc32, (unsigned)expected->crc32);
    for (int i = 0; i < RUNS_EPOCHS; i++)
        cr_assert(outcome->loss[i] == expected->loss[i] && outcome->accuracy[i] == expected->accuracy[i],
                  "%s: epoch %d: loss %.17g, expected %.17g", what, i, outcome->loss[i], expected->loss[i]);
}

minnow_status runs_go_on(minnow_network *network, const minnow_dataset *dataset, unsigned threads,
                         minnow_sparsity sparse, struct session *out) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    *out = (struct session){.network = network};
    minnow_status status = minnow_checkpoint_config(network, &config);
    bool filled = config.noise > 0.0 || config.mixup > 0.0; /* which leave no zeros to skip */
    config.sparse = filled ? MINNOW_SPARSITY_AUTO : sparse;
    if (status == MINNOW_OK)
        status = trainer_resume(network, dataset, &config, threads, &out->trainer);
    cr_assert((status == MINNOW_OK) == (out->trainer != NULL));
    if (status != MINNOW_OK)
        runs_end(out);
    return status;
}

void runs_resume(const char *path, const char *isa, const minnow_dataset *dataset, unsigned threads,
                 minnow_sparsity sparse, struct session *out) {
    minnow_network *network;
    cr_assert_eq(minnow_network_load(path, isa, &network), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(runs_go_on(network, dataset, threads, sparse, out), MINNOW_OK, "%s", minnow_last_error());
}
