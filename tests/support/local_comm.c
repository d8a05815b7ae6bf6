#include "local_comm.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct message {
    struct message *next;
    unsigned from, to, tag;
    size_t bytes;
    char data[];
};

/* What is waited for. A message that was sent is in the list, and needs no waiting. */
struct request {
    void *data; /* NULL: of a message that was sent */
    size_t bytes;
    unsigned from, tag;
};

struct rank {
    struct local_ranks *all;
    minnow_comm comm;
    uint64_t calls, fails_at, bytes;
    char failure[256];
};

struct local_ranks {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct message *first, **end;
    bool aborted;
    char why[256];
    unsigned count;
    struct rank ranks[];
};

static minnow_status refuse(struct rank *rank, const char *why) {
    snprintf(rank->failure, sizeof rank->failure, "%s", why);
    rank->comm.failure = rank->failure;
    return MINNOW_ERROR_COMMUNICATION;
}

/* With the lock held. */
static minnow_status begin(struct rank *rank) {
    if (++rank->calls == rank->fails_at)
        return refuse(rank, "the test has cut the line");
    return rank->all->aborted ? refuse(rank, rank->all->why) : MINNOW_OK;
}

static minnow_status start_send(minnow_comm *comm, const void *data, size_t bytes, unsigned to, unsigned tag,
                                void **request) {
    struct rank *rank = comm->context;
    struct local_ranks *all = rank->all;
    pthread_mutex_lock(&all->lock);
    minnow_status status = begin(rank);
    cr_assert(to < all->count && to != comm->rank && bytes > 0);
    if (status == MINNOW_OK) {
        struct message *message = malloc(sizeof *message + bytes);
        *request = calloc(1, sizeof(struct request));
        cr_assert(message != NULL && *request != NULL);
        *message = (struct message){NULL, comm->rank, to, tag, bytes};
        memcpy(message->data, data, bytes);
        *all->end = message;
        all->end = &message->next;
        rank->bytes += bytes;
        pthread_cond_broadcast(&all->changed);
    }
    pthread_mutex_unlock(&all->lock);
    return status;
}

static minnow_status start_receive(minnow_comm *comm, void *data, size_t bytes, unsigned from, unsigned tag,
                                   void **request) {
    struct rank *rank = comm->context;
    pthread_mutex_lock(&rank->all->lock);
    minnow_status status = begin(rank);
    cr_assert(from < rank->all->count && from != comm->rank && bytes > 0);
    if (status == MINNOW_OK) {
        struct request *own = *request = malloc(sizeof *own);
        cr_assert_not_null(own);
        *own = (struct request){data, bytes, from, tag};
    }
    pthread_mutex_unlock(&rank->all->lock);
    return status;
}

/* Takes the first such message out of the list, or NULL. */
static struct message *take(struct local_ranks *all, unsigned to, const struct request *request) {
    for (struct message **at = &all->first; *at != NULL; at = &(*at)->next) {
        struct message *found = *at;
        if (found->to != to || found->from != request->from || found->tag != request->tag)
            continue;
        *at = found->next;
        if (all->end == &found->next)
            all->end = at;
        return found;
    }
    return NULL;
}

/* Receives are waited for in the order in which they were started, so that the first message is the right one. */
static minnow_status wait_for(minnow_comm *comm, void **request) {
    struct rank *rank = comm->context;
    struct local_ranks *all = rank->all;
    struct request *own = *request;
    if (own == NULL)
        return MINNOW_OK;
    pthread_mutex_lock(&all->lock);
    minnow_status status = begin(rank);
    struct message *message = NULL;
    while (status == MINNOW_OK && own->data != NULL && (message = take(all, comm->rank, own)) == NULL) {
        pthread_cond_wait(&all->changed, &all->lock);
        if (all->aborted)
            status = refuse(rank, all->why);
    }
    if (message != NULL && message->bytes != own->bytes)
        status = refuse(rank, "a message of another length");
    else if (message != NULL)
        memcpy(own->data, message->data, own->bytes);
    free(message);
    free(own);
    *request = NULL;
    pthread_mutex_unlock(&all->lock);
    return status;
}

static void give_up(minnow_comm *comm, const char *why) {
    struct rank *rank = comm->context;
    struct local_ranks *all = rank->all;
    pthread_mutex_lock(&all->lock);
    if (!all->aborted)
        snprintf(all->why, sizeof all->why, "given up: %s", why);
    all->aborted = true;
    pthread_cond_broadcast(&all->changed);
    pthread_mutex_unlock(&all->lock);
}

struct local_ranks *local_ranks_make(unsigned count) {
    struct local_ranks *all = calloc(1, sizeof *all + count * sizeof *all->ranks);
    cr_assert_not_null(all);
    pthread_mutex_init(&all->lock, NULL);
    pthread_cond_init(&all->changed, NULL);
    all->end = &all->first;
    all->count = count;
    for (unsigned r = 0; r < count; r++) {
        minnow_comm *comm = &all->ranks[r].comm;
        minnow_comm_init(comm, sizeof *comm);
        comm->rank = r;
        comm->ranks = count;
        comm->context = &all->ranks[r];
        comm->start_send = start_send;
        comm->start_receive = start_receive;
        comm->wait = wait_for;
        comm->abort = give_up;
        all->ranks[r].all = all;
    }
    return all;
}

void local_ranks_free(struct local_ranks *all) {
    while (all->first != NULL) {
        struct message *next = all->first->next;
        free(all->first);
        all->first = next;
    }
    pthread_cond_destroy(&all->changed);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

minnow_comm *local_comm(struct local_ranks *ranks, unsigned rank) {
    return &ranks->ranks[rank].comm;
}

void local_comm_fail_at(struct local_ranks *ranks, unsigned rank, uint64_t call) {
    ranks->ranks[rank].fails_at = call;
}

uint64_t local_comm_calls(const struct local_ranks *ranks, unsigned rank) {
    return ranks->ranks[rank].calls;
}

uint64_t local_comm_bytes(const struct local_ranks *ranks, unsigned rank) {
    return ranks->ranks[rank].bytes;
}
