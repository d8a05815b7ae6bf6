/*
 * A stage of the training step: one layer of the network, in one way of carrying it out (its kind). All kinds
 * give the same bits; they differ in how they hold what the layer reads, and in which kernels they call.
 *
 * Ranges of samples count within the mini-batch. Calls for different ranges may run on different threads at
 * the same time. A range of columns or inputs is the whole width, or begins and ends at multiples of 16 or the end.
 */
#ifndef MINNOW_TRAIN_STAGES_STAGE_H
#define MINNOW_TRAIN_STAGES_STAGE_H

#include "base/memory.h"
#include "data/augmentation/distortion.h"
#include "data/dataset.h"
#include "net/network.h"
#include "train/dropout.h"

struct range {
    size_t begin, end;
};

/* How samples of a mini-batch are mixed: each has this share of itself, and the rest of its partner, sample
   i + shift of the mini-batch, round its end. A share of 1: not at all. */
struct mixing {
    float share;
    size_t shift;
};

/* Consecutive samples of an epoch, which are propagated together and then update the parameters once. */
struct minibatch {
    const uint32_t *order; /* [the dataset's count]: the epoch's samples; NULL: the dataset's own order */
    size_t position;       /* of its first sample in that order */
    size_t count;
    uint32_t epoch; /* from 0 */
    struct mixing mixing;
    float loss_scale; /* 1 / count, which makes the gradient that of the mean loss */
    double weighing;  /* of weighted samples: count / the sum of their weights, or 0 where that is 0 */

    /* The optimiser's constants, for weights and for biases. */
    struct update update, bias_update;
};

/* The dataset's number of the sample at a position of the epoch's order. */
static inline size_t minibatch_sample(const struct minibatch *batch, size_t position) {
    return batch->order != NULL ? batch->order[position] : position;
}

/* The position in the epoch's order of the sample that sample i is mixed with. */
static inline size_t minibatch_partner(const struct minibatch *batch, size_t i) {
    return batch->position + (i + batch->mixing.shift) % batch->count;
}

/* A gradient's sum over consecutive samples of a mini-batch, in order, and what it ends in: an update, or, by the rule STORE,
   a place of its own. */
struct gradient_sum {
    struct range samples;
    const struct update *update;
    const struct trained
        *to; /* [rows][outputs], from row `first_row` of the weights on; or biases [outputs] */
    size_t first_row;
    bool
        renews_copy; /* the weights change, and no later phase changes them: their transposed copy is made anew */
    bool arranged; /* arrange has been called, by all threads for all inputs */
};

/* What a stage is asked to be. */
struct stage_request {
    const minnow_network *network;
    const minnow_dataset *dataset;
    size_t layer;
    size_t batch;   /* samples of the largest mini-batch */
    bool distorted; /* whether the samples are distorted when they are loaded */
    bool filled;    /* whether samples are perturbed when they are loaded so that hardly a feature is 0 */
    bool dropped;   /* whether the layer's inputs are units that dropout leaves out */
    double
        density; /* the share of the layer's inputs that are not 0; 1 behind the first layer without dropout */
    unsigned threads;  /* that will call update at the same time */
    unsigned indexing; /* threads that may index the dataset when the stage is opened; 0: OpenMP's choice */
    double applying;   /* multiply-adds that take as long as the optimiser takes for a weight */
};

struct stage {
    const struct stage_kind *kind;
    const struct kernels *kernels;
    const minnow_dataset *dataset;
    const struct distortion *distortion;     /* of the samples, or NULL */
    const struct perturbation *perturbation; /* of the samples beside that, or NULL */
    size_t inputs, outputs;
    enum activation activation;
    struct stage *before; /* NULL for the first stage */

    struct matrix weights; /* [inputs][outputs], the network's own */
    float *biases;         /* [outputs], the network's own */
    struct matrix
        transposed; /* [outputs][inputs]: a copy for the backward pass; no data in the first stage */

    /* Where sums over the mini-batch end: the weights [inputs][outputs] and biases [outputs] above with what the
       optimiser keeps beside them; or, if the gradient must be known as a whole before it is applied, that
       gradient, which is stored for a phase of its own. */
    struct trained to, biases_to;
    bool stores_gradient;
    bool renews_copy; /* update makes the transposed copy anew: no later phase changes the weights */

    /* [batch][inputs]: the output of the stage before. No data where the kind keeps the samples in a form of
       its own. */
    struct matrix input;
    /* [batch][outputs]: z = input·weights + biases. The output itself, unless the activation's derivative must
       be told from z. */
    struct matrix sums;
    /* [batch][outputs]: activation(z); in the last stage the logits. */
    struct matrix output;
    /* [batch][outputs]: ∂loss/∂z; in the last stage it takes the place of the logits. */
    struct matrix delta;

    struct dropout dropout; /* of the outputs, which the stage behind then reads from there; share 0: none */

    float *arena; /* holds what is the stage's own of these */
    void *own;    /* the kind's */
};

/* One way to carry out a layer: a row of KINDS (plan_create.c). */
struct stage_kind {
    const char *name;
    const char *help;        /* one line for --explain-plan */
    bool skips_zeros;        /* of the dataset, by bytes or lists; what --sparse chooses */
    bool gathers_itself;     /* in the first stage: the kind needs no input matrix */
    double seek_nanoseconds; /* that each thread takes in each sample before it can update */

    bool (*fits)(const struct stage_request *);

    /* Multiply-adds of one input's products for one sample, in forward or update; a share `filled` of the
       samples have an input that is not 0. */
    double (*product_work)(const struct stage_request *, double filled);
    /* Multiply-adds of updating one input's row of weights, over all samples of the mini-batch. */
    double (*update_work)(const struct stage_request *, double filled);

    /* The kind's own memory, if it has any. Errors: MEMORY; then nothing is kept. */
    minnow_status (*open)(struct stage *, const struct stage_request *);
    void (*close)(struct stage *);

    /* First stage only: brings in the samples of the range. `thread` tells apart who calls. */
    void (*load)(struct stage *, const struct minibatch *, struct range samples, unsigned thread);
    /* sums = input·weights + biases, through `act`: these columns of them. */
    void (*forward)(struct stage *, struct range samples, struct range columns, enum activation act);
    /* The delta of these outputs of the stage before, from this one's. Never called for the first stage. */
    void (*backward)(struct stage *, struct range samples, struct range inputs);
    /* Arranges these inputs of the samples as update reads them, which does so itself if the sum does not say that this was
       done. NULL: nothing is to be arranged. */
    void (*arrange)(struct stage *, struct range samples, struct range inputs);
    /* The sum for this rectangle of weights; also their transposed copy, where the sum says so. `thread` tells apart who
       calls. */
    void (*update)(struct stage *, const struct gradient_sum *, struct range rows, struct range columns,
                   unsigned thread);
    void (*update_biases)(struct stage *, const struct gradient_sum *);
};

/* What update ends in, and where the row of weights is. */
static inline const struct update *stage_update(const struct stage *stage, const struct update *update) {
    static const struct update store = {.rule = UPDATE_STORE};
    return stage->stores_gradient ? &store : update;
}

static inline struct trained stage_row(const struct stage *stage, size_t row) {
    return trained_at(&stage->to, row * stage->to.ld);
}

static inline struct trained gradient_sum_at(const struct gradient_sum *sum, size_t row, size_t column) {
    return trained_at(sum->to, (row - sum->first_row) * sum->to->ld + column);
}

static inline size_t range_count(struct range range) {
    return range.end - range.begin;
}

/* What a call for the whole width of a layer is given. */
static inline struct range stage_columns(const struct stage *stage) {
    return (struct range){0, stage->outputs};
}

extern const struct stage_kind stage_dense, stage_bytes, stage_lists, stage_one, stage_one_listed,
    stage_units;

/* ---- What kinds share (dense.c) ---- */

/* What a stage's activation's derivative is a function of: its output, or its weighted sums. */
static inline struct matrix stage_derivative_source(const struct stage *stage) {
    return activation_derivative_needs_input(stage->activation) ? stage->sums : stage->output;
}

/* Shuffled samples lie anywhere in memory: each is prefetched some samples before it is needed, even when that
   will be in the next mini-batch. Nothing happens behind the epoch's last position. Inlined in any case: GCC 12
   takes a function that only prefetches for one without effect, and drops calls of it. */
__attribute__((always_inline)) static inline void
stage_prefetch_sample(const struct stage *stage, const struct minibatch *batch, size_t position) {
    const minnow_dataset *dataset = stage->dataset;
    if (position >= dataset->count)
        return;

    size_t size = stage->inputs * (dataset->bytes != NULL ? 1 : sizeof *dataset->values);
    const char *sample =
        dataset->bytes != NULL ? (const char *)dataset->bytes : (const char *)dataset->values;
    sample += minibatch_sample(batch, position) * size;
    for (size_t at = 0; at < size; at += CACHE_LINE)
        __builtin_prefetch(sample + at);
}

/* Distorts the sample at a position of the epoch's order into features, and fetches what the next one will be made
   from. */
void stage_distort_floats(const struct stage *stage, const struct minibatch *batch, size_t position,
                          unsigned thread, float *out);
void stage_prefetch_distorted(const struct stage *stage, const struct minibatch *batch, size_t position);

void stage_load_floats(struct stage *stage, const struct minibatch *batch, struct range samples,
                       unsigned thread);
void stage_backward(struct stage *stage, struct range samples, struct range inputs);
void stage_update_biases(struct stage *stage, const struct gradient_sum *sum);

/* Makes the transposed copy of this rectangle of weights anew. */
void stage_renew_copy(const struct stage *stage, struct range rows, struct range columns);

/* Rows of weights that are best updated together, so that they are still in the cache when they are copied. */
size_t stage_piece_rows(const struct stage *stage);

/* Multiply-adds of a product that multiplies zeros too, and of a row's update. */
double stage_dense_work(const struct stage_request *request, double filled);
double stage_dense_update_work(const struct stage_request *request, double filled);

/* The outputs of the layer in whole vectors, as the kernels compute them. */
static inline double stage_width(const struct stage_request *request) {
    size_t outputs = request->network->layers[request->layer].outputs;
    return (double)size_round_up(outputs, CACHE_LINE_FLOATS);
}

/* Multiply-adds that bringing a row of weights, and of its transposed copy, through the cache takes. */
double stage_row_work(const struct stage_request *request);

/* Nothing to open or close. */
minnow_status stage_open_nothing(struct stage *stage, const struct stage_request *request);
void stage_close_nothing(struct stage *stage);

#endif
