/*
 * A program as a user might write it. It is compiled three times, against an older header, today's, and a newer
 * one, with RUN as the name of its only function, and linked with today's library each time. Behind each
 * struct that the library fills or reads stands a canary, which nothing may write.
 */
#include <minnow/minnow.h>

#include <stdio.h>
#include <string.h>

#include "versions.h"

enum { CANARY = 0xA5, CANARY_BYTES = 256 };

/* The structs as this header has them, each with what lies behind it. */
struct guarded {
    minnow_network_config shape;
    unsigned char after_shape[CANARY_BYTES];
    minnow_foreign_config foreign;
    unsigned char after_foreign[CANARY_BYTES];
    minnow_training_config training;
    unsigned char after_training[CANARY_BYTES];
    minnow_training_config resumed;
    unsigned char after_resumed[CANARY_BYTES];
    minnow_progress progress;
    unsigned char after_progress[CANARY_BYTES];
    minnow_evaluation evaluation;
    unsigned char after_evaluation[CANARY_BYTES];
};

struct program {
    const char *folder;
    struct outcome *out;
    struct guarded g;
    minnow_dataset *train, *test;
    minnow_network *network;
    minnow_trainer *trainer;
};

static void complain(struct program *p, int line, const char *what, const char *detail) {
    if (p->out->failure[0] == '\0')
        snprintf(p->out->failure, sizeof p->out->failure, "line %d: %s: %s", line, what, detail);
}

static bool intact(const unsigned char *canary) {
    for (size_t i = 0; i < CANARY_BYTES; i++)
        if (canary[i] != CANARY)
            return false;
    return true;
}

static void check_guards(struct program *p, int line) {
    const struct guarded *g = &p->g;
    if (!intact(g->after_shape) || !intact(g->after_foreign) || !intact(g->after_training) ||
        !intact(g->after_resumed) || !intact(g->after_progress) || !intact(g->after_evaluation))
        complain(p, line, "canary", "the library wrote past the end of a struct");
    if (g->shape.struct_size != sizeof g->shape || g->foreign.struct_size != sizeof g->foreign ||
        g->training.struct_size != sizeof g->training || g->resumed.struct_size != sizeof g->resumed ||
        g->progress.struct_size != sizeof g->progress || g->evaluation.struct_size != sizeof g->evaluation)
        complain(p, line, "struct_size", "the library changed the size of a struct");
}

/* Each call must succeed and leave what is around the structs alone. */
#define CHECK(call)                                                                                          \
    do {                                                                                                     \
        if ((call) != MINNOW_OK)                                                                             \
            complain(p, __LINE__, #call, minnow_last_error());                                               \
        check_guards(p, __LINE__);                                                                           \
        if (p->out->failure[0] != '\0')                                                                      \
            return;                                                                                          \
    } while (0)

static void initialise(struct program *p) {
    struct guarded *g = &p->g;
    memset(g, CANARY, sizeof *g);
    minnow_network_config_init(&g->shape, sizeof g->shape);
    minnow_foreign_config_init(&g->foreign, sizeof g->foreign);
    minnow_training_config_init(&g->training, sizeof g->training);
    minnow_training_config_init(&g->resumed, sizeof g->resumed);
    minnow_progress_init(&g->progress, sizeof g->progress);
    minnow_evaluation_init(&g->evaluation, sizeof g->evaluation);
    check_guards(p, __LINE__);
}

static void make_network(struct program *p) {
    static const size_t sizes[] = {784, 32, 16, 10};
    p->g.shape.layer_sizes = sizes;
    p->g.shape.layer_count = 3;
    p->g.shape.activation = MINNOW_ACTIVATION_TANH;
    p->g.shape.loss = MINNOW_LOSS_LOGISTIC;
    CHECK(minnow_network_create(&p->g.shape, &p->network));
}

/* Trains to the end, and keeps a checkpoint of the middle. */
static void train(struct program *p, const char *checkpoint) {
    minnow_training_config *config = &p->g.training;
    config->batch = 16;
    config->epochs = 3;
    config->learning_rate = 0.2;
    config->schedule = MINNOW_SCHEDULE_COSINE;
    config->warmup_epochs = 0.5;
    config->seed = 7;
    CHECK(minnow_trainer_create(p->network, p->train, config, &p->trainer));

    CHECK(minnow_trainer_advance(p->trainer, 0, &p->g.progress));
    CHECK(minnow_trainer_advance(p->trainer, 64, &p->g.progress));
    CHECK(minnow_trainer_save(p->trainer, checkpoint));
    while (!p->g.progress.run_done)
        CHECK(minnow_trainer_advance(p->trainer, 0, &p->g.progress));
    minnow_trainer_progress(p->trainer, &p->g.progress);
    check_guards(p, __LINE__);

    p->out->epochs = p->g.progress.epoch;
    p->out->epoch_samples = p->g.progress.epoch_samples;
    p->out->train_loss = p->g.progress.train_loss;
    p->out->trained_crc = minnow_network_params_crc32(p->network);
}

static void evaluate(struct program *p) {
    CHECK(minnow_network_evaluate(p->network, p->test, 0, &p->g.evaluation, NULL));
    p->out->total = p->g.evaluation.total;
    p->out->correct = p->g.evaluation.correct;
}

static void release(struct program *p) {
    minnow_trainer_free(p->trainer);
    minnow_network_free(p->network);
    p->trainer = NULL;
    p->network = NULL;
}

/* Through arrays that do not say how they are to be used. */
static void export_and_import(struct program *p) {
    char folder[512];
    snprintf(folder, sizeof folder, "%s/npy", p->folder);
    CHECK(minnow_network_save_npy(p->network, folder));
    release(p);
    p->g.foreign.activation = MINNOW_ACTIVATION_TANH;
    CHECK(minnow_network_load_npy(folder, &p->g.foreign, &p->network));
    p->out->imported_crc = minnow_network_params_crc32(p->network);
    release(p);
}

static void resume(struct program *p, const char *checkpoint) {
    CHECK(minnow_network_load(checkpoint, NULL, &p->network));
    CHECK(minnow_checkpoint_config(p->network, &p->g.resumed));
    p->out->resumed_batch = p->g.resumed.batch;
    p->out->resumed_rate = p->g.resumed.learning_rate;
    CHECK(minnow_trainer_resume(p->network, p->train, &p->g.resumed, &p->trainer));
    do
        CHECK(minnow_trainer_advance(p->trainer, 0, &p->g.progress));
    while (!p->g.progress.run_done);
    p->out->resumed_crc = minnow_network_params_crc32(p->network);
}

static void run(struct program *p) {
    char checkpoint[512];
    snprintf(checkpoint, sizeof checkpoint, "%s/checkpoint", p->folder);
    CHECK(minnow_dataset_digits(MINNOW_SUBSET_TRAIN, 200, 5, &p->train));
    CHECK(minnow_dataset_digits(MINNOW_SUBSET_TEST, 100, 5, &p->test));

    make_network(p);
    if (p->out->failure[0] == '\0')
        train(p, checkpoint);
    if (p->out->failure[0] == '\0')
        evaluate(p);
    if (p->out->failure[0] == '\0')
        export_and_import(p);
    if (p->out->failure[0] == '\0')
        resume(p, checkpoint);
}

void RUN(const char *folder, struct outcome *out, struct struct_sizes *sizes) {
    struct program p = {.folder = folder, .out = out};
    memset(out, 0, sizeof *out);
    *sizes = (struct struct_sizes){
        .network_config = sizeof p.g.shape,
        .foreign_config = sizeof p.g.foreign,
        .training_config = sizeof p.g.training,
        .progress = sizeof p.g.progress,
        .evaluation = sizeof p.g.evaluation,
    };

    initialise(&p);
    run(&p);
    release(&p);
    minnow_dataset_free(p.train);
    minnow_dataset_free(p.test);
}
