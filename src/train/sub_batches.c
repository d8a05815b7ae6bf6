#include "train/sub_batches.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"

/* The rules by which a sum takes the place of what was there, and by which it is added to that: w - (-1) · s is rounded
   once, as w + s is. */
static const struct update STORE = {.rule = UPDATE_STORE}, ADD = {.rule = UPDATE_PLAIN, .rate = -1.0f};

struct sub_batches sub_batches_of(const minnow_training_config *config) {
    unsigned rank = config->comm != NULL ? config->comm->rank : 0;
    size_t each = config->sub_batches / (config->comm != NULL ? config->comm->ranks : 1);
    return (struct sub_batches){.count = config->sub_batches, .first = rank * each, .end = (rank + 1) * each};
}

bool sub_batches_are_shared(const struct sub_batches *sub) {
    return sub->end - sub->first < sub->count;
}

struct range sub_batches_samples(size_t sub_batches, size_t first, size_t end, size_t count) {
    return (struct range){(first * count + sub_batches - 1) / sub_batches,
                          (end * count + sub_batches - 1) / sub_batches};
}

/* ---- The tree ---- */

static bool are_siblings(const struct tree_node *left, const struct tree_node *right) {
    return left->count == right->count && left->first % (2 * left->count) == 0;
}

/* Adds the last node to the one before it. */
static void add_last(struct tree *tree, const struct tree_shape *shape) {
    struct tree_node *left = &tree->nodes[tree->depth - 2], *right = &tree->nodes[tree->depth - 1];
    struct trained to = {.w = left->sum, .ld = shape->stride};
    shape->kernels->apply_update(shape->rows, shape->outputs, right->sum, shape->stride, &ADD, &to);
    left->count += right->count;
    tree->depth--;
}

static void add_siblings(struct tree *tree, const struct tree_shape *shape) {
    while (tree->depth > 1 && are_siblings(&tree->nodes[tree->depth - 2], &tree->nodes[tree->depth - 1]))
        add_last(tree, shape);
}

void tree_push(struct tree *tree, const struct tree_shape *shape, struct tree_node node) {
    tree->nodes[tree->depth++] = node;
    add_siblings(tree, shape);
}

void tree_finish(struct tree *tree, const struct tree_shape *shape) {
    while (tree->depth > 1)
        add_last(tree, shape);
}

/* ---- Memory ---- */

/* A piece of rows and the nodes above it stay in the second level of cache. A multiple of every table's tile rows. */
size_t sub_batches_piece(const struct stage *stage) {
    enum { PIECE_FLOATS = 16384, PIECE_GRAIN = 24 };
    return (PIECE_FLOATS / stage->weights.stride / PIECE_GRAIN + 1) * PIECE_GRAIN;
}

static size_t bias_stride(const struct stage *stage) {
    return size_round_up(stage->outputs, CACHE_LINE_FLOATS);
}

/* The most nodes side by side: two of each size below the whole, as a rank's sub-batches may begin anywhere. */
static size_t depth_most(size_t sub_batches) {
    size_t depth = 2;
    for (; sub_batches > 1; sub_batches /= 2)
        depth += 2;
    return depth;
}

minnow_status sub_batches_open(struct sub_batches *sub, const struct stage *stages, size_t stage_count,
                               unsigned threads) {
    size_t most = 0;
    for (size_t l = 0; sub->count > 1 && l < stage_count; l++) {
        size_t rows = size_min(sub_batches_piece(&stages[l]), stages[l].inputs);
        size_t floats = rows * stages[l].weights.stride;
        most = floats > most ? floats : most;
        most = bias_stride(&stages[l]) > most ? bias_stride(&stages[l]) : most;
    }
    sub->scratch_floats = depth_most(sub->count) * size_round_up(most, CACHE_LINE_FLOATS);
    if (sub->count == 1)
        return MINNOW_OK;
    sub->scratch = memory_allocate(threads, sub->scratch_floats * sizeof *sub->scratch);
    return sub->scratch != NULL ? MINNOW_OK : fail_memory("the sums of sub-batches");
}

void sub_batches_close(struct sub_batches *sub) {
    memory_free(sub->scratch);
    sub->scratch = NULL;
}

/* ---- Sums ---- */

/* Which gradient is summed: of rows of a stage's weights, or, without rows, of its biases. */
struct summed {
    struct stage *stage;
    struct range rows;
    bool biases;
    unsigned thread;
};

static void sum_samples(const struct summed *summed, const struct gradient_sum *sum) {
    if (summed->biases)
        summed->stage->kind->update_biases(summed->stage, sum);
    else
        summed->stage->kind->update(summed->stage, sum, summed->rows, stage_columns(summed->stage),
                                    summed->thread);
}

/* A sub-batch that is a right sibling is added to the left one as it is summed. One without samples has a sum of +0,
   which no sum that has ended (+ 0.0f) is changed by. */
static void sum_sub_batch(const struct sub_batches *sub, const struct summed *summed,
                          const struct tree_shape *shape, size_t index, size_t samples, struct tree *tree) {
    size_t size = shape->rows * shape->stride;
    float *scratch = sub->scratch + summed->thread * sub->scratch_floats;
    bool adds = index % 2 == 1 && index > sub->first;
    struct tree_node node = {index, 1, scratch + (tree->depth - (adds ? 1 : 0)) * size};
    struct trained to = {.w = node.sum, .ld = shape->stride};
    struct gradient_sum sum = {.samples = sub_batches_samples(sub->count, index, index + 1, samples),
                               .update = adds ? &ADD : &STORE,
                               .to = &to,
                               .first_row = summed->rows.begin};

    if (sum.samples.begin < sum.samples.end)
        sum_samples(summed, &sum);
    else if (!adds)
        memset(node.sum, 0, size * sizeof *node.sum);
    if (adds)
        tree->nodes[tree->depth - 1].count = 2;
    else
        tree->nodes[tree->depth++] = node;
    add_siblings(tree, shape);
}

static void sum_all(const struct sub_batches *sub, const struct summed *summed,
                    const struct tree_shape *shape, size_t samples, struct tree *tree) {
    tree->depth = 0;
    for (size_t index = sub->first; index < sub->end; index++)
        sum_sub_batch(sub, summed, shape, index, samples, tree);
}

static struct tree_shape shape_of(const struct stage *stage, struct range rows) {
    return (struct tree_shape){stage->kernels, rows.end - rows.begin, stage->outputs, stage->weights.stride};
}

static struct tree_shape bias_shape(const struct stage *stage) {
    return (struct tree_shape){stage->kernels, 1, stage->outputs, bias_stride(stage)};
}

void sub_batches_sum_rows(const struct sub_batches *sub, struct stage *stage, size_t samples,
                          struct range rows, unsigned thread, struct tree *tree) {
    struct summed summed = {.stage = stage, .rows = rows, .thread = thread};
    struct tree_shape shape = shape_of(stage, rows);
    sum_all(sub, &summed, &shape, samples, tree);
}

void sub_batches_sum_biases(const struct sub_batches *sub, struct stage *stage, size_t samples,
                            unsigned thread, struct tree *tree) {
    struct summed summed = {.stage = stage, .biases = true, .thread = thread};
    struct tree_shape shape = bias_shape(stage);
    sum_all(sub, &summed, &shape, samples, tree);
}

/* ---- What they end in ---- */

void sub_batches_apply(const struct stage *stage, const struct update *update, struct range rows,
                       const float *gradient, size_t stride) {
    struct trained to = stage_row(stage, rows.begin);
    stage->kernels->apply_update(rows.end - rows.begin, stage->outputs, gradient, stride,
                                 stage_update(stage, update), &to);
    if (stage->renews_copy)
        stage_renew_copy(stage, rows, stage_columns(stage));
}

void sub_batches_apply_biases(const struct stage *stage, const struct update *update, const float *gradient) {
    stage->kernels->apply_update(1, stage->outputs, gradient, stage->outputs, stage_update(stage, update),
                                 &stage->biases_to);
}

void sub_batches_update(const struct sub_batches *sub, struct stage *stage, const struct minibatch *batch,
                        struct range rows, struct range columns, unsigned thread) {
    if (sub->count == 1) {
        struct gradient_sum sum = {.samples = {0, batch->count},
                                   .update = stage_update(stage, &batch->update),
                                   .to = &stage->to,
                                   .renews_copy = stage->renews_copy,
                                   .arranged = range_count(columns) < stage->outputs};
        stage->kind->update(stage, &sum, rows, columns, thread);
        return;
    }

    struct tree tree;
    size_t piece = sub_batches_piece(stage);
    for (size_t row = rows.begin; row < rows.end; row += piece) {
        struct range part = {row, size_min(row + piece, rows.end)};
        struct tree_shape shape = shape_of(stage, part);
        sub_batches_sum_rows(sub, stage, batch->count, part, thread, &tree);
        tree_finish(&tree, &shape);
        sub_batches_apply(stage, &batch->update, part, tree.nodes[0].sum, shape.stride);
    }
}

void sub_batches_update_biases(const struct sub_batches *sub, struct stage *stage,
                               const struct minibatch *batch, unsigned thread) {
    if (sub->count == 1) {
        struct gradient_sum sum = {.samples = {0, batch->count},
                                   .update = stage_update(stage, &batch->bias_update),
                                   .to = &stage->biases_to};
        stage->kind->update_biases(stage, &sum);
        return;
    }

    struct tree tree;
    struct tree_shape shape = bias_shape(stage);
    sub_batches_sum_biases(sub, stage, batch->count, thread, &tree);
    tree_finish(&tree, &shape);
    sub_batches_apply_biases(stage, &batch->bias_update, tree.nodes[0].sum);
}
