/* What a run over several ranks holds, and whether they are of one mind when it begins. */
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "train/ranks.h"

/* ---- Memory ---- */

/* The whole nodes of consecutive sub-batches, as the tree makes them. */
static size_t list_nodes(size_t first, size_t end, struct tree_node *nodes) {
    struct tree tree = {0};
    struct tree_shape nothing = {.kernels = kernel_tables[0]};
    float none;
    for (size_t i = first; i < end; i++)
        tree_push(&tree, &nothing, (struct tree_node){i, 1, &none});
    memcpy(nodes, tree.nodes, tree.depth * sizeof *nodes);
    return tree.depth;
}

static minnow_status open_nodes(struct ranks *ranks, size_t sub_batches) {
    unsigned count = ranks->link.ranks;
    size_t each = sub_batches / count;
    ranks->nodes = memory_allocate(count + 1, sizeof *ranks->nodes);
    ranks->node = memory_allocate(count, TREE_DEPTH_MOST * sizeof *ranks->node);
    if (ranks->nodes == NULL || ranks->node == NULL)
        return fail_memory("the sums of ranks");
    for (unsigned r = 0; r < count; r++)
        ranks->nodes[r + 1] =
            ranks->nodes[r] + list_nodes(r * each, (r + 1) * each, ranks->node + ranks->nodes[r]);
    return MINNOW_OK;
}

static minnow_status open_small(struct plan *plan) {
    struct ranks *ranks = plan->ranks;
    unsigned count = ranks->link.ranks;
    size_t most = 0;
    for (unsigned r = 0; r < count; r++) {
        size_t nodes = ranks->nodes[r + 1] - ranks->nodes[r];
        most = nodes > most ? nodes : most;
    }
    for (size_t l = 0; l < plan->stage_count; l++)
        ranks->bias_floats += size_round_up(plan->stages[l].outputs, CACHE_LINE_FLOATS);
    ranks->small_words =
        size_round_up(most * ranks->bias_floats + 1 + 2 * (plan->batch / count + 2), CACHE_LINE_FLOATS);
    ranks->small = memory_allocate(count, ranks->small_words * sizeof *ranks->small);
    if (ranks->small == NULL)
        return fail_memory("what ranks tell each other");
    return comm_group_open(&ranks->small_group, 2 * (size_t)count, ranks->small_words * sizeof *ranks->small);
}

static minnow_status open_stage(const struct plan *plan, size_t l, struct rank_stage *own) {
    const struct ranks *ranks = plan->ranks;
    const struct stage *stage = &plan->stages[l];
    unsigned count = ranks->link.ranks, rank = ranks->link.rank;
    size_t stride = stage->weights.stride, nodes = ranks->nodes[rank + 1] - ranks->nodes[rank];
    own->rows = memory_allocate(count + 1, sizeof *own->rows);
    if (own->rows == NULL)
        return fail_memory("the sums of ranks");
    for (unsigned r = 0; r <= count; r++)
        own->rows[r] = stage->inputs * r / count;

    size_t rows = own->rows[rank + 1] - own->rows[rank];
    own->outgoing = memory_allocate(nodes * stage->inputs, stride * sizeof(float));
    own->incoming = memory_allocate(ranks->nodes[count] * (rows > 0 ? rows : 1), stride * sizeof(float));
    if (own->outgoing == NULL || own->incoming == NULL)
        return fail_memory("the sums of ranks");
    size_t bytes = TREE_DEPTH_MOST * (stage->inputs / count + 1) * stride * sizeof(float);
    minnow_status status = comm_group_open(&own->receiving, count, bytes);
    if (status == MINNOW_OK)
        status = comm_group_open(&own->sending, count, bytes);
    return status == MINNOW_OK ? comm_group_open(&own->weights, 2 * (size_t)count, bytes) : status;
}

minnow_status ranks_open(struct plan *plan, minnow_comm *comm) {
    struct ranks *ranks = memory_allocate(1, sizeof *ranks + plan->stage_count * sizeof *ranks->stages);
    if (ranks == NULL)
        return fail_memory("the ranks of training");
    plan->ranks = ranks;
    ranks->link = link_of(comm);
    ranks->stage_count = plan->stage_count;
    minnow_status status = open_nodes(ranks, plan->sub.count);
    if (status == MINNOW_OK)
        status = open_small(plan);
    for (size_t l = 0; status == MINNOW_OK && l < plan->stage_count; l++)
        status = open_stage(plan, l, &ranks->stages[l]);
    return status;
}

void ranks_close(struct plan *plan) {
    struct ranks *ranks = plan->ranks;
    if (ranks == NULL)
        return;
    for (size_t l = 0; l < ranks->stage_count; l++) {
        struct rank_stage *own = &ranks->stages[l];
        memory_free(own->rows);
        memory_free(own->outgoing);
        memory_free(own->incoming);
        comm_group_close(&own->receiving);
        comm_group_close(&own->sending);
        comm_group_close(&own->weights);
    }
    comm_group_close(&ranks->small_group);
    memory_free(ranks->small);
    memory_free(ranks->nodes);
    memory_free(ranks->node);
    memory_free(ranks);
    plan->ranks = NULL;
}

/* ---- Of one mind ---- */

/* What each rank says of itself. */
struct report {
    uint32_t status;
    char text[508];
};

/* The other ranks wait for these two messages, also of one that could not even read its configuration. */
static minnow_status exchange_reports(struct comm_link *link, struct report *reports) {
    size_t begin[RANKS_MOST + 1];
    for (unsigned r = 0; r <= link->ranks; r++)
        begin[r] = r * sizeof *reports;
    minnow_status status = link_all_gather(link, reports, begin, TAG_ALIKE);
    if (status != MINNOW_OK)
        return status;
    for (unsigned r = 0; r < link->ranks; r++)
        if (reports[r].status != MINNOW_OK) {
            reports[r].text[sizeof reports[r].text - 1] = '\0';
            return fail((minnow_status)reports[r].status, "rank %u: %s", r, reports[r].text);
        }
    return MINNOW_OK;
}

/* Rank 0's text, to all. */
static minnow_status spread(struct comm_link *link, char *text, size_t size) {
    size_t begin[RANKS_MOST + 1] = {0};
    for (unsigned r = 1; r <= link->ranks; r++)
        begin[r] = size;
    return link_all_gather(link, text, begin, TAG_ALIKE);
}

minnow_status ranks_agree(minnow_comm *comm, minnow_status status, const char *text,
                          minnow_status (*compare)(const char *theirs, const void *context),
                          const void *context) {
    enum { TEXT_MOST = 16384 };
    struct comm_link link = link_of(comm);
    struct report *reports = memory_allocate(link.ranks, sizeof *reports);
    char *first = memory_allocate(TEXT_MOST, 1);
    if (reports == NULL || first == NULL) {
        memory_free(reports);
        memory_free(first);
        status = fail_memory("what ranks tell each other");
        link_leave(&link);
        return status;
    }

    struct report *own = &reports[link.rank];
    own->status = (uint32_t)status;
    snprintf(own->text, sizeof own->text, "%s", status != MINNOW_OK ? minnow_last_error() : "");
    if (text != NULL)
        snprintf(first, TEXT_MOST, "%s", text);
    minnow_status told = spread(&link, first, TEXT_MOST);
    if (told == MINNOW_OK && status == MINNOW_OK && first[0] != '\0') {
        first[TEXT_MOST - 1] = '\0';
        own->status = (uint32_t)compare(first, context);
        if (own->status != MINNOW_OK)
            snprintf(own->text, sizeof own->text, "%s", minnow_last_error());
    }
    if (told == MINNOW_OK)
        told = exchange_reports(&link, reports);
    memory_free(reports);
    memory_free(first);
    return told;
}
