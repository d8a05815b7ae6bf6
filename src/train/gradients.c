/* The gradients of one mini-batch, without an update: what a plan sums up, taken before it is applied. */
#include "base/argument.h"
#include "base/status.h"
#include "data/dataset.h"
#include "net/ensemble.h"
#include "train/trainer.h"

enum { GRADIENTS_BATCH_MAX = 65536 };

/* A network of the same shape and parameters, for the trainer to change. */
static minnow_status copy_network(const minnow_network *network, minnow_network **out) {
    size_t sizes[NETWORK_MAX_LAYERS + 1];
    minnow_activation activations[NETWORK_MAX_LAYERS];
    for (size_t l = 0; l < network->layer_count; l++) {
        sizes[l] = network->layers[l].inputs;
        activations[l] = network->layers[l].activation;
    }
    sizes[network->layer_count] = network_last_layer(network)->outputs;

    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = network->layer_count;
    config.activations = activations;
    config.loss = network->loss;
    config.isa = network->kernels->name;
    minnow_status status = network_create_zero(&config, out);
    if (status == MINNOW_OK) {
        parameters_copy(network->parameters, (*out)->parameters);
        parameters_changed((*out)->parameters);
    }
    return status;
}

/* The block that training keeps beside the parameters holds gradients. */
static void give(const minnow_network *network, const struct parameters *gradients,
                 float *const *weight_gradients, float *const *bias_gradients) {
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        float *weights = weight_gradients != NULL ? weight_gradients[l] : NULL;
        float *biases = bias_gradients != NULL ? bias_gradients[l] : NULL;
        for (size_t i = 0; weights != NULL && i < layer->inputs; i++)
            parameters_read_row(gradients, l, i, weights + i * layer->outputs);
        for (size_t o = 0; biases != NULL && o < layer->outputs; o++)
            biases[o] = parameters_biases(gradients, l)[o];
    }
}

minnow_status minnow_network_gradients(const minnow_network *network, const minnow_dataset *dataset,
                                       unsigned threads, double *loss, float *const *weight_gradients,
                                       float *const *bias_gradients) {
    if (!GIVEN(network) || !GIVEN(dataset))
        return MINNOW_ERROR_ARGUMENT;
    if (dataset->count > GRADIENTS_BATCH_MAX)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "gradients of %zu samples, expected 1 to %d: add up those of parts", dataset->count,
                    GRADIENTS_BATCH_MAX);

    /* With a momentum of 0 the mean of gradients, m ← 0 · m + g, is the gradient itself. */
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.optimizer = MINNOW_OPTIMIZER_MOMENTUM;
    config.momentum = 0.0;
    config.schedule = MINNOW_SCHEDULE_CONSTANT;
    config.batch = dataset->count;
    config.epochs = 1;
    config.shuffle = false;
    config.threads = threads;

    minnow_network *copy = NULL;
    minnow_trainer *trainer = NULL;
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    minnow_status status = network_check_single(network, "minnow_network_gradients");
    if (status == MINNOW_OK)
        status = copy_network(network, &copy);
    if (status == MINNOW_OK)
        status = minnow_trainer_create(copy, dataset, &config, &trainer);
    if (status == MINNOW_OK)
        status = minnow_trainer_advance(trainer, 0, &progress);
    if (status == MINNOW_OK || status == MINNOW_ERROR_DIVERGED) {
        status = MINNOW_OK; /* a loss that is not finite is what the caller asked for */
        give(network, trainer->plan->slots.of[SLOT_FIRST], weight_gradients, bias_gradients);
        if (loss != NULL)
            *loss = progress.train_loss;
    }
    minnow_trainer_free(trainer);
    minnow_network_free(copy);
    return status;
}
