/* What a network gets right and wrong, label by label. */
#ifndef MINNOW_CLI_EVALUATION_H
#define MINNOW_CLI_EVALUATION_H

#include "minnow/minnow.h"

struct evaluation {
    struct minnow_evaluation totals;
    size_t classes;
    uint32_t *predicted; /* [samples] */
    size_t *samples;     /* [classes], of that label */
    size_t *errors;      /* [classes], of that label, taken for another */
};

/* Whether the dataset is one the network can be run on; says so if not. `model` is its name for the message.
   Returns 0 or an exit status. */
int evaluation_check(const minnow_network *network, const char *model, const minnow_dataset *dataset,
                     const char *data);
/* Returns 0 or, having said why, an exit status. evaluation_free in either case. */
int evaluation_run(const minnow_network *network, const minnow_dataset *dataset, unsigned threads,
                   struct evaluation *out);
void evaluation_free(struct evaluation *evaluation);

/* What is reached without looking at the samples: the least mean loss of outputs that are always the same, and the
   share of the most frequent class. */
struct guess {
    double loss, accuracy;
};
/* By the frequencies of the dataset's labels. Returns 0 or, having said why, an exit status. */
int guess_on(const minnow_network *network, const minnow_dataset *dataset, struct guess *out);
/* Whether a loss on the same dataset is no better. Never where there is nothing to guess. */
bool guess_is_as_good(const struct guess *guess, double loss);

double evaluation_accuracy(const struct evaluation *evaluation);

#endif
