/* minnow itself, through its public library. */
#include <minnow/minnow.h>
#include "native.h"

static minnow_network *network;
static minnow_dataset *train;
static minnow_trainer *trainer;

static void check(minnow_status status) {
    if (status != MINNOW_OK)
        give_up("minnow", minnow_last_error());
}

static void hello(const struct job *job) {
    unsigned threads = minnow_trainer_threads(trainer);
    printf("{\"version\": \"%s\", \"settings\": \"%s, %u thread%s, sparse %s\"}\n", minnow_version(),
           minnow_network_isa(network), threads, threads == 1 ? "" : "s", job->sparse);
}

static minnow_dataset *dataset(const struct job *job, size_t count) {
    minnow_dataset *result;
    uint32_t *labels = must_allocate(count, sizeof *labels);
    for (size_t i = 0; i < count; i++)
        labels[i] = job->train_labels[i];
    check(minnow_dataset_from_bytes(job->train_images, labels, count, job->sizes[0], job->sizes[job->layers],
                                    1.0f / 256, &result));
    free(labels);
    return result;
}

static minnow_trainer *new_trainer(const struct job *job, const minnow_dataset *data, size_t epochs,
                                   bool shuffle) {
    minnow_trainer *result;
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    if (job->adamw) {
        check(minnow_training_config_set_optimizer(&config, MINNOW_OPTIMIZER_ADAMW));
        config.weight_decay = ADAMW_DECAY;
    }
    config.dropout_count = job->dropout > 0.0f;
    config.dropout[0] = job->dropout;
    config.batch = job->batch;
    config.epochs = epochs;
    config.learning_rate = job->rate;
    config.schedule = MINNOW_SCHEDULE_CONSTANT;
    config.shuffle = shuffle;
    config.threads = job->threads;
    config.sparse = strcmp(job->sparse, "off") == 0  ? MINNOW_SPARSITY_OFF
                    : strcmp(job->sparse, "on") == 0 ? MINNOW_SPARSITY_ON
                                                     : MINNOW_SPARSITY_AUTO;
    check(minnow_trainer_create(network, data, &config, &result));
    return result;
}

static void reset(const struct job *job) {
    const float *values = job->start;
    for (size_t i = 0; i < job->layers; i++) {
        size_t weights = job->sizes[i] * job->sizes[i + 1];
        check(minnow_network_set_layer(network, i, values, values + weights));
        values += weights + job->sizes[i + 1];
    }

    /* A new trainer starts with the first epoch again, and so with its order of the images. */
    minnow_trainer_free(trainer);
    trainer = new_trainer(job, train, 1000000, job->shuffle);
}

static void advance(minnow_trainer *one) {
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    do
        check(minnow_trainer_advance(one, 0, &progress));
    while (!progress.epoch_done);
}

static void steps(const struct job *job, size_t samples) {
    minnow_dataset *first = dataset(job, samples);
    minnow_trainer *once = new_trainer(job, first, 1, false);
    advance(once);
    minnow_trainer_free(once);
    minnow_dataset_free(first);
}

static void epoch(const struct job *job) {
    (void)job;
    advance(trainer);
}

static void outputs(const struct job *job, float *values) {
    size_t count = job->test_count * job->sizes[0];
    float *inputs = must_allocate(count, sizeof *inputs);
    for (size_t i = 0; i < count; i++)
        inputs[i] = (float)job->test_images[i] / 256;
    check(minnow_network_predict(network, inputs, job->test_count, NULL, values));
    free(inputs);
}

/* The network, the data and the trainer exist from the first command on. */
static void first_hello(const struct job *job) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = job->sizes;
    config.layer_count = job->layers;
    config.activation = job->quadratic ? MINNOW_ACTIVATION_SIGMOID : MINNOW_ACTIVATION_RELU;
    config.loss = job->quadratic ? MINNOW_LOSS_QUADRATIC : MINNOW_LOSS_SOFTMAX;
    config.init = MINNOW_INIT_ZERO;
    check(minnow_network_create(&config, &network));
    train = dataset(job, job->train_count);
    reset(job);
    hello(job);
}

int main(int argc, char **argv) {
    static const struct contestant minnow = {first_hello, reset, steps, epoch, outputs};
    return serve(argc, argv, &minnow);
}
