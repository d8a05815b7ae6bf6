#include "train/comm/link.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/status.h"

enum { MESSAGE_MOST = 1 << 30 }; /* bytes, as minnow_comm promises */

minnow_status comm_check(const minnow_comm *comm) {
    if (comm->struct_size < sizeof *comm)
        return fail(MINNOW_ERROR_ARGUMENT, "comm: struct_size is %zu; call its _init function first",
                    comm->struct_size);
    if (comm->ranks < 1 || comm->rank >= comm->ranks)
        return fail(MINNOW_ERROR_ARGUMENT, "comm: rank %u of %u, expected one below the number of ranks",
                    comm->rank, comm->ranks);
    if (comm->ranks > RANKS_MOST)
        return fail(MINNOW_ERROR_ARGUMENT, "comm: %u ranks, expected at most %d", comm->ranks, RANKS_MOST);
    if (comm->start_send == NULL || comm->start_receive == NULL || comm->wait == NULL)
        return fail(
            MINNOW_ERROR_ARGUMENT,
            "comm: start_send, start_receive or wait is NULL, without which ranks cannot reach each other");
    return MINNOW_OK;
}

struct comm_link link_of(minnow_comm *comm) {
    return (struct comm_link){.comm = comm, .rank = comm->rank, .ranks = comm->ranks};
}

minnow_status link_status(const struct comm_link *link) {
    return link->failed ? fail(MINNOW_ERROR_COMMUNICATION, "%s", link->why) : MINNOW_OK;
}

/* With the reason in link->why. */
static void end(struct comm_link *link) {
    link->failed = true;
    if (link->comm->abort != NULL)
        link->comm->abort(link->comm, link->why);
}

static void give_up(struct comm_link *link, const char *doing, unsigned peer) {
    const char *failure = link->comm->failure;
    if (link->failed)
        return;
    snprintf(link->why, sizeof link->why, "rank %u of %u cannot %s rank %u: %s", link->rank, link->ranks,
             doing, peer, failure != NULL ? failure : "the communicator does not say why");
    end(link);
}

void link_leave(struct comm_link *link) {
    if (link->failed)
        return;
    snprintf(link->why, sizeof link->why, "rank %u of %u cannot go on: %s", link->rank, link->ranks,
             minnow_last_error());
    end(link);
}

/* ---- Groups ---- */

static size_t parts_of(size_t bytes) {
    return bytes / MESSAGE_MOST + 1;
}

minnow_status comm_group_open(struct comm_group *group, size_t messages, size_t bytes) {
    *group = (struct comm_group){.room = messages * parts_of(bytes)};
    if (messages == 0)
        return MINNOW_OK;
    group->requests = memory_allocate(group->room, sizeof *group->requests);
    return group->requests != NULL ? MINNOW_OK : fail_memory("messages between ranks");
}

void comm_group_close(struct comm_group *group) {
    memory_free(group->requests);
    *group = (struct comm_group){0};
}

/* ---- Messages ---- */

void link_send(struct comm_link *link, struct comm_group *group, const void *data, size_t bytes, unsigned to,
               enum comm_tag tag) {
    const char *from = data;
    while (bytes > 0 && !link->failed) {
        size_t part = size_min(bytes, MESSAGE_MOST);
        void **request = &group->requests[group->count];
        if (link->comm->start_send(link->comm, from, part, to, tag, request) != MINNOW_OK) {
            give_up(link, "send to", to);
            return;
        }
        group->count++;
        link->bytes_sent += part;
        from += part;
        bytes -= part;
    }
}

void link_receive(struct comm_link *link, struct comm_group *group, void *data, size_t bytes, unsigned from,
                  enum comm_tag tag) {
    char *to = data;
    while (bytes > 0 && !link->failed) {
        size_t part = size_min(bytes, MESSAGE_MOST);
        void **request = &group->requests[group->count];
        if (link->comm->start_receive(link->comm, to, part, from, tag, request) != MINNOW_OK) {
            give_up(link, "receive from", from);
            return;
        }
        group->count++;
        to += part;
        bytes -= part;
    }
}

void link_wait(struct comm_link *link, struct comm_group *group) {
    for (size_t i = 0; i < group->count; i++)
        if (link->comm->wait(link->comm, &group->requests[i]) != MINNOW_OK)
            give_up(link, "end a message of", link->rank);
    group->count = 0;
}

void link_progress(struct comm_link *link) {
    if (!link->failed && link->comm->progress != NULL && link->comm->progress(link->comm) != MINNOW_OK)
        give_up(link, "go on with messages of", link->rank);
}

/* ---- All ranks ---- */

/* Each rank begins with the one behind it, so that not all send to one at the same time. */
void link_start_all_gather(struct comm_link *link, struct comm_group *group, void *data, const size_t *begin,
                           enum comm_tag tag) {
    char *bytes = data;
    unsigned rank = link->rank, ranks = link->ranks;
    for (unsigned k = 1; k < ranks; k++) {
        unsigned from = (rank + ranks - k) % ranks;
        link_receive(link, group, bytes + begin[from], begin[from + 1] - begin[from], from, tag);
    }
    for (unsigned k = 1; k < ranks; k++)
        link_send(link, group, bytes + begin[rank], begin[rank + 1] - begin[rank], (rank + k) % ranks, tag);
}

minnow_status link_all_gather(struct comm_link *link, void *data, const size_t *begin, enum comm_tag tag) {
    struct comm_group group;
    size_t most = 0;
    for (unsigned r = 0; r < link->ranks; r++)
        most = begin[r + 1] - begin[r] > most ? begin[r + 1] - begin[r] : most;
    minnow_status status = comm_group_open(&group, 2 * (size_t)(link->ranks - 1), most);
    if (status != MINNOW_OK) {
        link_leave(link);
        return status;
    }
    link_start_all_gather(link, &group, data, begin, tag);
    link_wait(link, &group);
    comm_group_close(&group);
    return link_status(link);
}
