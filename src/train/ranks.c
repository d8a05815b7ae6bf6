#include "train/ranks.h"

#include <string.h>

#include "base/status.h"

/* Each rank begins with the owner behind it, so that not all send to one at the same time. */
static unsigned other(const struct comm_link *link, unsigned k) {
    return (link->rank + k) % link->ranks;
}

static size_t stride_of(const struct plan *plan, size_t l) {
    return plan->stages[l].weights.stride;
}

static size_t owned(const struct rank_stage *own, unsigned rank) {
    return own->rows[rank + 1] - own->rows[rank];
}

/* Where the nodes of a rank begin in what is incoming, and those for an owner in what is outgoing. */
static float *incoming(const struct plan *plan, size_t l, unsigned from) {
    const struct ranks *ranks = plan->ranks;
    const struct rank_stage *own = &ranks->stages[l];
    return own->incoming + ranks->nodes[from] * owned(own, ranks->link.rank) * stride_of(plan, l);
}

static size_t own_nodes(const struct ranks *ranks) {
    return ranks->nodes[ranks->link.rank + 1] - ranks->nodes[ranks->link.rank];
}

static float *outgoing(const struct plan *plan, size_t l, unsigned to) {
    const struct ranks *ranks = plan->ranks;
    const struct rank_stage *own = &ranks->stages[l];
    return to == ranks->link.rank ? incoming(plan, l, to)
                                  : own->outgoing + own_nodes(ranks) * own->rows[to] * stride_of(plan, l);
}

static size_t nodes_bytes(const struct plan *plan, size_t l, unsigned from, unsigned to) {
    const struct ranks *ranks = plan->ranks;
    size_t nodes = ranks->nodes[from + 1] - ranks->nodes[from];
    return nodes * owned(&ranks->stages[l], to) * stride_of(plan, l) * sizeof(float);
}

/* ---- Before the sums ---- */

static void receive_sums(struct plan *plan) {
    struct ranks *ranks = plan->ranks;
    struct comm_link *link = &ranks->link;
    for (size_t l = plan->stage_count; l-- > 0;)
        for (unsigned k = 1; k < link->ranks; k++) {
            unsigned from = other(link, link->ranks - k);
            link_receive(link, &ranks->stages[l].receiving, incoming(plan, l, from),
                         nodes_bytes(plan, l, from, link->rank), from, TAG_SUMS);
        }
}

/* The plan's first phase: no stage is split by columns where there are other ranks. */
static void propagate(struct plan *plan, const struct minibatch *batch, struct team_member member) {
    const struct phase *phase = &plan->phases[0];
    for (unsigned share = member.index; share < plan->sharing; share += member.count)
        phase->run(plan, phase, batch, share);
}

/* ---- What is small ---- */

static struct range samples_of(const struct plan *plan, unsigned rank, size_t count) {
    size_t each = plan->sub.count / plan->ranks->link.ranks;
    return sub_batches_samples(plan->sub.count, rank * each, (rank + 1) * each, count);
}

static float *bias_node(const struct plan *plan, unsigned rank, size_t node, size_t l) {
    const struct ranks *ranks = plan->ranks;
    float *at = (float *)(ranks->small + rank * ranks->small_words) + node * ranks->bias_floats;
    for (size_t before = 0; before < l; before++)
        at += size_round_up(plan->stages[before].outputs, CACHE_LINE_FLOATS);
    return at;
}

/* Behind the nodes of biases: whether to stop, the losses, and what was right. */
static uint32_t *results_of(const struct plan *plan, unsigned rank) {
    const struct ranks *ranks = plan->ranks;
    size_t nodes = ranks->nodes[rank + 1] - ranks->nodes[rank];
    return ranks->small + rank * ranks->small_words + nodes * ranks->bias_floats;
}

static size_t small_bytes(const struct plan *plan, unsigned rank, size_t count) {
    const struct ranks *ranks = plan->ranks;
    struct range samples = samples_of(plan, rank, count);
    size_t nodes = ranks->nodes[rank + 1] - ranks->nodes[rank];
    return sizeof(uint32_t) * (nodes * ranks->bias_floats + 1 + 2 * (samples.end - samples.begin));
}

static void sum_biases(struct plan *plan, const struct minibatch *batch, struct team_member member) {
    struct tree tree;
    unsigned rank = plan->ranks->link.rank;
    for (size_t l = member.index; l < plan->stage_count; l += member.count) {
        struct stage *stage = &plan->stages[l];
        sub_batches_sum_biases(&plan->sub, stage, batch->count, member.index, &tree);
        for (size_t n = 0; n < tree.depth; n++)
            memcpy(bias_node(plan, rank, n, l), tree.nodes[n].sum, stage->outputs * sizeof(float));
    }
}

static void tell_results(struct plan *plan, const struct minibatch *batch) {
    struct ranks *ranks = plan->ranks;
    const struct answers *answers = &plan->answers;
    struct range samples = samples_of(plan, ranks->link.rank, batch->count);
    size_t count = samples.end - samples.begin;
    uint32_t *to = results_of(plan, ranks->link.rank);
    *to++ = ranks->stop_here;
    if (count > 0)
        memcpy(to, answers->loss + samples.begin, count * sizeof *to);
    for (size_t i = 0; i < count; i++)
        to[count + i] = answers->predicted[samples.begin + i] == answers->label[samples.begin + i];
}

static void hear_results(struct plan *plan, const struct minibatch *batch) {
    struct ranks *ranks = plan->ranks;
    struct answers *answers = &plan->answers;
    ranks->stop = false;
    for (unsigned r = 0; r < ranks->link.ranks; r++) {
        struct range samples = samples_of(plan, r, batch->count);
        size_t count = samples.end - samples.begin;
        const uint32_t *from = results_of(plan, r);
        ranks->stop = ranks->stop || *from != 0;
        from++;
        if (count > 0)
            memcpy(answers->loss + samples.begin, from, count * sizeof *from);
        for (size_t i = 0; i < count; i++) {
            answers->label[samples.begin + i] = 1;
            answers->predicted[samples.begin + i] = from[count + i];
        }
    }
}

static void exchange_small(struct plan *plan, const struct minibatch *batch) {
    struct ranks *ranks = plan->ranks;
    struct comm_link *link = &ranks->link;
    tell_results(plan, batch);
    for (unsigned k = 1; k < link->ranks; k++) {
        unsigned from = other(link, link->ranks - k);
        link_receive(link, &ranks->small_group, ranks->small + from * ranks->small_words,
                     small_bytes(plan, from, batch->count), from, TAG_SMALL);
    }
    for (unsigned k = 1; k < link->ranks; k++)
        link_send(link, &ranks->small_group, ranks->small + link->rank * ranks->small_words,
                  small_bytes(plan, link->rank, batch->count), other(link, k), TAG_SMALL);
}

/* Every rank adds up all biases, by the same tree, and updates them. */
static void update_biases(struct plan *plan, const struct minibatch *batch, struct team_member member) {
    struct ranks *ranks = plan->ranks;
    for (size_t l = member.index; l < plan->stage_count; l += member.count) {
        struct stage *stage = &plan->stages[l];
        struct tree tree = {0};
        struct tree_shape shape = {stage->kernels, 1, stage->outputs, stage->outputs};
        for (unsigned r = 0; r < ranks->link.ranks; r++)
            for (size_t n = ranks->nodes[r]; n < ranks->nodes[r + 1]; n++) {
                struct tree_node node = ranks->node[n];
                node.sum = bias_node(plan, r, n - ranks->nodes[r], l);
                tree_push(&tree, &shape, node);
            }
        tree_finish(&tree, &shape);
        sub_batches_apply_biases(stage, &batch->bias_update, tree.nodes[0].sum);
    }
}

/* ---- The sums ---- */

enum { ROW_GRAIN = 16 };

static struct range rows_of(struct team_member member, size_t begin, size_t end) {
    struct range rows;
    team_slice(member, end - begin, ROW_GRAIN, &rows.begin, &rows.end);
    return (struct range){begin + rows.begin, begin + rows.end};
}

static void sum_for(struct plan *plan, const struct minibatch *batch, size_t l, unsigned owner,
                    struct team_member member) {
    struct stage *stage = &plan->stages[l];
    const size_t *bounds = plan->ranks->stages[l].rows;
    size_t stride = stride_of(plan, l), size = (bounds[owner + 1] - bounds[owner]) * stride;
    struct range rows = rows_of(member, bounds[owner], bounds[owner + 1]);
    size_t piece = sub_batches_piece(stage);
    struct tree tree;

    for (size_t row = rows.begin; row < rows.end; row += piece) {
        struct range part = {row, size_min(row + piece, rows.end)};
        sub_batches_sum_rows(&plan->sub, stage, batch->count, part, member.index, &tree);
        for (size_t n = 0; n < tree.depth; n++)
            memcpy(outgoing(plan, l, owner) + n * size + (row - bounds[owner]) * stride, tree.nodes[n].sum,
                   (part.end - part.begin) * stride * sizeof(float));
    }
}

static void sum_and_send(struct plan *plan, const struct minibatch *batch, struct team_member member) {
    struct ranks *ranks = plan->ranks;
    struct comm_link *link = &ranks->link;
    for (size_t l = plan->stage_count; l-- > 0;)
        for (unsigned k = 1; k <= link->ranks; k++) {
            unsigned owner = other(link, k);
            sum_for(plan, batch, l, owner, member);
            team_barrier(member);
            if (member.index != 0 || owner == link->rank)
                continue;
            link_send(link, &ranks->stages[l].sending, outgoing(plan, l, owner),
                      nodes_bytes(plan, l, link->rank, owner), owner, TAG_SUMS);
            link_progress(link);
        }
}

/* ---- The owner ---- */

/* The rest of the tree for this rank's rows, in the memory where the nodes came in. */
static void update_own(struct plan *plan, const struct minibatch *batch, size_t l,
                       struct team_member member) {
    const struct ranks *ranks = plan->ranks;
    struct stage *stage = &plan->stages[l];
    const size_t *bounds = ranks->stages[l].rows + ranks->link.rank;
    size_t stride = stride_of(plan, l), size = (bounds[1] - bounds[0]) * stride;
    struct range rows = rows_of(member, bounds[0], bounds[1]);
    size_t piece = sub_batches_piece(stage);

    for (size_t row = rows.begin; row < rows.end; row += piece) {
        struct range part = {row, size_min(row + piece, rows.end)};
        struct tree_shape shape = {stage->kernels, part.end - part.begin, stage->outputs, stride};
        struct tree tree = {0};
        for (size_t n = 0; n < ranks->nodes[ranks->link.ranks]; n++) {
            struct tree_node node = ranks->node[n];
            node.sum = ranks->stages[l].incoming + n * size + (row - bounds[0]) * stride;
            tree_push(&tree, &shape, node);
        }
        tree_finish(&tree, &shape);
        sub_batches_apply(stage, &batch->update, part, tree.nodes[0].sum, stride);
    }
}

/* Every owner sends what it has of each of its rows of a stage, so many bytes a row, to all. */
static void start_gather(struct plan *plan, size_t l, void *data, size_t row_bytes, enum comm_tag tag) {
    struct ranks *ranks = plan->ranks;
    struct rank_stage *stage = &ranks->stages[l];
    size_t begin[RANKS_MOST + 1];
    for (unsigned r = 0; r <= ranks->link.ranks; r++)
        begin[r] = stage->rows[r] * row_bytes;
    link_start_all_gather(&ranks->link, &stage->weights, data, begin, tag);
}

static void gather_rows(struct plan *plan, size_t l, float *data) {
    start_gather(plan, l, data, stride_of(plan, l) * sizeof *data, TAG_WEIGHTS);
}

/* With clip_norm the gradient is only stored here. */
static void update_and_send(struct plan *plan, const struct minibatch *batch, struct team_member member) {
    struct ranks *ranks = plan->ranks;
    for (size_t l = plan->stage_count; l-- > 0;) {
        if (member.index == 0)
            link_wait(&ranks->link, &ranks->stages[l].receiving);
        team_barrier(member);
        update_own(plan, batch, l, member);
        team_barrier(member);
        if (member.index == 0 && !plan_clips(plan))
            gather_rows(plan, l, plan->stages[l].weights.data);
    }
    if (member.index == 0) {
        link_wait(&ranks->link, &ranks->small_group);
        hear_results(plan, batch);
    }
    team_barrier(member);
    update_biases(plan, batch, member);
}

/* ---- Clipping ---- */

/* Each owner's squares of its rows, to all; those of biases everybody has. */
static void gather_squares(struct plan *plan) {
    float *square = plan->squares;
    for (size_t l = 0; l < plan->stage_count; l++) {
        start_gather(plan, l, square, sizeof *square, TAG_SQUARES);
        square += plan->stages[l].inputs + 1;
    }
    for (size_t l = 0; l < plan->stage_count; l++)
        link_wait(&plan->ranks->link, &plan->ranks->stages[l].weights);
}

static void clip(struct plan *plan, const struct minibatch *batch, struct team_member member) {
    struct ranks *ranks = plan->ranks;
    unsigned rank = ranks->link.rank;
    for (size_t l = 0; l < plan->stage_count; l++) {
        const size_t *bounds = ranks->stages[l].rows + rank;
        plan_square_rows(plan, l, rows_of(member, bounds[0], bounds[1]), l % member.count == member.index);
    }
    team_barrier(member);
    if (member.index == 0)
        gather_squares(plan);
    team_barrier(member);

    struct update update = batch->update, bias_update = batch->bias_update;
    plan_clip(plan, &update, &bias_update, member.index);
    for (size_t l = 0; l < plan->stage_count; l++) {
        const size_t *bounds = ranks->stages[l].rows + rank;
        plan_apply_rows(plan, l, &update, rows_of(member, bounds[0], bounds[1]));
        if (l % member.count == member.index)
            plan_apply_biases(plan, l, &bias_update);
    }
    team_barrier(member);
    for (size_t l = plan->stage_count; member.index == 0 && l-- > 0;)
        gather_rows(plan, l, plan->stages[l].weights.data);
}

/* ---- The step ---- */

static void renew(struct plan *plan, const struct minibatch *batch, struct team_member member) {
    for (unsigned share = member.index; share < plan->sharing; share += member.count) {
        if (plan_limits(plan)) {
            plan_limit(plan, &plan->phases[plan->phase_count - 1], batch, share);
            continue;
        }
        for (size_t l = 1; l < plan->stage_count; l++)
            stage_renew_copy(&plan->stages[l], plan->shares[share].rows[l], stage_columns(&plan->stages[l]));
    }
}

static void wait_for_all(struct plan *plan) {
    struct ranks *ranks = plan->ranks;
    for (size_t l = plan->stage_count; l-- > 0;) {
        link_wait(&ranks->link, &ranks->stages[l].weights);
        link_wait(&ranks->link, &ranks->stages[l].sending);
    }
}

void ranks_run(struct plan *plan, const struct minibatch *batch, struct team_member member) {
    if (member.index == 0)
        receive_sums(plan);
    propagate(plan, batch, member);
    team_barrier(member);
    sum_biases(plan, batch, member);
    team_barrier(member);
    if (member.index == 0)
        exchange_small(plan, batch);

    sum_and_send(plan, batch, member);
    update_and_send(plan, batch, member);
    team_barrier(member);
    if (plan_clips(plan))
        clip(plan, batch, member);

    if (member.index == 0)
        wait_for_all(plan);
    team_barrier(member);
    renew(plan, batch, member);
}

minnow_status ranks_gather(struct plan *plan, const struct parameters *parameters) {
    struct ranks *ranks = plan->ranks;
    if (ranks == NULL || parameters == NULL)
        return MINNOW_OK;
    for (size_t l = 0; l < plan->stage_count; l++) {
        gather_rows(plan, l, parameters_weights(parameters, l).data);
        link_wait(&ranks->link, &ranks->stages[l].weights);
    }
    return link_status(&ranks->link);
}

size_t ranks_first(struct plan *plan, size_t own) {
    struct comm_link *link = &plan->ranks->link;
    uint64_t all[RANKS_MOST];
    size_t begin[RANKS_MOST + 1], first = 0;
    for (unsigned r = 0; r <= link->ranks; r++)
        begin[r] = r * sizeof *all;
    memset(all, 0, sizeof all);
    all[link->rank] = own;
    if (link_all_gather(link, all, begin, TAG_GATHER) != MINNOW_OK)
        return own;
    for (unsigned r = 0; r < link->ranks; r++)
        if (all[r] != 0 && (first == 0 || all[r] < first))
            first = (size_t)all[r];
    return first;
}
