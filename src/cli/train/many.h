/* Several networks on the same data, a network a core: minnow train --seeds. */
#ifndef MINNOW_CLI_TRAIN_MANY_H
#define MINNOW_CLI_TRAIN_MANY_H

#include <pthread.h>

#include "cli/train/train.h"

/* What became of one of them. */
struct member {
    uint64_t seed;
    size_t fold;   /* of --folds, from 0 */
    char name[32]; /* "seed 3" or "fold 3", for messages */
    bool finished; /* whatever became of it */
    bool done;     /* to the end of the last epoch */
    int status;    /* STATUS_SUCCESS also if it was interrupted */
    struct outcome on_test, on_validation;
    double best_accuracy; /* on the validation samples, in any epoch; NaN without them */
    double seconds;       /* of training */
    bool collapsed;
    uint32_t crc32;
    struct train_run run; /* its network, while that is kept */
};

struct many {
    struct train_run *run; /* the data and the settings that all share */
    size_t count;
    struct member *members; /* [count] */
    unsigned threads;
    uint32_t *rank; /* of --folds, of each training sample: fold f of K has the ranks f, f + K, …; or NULL */
    minnow_network *ensemble; /* of those that are done, with --ensemble; else NULL */
    struct outcome ensemble_on_test, ensemble_on_validation;
    double began, seconds; /* the latter of all together, at the end */

    pthread_mutex_t lock; /* while they train, for all below */
    size_t finished;
    size_t told; /* members that people know of: the first so many */
};

/* ---- many.c ---- */

/* What is compared: the accuracy or, of numbers, R². */
double many_figure(const struct many *many, const struct outcome *outcome);

/* The member that is best on the validation samples, of those that are finished, and of equals the first; NULL if there
   is none. Under the lock: what others are about to write is not looked at. */
struct member *many_best(const struct many *many);

/* ---- many_report.c ---- */

/* Tells of the members that are finished, in their order, as far as no earlier one is missing. Under the lock. */
void many_tell(struct many *many);
/* The table, and what is to be known of all together. */
void many_print_end(const struct many *many);

#endif
