/* Scores of each class, beside the share that is right. */
#ifndef MINNOW_CLI_TEST_CLASSES_H
#define MINNOW_CLI_TEST_CLASSES_H

#include <jansson.h>

#include "cli/inputs/evaluation.h"

/* Of class c: precision, the share of what was taken for c that is c; recall, the share of c that was found; F1, their
   harmonic mean. NaN where there was nothing to share. */
struct class_scores {
    size_t classes;
    double *precision, *recall, *f1; /* [classes] each */
    double macro_f1;                 /* the mean of F1 over the classes that occur */
    double
        auc; /* of two classes: how often a sample of the second gets a higher output for it than one of the first
                   (Hanley & McNeil 1982); NaN for more classes */
};

/* Returns 0 or, having said why, an exit status. class_scores_free in either case. */
int class_scores_of(const minnow_network *network, const minnow_dataset *dataset,
                    const struct evaluation *evaluation, struct class_scores *out);
void class_scores_free(struct class_scores *scores);

void class_scores_print(const struct class_scores *scores, const struct evaluation *evaluation,
                        const json_t *names);
void class_scores_json(const struct class_scores *scores, json_t *object);

#endif
