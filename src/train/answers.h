/* What the logits of a mini-batch are compared with: labels or targets, as the dataset has them, mixed and
   smoothed where the configuration asks for it. */
#ifndef MINNOW_TRAIN_ANSWERS_H
#define MINNOW_TRAIN_ANSWERS_H

#include "train/stages/stage.h"

struct answers {
    const minnow_network *network;
    const minnow_dataset *dataset;

    /* [batch]: a sample is answered rightly where these two are equal. Where targets say what is right, label is 1, and
       predicted 1 if the answer is. */
    uint32_t *label, *predicted;
    float *loss;          /* [batch] */
    struct matrix target; /* [batch][outputs], where the loss is of targets; else no data */
    bool right_by_target; /* whether targets, and not labels, say what is right */

    bool mixed; /* as the mini-batch says */

    /* [batch]: what multiplies each sample's loss and its gradient; NULL where none has a weight. */
    float *factor;
    bool weighs_targets; /* class weights multiply targets, and not the samples' losses */

    /* Then a target t becomes kept · t + share. */
    bool smoothed;
    float kept, share;
};

/* Of mini-batches of at most `batch` samples; the configuration and the weights fit the network. Errors: MEMORY. In either
   case answers_close frees. */
minnow_status answers_open(const minnow_network *network, const minnow_dataset *dataset,
                           const minnow_training_config *config, size_t batch, struct answers *out);
void answers_close(struct answers *answers);

/* Whether the dataset's weights make sense with that loss, and, where it matters, one is above 0. Errors: ARGUMENT. */
minnow_status answers_check_weights(const minnow_network *network, const minnow_dataset *dataset,
                                    bool some_above_0);

/* What struct minibatch calls weighing. */
double answers_weighing(const struct answers *answers, const struct minibatch *batch);

/* Brings in the answers of these samples of the mini-batch. */
void answers_load(struct answers *answers, const struct minibatch *batch, struct range samples);

/* From the logits z [count of samples][outputs] of these samples: predictions, losses, and the loss's gradient, which takes
   the place of z. */
void answers_compare(struct answers *answers, const struct minibatch *batch, struct range samples, float *z,
                     size_t ldz);

#endif
