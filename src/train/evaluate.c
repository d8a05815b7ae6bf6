#include "base/argument.h"
#include "base/memory.h"
#include "base/sized.h"
#include "base/status.h"
#include "base/team.h"
#include "net/network.h"
#include "train/answers.h"
#include "train/batch.h"
#include "train/trainer.h"

enum { EVALUATION_BLOCK = 96 };

struct evaluation {
    const minnow_network *network;
    const minnow_dataset *dataset;
    size_t input_stride, widest;
    float *scratch;      /* per thread: [EVALUATION_BLOCK][input_stride], then network_scratch */
    size_t scratch_size; /* of one thread, in floats */
    float *loss;         /* [count] */
    uint32_t *predicted; /* [count] */
    uint32_t *right;     /* [count], of data with targets; else NULL */

    /* Where class weights multiply targets, as in training: per thread [EVALUATION_BLOCK][classes]. Else NULL. */
    float *weighted;

    struct comm_link *link; /* to the other ranks; NULL: alone */
    struct range own;       /* the samples that are evaluated here */
};

/* The targets of m samples, each times the weight of its class. */
static struct matrix weigh_targets(const struct evaluation *e, unsigned thread, size_t m,
                                   const struct matrix *target) {
    size_t classes = e->dataset->classes;
    struct matrix weighted = {e->weighted + thread * EVALUATION_BLOCK * classes, classes};
    for (size_t i = 0; i < m; i++)
        for (size_t c = 0; c < classes; c++)
            weighted.data[i * classes + c] =
                target->data[i * target->stride + c] * e->dataset->class_weights[c];
    return weighted;
}

static void evaluate_slice(struct team_member member, void *context) {
    struct evaluation *e = context;
    const struct kernels *kernels = e->network->kernels;
    float *x = e->scratch + member.index * e->scratch_size, *layers = x + EVALUATION_BLOCK * e->input_stride;
    size_t begin, end;
    team_slice(member, e->own.end - e->own.begin, EVALUATION_BLOCK, &begin, &end);
    begin += e->own.begin;
    end += e->own.begin;
    for (size_t first = begin; first < end; first += EVALUATION_BLOCK) {
        size_t m = size_min(EVALUATION_BLOCK, end - first);
        float *z;
        if (dataset_is_sparse(e->dataset)) {
            const struct sparse_features *sparse = &e->dataset->sparse;
            struct sparse_rows rows = {sparse->start + first, sparse->start + first + 1, sparse->index,
                                       sparse->value};
            z = network_logits_sparse(e->network, m, &rows, layers);
        } else {
            batch_gather(kernels, e->dataset, first, NULL, m, x, e->input_stride);
            z = network_logits(e->network, m, x, e->input_stride, layers);
        }
        kernels->argmax(m, e->dataset->classes, z, e->widest, e->predicted + first);
        if (e->dataset->targets == NULL) {
            network_loss(e->network, m, z, e->widest, e->dataset->labels + first, 1.0f, e->loss + first);
            continue;
        }
        struct matrix target = {e->dataset->targets + first * e->dataset->classes, e->dataset->classes};
        network_right(e->network, m, z, e->widest, &target, e->right + first);
        if (e->weighted != NULL)
            target = weigh_targets(e, member.index, m, &target);
        network_target_loss(e->network, m, z, e->widest, &target, 1.0f, e->loss + first);
    }
}

/* In sample order and in double, so that the threads leave no trace. */
static void sum_up(const struct evaluation *e, minnow_evaluation *out) {
    double loss = 0.0, weight = 0.0;
    size_t count = e->dataset->count, correct = 0;
    for (size_t i = 0; i < count; i++) {
        double own = dataset_weight(e->dataset, i);
        loss += (e->weighted != NULL ? dataset_own_weight(e->dataset, i) : own) * (double)e->loss[i];
        weight += own;
        correct += e->right != NULL ? e->right[i] : e->predicted[i] == e->dataset->labels[i];
    }
    minnow_evaluation own = {.total = count, .correct = correct, .loss = loss / weight};
    sized_write(&own, sizeof own, out);
}

void minnow_evaluation_init(minnow_evaluation *evaluation, size_t size) {
    sized_init(evaluation, size, &(minnow_evaluation){0}, sizeof(minnow_evaluation));
}

static struct range samples_of(const struct evaluation *e, unsigned rank) {
    struct team_member member = {rank, e->link != NULL ? e->link->ranks : 1, NULL};
    struct range range;
    team_slice(member, e->dataset->count, EVALUATION_BLOCK, &range.begin, &range.end);
    return range;
}

/* What each rank has found, to all, so that all come to the same. */
static minnow_status gather(const struct evaluation *e) {
    size_t begin[RANKS_MOST + 1];
    if (e->link == NULL)
        return MINNOW_OK;
    for (unsigned r = 0; r < e->link->ranks; r++)
        begin[r] = samples_of(e, r).begin * sizeof *e->loss;
    begin[e->link->ranks] = e->dataset->count * sizeof *e->loss;
    minnow_status status = link_all_gather(e->link, e->loss, begin, TAG_GATHER);
    if (status == MINNOW_OK)
        status = link_all_gather(e->link, e->predicted, begin, TAG_GATHER);
    if (status == MINNOW_OK && e->right != NULL)
        status = link_all_gather(e->link, e->right, begin, TAG_GATHER);
    return status;
}

static minnow_status evaluate(const minnow_network *network, const minnow_dataset *dataset, unsigned threads,
                              struct comm_link *link, minnow_evaluation *out, uint32_t *predicted) {
    sized_write(&(minnow_evaluation){0}, sizeof(minnow_evaluation), out);
    size_t features = network->layers[0].inputs;
    minnow_status status = network_check_data(network, dataset);
    if (status == MINNOW_OK)
        status = answers_check_weights(network, dataset, false);
    if (status != MINNOW_OK)
        return status;
    size_t blocks = (dataset->count + EVALUATION_BLOCK - 1) / EVALUATION_BLOCK;
    threads = (unsigned)size_min(team_threads(threads), blocks);
    struct evaluation e = {
        .network = network, .dataset = dataset, .widest = network_widest(network), .link = link};
    e.own = samples_of(&e, link != NULL ? link->rank : 0);
    e.input_stride = dataset_is_sparse(dataset) ? 0 : size_round_up(features, CACHE_LINE_FLOATS);
    e.scratch_size = EVALUATION_BLOCK * e.input_stride + network_scratch(network, EVALUATION_BLOCK);
    e.scratch = memory_allocate(threads, e.scratch_size * sizeof(float));
    e.loss = memory_allocate(dataset->count, sizeof *e.loss);
    e.predicted = predicted != NULL ? predicted : memory_allocate(dataset->count, sizeof *predicted);
    if (dataset->targets != NULL)
        e.right = memory_allocate(dataset->count, sizeof *e.right);
    bool weighs_targets = dataset->targets != NULL && dataset->class_weights != NULL;
    if (weighs_targets) /* the check above lets it pass only with a loss for which they do */
        e.weighted = memory_allocate(threads * EVALUATION_BLOCK, dataset->classes * sizeof *e.weighted);
    if (e.scratch == NULL || e.loss == NULL || e.predicted == NULL ||
        (dataset->targets != NULL && e.right == NULL) || (weighs_targets && e.weighted == NULL)) {
        status = fail_memory("an evaluation");
        if (link != NULL)
            link_leave(link);
    } else {
        team_run(threads, evaluate_slice, &e);
        status = gather(&e);
        if (status == MINNOW_OK)
            sum_up(&e, out);
    }
    if (e.predicted != predicted)
        memory_free(e.predicted);
    memory_free(e.right);
    memory_free(e.weighted);
    memory_free(e.loss);
    memory_free(e.scratch);
    return status;
}

minnow_status minnow_network_evaluate(const minnow_network *network, const minnow_dataset *dataset,
                                      unsigned threads, minnow_evaluation *out, uint32_t *predicted) {
    if (!GIVEN(network) || !GIVEN(dataset) || sized_check("evaluation", out) != MINNOW_OK)
        return MINNOW_ERROR_ARGUMENT;
    return evaluate(network, dataset, threads, NULL, out, predicted);
}

minnow_status minnow_trainer_evaluate(minnow_trainer *trainer, const minnow_dataset *dataset,
                                      minnow_evaluation *out, uint32_t *predicted) {
    if (!GIVEN(trainer) || !GIVEN(dataset) || sized_check("evaluation", out) != MINNOW_OK)
        return MINNOW_ERROR_ARGUMENT;
    struct ranks *ranks = trainer->plan->ranks;
    return evaluate(trainer->network, dataset, trainer->config.threads, ranks != NULL ? &ranks->link : NULL,
                    out, predicted);
}
