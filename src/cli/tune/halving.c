/* Successive halving (Jamieson and Talwalkar 2016): many sets of options are tried for a few epochs, the best third of
   them for three times as many, and so on. Each trial is a whole run, with its schedule; so the last ones are what
   minnow train makes of the same options. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "cli/frame/clock.h"
#include "cli/frame/interrupt.h"
#include "cli/frame/side_by_side.h"
#include "cli/frame/terminal.h"
#include "cli/tune/tune.h"

enum { THIRD = 3, RUNGS_MOST = 3, BRACKET = 9 };

/* ---- Which is better ---- */

/* A figure that is no number, of a run that diverged, is the worst. */
bool trial_is_better(const struct trial *a, const struct trial *b) {
    if (isnan(a->figure) || isnan(b->figure))
        return !isnan(a->figure) && isnan(b->figure);
    if (a->figure != b->figure)
        return a->figure > b->figure;
    return a->loss < b->loss;
}

const struct trial *halving_best(const struct tuning *tuning) {
    const struct trial *best = NULL;
    for (size_t i = 0; i < tuning->count; i++) {
        const struct trial *trial = &tuning->trials[i];
        if (trial->done && !isnan(trial->figure) && (best == NULL || trial_is_better(trial, best)))
            best = trial;
    }
    return best;
}

/* ---- The plan ---- */

/* How many rungs there are for so many epochs: a run of one epoch has none below it. */
static unsigned rungs_of(uint64_t epochs) {
    unsigned rungs = 1;
    for (uint64_t left = epochs; rungs < RUNGS_MOST && left >= THIRD; left /= THIRD)
        rungs++;
    return rungs;
}

static uint64_t epochs_at(uint64_t epochs, unsigned rung, unsigned rungs) {
    for (; rung + 1 < rungs; rung++)
        epochs = (epochs + 1) / THIRD;
    return epochs > 0 ? epochs : 1;
}

static size_t trials_at(size_t first, unsigned rung) {
    for (; rung > 0; rung--)
        first = first / THIRD;
    return first > 0 ? first : 1;
}

/* The most sets to begin with whose trials, over all rungs, fit in the budget. */
static size_t first_rung(size_t budget, unsigned rungs) {
    for (size_t first = budget; first > 1; first--) {
        size_t sum = 0;
        for (unsigned rung = 0; rung < rungs; rung++)
            sum += trials_at(first, rung);
        if (sum <= budget)
            return first;
    }
    return 1;
}

/* ---- Carrying it out ---- */

struct rung {
    struct tuning *tuning;
    size_t begin; /* its first trial */
};

static bool time_is_up(const struct tuning *tuning) {
    return tuning->trials_most == 0 && clock_seconds() - tuning->began >= tuning->seconds_most;
}

static void tell(const struct tuning *tuning, const struct trial *trial) {
    const struct trial *best = halving_best(tuning);
    if (isnan(trial->figure))
        note("trial %zu: %s --epochs %llu: no result", trial->number + 1, trial->options,
             (unsigned long long)trial->epochs);
    else if (train_predicts_numbers(tuning->base))
        note("trial %zu: %s --epochs %llu: R² %.4f", trial->number + 1, trial->options,
             (unsigned long long)trial->epochs, trial->figure);
    else
        note("trial %zu: %s --epochs %llu: %.2f %%", trial->number + 1, trial->options,
             (unsigned long long)trial->epochs, 100 * trial->figure);
    if (best != NULL)
        progress("%zu trials, the best %.4f", tuning->finished, best->figure);
}

static void run_one(size_t index, unsigned threads, void *context) {
    struct rung *rung = context;
    struct tuning *tuning = rung->tuning;
    struct trial *trial = &tuning->trials[rung->begin + index];
    if (interrupted() || time_is_up(tuning))
        return;
    struct trial own = *trial; /* others look at all trials, under the lock */
    if (!state_recall(tuning, &own))
        trial_run(tuning, &own, threads);

    pthread_mutex_lock(&tuning->lock);
    *trial = own;
    tuning->finished += trial->done;
    if (trial->done && !trial->recalled)
        (void)state_write(tuning);
    if (trial->done)
        tell(tuning, trial);
    pthread_mutex_unlock(&tuning->lock);
}

/* Appends a trial with a set of options. */
static int add_trial(struct tuning *tuning, uint32_t draw, uint64_t epochs) {
    if (tuning->count == tuning->room) {
        size_t room = tuning->room > 0 ? 2 * tuning->room : 64;
        struct trial *trials = realloc(tuning->trials, room * sizeof *trials);
        if (trials == NULL)
            return problem(STATUS_FAILURE, "tune: not enough memory for %zu trials", room);
        tuning->trials = trials;
        tuning->room = room;
    }
    struct trial *trial = &tuning->trials[tuning->count];
    *trial =
        (struct trial){.number = tuning->count, .draw = draw, .epochs = epochs, .figure = NAN, .loss = NAN};
    space_draw(tuning, draw, trial->options);
    snprintf(trial->name, sizeof trial->name, "trial %zu", trial->number + 1);
    tuning->count++;
    return STATUS_SUCCESS;
}

/* The draws of the trials of a rung, the best first. Equal ones stay in their order. */
static void rank(const struct tuning *tuning, size_t begin, size_t count, uint32_t *draws) {
    bool *taken = memory_allocate(count, sizeof *taken);
    for (size_t place = 0; place < count && taken != NULL; place++) {
        size_t best = count;
        for (size_t i = 0; i < count; i++)
            if (!taken[i] &&
                (best == count || trial_is_better(&tuning->trials[begin + i], &tuning->trials[begin + best])))
                best = i;
        taken[best] = true;
        draws[place] = tuning->trials[begin + best].draw;
    }
    memory_free(taken);
}

/* One bracket: `first` new sets of options, numbered from `draw` on, through all rungs. */
static int run_bracket(struct tuning *tuning, uint32_t draw, size_t first, uint32_t *draws) {
    uint64_t epochs = tuning->base->settings.epochs;
    unsigned rungs = rungs_of(epochs);
    for (size_t i = 0; i < first; i++)
        draws[i] = draw + (uint32_t)i;

    for (unsigned r = 0; r < rungs && !interrupted() && !time_is_up(tuning); r++) {
        size_t count = trials_at(first, r);
        struct rung rung = {tuning, tuning->count};
        int status = STATUS_SUCCESS;
        for (size_t i = 0; i < count && status == STATUS_SUCCESS; i++)
            status = add_trial(tuning, draws[i], epochs_at(epochs, r, rungs));
        if (status != STATUS_SUCCESS)
            return status;
        side_by_side(count, tuning->threads, run_one, &rung);
        rank(tuning, rung.begin, count, draws);
    }
    return STATUS_SUCCESS;
}

int halving_run(struct tuning *tuning) {
    unsigned rungs = rungs_of(tuning->base->settings.epochs);
    size_t first = tuning->trials_most > 0 ? first_rung(tuning->trials_most, rungs) : BRACKET;
    uint32_t *draws = memory_allocate(first, sizeof *draws), draw = 0;
    if (draws == NULL)
        return problem(STATUS_FAILURE, "tune: not enough memory for %zu trials", first);

    int status;
    do {
        status = run_bracket(tuning, draw, first, draws);
        draw += (uint32_t)first;
    } while (status == STATUS_SUCCESS && tuning->trials_most == 0 && !interrupted() && !time_is_up(tuning) &&
             tuning->count < TRIALS_MOST);
    memory_free(draws);
    return status;
}
