/* Ranks that are threads of one process: what they send lies in a list until it is fetched. */
#ifndef TESTS_SUPPORT_LOCAL_COMM_H
#define TESTS_SUPPORT_LOCAL_COMM_H

#include <stdint.h>

#include "minnow/minnow.h"

struct local_ranks;

/* Ends the test if there is no memory. */
struct local_ranks *local_ranks_make(unsigned ranks);
void local_ranks_free(struct local_ranks *ranks);

/* The communicator of a rank. */
minnow_comm *local_comm(struct local_ranks *ranks, unsigned rank);

/* The rank's `call`-th call that starts or waits for something, from 1, fails. 0: none does. */
void local_comm_fail_at(struct local_ranks *ranks, unsigned rank, uint64_t call);

/* How many such calls a rank has made, and how many bytes it has sent. */
uint64_t local_comm_calls(const struct local_ranks *ranks, unsigned rank);
uint64_t local_comm_bytes(const struct local_ranks *ranks, unsigned rank);

#endif
