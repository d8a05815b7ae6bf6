/*
 * A network of LIBXSMM's layers for deep learning, and its training: what peer_libxsmm.c is made of.
 *
 * All arrays are blocked: activations [batch/bn][width/b][bn][b], weights [outputs/b'][inputs/b][b][b'], where b is the block
 * of one width and b' that of the next.
 */
#ifndef LIBXSMM_LAYERS_H
#define LIBXSMM_LAYERS_H

#include <libxsmm.h>
#include <math.h>
#include <omp.h>
#include "native.h"

/* What is searched. */
struct blocking {
    int samples;               /* bn */
    int width[MAX_LAYERS + 1]; /* of the inputs, and of each layer's outputs */
};

/* A layer's parameters, which passes of every size share. */
struct parameters {
    float *weights, *weight_gradient, *biases, *bias_gradient;
};

/* The network for mini-batches of one size. */
struct pass {
    int batch, block; /* samples, and samples in a block */
    libxsmm_dnn_fullyconnected *layers[MAX_LAYERS];
    libxsmm_dnn_softmaxloss *loss;
    float *values[MAX_LAYERS + 1]; /* the inputs, and each layer's outputs */
    float *gradients[MAX_LAYERS + 1];
    float *probabilities, *scratch;
    unsigned char *masks[MAX_LAYERS];
    int *labels;
};

static struct blocking blocking;
static struct parameters parameters[MAX_LAYERS];
static struct pass whole, rest; /* of full mini-batches, and of the shorter one that may end an epoch */
static float *images;           /* of the training set: [count][inputs] */
static uint32_t *order;
static double gathering; /* seconds in which the first thread gathered samples */

static void check(libxsmm_dnn_err_t status) {
    if (status != LIBXSMM_DNN_SUCCESS)
        give_up("LIBXSMM", libxsmm_dnn_get_error(status));
}

static void *aligned(size_t size) {
    void *memory = libxsmm_aligned_malloc(size, 64);
    if (memory == NULL)
        give_up("out of memory", "LIBXSMM's arrays");
    memset(memory, 0, size);
    return memory;
}

static float *floats(size_t count) {
    return aligned(count * sizeof(float));
}

/* ---- Making and freeing the library's layers ---- */

/* Lets a layer of one of the library's kinds read or write an array of ours. */
#define BIND(kind, layer, type, data)                                                                        \
    do {                                                                                                     \
        libxsmm_dnn_err_t bound;                                                                             \
        libxsmm_dnn_tensor_datalayout *layout =                                                              \
            libxsmm_dnn_##kind##_create_tensor_datalayout((layer), (type), &bound);                          \
        check(bound);                                                                                        \
        libxsmm_dnn_tensor *tensor = libxsmm_dnn_link_tensor(layout, (data), &bound);                        \
        check(bound);                                                                                        \
        check(libxsmm_dnn_destroy_tensor_datalayout(layout));                                                \
        check(libxsmm_dnn_##kind##_bind_tensor((layer), tensor, (type)));                                    \
    } while (0)

static void make_parameters(const struct job *job, size_t l) {
    size_t inputs = job->sizes[l], outputs = job->sizes[l + 1];
    struct parameters *made = &parameters[l];
    *made = (struct parameters){.weights = floats(inputs * outputs),
                                .weight_gradient = floats(inputs * outputs),
                                .biases = floats(outputs),
                                .bias_gradient = floats(outputs)};
}

static void make_layer(const struct job *job, struct pass *pass, size_t l) {
    libxsmm_dnn_err_t status;
    bool last = l + 1 == job->layers;
    libxsmm_dnn_fullyconnected_desc wanted = {.N = pass->batch,
                                              .C = (int)job->sizes[l],
                                              .K = (int)job->sizes[l + 1],
                                              .bn = pass->block,
                                              .bk = blocking.width[l + 1],
                                              .bc = blocking.width[l],
                                              .threads = (int)job->threads,
                                              .datatype_in = LIBXSMM_DNN_DATATYPE_F32,
                                              .datatype_out = LIBXSMM_DNN_DATATYPE_F32,
                                              .buffer_format = LIBXSMM_DNN_TENSOR_FORMAT_NCPACKED,
                                              .filter_format = LIBXSMM_DNN_TENSOR_FORMAT_CKPACKED,
                                              .fuse_ops = last ? LIBXSMM_DNN_FULLYCONNECTED_FUSE_BIAS
                                                               : LIBXSMM_DNN_FULLYCONNECTED_FUSE_BIAS_RELU};
    libxsmm_dnn_fullyconnected *layer = libxsmm_dnn_create_fullyconnected(wanted, &status);
    check(status);

    BIND(fullyconnected, layer, LIBXSMM_DNN_REGULAR_INPUT, pass->values[l]);
    BIND(fullyconnected, layer, LIBXSMM_DNN_REGULAR_OUTPUT, pass->values[l + 1]);
    BIND(fullyconnected, layer, LIBXSMM_DNN_GRADIENT_OUTPUT, pass->gradients[l + 1]);
    if (l > 0)
        BIND(fullyconnected, layer, LIBXSMM_DNN_GRADIENT_INPUT, pass->gradients[l]);
    BIND(fullyconnected, layer, LIBXSMM_DNN_REGULAR_FILTER, parameters[l].weights);
    BIND(fullyconnected, layer, LIBXSMM_DNN_GRADIENT_FILTER, parameters[l].weight_gradient);
    BIND(fullyconnected, layer, LIBXSMM_DNN_REGULAR_CHANNEL_BIAS, parameters[l].biases);
    BIND(fullyconnected, layer, LIBXSMM_DNN_GRADIENT_CHANNEL_BIAS, parameters[l].bias_gradient);
    if (!last) {
        pass->masks[l] = aligned((size_t)pass->batch * job->sizes[l + 1]);
        BIND(fullyconnected, layer, LIBXSMM_DNN_RELU_MASK, pass->masks[l]);
    }
    pass->layers[l] = layer;
}

static void make_loss(const struct job *job, struct pass *pass) {
    libxsmm_dnn_err_t status;
    size_t classes = job->sizes[job->layers];
    libxsmm_dnn_softmaxloss_desc wanted = {.N = pass->batch,
                                           .C = (int)classes,
                                           .bn = pass->block,
                                           .bc = (int)classes,
                                           .loss_weight = 1.0f,
                                           .threads = (int)job->threads,
                                           .datatype = LIBXSMM_DNN_DATATYPE_F32,
                                           .buffer_format = LIBXSMM_DNN_TENSOR_FORMAT_NCPACKED};
    pass->loss = libxsmm_dnn_create_softmaxloss(wanted, &status);
    check(status);
    BIND(softmaxloss, pass->loss, LIBXSMM_DNN_REGULAR_INPUT, pass->values[job->layers]);
    BIND(softmaxloss, pass->loss, LIBXSMM_DNN_GRADIENT_INPUT, pass->gradients[job->layers]);
    BIND(softmaxloss, pass->loss, LIBXSMM_DNN_REGULAR_OUTPUT, pass->probabilities);
    BIND(softmaxloss, pass->loss, LIBXSMM_DNN_LABEL, pass->labels);
}

static int common_divisor(int a, int b) {
    return b == 0 ? a : common_divisor(b, a % b);
}

static void make_pass(const struct job *job, struct pass *pass, size_t batch) {
    size_t scratch = 0;
    libxsmm_dnn_err_t status;
    *pass = (struct pass){.batch = (int)batch, .block = common_divisor(blocking.samples, (int)batch)};
    if (batch == 0)
        return;

    for (size_t l = 0; l <= job->layers; l++) {
        pass->values[l] = floats(batch * job->sizes[l]);
        pass->gradients[l] = l > 0 ? floats(batch * job->sizes[l]) : NULL;
    }
    pass->probabilities = floats(batch * job->sizes[job->layers]);
    pass->labels = aligned(batch * sizeof *pass->labels);
    for (size_t l = 0; l < job->layers; l++) {
        make_layer(job, pass, l);
        size_t needed = libxsmm_dnn_fullyconnected_get_scratch_size(pass->layers[l], &status);
        scratch = needed > scratch ? needed : scratch;
    }
    make_loss(job, pass);

    pass->scratch = aligned(scratch);
    for (size_t l = 0; l < job->layers; l++)
        check(libxsmm_dnn_fullyconnected_bind_scratch(pass->layers[l], pass->scratch));
    check(libxsmm_dnn_softmaxloss_bind_scratch(pass->loss, pass->scratch));
}

static void free_pass(const struct job *job, struct pass *pass) {
    for (size_t l = 0; pass->batch > 0 && l < job->layers; l++) {
        check(libxsmm_dnn_destroy_fullyconnected(pass->layers[l]));
        libxsmm_free(pass->masks[l]);
    }
    for (size_t l = 0; l <= job->layers; l++) {
        libxsmm_free(pass->values[l]);
        libxsmm_free(pass->gradients[l]);
    }
    if (pass->batch > 0)
        check(libxsmm_dnn_destroy_softmaxloss(pass->loss));
    libxsmm_free(pass->probabilities);
    libxsmm_free(pass->labels);
    libxsmm_free(pass->scratch);
}

static void free_network(const struct job *job) {
    free_pass(job, &whole);
    free_pass(job, &rest);
    for (size_t l = 0; l < job->layers; l++) {
        libxsmm_free(parameters[l].weights);
        libxsmm_free(parameters[l].weight_gradient);
        libxsmm_free(parameters[l].biases);
        libxsmm_free(parameters[l].bias_gradient);
    }
}

/* Everything for the blocking of the moment; the parameters are 0. */
static void make_network(const struct job *job) {
    for (size_t l = 0; l < job->layers; l++)
        make_parameters(job, l);
    make_pass(job, &whole, job->batch);
    make_pass(job, &rest, job->train_count % job->batch);
}

/* ---- Training ---- */

/* The range of `count` things that a thread takes. */
static size_t share(size_t count, unsigned thread, unsigned threads) {
    return count * thread / threads;
}

static void gather(const struct job *job, struct pass *pass, const uint32_t *samples, unsigned thread) {
    size_t inputs = job->sizes[0], block = (size_t)pass->block, width = (size_t)blocking.width[0];
    size_t end = share((size_t)pass->batch, thread + 1, job->threads);
    for (size_t i = share((size_t)pass->batch, thread, job->threads); i < end; i++) {
        const float *image = images + samples[i] * inputs;
        float *to = pass->values[0] + i / block * block * inputs + i % block * width;
        for (size_t at = 0; at < inputs; at += width)
            memcpy(to + at * block, image + at, width * sizeof *image);
        pass->labels[i] = job->train_labels[samples[i]];
    }
}

static void descend(float *values, const float *gradient, size_t begin, size_t end, float rate) {
    for (size_t i = begin; i < end; i++)
        values[i] -= rate * gradient[i];
}

static void update(const struct job *job, size_t l, unsigned thread) {
    struct parameters *to = &parameters[l];
    size_t outputs = job->sizes[l + 1], lines = job->sizes[l] * outputs / 16;
    float rate = (float)job->rate;
    descend(to->biases, to->bias_gradient, share(outputs, thread, job->threads),
            share(outputs, thread + 1, job->threads), rate);
    descend(to->weights, to->weight_gradient, share(lines, thread, job->threads) * 16,
            thread + 1 == job->threads ? job->sizes[l] * outputs
                                       : share(lines, thread + 1, job->threads) * 16,
            rate);
}

/* One mini-batch, by each thread; the layers' own barriers keep the threads together. */
static void step(const struct job *job, struct pass *pass, unsigned thread) {
    int id = (int)thread;
    for (size_t l = 0; l < job->layers; l++)
        check(libxsmm_dnn_fullyconnected_execute_st(pass->layers[l], LIBXSMM_DNN_COMPUTE_KIND_FWD, 0, id));
    check(libxsmm_dnn_softmaxloss_execute_st(pass->loss, LIBXSMM_DNN_COMPUTE_KIND_FWD, 0, id));
    check(libxsmm_dnn_softmaxloss_execute_st(pass->loss, LIBXSMM_DNN_COMPUTE_KIND_BWD, 0, id));
    for (size_t l = job->layers; l-- > 0;) {
        check(libxsmm_dnn_fullyconnected_execute_st(
            pass->layers[l], l > 0 ? LIBXSMM_DNN_COMPUTE_KIND_BWDUPD : LIBXSMM_DNN_COMPUTE_KIND_UPD, 0, id));
        update(job, l, thread);
    }
}

static void train(const struct job *job, size_t count) {
    gathering = 0.0;
#pragma omp parallel num_threads((int)job->threads)
    {
        unsigned thread = (unsigned)omp_get_thread_num();
        if (omp_get_num_threads() != (int)job->threads)
            give_up("LIBXSMM", "as many threads as asked for were expected");
        for (size_t at = 0; at < count; at += job->batch) {
            struct pass *pass = count - at >= job->batch ? &whole : &rest;
            double started = now();
            gather(job, pass, order + at, thread);
            if (thread == 0)
                gathering += now() - started;
#pragma omp barrier
            step(job, pass, thread);
#pragma omp barrier
        }
    }
}

#endif
