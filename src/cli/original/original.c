/* minnow original: the interface of the program minnow grew from, a numpy script of 2019. Its options and
   output lines are kept, with and without the command's name; what they did wrong there, they do right
   here. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"
#include "cli/command.h"
#include "cli/frame/clock.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/data_source.h"
#include "cli/inputs/evaluation.h"
#include "cli/inputs/model_file.h"
#include "cli/original/original.h"

enum { MAX_RATES = 1000, REPORT_EVERY = 1000 };

static const char values_folder[] = "values";

#define TARGET(member) .offset = offsetof(struct original_settings, member)

static const struct option options[] = {
    {.name = "s",
     .value = "N",
     .help = "size of the second layer, the first hidden one",
     .show_default = true,
     .kind = OPTION_COUNT,
     TARGET(second),
     .least = 1,
     .most = NETWORK_MAX_SIZE},
    {.name = "t",
     .value = "N",
     .help = "size of the third layer, the second hidden one",
     .show_default = true,
     .kind = OPTION_COUNT,
     TARGET(third),
     .least = 1,
     .most = NETWORK_MAX_SIZE},
    {.name = "l",
     .value = "X",
     .help = "learning rate",
     .show_default = true,
     .kind = OPTION_REAL,
     TARGET(rate),
     .low = 0,
     .above = true,
     .high = 1e6},
    {.name = "d",
     .value = "1",
     .help = "do not train: load weights and biases from values/ and test them",
     .kind = OPTION_COUNT,
     TARGET(saved),
     .least = 0,
     .most = 1},
    {.name = "w",
     .value = "1",
     .help = "do not save the weights and biases to values/",
     .kind = OPTION_COUNT,
     TARGET(without_saving),
     .least = 0,
     .most = 1},
    {.name = "f",
     .value = "A,B,C",
     .help = "learning-rate finder: train and test at the rates A, A+C, A+2C, ...\n"
             "up to B, and print the accuracy of each; saves nothing",
     .kind = OPTION_TEXT,
     TARGET(finder)},
    SEED_OPTION(struct original_settings, seed, "of the initial weights and biases"),
    DATA_OPTION(struct original_settings, data,
                "instead of DATA/, see 'minnow help data'; or 'digits', built in"),
};

/* ---- Training and testing ---- */

static int create(const struct original_run *run, struct original_trial *trial, minnow_trainer **trainer) {
    const size_t sizes[ORIGINAL_LAYERS + 1] = {minnow_dataset_features(run->data.train),
                                               (size_t)run->settings->second, (size_t)run->settings->third,
                                               ORIGINAL_CLASSES};
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = ORIGINAL_LAYERS;
    config.activation = MINNOW_ACTIVATION_SIGMOID;
    config.loss = MINNOW_LOSS_QUADRATIC;
    config.init = MINNOW_INIT_STANDARD_NORMAL;
    config.seed = run->settings->seed;
    config.isa = run->common->kernels->name;
    minnow_training_config training;
    minnow_training_config_init(&training, sizeof training);
    training.batch = 1;
    training.epochs = 1;
    training.learning_rate = trial->rate;
    training.schedule = MINNOW_SCHEDULE_CONSTANT;
    training.warmup_epochs = 0;
    training.shuffle = false;
    training.threads = run->common->threads;
    minnow_status status = minnow_network_create(&config, &trial->network);
    if (status == MINNOW_OK)
        status = minnow_trainer_create(trial->network, run->data.train, &training, trainer);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

static void note_start(struct original_run *run) {
    if (run->load_seconds == 0)
        run->load_seconds = clock_seconds() - clock_began();
}

/* One pass in file order. Returns 0 or an exit status; *diverged, without a message, when the loss ran
   away. */
static int train(struct original_run *run, struct original_trial *trial, bool *diverged) {
    minnow_trainer *trainer = NULL;
    struct minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    int status = create(run, trial, &trainer);
    note_start(run);
    bool text = !run->common->json && run->settings->finder == NULL;
    if (text && status == STATUS_SUCCESS)
        print("\nTRAINING:\n\n");
    while (status == STATUS_SUCCESS && !progress.run_done && !*diverged) {
        if (text) {
            print("Current image number: %zu\n", progress.epoch_samples);
            if (!print_flush())
                status = STATUS_FAILURE;
        }
        minnow_status advanced = minnow_trainer_advance(trainer, REPORT_EVERY, &progress);
        if (advanced == MINNOW_ERROR_DIVERGED)
            *diverged = true;
        else if (advanced != MINNOW_OK)
            status = report(advanced);
    }
    if (status == STATUS_SUCCESS) {
        trial->train_seconds = progress.epoch_seconds;
        trial->threads = minnow_trainer_threads(trainer);
        if (run->settings->finder == NULL)
            note("trained on %zu images in %.3f s", minnow_dataset_count(run->data.train),
                 trial->train_seconds);
    }
    minnow_trainer_free(trainer);
    return status;
}

static int test(const struct original_run *run, struct original_trial *trial) {
    int status = evaluation_run(trial->network, run->data.test, run->common->threads, &trial->evaluation);
    if (status == STATUS_SUCCESS && !run->common->json && run->settings->finder == NULL)
        original_print_images(run, &trial->evaluation);
    return status;
}

static void trial_free(struct original_trial *trial) {
    evaluation_free(&trial->evaluation);
    minnow_network_free(trial->network);
}

static void print_result(const struct original_run *run, const struct original_trial *trial) {
    char text[32];
    if (run->common->json) {
        original_print_done(run, trial, "done");
        return;
    }
    original_print_labels(&trial->evaluation);
    print("final accuracy is: %s%%\n",
          original_rounded(100 * evaluation_accuracy(&trial->evaluation), 2, text));
}

/* ---- The three modes ---- */

/* Files of an earlier run go, as they did in the original; but nobody is to be surprised by it. */
static void note_replaced(void) {
    char path[sizeof values_folder + sizeof "/weights_1.csv"];
    snprintf(path, sizeof path, "%s/weights_1.csv", values_folder);
    if (access(path, F_OK) == 0)
        note("%s/ holds the network of another run, which this one replaces; -w 1 keeps it", values_folder);
}

static int run_training(struct original_run *run) {
    struct original_trial trial = {.rate = run->settings->rate};
    bool saving = !run->settings->without_saving, diverged = false;
    int status = saving ? values_check(values_folder, ORIGINAL_LAYERS) : STATUS_SUCCESS;
    if (status == STATUS_SUCCESS)
        status = data_load(run->settings->data, true, ORIGINAL_CLASSES, run->common->threads, &run->data);
    if (status == STATUS_SUCCESS && saving)
        note_replaced();
    if (status == STATUS_SUCCESS)
        status = train(run, &trial, &diverged);
    if (status == STATUS_SUCCESS && diverged)
        status = report(MINNOW_ERROR_DIVERGED);
    if (status == STATUS_SUCCESS && saving) {
        if (!run->common->json)
            print("\nsaving weights and biases to %s directory\n", values_folder);
        minnow_status saved = minnow_network_save_values(trial.network, values_folder);
        status = saved == MINNOW_OK ? STATUS_SUCCESS : report(saved);
    }
    if (status == STATUS_SUCCESS)
        status = test(run, &trial);
    if (status == STATUS_SUCCESS)
        print_result(run, &trial);
    trial_free(&trial);
    return status;
}

/* With -d the sizes are those of the files; -s and -t may say them again. */
static int check_sizes(const struct command_line *line, const struct original_settings *settings,
                       const minnow_network *network) {
    static const char *const names[] = {"s", "t"};
    const uint64_t asked[] = {settings->second, settings->third};
    for (size_t i = 0; i < 2; i++) {
        size_t found = minnow_network_layer_size(network, i + 1);
        bool hidden = i + 1 < minnow_network_layer_count(network);
        if (option_given(line, names[i]) && (!hidden || asked[i] != found))
            return problem(STATUS_USAGE, "-d with -%s %llu: the sizes are those of %s/, not these", names[i],
                           (unsigned long long)asked[i], values_folder);
    }
    return STATUS_SUCCESS;
}

static int run_saved(struct original_run *run) {
    struct original_trial trial = {0};
    minnow_status loaded =
        minnow_network_load_values(values_folder, run->common->kernels->name, &trial.network);
    if (loaded != MINNOW_OK)
        return report(loaded);
    model_warn(values_folder, trial.network);
    int status = check_sizes(run->line, run->settings, trial.network);
    if (status == STATUS_SUCCESS)
        status = data_load(run->settings->data, false, ORIGINAL_CLASSES, run->common->threads, &run->data);
    if (status == STATUS_SUCCESS)
        status = evaluation_check(trial.network, values_folder, run->data.test,
                                  data_source_name(&run->data.source));
    note_start(run);
    if (status == STATUS_SUCCESS)
        status = test(run, &trial);
    if (status == STATUS_SUCCESS)
        print_result(run, &trial);
    trial_free(&trial);
    return status;
}

struct rates {
    double start, end, increase;
    size_t count;
};

static bool parse_rates(const char *text, struct rates *out) {
    double *const target[3] = {&out->start, &out->end, &out->increase};
    const char *at = text, *end = text + strlen(text);
    for (int i = 0; i < 3; i++) {
        if (!number_read_double(&at, end, target[i]) || !isfinite(*target[i]) || *target[i] <= 0)
            return false;
        if (*at++ != (i < 2 ? ',' : '\0'))
            return false;
    }
    /* The end is one of the rates, also where rounding puts it a little above: 0.1 + 2 · 0.1 > 0.3. */
    double steps = floor((out->end - out->start) / out->increase + 1e-9);
    if (!(steps >= 0) || steps >= MAX_RATES || out->end > 1e6)
        return false;
    out->count = (size_t)steps + 1;
    return true;
}

/* A rate as it was meant: 0.3 rather than 0.30000000000000004. */
static double nth_rate(const struct rates *rates, size_t n) {
    char text[NUMBER_TEXT];
    double rate = rates->start + (double)n * rates->increase;
    snprintf(text, sizeof text, "%.12g", rate);
    number_parse_double(text, &rate);
    return rate;
}

/* One line a rate: its accuracy, or that the loss ran away. */
static int run_rate(struct original_run *run, double rate) {
    struct original_trial trial = {.rate = rate};
    bool diverged = false;
    char text[32];
    int status = train(run, &trial, &diverged);
    if (status == STATUS_SUCCESS)
        status = test(run, &trial);
    if (status == STATUS_SUCCESS && run->common->json)
        original_print_done(run, &trial, "rate");
    else if (status == STATUS_SUCCESS)
        print("%.12g: %s\n", rate,
              diverged ? "diverged" : original_rounded(evaluation_accuracy(&trial.evaluation), 5, text));
    trial_free(&trial);
    return print_flush() ? status : STATUS_FAILURE;
}

static int run_finder(struct original_run *run) {
    struct rates rates;
    if (!parse_rates(run->settings->finder, &rates))
        return problem(
            STATUS_USAGE,
            "-f: expected start,end,increase, three numbers above 0 that make 1 to %d rates, found '%s'",
            MAX_RATES, run->settings->finder);
    int status = data_load(run->settings->data, true, ORIGINAL_CLASSES, run->common->threads, &run->data);
    if (status == STATUS_SUCCESS && !run->common->json)
        print("Accuracy per learning rate:\n");
    for (size_t i = 0; i < rates.count && status == STATUS_SUCCESS; i++)
        status = run_rate(run, nth_rate(&rates, i));
    return status;
}

static int check_effects(const struct command_line *line, const struct original_settings *settings) {
    static const char *const of_training[] = {"l", "seed", NULL};
    static const char *const of_rate[] = {"l", NULL};
    if (settings->saved && settings->finder != NULL)
        return problem(STATUS_USAGE, "-d with -f: saved parameters have no learning rate to find");
    if (settings->saved && settings->without_saving)
        return problem(STATUS_USAGE, "-d with -w: saved parameters are not saved again anyway");
    if (settings->finder != NULL && settings->without_saving)
        return problem(STATUS_USAGE, "-f with -w: the finder saves nothing anyway");

    if (settings->saved)
        return command_refuse_any(line->command, line, of_training,
                                  "has no effect with -d, which does not train");
    if (settings->finder != NULL)
        return command_refuse_any(line->command, line, of_rate,
                                  "has no effect with -f, which tries rates of its own");
    return STATUS_SUCCESS;
}

static int run_original(const struct command *command, int argc, char **argv) {
    struct original_settings settings = {.second = 16, .third = 16, .rate = 0.17, .seed = 1};
    struct command_line line;
    int status = command_begin(command, argc, argv, &settings, &line);
    if (status != BEGUN)
        return status;
    status = check_effects(&line, &settings);
    if (status != STATUS_SUCCESS)
        return status;
    if (!output_usable())
        return STATUS_FAILURE;
    struct original_run run = {.settings = &settings, .line = &line, .common = &line.common};
    if (settings.saved)
        status = run_saved(&run);
    else if (settings.finder != NULL)
        status = run_finder(&run);
    else
        status = run_training(&run);
    data_free(&run.data);
    return status;
}

const struct command command_original = {
    .name = "original",
    .words = "legacy",
    .summary = "does what the program did that minnow grew from",
    .usage = "[-h] [-s N] [-t N] [-l X] [-d 1] [-w 1] [-f start,end,increase]",
    .about = "Trains 784-16-16-10 sigmoid units on handwritten digits, one image at a time in one pass,\n"
             "saves the weights and biases to values/, and tests them. The options work without the\n"
             "command's name too: 'minnow -l 0.17'. 'minnow train' trains better networks.\n",
    .examples = "  minnow original\n"
                "  minnow original -s 30 -t 20 -w 1\n"
                "  minnow -l 0.17\n"
                "  minnow -d 1\n"
                "  minnow -f 0.1,0.3,0.05\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_original,
};
