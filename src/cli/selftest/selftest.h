/* What the files of minnow selftest share. */
#ifndef MINNOW_CLI_SELFTEST_H
#define MINNOW_CLI_SELFTEST_H

#include "harness/check.h"
#include "cli/frame/options.h"
#include "minnow/minnow.h"

struct selftest {
    struct common_options common;
    bool failed;
    struct slot {
        void *memory;
        size_t bytes;
    } slots[2][KERNEL_OPERANDS]; /* operands of the kernel under test, and of scalar's */
};

/* ---- kernels.c ---- */

/* --isa NAME: that table and scalar; otherwise all that this machine runs. */
bool selftest_wants(const struct selftest *self, const struct kernels *table);

/* Runs every operation of a table beside scalar's and says how they compare. */
void selftest_check_table(struct selftest *self, const struct kernels *table);
void selftest_free_slots(struct selftest *self);

/* ---- training.c ---- */

/* Trains small networks through every table. Returns 0 or, having said why they could not be trained, an exit
   status; different parameters make self->failed true. */
int selftest_check_trainings(struct selftest *self);

/* Says once why a training cannot be compared: it ended with an error, which minnow_last_error() describes, or
   left the parameters' CRC-32 as it was before. Returns 0 if it can be compared, else the exit status. */
int selftest_training_outcome(const char *isa, minnow_status trained, uint32_t before, uint32_t after);

#endif
