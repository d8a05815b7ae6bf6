/*
 * The header as an earlier release might have had it, for test_versions.c: fewer functions, and shorter structs.
 * Every struct is the beginning of today's, as members are only ever added at the end. Nothing else in it may
 * differ from include/minnow/minnow.h.
 */
#ifndef MINNOW_MINNOW_H
#define MINNOW_MINNOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum minnow_status {
    MINNOW_OK = 0,
    MINNOW_ERROR_ARGUMENT = 1,
} minnow_status;

const char *minnow_last_error(void);

/* ---- Datasets ---- */

typedef struct minnow_dataset minnow_dataset;

typedef enum minnow_subset {
    MINNOW_SUBSET_TRAIN = 0,
    MINNOW_SUBSET_TEST = 1,
} minnow_subset;

minnow_status minnow_dataset_digits(minnow_subset subset, size_t count, uint64_t seed, minnow_dataset **out);
void minnow_dataset_free(minnow_dataset *dataset);

/* ---- Networks ---- */

typedef struct minnow_network minnow_network;

typedef enum minnow_activation {
    MINNOW_ACTIVATION_RELU = 0,
    MINNOW_ACTIVATION_SIGMOID = 1,
    MINNOW_ACTIVATION_TANH = 2,
} minnow_activation;

typedef enum minnow_loss {
    MINNOW_LOSS_SOFTMAX = 0,
    MINNOW_LOSS_LOGISTIC = 1,
    MINNOW_LOSS_QUADRATIC = 2,
} minnow_loss;

typedef enum minnow_init {
    MINNOW_INIT_SCALED = 0,
    MINNOW_INIT_STANDARD_NORMAL = 1,
    MINNOW_INIT_ZERO = 2,
} minnow_init;

/* Without seed and isa. */
typedef struct minnow_network_config {
    size_t struct_size;
    const size_t *layer_sizes;
    size_t layer_count;
    minnow_activation activation;
    const minnow_activation *activations;
    minnow_loss loss;
    minnow_init init;
} minnow_network_config;

void minnow_network_config_init(minnow_network_config *config, size_t size);
minnow_status minnow_network_create(const minnow_network_config *config, minnow_network **out);
minnow_status minnow_network_load(const char *path, const char *isa, minnow_network **out);

/* Without loss and isa. */
typedef struct minnow_foreign_config {
    size_t struct_size;
    minnow_activation activation;
    const minnow_activation *activations;
    size_t activation_count;
} minnow_foreign_config;

void minnow_foreign_config_init(minnow_foreign_config *config, size_t size);
minnow_status minnow_network_load_npy(const char *folder, const minnow_foreign_config *config,
                                      minnow_network **out);
minnow_status minnow_network_save_npy(const minnow_network *network, const char *folder);
uint32_t minnow_network_params_crc32(const minnow_network *network);

/* Without loss. */
typedef struct minnow_evaluation {
    size_t struct_size;
    size_t total;
    size_t correct;
} minnow_evaluation;

void minnow_evaluation_init(minnow_evaluation *evaluation, size_t size);
minnow_status minnow_network_evaluate(const minnow_network *network, const minnow_dataset *dataset,
                                      unsigned threads, minnow_evaluation *out, uint32_t *predicted);
void minnow_network_free(minnow_network *network);

/* ---- Training ---- */

typedef struct minnow_trainer minnow_trainer;

typedef enum minnow_optimizer {
    MINNOW_OPTIMIZER_SGD = 0,
} minnow_optimizer;

typedef enum minnow_schedule {
    MINNOW_SCHEDULE_CONSTANT = 0,
    MINNOW_SCHEDULE_LINEAR = 1,
    MINNOW_SCHEDULE_COSINE = 2,
} minnow_schedule;

/* Without sparse and threads. */
typedef struct minnow_training_config {
    size_t struct_size;
    size_t batch;
    size_t epochs;
    minnow_optimizer optimizer;
    double learning_rate;
    minnow_schedule schedule;
    double warmup_epochs;
    bool shuffle;
    uint64_t seed;
} minnow_training_config;

void minnow_training_config_init(minnow_training_config *config, size_t size);
minnow_status minnow_trainer_create(minnow_network *network, const minnow_dataset *dataset,
                                    const minnow_training_config *config, minnow_trainer **out);

/* Without train_accuracy, epoch_seconds and learning_rate. */
typedef struct minnow_progress {
    size_t struct_size;
    size_t epoch;
    size_t epoch_samples;
    bool epoch_done;
    bool run_done;
    double train_loss;
} minnow_progress;

void minnow_progress_init(minnow_progress *progress, size_t size);
minnow_status minnow_trainer_advance(minnow_trainer *trainer, size_t max_samples, minnow_progress *progress);
void minnow_trainer_progress(const minnow_trainer *trainer, minnow_progress *progress);
void minnow_trainer_free(minnow_trainer *trainer);

/* ---- Checkpoints ---- */

minnow_status minnow_trainer_save(minnow_trainer *trainer, const char *path);
minnow_status minnow_checkpoint_config(const minnow_network *network, minnow_training_config *out);
minnow_status minnow_trainer_resume(minnow_network *network, const minnow_dataset *dataset,
                                    const minnow_training_config *config, minnow_trainer **out);

#endif
