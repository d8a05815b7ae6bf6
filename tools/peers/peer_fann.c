/* FANN, the Fast Artificial Neural Network library (Debian: libfann-dev). Online gradient descent only: its
   mini-batch is the whole training set. */
#include <fann.h>
#include "native.h"

static struct fann *network;
static float *images, *labels; /* of the training set: [count][inputs], one-hot [count][classes] */
static uint32_t *order;

static void reset(const struct job *job) {
    unsigned weight = 0;
    const float *values = job->start;
    /* FANN stores the weights neuron by neuron: a neuron's weights from all neurons of the layer before,
       and then its bias. */
    for (size_t layer = 0; layer < job->layers; layer++) {
        size_t inputs = job->sizes[layer], outputs = job->sizes[layer + 1];
        for (size_t j = 0; j < outputs; j++) {
            for (size_t i = 0; i < inputs; i++)
                network->weights[weight++] = values[i * outputs + j];
            network->weights[weight++] = values[inputs * outputs + j];
        }
        values += (inputs + 1) * outputs;
    }
    if (weight != fann_get_total_connections(network))
        give_up("FANN", "its weights are not laid out as expected");
}

static void hello(const struct job *job) {
    unsigned sizes[MAX_LAYERS + 1];
    size_t inputs = job->sizes[0], classes = job->sizes[job->layers];
    for (size_t i = 0; i <= job->layers; i++)
        sizes[i] = (unsigned)job->sizes[i];
    network = fann_create_standard_array((unsigned)job->layers + 1, sizes);
    if (network == NULL || !job->quadratic || job->batch != 1)
        give_up("FANN", "a network of sigmoids trained online was expected");
    fann_set_activation_function_hidden(network, FANN_SIGMOID);
    fann_set_activation_function_output(network, FANN_SIGMOID);
    fann_set_activation_steepness_hidden(network, 0.5f); /* 1 / (1 + exp(-2 · steepness · x)) */
    fann_set_activation_steepness_output(network, 0.5f);
    fann_set_training_algorithm(network, FANN_TRAIN_INCREMENTAL);
    fann_set_train_error_function(network, FANN_ERRORFUNC_LINEAR);
    fann_set_learning_rate(network, (float)job->rate);
    fann_set_learning_momentum(network, 0);
    images = must_allocate(job->train_count * inputs, sizeof *images);
    labels = must_allocate(job->train_count * classes, sizeof *labels);
    order = must_allocate(job->train_count, sizeof *order);
    for (size_t i = 0; i < job->train_count * inputs; i++)
        images[i] = (float)job->train_images[i] / 256;
    for (size_t i = 0; i < job->train_count; i++) {
        labels[i * classes + job->train_labels[i]] = 1;
        order[i] = (uint32_t)i;
    }
    reset(job);
    printf("{\"version\": \"%s\", \"settings\": \"float, incremental, 1 thread\", \"differs\": "
           "\"its sigmoid's slope never falls below 0.0099\"}\n",
           PEER_VERSION);
}

static void train_on(const struct job *job, size_t sample) {
    fann_train(network, images + sample * job->sizes[0], labels + sample * job->sizes[job->layers]);
}

static void steps(const struct job *job, size_t samples) {
    for (size_t i = 0; i < samples; i++)
        train_on(job, i);
}

static void epoch(const struct job *job) {
    for (size_t i = job->shuffle ? job->train_count - 1 : 0; i > 0; i--) {
        size_t other = (size_t)rand() % (i + 1);
        uint32_t sample = order[i];
        order[i] = order[other];
        order[other] = sample;
    }
    for (size_t i = 0; i < job->train_count; i++)
        train_on(job, order[i]);
}

static void outputs(const struct job *job, float *values) {
    size_t inputs = job->sizes[0], classes = job->sizes[job->layers];
    float *image = must_allocate(inputs, sizeof *image);
    for (size_t i = 0; i < job->test_count; i++) {
        for (size_t j = 0; j < inputs; j++)
            image[j] = (float)job->test_images[i * inputs + j] / 256;
        memcpy(values + i * classes, fann_run(network, image), classes * sizeof *values);
    }
    free(image);
}

int main(int argc, char **argv) {
    static const struct contestant fann = {hello, reset, steps, epoch, outputs};
    return serve(argc, argv, &fann);
}
