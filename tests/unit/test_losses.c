/* What guessing costs, against the losses themselves. */
#include <criterion/criterion.h>

#include <math.h>

#include "cpu.h"
#include "net/losses.h"
#include "tables.h"

enum { CLASSES = 4, SAMPLES = 20 };
static const size_t counts[CLASSES] = {11, 5, 3, 1};

/* The mean loss of the same logits for each sample. */
static double mean_loss(const struct loss_row *row, const double *logits) {
    double sum = 0.0;
    for (uint32_t label = 0; label < CLASSES; label++) {
        float z[CLASSES], loss;
        for (size_t c = 0; c < CLASSES; c++)
            z[c] = (float)logits[c];
        row->loss(&kernels_scalar, 1, CLASSES, z, CLASSES, &label, 1.0f, &loss);
        sum += (double)counts[label] * (double)loss;
    }
    return sum / SAMPLES;
}

Test(losses, guessing_costs_the_least_that_constant_outputs_do) {
    double frequency[CLASSES];
    for (size_t c = 0; c < CLASSES; c++)
        frequency[c] = (double)counts[c] / SAMPLES;

    for (size_t i = 0; i < loss_row_count && loss_rows[i].guess_loss != NULL; i++) {
        const struct loss_row *row = &loss_rows[i];
        bool softmax = i == MINNOW_LOSS_SOFTMAX;
        double logits[CLASSES];
        for (size_t c = 0; c < CLASSES; c++) /* whose outputs are the frequencies */
            logits[c] = log(frequency[c] / (softmax ? 1.0 : 1.0 - frequency[c]));

        double guess = row->guess_loss(frequency, CLASSES);
        cr_assert_float_eq(mean_loss(row, logits), guess, 1e-6, "%s: %g", row->name, guess);
        for (size_t c = 0; c < CLASSES; c++) {
            double before = logits[c];
            logits[c] = before + 0.3;
            cr_assert_gt(mean_loss(row, logits), guess, "%s", row->name);
            logits[c] = before - 0.3;
            cr_assert_gt(mean_loss(row, logits), guess, "%s", row->name);
            logits[c] = before;
        }
    }
}

/* A class that never occurs, and one that always does. */
Test(losses, certainty_costs_nothing) {
    static const double certain[] = {0.0, 1.0, 0.0};
    for (size_t i = 0; i < loss_row_count && loss_rows[i].guess_loss != NULL; i++)
        cr_assert_float_eq(loss_rows[i].guess_loss(certain, 3), 0.0, 0, "%s", loss_rows[i].name);
}
