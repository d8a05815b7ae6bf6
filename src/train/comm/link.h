/*
 * A communicator in use: messages, and what is made of them. The first failure ends it: the other ranks are told, and
 * everything after that does nothing, so that a step need not look behind each message but once, at its end.
 *
 * All functions are for the thread that calls the trainer, the first of its team.
 */
#ifndef MINNOW_TRAIN_COMM_LINK_H
#define MINNOW_TRAIN_COMM_LINK_H

#include <stdint.h>

#include "minnow/minnow.h"

/* As many ranks as sub-batches at most: a rank without any would have nothing to do. */
enum { RANKS_MOST = 1024 };

/* Messages with different tags may overtake each other. */
enum comm_tag { TAG_ALIKE, TAG_SMALL, TAG_SUMS, TAG_WEIGHTS, TAG_SQUARES, TAG_GATHER };

struct comm_link {
    minnow_comm *comm;
    unsigned rank, ranks;
    uint64_t bytes_sent;
    bool failed;
    char why[512];
};

/* Messages under way, which are waited for together. */
struct comm_group {
    size_t count, room;
    void **requests; /* [room] */
};

/* Whether the library can use it. Errors: ARGUMENT. */
minnow_status comm_check(const minnow_comm *comm);

struct comm_link link_of(minnow_comm *comm);
/* OK, or COMMUNICATION with what went wrong first. */
minnow_status link_status(const struct comm_link *link);
/* This rank cannot do its part of what all do next, as minnow_last_error() says: the others are told, who else would wait
   for its messages for ever. */
void link_leave(struct comm_link *link);

/* Room for so many messages, each of which may be of `bytes` at most. Errors: MEMORY. */
minnow_status comm_group_open(struct comm_group *group, size_t messages, size_t bytes);
void comm_group_close(struct comm_group *group);

/* Start a message, which may be of no bytes: then nothing is sent. Longer ones than a communicator takes go in parts. */
void link_send(struct comm_link *link, struct comm_group *group, const void *data, size_t bytes, unsigned to,
               enum comm_tag tag);
void link_receive(struct comm_link *link, struct comm_group *group, void *data, size_t bytes, unsigned from,
                  enum comm_tag tag);
/* Waits for all of the group, also after a failure, as the memory may not be used before. */
void link_wait(struct comm_link *link, struct comm_group *group);
void link_progress(struct comm_link *link);

/* Begins to send this rank's part of `data` to all, and to receive theirs: rank r's are bytes begin[r] to begin[r + 1]. The
   group has room for twice as many messages as there are other ranks. */
void link_start_all_gather(struct comm_link *link, struct comm_group *group, void *data, const size_t *begin,
                           enum comm_tag tag);
/* The same, waited for. Errors: COMMUNICATION, MEMORY. */
minnow_status link_all_gather(struct comm_link *link, void *data, const size_t *begin, enum comm_tag tag);

#endif
