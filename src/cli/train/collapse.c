/* A run that is no better than guessing: a learning rate too high has driven every sample to the same output, or a
   low one has not moved it from where it began. The exit status of either is 0, so people must be told. */
#include <stdio.h>

#include "cli/frame/terminal.h"
#include "cli/train/train.h"
#include "data/dataset.h"

/* A run of fewer updates has hardly begun, whatever its loss. */
enum { UPDATES_OF_A_START = 100 };

/* An epoch whose mean loss is so many times that of the untrained network has been driven there. */
static const double FAR_ABOVE = 1.2;

/* The loss on the first samples, enough to tell whether it rises or falls. */
static int loss_on_first(const struct train_run *run, double *loss) {
    enum { FIRST = 1024 };
    minnow_dataset first = *run->data.train; /* a view, which owns nothing */
    first.count = first.count < FIRST ? first.count : FIRST;
    struct outcome outcome;
    int status = train_evaluate(run, &first, &outcome);
    *loss = outcome.loss;
    return status;
}

int train_collapse_start(struct train_run *run) {
    struct collapse *collapse = &run->collapse;
    bool begins = run->progress.epoch <= 1 && run->progress.epoch_samples == 0;
    collapse->start_loss = NAN;

    int status = guess_on(run->network, run->data.train, &collapse->on_train);
    if (status == STATUS_SUCCESS)
        status = guess_on(run->network, train_final_samples(run), &collapse->on_final);
    if (status == STATUS_SUCCESS && begins)
        status = loss_on_first(run, &collapse->start_loss);
    return status;
}

static bool all_the_same(const struct evaluation *evaluation) {
    for (size_t i = 1; i < evaluation->totals.total; i++)
        if (evaluation->predicted[i] != evaluation->predicted[0])
            return false;
    return true;
}

/* Looks at the training samples again with the network as it is now: an epoch's own loss is the mean over the
   networks on the way, the untrained one among them. */
static int look_again(struct train_run *run) {
    struct collapse *collapse = &run->collapse;
    struct evaluation evaluation;
    int status = evaluation_run(run->network, run->data.train, run->common.threads, &evaluation);
    double loss_now = NAN;
    collapse->now = status == STATUS_SUCCESS && guess_is_as_good(&collapse->on_train, evaluation.totals.loss);
    if (collapse->now)
        status = loss_on_first(run, &loss_now);

    size_t count = minnow_dataset_count(run->data.train), batch = run->config.batch;
    size_t updates = run->progress.epoch * ((count - 1) / batch + 1);
    bool hardly_begun = updates < UPDATES_OF_A_START;
    if (!hardly_begun && collapse->now && (!(loss_now <= collapse->start_loss) || all_the_same(&evaluation)))
        collapse->driven = true;
    collapse->slow = !collapse->driven; /* a loss that was far above guessing wants no higher rate */
    evaluation_free(&evaluation);
    return status;
}

/* Neither the outputs nor the labels say anything about the test samples. One of the two may be so in a network that
   has learnt: overfitting raises the loss, and where one class prevails no label may ever differ. */
static bool tested_as_guess(const struct train_run *run) {
    const struct collapse *collapse = &run->collapse;
    return run->data.test != NULL && run->on_test.accuracy <= collapse->on_final.accuracy &&
           guess_is_as_good(&collapse->on_final, run->on_test.loss);
}

bool train_is_majority(const struct train_run *run) {
    double accuracy = train_final_outcome(run)->accuracy;
    return accuracy < 1.0 && accuracy <= run->collapse.on_final.accuracy;
}

int train_collapse_check(struct train_run *run) {
    struct collapse *collapse = &run->collapse;
    const struct minnow_progress *now = &run->progress;
    int status = STATUS_SUCCESS;
    collapse->now = collapse->slow = false;
    if (now->train_loss > FAR_ABOVE * collapse->start_loss)
        collapse->driven = true;
    if (guess_is_as_good(&collapse->on_train, now->train_loss) || tested_as_guess(run))
        status = look_again(run);

    if (status == STATUS_SUCCESS && collapse->now && collapse->said == 0) {
        char text[TRAIN_COLLAPSE_TEXT];
        train_collapse_text(run, text);
        note("epoch %zu: %s", now->epoch, text);
        collapse->said = now->epoch;
    }
    return status;
}

void train_collapse_text(const struct train_run *run, char text[TRAIN_COLLAPSE_TEXT]) {
    const char *advice = run->collapse.slow ? "more --epochs or a higher" : "a lower";
    snprintf(text, TRAIN_COLLAPSE_TEXT,
             "no better than guessing; try %s --lr than %g (training loss %.4f, that of guessing %.4f)",
             advice, run->config.learning_rate, run->progress.train_loss, run->collapse.on_train.loss);
}
