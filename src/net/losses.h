/* The table of losses: everything above the kernels that depends on which one it is stands in its row. */
#ifndef MINNOW_NET_LOSSES_H
#define MINNOW_NET_LOSSES_H

#include <stdbool.h>

#include "kernels.h"
#include "minnow/minnow.h"
#include "net/export.h"
#include "net/parameters.h"

struct loss_row {
    const char *name; /* as the command line and model files spell it */
    const char *help; /* what it is, for --help */

    /* Whether an output is the probability of its class. Those of a quadratic loss are mere activations. */
    bool probabilities;

    /* From logits z[m][n] and a label below n for each row: each sample's loss, and z becomes
       scale · ∂loss/∂z. NULL: the loss is one of numbers, which labels are not. */
    void (*loss)(const struct kernels *kernels, size_t m, size_t n, float *z, size_t ldz,
                 const uint32_t *label, float scale, float *loss);

    /* The least mean loss of outputs that are the same for every sample, where class c has the share
       frequency[c] of them: what guessing costs. NULL for a loss of numbers. */
    double (*guess_loss)(const double *frequency, size_t classes);

    /* `loss` with targets [m][n] instead of labels. NULL: the loss takes labels alone. */
    void (*target_loss)(const struct kernels *kernels, size_t m, size_t n, float *z, size_t ldz,
                        const struct matrix *target, float scale, float *loss);

    /* Whether target_loss is linear in the targets, whatever they sum to, so that a class's weight can multiply its
       target. */
    bool weighs_targets;

    /* The share of a label smoothing that each of n outputs' targets gets. NULL: the loss has none. */
    double (*smoothed_share)(size_t n);

    /* Whether logits z[n] answer a sample's targets rightly. NULL: there is no right or wrong. */
    bool (*right)(size_t n, const float *z, const float *target);

    /* Turns logits z[m][n] into the output layer's activations, in place. */
    void (*outputs)(const struct kernels *kernels, size_t m, size_t n, float *z, size_t ldz);

    /* The other way round: logits whose outputs, to rounding, are these. */
    void (*logits)(const struct kernels *kernels, size_t m, size_t n, float *a, size_t lda);

    /* The same for other programs: the output activation in ONNX, and C statements that turn the logits in
       outputs[@_OUTPUTS], of which outputs[label] is the largest, into it. */
    struct onnx_step onnx[ONNX_STEPS_MOST];
    const char *c_source;
};

extern const struct loss_row loss_rows[]; /* by minnow_loss */
extern const size_t loss_row_count;

/* The row of a loss; NULL for a value that is none. */
const struct loss_row *loss_row(minnow_loss loss);

/* The loss of that name. False if there is none. */
bool loss_find(const char *name, minnow_loss *out);

#endif
