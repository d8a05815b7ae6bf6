/*
 * A mini-batch cut into consecutive sub-batches. The gradient of each is summed over its samples in order, and the
 * sub-batches' sums are added in a fixed binary tree, so that they may be computed in different places:
 *
 *     sub-batch   0   1   2   3   4   5
 *                  \ /     \ /     \ /
 *                   +       +       |        whole: two siblings are added where both are complete
 *                    \_____/       /
 *                       +_________/          and at the end what is left over, from right to left
 *
 * A whole node is of 2^k sub-batches, the first of which is a multiple of 2^k. Whoever has consecutive sub-batches can
 * add up the whole nodes among them; whoever then has all of these nodes gets the same bits as from the sub-batches.
 *
 * The cuts depend on the number of samples and of sub-batches alone: no bit depends on threads, kinds or ranks.
 */
#ifndef MINNOW_TRAIN_SUB_BATCHES_H
#define MINNOW_TRAIN_SUB_BATCHES_H

#include "train/stages/stage.h"

/* As many nodes as a stack of them can ever have: the whole nodes of consecutive sub-batches, at most two of each size. */
enum { TREE_DEPTH_MOST = 24 };

/* A node of the tree: the sum over `count` sub-batches from `first` on, [rows][outputs]. */
struct tree_node {
    size_t first, count;
    float *sum;
};

/* Nodes that stand side by side, each larger than those behind it or no sibling of them. */
struct tree {
    size_t depth;
    struct tree_node nodes[TREE_DEPTH_MOST];
};

/* What is added together: rows of a stage's weights, or its biases. */
struct tree_shape {
    const struct kernels *kernels;
    size_t rows, outputs, stride;
};

/* Puts a node at the end, and adds it to its sibling if that is there, in the sibling's memory, and so on. */
void tree_push(struct tree *tree, const struct tree_shape *shape, struct tree_node node);
/* Adds up what is left, from right to left, into the first node. */
void tree_finish(struct tree *tree, const struct tree_shape *shape);

/* The sub-batches of a plan. */
struct sub_batches {
    size_t count;          /* of a mini-batch; 1: its sums are formed as a whole */
    size_t first, end;     /* those that are summed here; without other ranks all */
    size_t scratch_floats; /* for the nodes of a piece of rows; 0 where mini-batches are not cut */
    float *scratch;        /* [threads][scratch_floats] */
};

/* Those of a checked configuration, of the rank that its communicator is. */
struct sub_batches sub_batches_of(const minnow_training_config *config);
/* Whether other ranks sum some of them. */
bool sub_batches_are_shared(const struct sub_batches *sub);

/* Of the `count` samples of a mini-batch, those of sub-batches [first, end): sample i is in sub-batch i · S / count,
   rounded down. */
struct range sub_batches_samples(size_t sub_batches, size_t first, size_t end, size_t count);

/* Memory for the sums of these stages. Errors: MEMORY; sub_batches_close frees in any case. */
minnow_status sub_batches_open(struct sub_batches *sub, const struct stage *stages, size_t stage_count,
                               unsigned threads);
void sub_batches_close(struct sub_batches *sub);

/* Rows of a stage's weights that are summed at a time. */
size_t sub_batches_piece(const struct stage *stage);

/* The whole nodes of the plan's sub-batches, for at most sub_batches_piece rows of weights, in the thread's scratch. */
void sub_batches_sum_rows(const struct sub_batches *sub, struct stage *stage, size_t samples,
                          struct range rows, unsigned thread, struct tree *tree);
/* The same for biases. */
void sub_batches_sum_biases(const struct sub_batches *sub, struct stage *stage, size_t samples,
                            unsigned thread, struct tree *tree);

/* The gradient of rows of a stage's weights over a whole mini-batch, and what it ends in: the update, or, where the stage
   stores its gradient, that. Not with other ranks. With one sub-batch it may be some columns of them alone, whose owner's inputs
   have then been arranged. */
void sub_batches_update(const struct sub_batches *sub, struct stage *stage, const struct minibatch *batch,
                        struct range rows, struct range columns, unsigned thread);
void sub_batches_update_biases(const struct sub_batches *sub, struct stage *stage,
                               const struct minibatch *batch, unsigned thread);

/* What a sum of rows of weights, or of biases, ends in, likewise. */
void sub_batches_apply(const struct stage *stage, const struct update *update, struct range rows,
                       const float *gradient, size_t stride);
void sub_batches_apply_biases(const struct stage *stage, const struct update *update, const float *gradient);

#endif
