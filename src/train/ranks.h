/*
 * A step over several ranks, each with its share of the sub-batches (sub_batches.h) and its rows of each stage's weights.
 *
 *   propagate   each rank its samples
 *   sums        each rank the whole nodes of its sub-batches, rows by rows of their owners, to whom they are sent at once,
 *               while the next owner's are computed
 *   update      each owner its rows: the rest of the tree, and the optimiser; the new weights are sent to all at once
 *   renew       each rank its transposed copies
 *
 * Biases, few as they are, are updated by every rank; their sums go to all, with the losses. Moments and averages are the
 * owner's alone, until they are gathered.
 *
 * No sum is formed by a communicator: who adds what, in which order, follows from the tree.
 */
#ifndef MINNOW_TRAIN_RANKS_H
#define MINNOW_TRAIN_RANKS_H

#include "train/comm/link.h"
#include "train/config.h"
#include "train/plan.h"

/* What a rank has for the others of one stage. */
struct rank_stage {
    size_t *rows;    /* [ranks + 1]: rank r owns rows rows[r] to rows[r + 1] */
    float *outgoing; /* for each owner: [nodes][its rows][stride] */
    float *incoming; /* from each rank: [its nodes][own rows][stride] */
    struct comm_group receiving, sending, weights;
};

struct ranks {
    struct comm_link link;
    size_t *
        nodes; /* [ranks + 1]: the whole nodes of rank r's sub-batches are nodes[r] to nodes[r + 1] in the list of all */
    struct tree_node *node; /* [nodes of all], without sums */

    /* What each rank tells all others: its nodes of all biases, whether it is asked to stop, its samples' losses and
       whether they were answered rightly. [ranks][small_words] */
    uint32_t *small;
    size_t small_words, bias_floats; /* the latter: of one node of all stages */
    struct comm_group small_group;
    bool stop_here, stop; /* this rank is asked to stop, and any is: after the step */

    size_t stage_count;
    struct rank_stage stages[];
};

/* Behind the opening of the plan's stages: its ranks, and its sub-batches. Errors: MEMORY. */
minnow_status ranks_open(struct plan *plan, minnow_comm *comm);
void ranks_close(struct plan *plan);

/* plan_run of several ranks. What fails is kept in the link, and the step ends without meaning. */
void ranks_run(struct plan *plan, const struct minibatch *batch, struct team_member member);

/* Every rank gets every owner's rows of a block of the parameters' layout. Errors: COMMUNICATION. */
minnow_status ranks_gather(struct plan *plan, const struct parameters *parameters);

/* The least number above 0 that a rank has, or 0. */
size_t ranks_first(struct plan *plan, size_t own);

/* Whether all ranks are well, and have the same text: what they train. `status` is this rank's so far, with its last
   error; what the first rank says that is not well becomes every rank's error. The text may be NULL where the status is not
   OK; `compare` names in what another text, rank 0's, differs. Errors: that rank's, COMMUNICATION, MEMORY. */
minnow_status ranks_agree(minnow_comm *comm, minnow_status status, const char *text,
                          minnow_status (*compare)(const char *theirs, const void *context),
                          const void *context);

#endif
