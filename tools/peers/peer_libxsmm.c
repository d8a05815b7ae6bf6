/*
 * LIBXSMM's layers for deep learning (Debian: libxsmm-dev): fully connected layers with fused bias and relu, and softmax loss.
 * Version 1.17 is the last that has these layers in the library.
 *
 * Gradient descent is a loop of our own. The library's optimiser layer, driven by this program, gave wrong weights from the first
 * step on; the cause was not found, and it may be in our use of it, so it is not used.
 *
 * How fast they are depends on the blocks that their arrays are cut into, and the library leaves those to its user: `choose`
 * searches the best for the job.
 */
#include "libxsmm_layers.h"

enum { LEAST_BLOCK = 16, MOST_BLOCK = 256, MOST_CANDIDATES = 64, TRIALS = 3, TRIAL_SAMPLES = 1024 };

/* ---- What compare asks for ---- */

static size_t weight_index(const struct job *job, size_t l, size_t i, size_t j) {
    size_t b = (size_t)blocking.width[l], to = (size_t)blocking.width[l + 1];
    return ((j / to * (job->sizes[l] / b) + i / b) * b + i % b) * to + j % to;
}

static void reset(const struct job *job) {
    const float *values = job->start;
    for (size_t l = 0; l < job->layers; l++) {
        size_t inputs = job->sizes[l], outputs = job->sizes[l + 1];
        for (size_t i = 0; i < inputs; i++)
            for (size_t j = 0; j < outputs; j++)
                parameters[l].weights[weight_index(job, l, i, j)] = *values++;
        memcpy(parameters[l].biases, values, outputs * sizeof *values);
        values += outputs;
    }
}

static void in_file_order(size_t count) {
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
}

static void steps(const struct job *job, size_t samples) {
    in_file_order(samples);
    train(job, samples);
}

static void epoch(const struct job *job) {
    in_file_order(job->train_count);
    for (size_t i = job->shuffle ? job->train_count - 1 : 0; i > 0; i--) {
        size_t other = (size_t)rand() % (i + 1);
        uint32_t sample = order[i];
        order[i] = order[other];
        order[other] = sample;
    }
    train(job, job->train_count);
}

/* A layer for one sample, from weights in plain rows. */
static void predict(const float *weights, const float *biases, size_t inputs, size_t outputs, bool relu,
                    const float *from, float *to) {
    memcpy(to, biases, outputs * sizeof *to);
    for (size_t i = 0; i < inputs; i++)
        for (size_t j = 0; from[i] != 0.0f && j < outputs; j++)
            to[j] += from[i] * weights[i * outputs + j];
    for (size_t j = 0; relu && j < outputs; j++)
        to[j] = to[j] > 0.0f ? to[j] : 0.0f;
}

static void softmax(float *values, size_t count) {
    float most = values[0], sum = 0.0f;
    for (size_t j = 1; j < count; j++)
        most = values[j] > most ? values[j] : most;
    for (size_t j = 0; j < count; j++)
        sum += values[j] = expf(values[j] - most);
    for (size_t j = 0; j < count; j++)
        values[j] /= sum;
}

static float *plain_weights(const struct job *job, size_t l) {
    size_t inputs = job->sizes[l], outputs = job->sizes[l + 1];
    float *plain = must_allocate(inputs * outputs, sizeof *plain);
    for (size_t i = 0; i < inputs; i++)
        for (size_t j = 0; j < outputs; j++)
            plain[i * outputs + j] = parameters[l].weights[weight_index(job, l, i, j)];
    return plain;
}

static void outputs(const struct job *job, float *values) {
    size_t widest = 0, classes = job->sizes[job->layers];
    float *weights[MAX_LAYERS], *from, *to;
    for (size_t l = 0; l <= job->layers; l++)
        widest = job->sizes[l] > widest ? job->sizes[l] : widest;
    for (size_t l = 0; l < job->layers; l++)
        weights[l] = plain_weights(job, l);
    from = must_allocate(widest, sizeof *from);
    to = must_allocate(widest, sizeof *to);

    for (size_t i = 0; i < job->test_count; i++) {
        for (size_t j = 0; j < job->sizes[0]; j++)
            from[j] = (float)job->test_images[i * job->sizes[0] + j] / 256;
        for (size_t l = 0; l < job->layers; l++) {
            float *swap = from;
            predict(weights[l], parameters[l].biases, job->sizes[l], job->sizes[l + 1], l + 1 < job->layers,
                    from, to);
            from = to;
            to = swap;
        }
        softmax(from, classes);
        memcpy(values + i * classes, from, classes * sizeof *values);
    }
    for (size_t l = 0; l < job->layers; l++)
        free(weights[l]);
    free(from);
    free(to);
}

/* ---- The search ---- */

/* The blocks that divide a size; a small size is one block. */
static size_t candidates(int size, int *blocks) {
    size_t count = 0;
    for (int block = LEAST_BLOCK; block <= MOST_BLOCK && block <= size && count < MOST_CANDIDATES - 1;
         block++)
        if (size % block == 0)
            blocks[count++] = block;
    if (count == 0)
        blocks[count++] = size;
    return count;
}

/* Of whole mini-batches. */
static size_t trial_samples(const struct job *job) {
    size_t count = TRIAL_SAMPLES < job->train_count ? TRIAL_SAMPLES : job->train_count;
    return count < job->batch ? job->batch : count / job->batch * job->batch;
}

/* Seconds that a sample takes. */
static double trial(const struct job *job) {
    size_t count = trial_samples(job);
    double best = 1e9;
    free_network(job);
    make_network(job);
    reset(job);
    in_file_order(count);
    for (int i = 0; i <= TRIALS; i++) { /* the first is to warm up */
        double started = now();
        train(job, count);
        double seconds = (now() - started) / (double)count;
        best = i > 0 && seconds < best ? seconds : best;
    }
    return best;
}

/* Whether the weights after a trial are those that the first one led to. With some blocks version 1.17 computes something
   else. */
static bool agrees(const struct job *job) {
    static float *reference[MAX_LAYERS];
    bool same = true;
    for (size_t l = 0; l < job->layers; l++) {
        float *weights = plain_weights(job, l);
        if (reference[l] == NULL) {
            reference[l] = weights;
            continue;
        }
        for (size_t i = 0; i < job->sizes[l] * job->sizes[l + 1]; i++)
            same = same && fabsf(weights[i] - reference[l][i]) <= 1e-3f;
        free(weights);
    }
    return same;
}

/* Tries all blocks in one place, the others as they are; keeps the fastest. */
static void improve(const struct job *job, int size, int *place, double *best) {
    int blocks[MOST_CANDIDATES], chosen = *place;
    size_t count = candidates(size, blocks);
    for (size_t i = 0; i < count; i++) {
        if (blocks[i] == chosen)
            continue;
        *place = blocks[i];
        double seconds = trial(job);
        if (seconds < *best && agrees(job)) {
            *best = seconds;
            chosen = blocks[i];
        }
    }
    *place = chosen;
}

static void choose(const struct job *job) {
    double first = trial(job), best = first;
    agrees(job); /* keeps its weights */
    for (int round = 0; round < 2; round++) {
        improve(job, (int)job->batch, &blocking.samples, &best);
        for (size_t l = 0; l <= job->layers; l++)
            improve(job, (int)job->sizes[l], &blocking.width[l], &best);
    }
    double last = trial(job);

    printf("{\"settings\": \"%s, blocks of %d samples and of ", libxsmm_get_target_arch(), blocking.samples);
    for (size_t l = 0; l <= job->layers; l++)
        printf("%s%d", l > 0 ? "-" : "", blocking.width[l]);
    printf(" values, %.2f times as fast as those nearest to 32 and 64; gathering %.0f %% of the time; %u "
           "thread%s\"}\n",
           first / best, 100.0 * gathering / (last * (double)trial_samples(job)), job->threads,
           job->threads > 1 ? "s" : "");
}

/* The block nearest to a wanted one. */
static int nearest(int size, int wanted) {
    int blocks[MOST_CANDIDATES];
    size_t count = candidates(size, blocks);
    int best = blocks[0];
    for (size_t i = 1; i < count; i++)
        best = abs(blocks[i] - wanted) < abs(best - wanted) ? blocks[i] : best;
    return best;
}

static void hello(const struct job *job) {
    size_t inputs = job->sizes[0];
    if (job->quadratic || job->adamw || job->dropout > 0.0f || job->batch > job->train_count)
        give_up("LIBXSMM", "relu, softmax, plain gradient descent, and a mini-batch or more were expected");
    images = must_allocate(job->train_count * inputs, sizeof *images);
    for (size_t i = 0; i < job->train_count * inputs; i++)
        images[i] = (float)job->train_images[i] / 256;
    order = must_allocate(job->train_count, sizeof *order);

    blocking.samples = nearest((int)job->batch, 32);
    for (size_t l = 0; l <= job->layers; l++)
        blocking.width[l] = nearest((int)job->sizes[l], 64);
    make_network(job);
    reset(job);
    printf("{\"version\": \"%s\"}\n", PEER_VERSION);
}

int main(int argc, char **argv) {
    static const struct contestant libxsmm = {hello, reset, steps, epoch, outputs, choose};
    libxsmm_init();
    return serve(argc, argv, &libxsmm);
}
