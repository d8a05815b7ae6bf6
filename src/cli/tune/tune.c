/* minnow tune: looks for options that train well. */
#include "cli/tune/tune.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/team.h"
#include "cli/command.h"
#include "cli/frame/clock.h"
#include "cli/frame/interrupt.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/model_file.h"

struct settings {
    struct train_settings train; /* first: those of the options that train has too */
    const char *budget, *state;
};

static const struct option options[] = {
    {.name = "budget",
     .value = "N",
     .help = "how much is tried: a number of runs of training, '20trials', or a\n"
             "time, '60s' or '10min'",
     .show_default = true,
     .kind = OPTION_TEXT,
     .offset = offsetof(struct settings, budget)},
    {.name = "state",
     .value = "FILE",
     .help = "keep what the trials have shown in a file; the same command goes\n"
             "on from it when it was ended, or tries more with a larger budget",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct settings, state)},
};

/* ---- The budget ---- */

/* "20trials" or "20"; "60s", "10min" or "2h". */
static bool parse_budget(const char *text, struct tuning *tuning) {
    static const struct {
        const char *unit;
        double seconds; /* 0: trials */
    } units[] = {{"", 0}, {"trials", 0}, {"trial", 0}, {"s", 1}, {"min", 60}, {"h", 3600}};
    const double longest = 1e7;
    char number[24];
    size_t length = strspn(text, "0123456789.");
    uint64_t trials;
    double value;
    if (length == 0 || length >= sizeof number)
        return false;
    memcpy(number, text, length);
    number[length] = '\0';
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(text + length, units[i].unit) != 0)
            continue;
        if (units[i].seconds > 0) {
            tuning->seconds_most = number_parse_double(number, &value) ? value * units[i].seconds : 0;
            return tuning->seconds_most > 0 && tuning->seconds_most <= longest;
        }
        tuning->trials_most = number_parse_u64(number, &trials) && trials <= TRIALS_MOST ? (size_t)trials : 0;
        return tuning->trials_most > 0;
    }
    return false;
}

/* ---- The result ---- */

static int compare(const void *a, const void *b) {
    const struct trial *const *first = a, *const *second = b;
    if (trial_is_better(*first, *second))
        return -1;
    if (trial_is_better(*second, *first))
        return 1;
    return (*first)->number < (*second)->number ? -1 : 1;
}

static const char *figure_name(const struct tuning *tuning) {
    return train_predicts_numbers(tuning->base) ? "validation_r2" : "validation_accuracy";
}

static json_t *json_trial(const struct tuning *tuning, const struct trial *trial) {
    return json_pack("{s:I, s:s, s:I, s:o, s:o}", "trial", (json_int_t)trial->number + 1, "options",
                     trial->options, "epochs", (json_int_t)trial->epochs, figure_name(tuning),
                     json_number(trial->figure), "validation_loss", json_number(trial->loss));
}

static void print_command(const struct tuning *tuning, const struct trial *trial) {
    char *command = trial_command(tuning, trial);
    print("%s\n", command != NULL ? command : "(not enough memory for the command)");
    free(command);
}

/* Trials in the order of their figures, the best first, and then what to do. */
static void print_table(const struct tuning *tuning, const struct trial *const *sorted, size_t count) {
    const struct colours *colour = output_colours();
    bool numbers = train_predicts_numbers(tuning->base);
    print("%s%12s  %8s  %6s  options%s\n", colour->bold, numbers ? "R²" : "accuracy", "loss", "epochs",
          colour->plain);
    for (size_t i = 0; i < count; i++) {
        const struct trial *trial = sorted[i];
        if (isnan(trial->figure))
            print("%12s  %8s", "-", "-");
        else
            print(numbers ? "%12.4f  %8.4f" : "%10.2f %%  %8.4f", (numbers ? 1 : 100) * trial->figure,
                  trial->loss);
        print("  %6llu  %s\n", (unsigned long long)trial->epochs, trial->options);
    }
    print("\n");
    if (isnan(sorted[0]->figure))
        print("none of the trials learned anything\n");
    else
        print_command(tuning, sorted[0]);
}

static void print_objects(const struct tuning *tuning, const struct trial *const *sorted, size_t count) {
    for (size_t i = 0; i < count; i++) {
        json_t *object = json_trial(tuning, sorted[i]);
        json_object_set_new(object, "event", json_string("trial"));
        print_json(object);
    }
    json_t *best = isnan(sorted[0]->figure) ? json_null() : json_trial(tuning, sorted[0]);
    char *command = isnan(sorted[0]->figure) ? NULL : trial_command(tuning, sorted[0]);
    print_json(json_pack("{s:s, s:I, s:o, s:o, s:f}", "event", interrupted() ? "interrupted" : "done",
                         "trials", (json_int_t)count, "best", best, "command",
                         command != NULL ? json_string(command) : json_null(), "seconds",
                         clock_seconds() - tuning->began));
    free(command);
}

static int tell(const struct tuning *tuning) {
    const struct trial **sorted = malloc((tuning->count + 1) * sizeof *sorted);
    size_t count = 0;
    if (sorted == NULL)
        return problem(STATUS_FAILURE, "tune: not enough memory for the table");
    for (size_t i = 0; i < tuning->count; i++)
        if (tuning->trials[i].done)
            sorted[count++] = &tuning->trials[i];
    if (count > 0)
        qsort(sorted, count, sizeof *sorted, compare);

    int status = count > 0 && !isnan(sorted[0]->figure) ? STATUS_SUCCESS : STATUS_FAILURE;
    if (count == 0)
        (void)problem(STATUS_FAILURE, "tune: the budget ended before the first trial did");
    else if (tuning->line->common.json)
        print_objects(tuning, sorted, count);
    else
        print_table(tuning, sorted, count);
    free(sorted);
    return status;
}

/* ---- The command ---- */

static int run_tuning(struct tuning *tuning) {
    tuning->began = clock_seconds();
    interrupt_watch(NULL);
    int status = halving_run(tuning);
    int told = tell(tuning);
    bool stopped = interrupted();
    interrupt_release();
    if (stopped)
        return interrupt_status();
    return status == STATUS_SUCCESS ? told : status;
}

static int tune(struct tuning *tuning, struct settings *settings) {
    if (settings->train.validation == NULL || strcmp(settings->train.validation, "0") == 0)
        settings->train.validation = "0.1";
    tuning->base->settings = settings->train;
    if (space_is_empty(tuning))
        return problem(STATUS_USAGE,
                       "tune: nothing is left to try: every option that is drawn has been given");
    int status = settings->state != NULL ? target_check(settings->state) : STATUS_SUCCESS;
    if (status == STATUS_SUCCESS)
        status = train_settle(tuning->base);
    if (status == STATUS_SUCCESS)
        status = train_load(tuning->base);
    if (status == STATUS_SUCCESS)
        status = state_read(tuning);
    return status == STATUS_SUCCESS ? run_tuning(tuning) : status;
}

static int run_tune(const struct command *command, int argc, char **argv) {
    struct settings settings = {.train = train_default_settings(), .budget = "20trials"};
    struct train_run base = {0};
    struct command_line line;
    int status = command_begin(command, argc, argv, &settings, &line);
    if (status != BEGUN)
        return status;

    base.line = line;
    base.common = line.common;
    minnow_progress_init(&base.progress, sizeof base.progress);
    base.on_test = base.on_validation = (struct outcome)OUTCOME_UNKNOWN;
    base.best_accuracy = base.best_loss = NAN;
    struct tuning tuning = {
        .line = &line,
        .given = &settings.train,
        .base = &base,
        .seed = settings.train.seed,
        .threads = team_threads(line.common.threads),
        .state = settings.state,
    };
    if (!parse_budget(settings.budget, &tuning))
        return problem(STATUS_USAGE,
                       "tune: --budget: expected a number of trials, '20trials', or a time, '60s', "
                       "'10min' or '1h', found '%s'",
                       settings.budget);
    if (pthread_mutex_init(&tuning.lock, NULL) != 0)
        return problem(STATUS_FAILURE, "tune: no lock for the results");

    status = tune(&tuning, &settings);
    state_free(&tuning);
    free(tuning.trials);
    pthread_mutex_destroy(&tuning.lock);
    train_free(&base);
    return status;
}

static const char *const without[] = {"init", NULL};

static const struct option_answer answers[] = {
    {"trials n-trials", "--budget 20trials says how many runs are tried"},
    {"time timeout", "--budget 60s says for how long options are tried"},
    {"save output o", "the command that is printed at the end trains the network; add --save FILE to it"},
    {NULL, NULL},
};

const struct command command_tune = {
    .name = "tune",
    .words = "search optimise optimize hyperparameters hpo",
    .summary = "looks for options that train well",
    .usage = "[OPTIONS]",
    .about = "Draws optimiser, learning rate, batch, sizes of hidden layers, weight decay and dropout, and\n"
             "trains with them, a network a core. By successive halving: many are trained for a few\n"
             "epochs, the best third of them for three times as many, the best third of those for\n"
             "--epochs. All are judged on the same samples, which --validation keeps out of training;\n"
             "the test data decide on nothing. An option that is given is not drawn. At the end stand\n"
             "the trials, the best first, and the command that repeats the best one, to the last bit.\n"
             "With a budget of trials the result does not depend on the CPU or the number of threads.\n",
    .examples = "  minnow tune --budget 40trials\n"
                "  minnow tune --budget 10min --state tuning.json --epochs 30\n"
                "  minnow tune --data flowers.csv --label kind --budget 20trials\n"
                "  minnow tune --hidden 256,128 --optimizer momentum      the rate, batch and decay alone\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .base = &command_train,
    .without = without,
    .answers = answers,
    .run = run_tune,
};
