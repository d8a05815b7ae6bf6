/* Which epoch was the best, when it is time to stop, and which weights a run ends with. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cli/frame/interrupt.h"
#include "cli/frame/terminal.h"
#include "cli/train/train.h"
#include "data/dataset.h"

const char *choice_keep(size_t index) {
    static const char *const names[] = {[KEEP_BEST] = "best", [KEEP_LAST] = "last"};
    return index <= KEEP_LAST ? names[index] : NULL;
}

bool train_keeps_best(const struct train_run *run) {
    return run->validation != NULL && run->settings.keep == KEEP_BEST && run->best_epoch != 0;
}

const minnow_dataset *train_final_samples(const struct train_run *run) {
    const minnow_dataset *own = run->validation != NULL ? run->validation : run->data.train;
    return run->data.test != NULL ? run->data.test : own;
}

const struct outcome *train_final_outcome(const struct train_run *run) {
    const struct outcome *own = run->validation != NULL ? &run->on_validation : &run->on_train;
    return run->data.test != NULL ? &run->on_test : own;
}

bool train_is_over(const struct train_run *run) {
    return run->progress.run_done || run->stopped;
}

/* Also of a run that goes on, whose checkpoint says no more than which epoch was the best. */
static void look_for_stop(struct train_run *run) {
    uint64_t patience = run->settings.patience;
    run->stopped = patience != 0 && run->validation != NULL && !run->progress.run_done &&
                   train_epochs_completed(run) >= run->best_epoch + patience;
}

/* What networks are chosen for, and papers report, is how often they are right. Few validation samples tie often; of
   those the loss still tells. */
static bool is_better(const struct train_run *run, double accuracy, double loss) {
    if (run->best_epoch == 0)
        return true;
    return accuracy > run->best_accuracy || (accuracy == run->best_accuracy && loss < run->best_loss);
}

int train_judge_epoch(struct train_run *run) {
    const struct outcome *outcome = &run->on_validation;
    double accuracy = train_predicts_numbers(run) ? fmax(outcome->numbers.r2, 0) : outcome->accuracy;
    if (run->validation != NULL && is_better(run, accuracy, outcome->loss)) {
        run->best_accuracy = accuracy;
        run->best_loss = outcome->loss;
        run->best_epoch = run->progress.epoch;
        minnow_status kept =
            train_keeps_best(run) ? minnow_trainer_keep_best(run->trainer, accuracy) : MINNOW_OK;
        if (kept != MINNOW_OK)
            return report(kept);
    }
    look_for_stop(run);
    if (run->validation != NULL) {
        double loss = isfinite(outcome->loss) ? outcome->loss : DBL_MAX;
        minnow_status told = minnow_trainer_tell_loss(run->trainer, loss);
        if (told != MINNOW_OK)
            return report(told);
    }
    return train_collapse_check(run);
}

/* ---- The end ---- */

/* Of the network as it is now: of the samples to validate and to test on or, without either, of those trained on. */
static int evaluate_end(struct train_run *run) {
    int status = STATUS_SUCCESS;
    if (run->validation != NULL)
        status = train_evaluate(run, run->validation, &run->on_validation);
    if (status == STATUS_SUCCESS && run->data.test != NULL)
        status = train_evaluate(run, run->data.test, &run->on_test);
    if (status == STATUS_SUCCESS && run->data.test == NULL && run->validation == NULL)
        status = train_evaluate(run, run->data.train, &run->on_train);
    return status;
}

/* The last epoch's outcomes are those of other weights, if an earlier one was better. */
int train_conclude(struct train_run *run) {
    bool best = train_keeps_best(run);
    bool known =
        run->data.test != NULL && !(best && run->best_epoch != train_epochs_completed(run)) && !run->stopped;
    run->concluded = true;
    if (best)
        minnow_trainer_use_best(run->trainer, true);
    else
        minnow_trainer_use_average(run->trainer, true);
    int status = known || !train_is_over(run) ? STATUS_SUCCESS : evaluate_end(run);
    run->collapse.now =
        run->collapse.now && (!best || guess_is_as_good(&run->collapse.on_train, run->on_validation.loss));
    return status;
}

/* What the file of --save would lose to a network that is not known to be good. */
enum loss_of_file { LOSES_NOTHING, LOSES_BETTER, LOSES_UNKNOWN };

/* Losses of different kinds are no more comparable than metres and hours: then it is how often either is right that
   tells (of numbers, R²). Where one class prevails that may be equally often, though only one of the two has learnt. */
static int compare_by_accuracy(const struct train_run *run, const minnow_network *there,
                               const minnow_dataset *samples, const struct outcome *its,
                               const struct outcome *own, bool *better) {
    if (train_predicts_numbers(run)) {
        *better = isfinite(its->numbers.r2) && !(own->numbers.r2 >= its->numbers.r2);
        return STATUS_SUCCESS;
    }
    struct guess own_guess = {0}, its_guess = {0};
    int status = guess_on(run->network, samples, &own_guess);
    if (status == STATUS_SUCCESS)
        status = guess_on(there, samples, &its_guess);
    bool has_learnt = !guess_is_as_good(&its_guess, its->loss) && guess_is_as_good(&own_guess, own->loss);
    *better = its->accuracy > own->accuracy || (its->accuracy == own->accuracy && has_learnt);
    return status;
}

/* Whether a network does better than the run's on the samples to validate or train on, which both of them fit. */
static int compare(const struct train_run *run, minnow_network *there, bool *better) {
    const minnow_dataset *samples = run->validation != NULL ? run->validation : run->data.train;
    struct train_run here = *run, other;
    struct outcome its, own;
    here.trainer = NULL; /* rank 0 alone has files to compare with */
    other = here;
    other.network = there;
    int status = train_evaluate(&other, samples, &its);
    if (status == STATUS_SUCCESS)
        status = train_evaluate(&here, samples, &own);
    if (status != STATUS_SUCCESS)
        return status;
    if (minnow_network_loss(there) != minnow_network_loss(run->network))
        return compare_by_accuracy(run, there, samples, &its, &own, better);
    *better = isfinite(its.loss) && !(own.loss <= its.loss);
    return STATUS_SUCCESS;
}

static bool has_same_ends(const minnow_network *a, const minnow_network *b) {
    size_t last_a = minnow_network_layer_count(a), last_b = minnow_network_layer_count(b);
    return minnow_network_layer_size(a, 0) == minnow_network_layer_size(b, 0) &&
           minnow_network_layer_size(a, last_a) == minnow_network_layer_size(b, last_b);
}

/* A file that is no network of ours, or one that the samples do not fit, may be dear to somebody all the same. */
static enum loss_of_file file_would_lose(const struct train_run *run) {
    const char *save = run->settings.save;
    struct stat info;
    minnow_network *there;
    if (save == NULL || stat(save, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size == 0)
        return LOSES_NOTHING;
    if (minnow_network_load(save, NULL, &there) != MINNOW_OK)
        return LOSES_UNKNOWN;

    bool better = false;
    bool known = has_same_ends(there, run->network) && compare(run, there, &better) == STATUS_SUCCESS;
    minnow_network_free(there);
    if (!known)
        return LOSES_UNKNOWN;
    return better ? LOSES_BETTER : LOSES_NOTHING;
}

static void say_not_saved(const char *save, enum loss_of_file loses, bool guesses) {
    if (loses == LOSES_BETTER)
        note("not saved: %s has a better network%s", save,
             guesses ? ", as this one is no better than guessing" : "");
    else
        note("not saved: %s holds nothing to compare this network with%s; name another file, or remove it",
             save, guesses ? ", which is no better than guessing" : "");
}

int train_save_result(struct train_run *run) {
    enum loss_of_file loses = run->collapse.now ? file_would_lose(run) : LOSES_NOTHING;
    if (loses == LOSES_NOTHING)
        return train_save(run);
    say_not_saved(run->settings.save, loses, true);
    return interrupted() ? interrupt_status() : STATUS_FAILURE;
}

/* ---- Divergence ---- */

/* The weights that were good last: the best ones, or those of the last epoch that ended. */
static size_t restore_good(struct train_run *run) {
    if (!train_keeps_best(run))
        return run->progress.epoch - 1;
    minnow_trainer_use_best(run->trainer, true);
    return run->best_epoch;
}

int train_end_diverged(struct train_run *run) {
    const char *save = run->settings.save;
    int status = report(MINNOW_ERROR_DIVERGED);
    size_t epoch = restore_good(run);
    if (run->side_by_side) /* of several networks, whose files are those of all */
        return status;
    enum loss_of_file loses = epoch > 0 ? file_would_lose(run) : LOSES_NOTHING;
    bool saves = save != NULL && epoch > 0 && loses == LOSES_NOTHING;
    if (saves && train_save(run) == STATUS_SUCCESS)
        note("%s has the weights after epoch %zu, which were good", save, epoch);
    else if (save != NULL && loses != LOSES_NOTHING)
        say_not_saved(save, loses, false);
    else if (save != NULL && !saves)
        note("not saved: %s, as no epoch was finished", save);
    if (run->common.json)
        train_print_diverged(run, saves ? epoch : 0);
    return status;
}
