/*
 * What the contestants written in C share: the job from the command line, the data that tools/peers/compare
 * prepared, and the dialogue with it. A contestant waits, blocked on its standard input, for one command a
 * line and answers with one line of JSON:
 *
 *   hello          version and settings
 *   steps K FILE   from the start, K mini-batches in file order, and one as short as the last of an epoch; then the test
 *                  images' outputs to FILE
 *   choose         settle on the fastest of several ways, if there are several
 *   reset          back to the start
 *   epoch          one pass over the training images; "seconds" of it on the monotonic clock
 *   test           accuracy on the test images
 *
 * worker.py is the same for contestants written in Python.
 */
#ifndef NATIVE_H
#define NATIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_LAYERS = 64 };
#define ADAMW_DECAY 0.01 /* as job.py has it */

struct job {
    const char *folder; /* train.images, train.labels, test.images, test.labels: bytes; start.floats */
    size_t sizes[MAX_LAYERS + 1]; /* layer 0 is the inputs */
    size_t layers;                /* of weights */
    size_t batch;
    double rate;
    bool quadratic; /* sigmoids and quadratic loss; otherwise relu and softmax */
    bool shuffle;
    unsigned threads;
    const char *sparse;
    bool adamw;    /* and not plain gradient descent */
    float dropout; /* share of the hidden units that are left out */
    size_t train_count, test_count;
    uint8_t *train_images, *train_labels, *test_images, *test_labels; /* [count][sizes[0]], [count] */
    float *start; /* layer by layer: weights [inputs][outputs], biases [outputs] */
};

static inline void give_up(const char *what, const char *detail) {
    fprintf(stderr, "%s: %s\n", what, detail);
    exit(1);
}

static inline void *must_allocate(size_t count, size_t size) {
    void *memory = calloc(count ? count : 1, size);
    if (memory == NULL)
        give_up("out of memory", "too much data");
    return memory;
}

/* The whole of a file of the job's folder, and its size. */
static inline void *read_file(const char *folder, const char *name, size_t *size) {
    char path[4096];
    FILE *file;
    long length;
    void *bytes;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (length = ftell(file)) < 0)
        give_up("cannot read", path);
    rewind(file);
    bytes = must_allocate((size_t)length, 1);
    *size = fread(bytes, 1, (size_t)length, file);
    if (*size != (size_t)length)
        give_up("cannot read", path);
    fclose(file);
    return bytes;
}

/* arguments: folder layers(784,16,10) batch rate softmax|quadratic shuffle(0|1) threads sparse sgd|adamw
   dropout */
static inline void read_job(int argc, char **argv, struct job *job) {
    size_t size;
    char *at;
    if (argc != 11)
        give_up("usage", "FOLDER SIZES BATCH RATE LOSS SHUFFLE THREADS SPARSE OPTIMIZER DROPOUT; "
                         "tools/peers/compare calls this");
    *job = (struct job){.folder = argv[1],
                        .batch = strtoull(argv[3], NULL, 10),
                        .rate = strtod(argv[4], NULL),
                        .quadratic = strcmp(argv[5], "quadratic") == 0,
                        .shuffle = strcmp(argv[6], "1") == 0,
                        .threads = (unsigned)strtoul(argv[7], NULL, 10),
                        .sparse = argv[8],
                        .adamw = strcmp(argv[9], "adamw") == 0,
                        .dropout = strtof(argv[10], NULL)};
    at = argv[2];
    for (size_t i = 0; i <= MAX_LAYERS && *at != '\0'; i++) {
        job->sizes[i] = strtoull(at, &at, 10);
        job->layers = i;
        at += *at == ',';
    }
    job->train_images = read_file(job->folder, "train.images", &size);
    job->train_labels = read_file(job->folder, "train.labels", &job->train_count);
    if (size != job->train_count * job->sizes[0])
        give_up(job->folder, "as many training images as labels were expected");
    job->test_images = read_file(job->folder, "test.images", &size);
    job->test_labels = read_file(job->folder, "test.labels", &job->test_count);
    if (size != job->test_count * job->sizes[0])
        give_up(job->folder, "as many test images as labels were expected");
    job->start = read_file(job->folder, "start.floats", &size);
}

static inline double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* What a contestant provides. outputs: [test_count][classes]. */
struct contestant {
    void (*hello)(const struct job *job); /* prints its line */
    void (*reset)(const struct job *job);
    void (*steps)(const struct job *job, size_t samples); /* the first `samples`, in file order */
    void (*epoch)(const struct job *job);
    void (*outputs)(const struct job *job, float *outputs);
    void (*choose)(const struct job *job); /* prints its line; NULL: there is one way only */
};

static inline double accuracy(const struct job *job, const float *outputs) {
    size_t classes = job->sizes[job->layers], correct = 0;
    for (size_t i = 0; i < job->test_count; i++) {
        const float *row = outputs + i * classes;
        size_t best = 0;
        for (size_t j = 1; j < classes; j++)
            best = row[j] > row[best] ? j : best;
        correct += best == job->test_labels[i];
    }
    return (double)correct / (double)job->test_count;
}

static inline void answer_steps(const struct job *job, const struct contestant *contestant, char *arguments,
                                float *outputs) {
    size_t count = job->test_count * job->sizes[job->layers], steps = strtoull(arguments, &arguments, 10);
    FILE *file;
    contestant->reset(job);
    contestant->steps(job, steps * job->batch + job->train_count % job->batch);
    contestant->outputs(job, outputs);
    file = fopen(arguments + 1, "wb");
    if (file == NULL || fwrite(outputs, sizeof(float), count, file) != count || fclose(file) != 0)
        give_up("cannot write", arguments + 1);
    printf("{}\n");
}

static inline int serve(int argc, char **argv, const struct contestant *contestant) {
    struct job job;
    char line[4096];
    float *outputs;
    read_job(argc, argv, &job);
    outputs = must_allocate(job.test_count * job.sizes[job.layers], sizeof(float));
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "hello") == 0) {
            contestant->hello(&job);
        } else if (strncmp(line, "steps ", 6) == 0) {
            answer_steps(&job, contestant, line + 6, outputs);
        } else if (strcmp(line, "reset") == 0) {
            contestant->reset(&job);
            printf("{}\n");
        } else if (strcmp(line, "epoch") == 0) {
            double started = now();
            contestant->epoch(&job);
            printf("{\"seconds\": %.9f}\n", now() - started);
        } else if (strcmp(line, "test") == 0) {
            contestant->outputs(&job, outputs);
            printf("{\"accuracy\": %.6f}\n", accuracy(&job, outputs));
        } else if (strcmp(line, "choose") == 0 && contestant->choose != NULL) {
            contestant->choose(&job);
        } else {
            printf("{}\n");
        }
        fflush(stdout);
    }
    return 0;
}

#endif
