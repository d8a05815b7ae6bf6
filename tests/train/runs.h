/* Small runs that tests of checkpoints interrupt and resume. */
#ifndef TESTS_TRAIN_RUNS_H
#define TESTS_TRAIN_RUNS_H

#include <stdbool.h>

#include "train/trainer.h"

enum { RUNS_EPOCHS = 3, RUNS_PROBLEMS = 5 };

struct problem {
    size_t sizes[4], layers, count, batch;
    minnow_activation activation;
    minnow_loss loss;
    minnow_schedule schedule;
    double warmup;
    bool shuffle;
    size_t height; /* of images, which are distorted; 0: samples stay as they are */
};

extern const struct problem runs_problems[RUNS_PROBLEMS];

/* How all of them are trained: see samples_set_way. 0 unless a test says otherwise. */
extern size_t runs_way;

/* What must not depend on interruptions. */
struct outcome {
    uint32_t crc32;
    double loss[RUNS_EPOCHS], accuracy[RUNS_EPOCHS];
};

struct session {
    minnow_network *network;
    minnow_trainer *trainer;
};

minnow_dataset *runs_data(const struct problem *problem);
minnow_distortion_config runs_distortion(void);
minnow_training_config runs_config(const struct problem *problem); /* without the distortion */

struct session runs_start(const struct problem *problem, const minnow_dataset *dataset);
void runs_end(struct session *session);

/* Advances by up to `samples`, 0: to the end of the epoch; true when the run is over. */
bool runs_advance(struct session *session, size_t samples, struct outcome *outcome);
void runs_to_end(struct session *session, struct outcome *outcome);
struct outcome runs_uninterrupted(const struct problem *problem, const minnow_dataset *dataset);
void runs_expect_same(const struct outcome *outcome, const struct outcome *expected, const char *what);

/* Resumes the network's run, on so many threads. Takes over the network. */
minnow_status runs_go_on(minnow_network *network, const minnow_dataset *dataset, unsigned threads,
                         minnow_sparsity sparse, struct session *out);
/* The same of a checkpoint in a file, which has to succeed. */
void runs_resume(const char *path, const char *isa, const minnow_dataset *dataset, unsigned threads,
                 minnow_sparsity sparse, struct session *out);

#endif
