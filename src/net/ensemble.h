/* Networks of one shape whose outputs are averaged, behind the handle of one network. */
#ifndef MINNOW_NET_ENSEMBLE_H
#define MINNOW_NET_ENSEMBLE_H

#include "net/network.h"

enum { ENSEMBLE_MOST = 256 };

/* How many networks it is: 1, unless it is an ensemble. */
static inline size_t network_members(const minnow_network *network) {
    return network->other_count + 1;
}

/* One of them; the first is the network itself. */
static inline const minnow_network *network_member(const minnow_network *network, size_t index) {
    return index == 0 ? network : network->others[index - 1];
}

/* Makes room for the others of an ensemble of `members` networks, whose parameters are all 0 at first. Errors: MEMORY. */
minnow_status network_add_members(minnow_network *network, size_t members);

/* Refuses an ensemble where one network is needed: "WHAT takes one network, this is an ensemble of 5". Errors: ARGUMENT. */
minnow_status network_check_single(const minnow_network *network, const char *what);

/* "members.3.", with which names of a member's tensors begin in files; "" of a network alone. */
enum { ENSEMBLE_PREFIX = 32 };
void network_member_prefix(const minnow_network *network, size_t index, char text[ENSEMBLE_PREFIX]);

/* The mean of the members' outputs z[m][outputs], turned back into logits, from which labels, outputs and losses follow
   as from those of one network. `run` leaves the logits of a member in a part of scratch; sum holds [m][network_widest]
   too. Returns sum. */
float *network_ensemble_logits(const minnow_network *network, size_t m, float *sum,
                               float *(*run)(const minnow_network *member, size_t m, const void *input,
                                             float *scratch),
                               const void *input, float *scratch);

#endif
