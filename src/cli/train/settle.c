/* The settings of a run: what the command line says, over what a checkpoint or a network says. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/frame/terminal.h"
#include "cli/inputs/choices.h"
#include "cli/train/train.h"

void train_settings_from_network(struct train_run *run) {
    struct train_settings *settings = &run->settings;
    size_t layers = minnow_network_layer_count(run->network);

    /* Without hidden layers the activation is any. */
    settings->hidden.count = layers - 1;
    settings->activation = (struct choice_list){.count = layers > 1 ? layers - 1 : 1};
    for (size_t i = 1; i < layers; i++) {
        settings->hidden.size[i - 1] = minnow_network_layer_size(run->network, i);
        settings->activation.choice[i - 1] = (int)minnow_network_activation(run->network, i - 1);
    }
    choices_merge(&settings->activation);
    settings->classes = minnow_network_layer_size(run->network, layers);
    settings->loss = (int)minnow_network_loss(run->network);
}

/* Whether the option says what a network is, so that the file of --init has a value for it. */
static bool is_of_network(const struct option *option) {
    static const char *const names[] = {"classes", "hidden", "activation", "loss"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(option->name, names[i]) == 0)
            return true;
    return false;
}

/* A run goes on only as it began, as its rate depends on the number of epochs; its network can begin another. */
static void write_hint(const struct train_run *run, const struct option *option,
                       const struct train_settings *given, char text[2 * PATH_MAX]) {
    uint64_t own = run->settings.epochs;
    char epochs[48] = "";
    if (strcmp(option->name, "epochs") == 0 && given->epochs > own)
        snprintf(epochs, sizeof epochs, " --epochs %llu", (unsigned long long)(given->epochs - own));
    snprintf(text, 2 * PATH_MAX, "; to train its network %s: minnow train --init %s%s",
             epochs[0] != '\0' ? "further" : "in another way", run->settings.resume, epochs);
}

/* Data of its own may have moved to another place; a checkpoint knows it by its contents. */
static bool names_data(const struct option *option, const struct train_settings *given) {
    return strcmp(option->name, "validation") == 0 && !validation_is_portable(given->validation);
}

/* Takes an option of the command line over the settings that were read; but where a run or a network has a
   value for it, only the same one. */
static int take(struct train_run *run, const struct option *option, const struct train_settings *given) {
    const char *resume = run->settings.resume;
    if (resume != NULL ? option->fixed && !names_data(option, given) : is_of_network(option)) {
        char value[OPTION_VALUE_TEXT], own[OPTION_VALUE_TEXT];
        option_value(option, given, value);
        option_value(option, &run->settings, own);
        char hint[2 * PATH_MAX] = "";
        if (resume != NULL && !is_of_network(option))
            write_hint(run, option, given, hint);
        if (strcmp(value, own) != 0)
            return problem(STATUS_USAGE, "train: --%s %s: the %s of %s has --%s %s%s", option->name, value,
                           resume != NULL ? "run" : "network", resume != NULL ? resume : run->settings.init,
                           option->name, own, hint);
    }
    option_copy(option, given, &run->settings);
    return STATUS_SUCCESS;
}

/* What a checkpoint or network says becomes the settings, and the command line is taken over it. */
static int settle_over_file(struct train_run *run) {
    const struct command *command = run->line.command;
    struct train_settings given = run->settings;
    run->settings = train_default_settings();
    run->settings.resume = given.resume;
    run->settings.init = given.init;

    int status = given.init != NULL ? train_read_init(run, &given) : train_read_checkpoint(run);
    if (status != STATUS_SUCCESS)
        return status;
    train_settings_from_network(run);

    const char *path = given.init != NULL ? given.init : given.resume;
    if (option_given(&run->line, "activation"))
        status = choices_check_count(&given.activation, run->settings.hidden.count, path);
    choices_merge(&given.activation);
    for (size_t i = 0; i < command_option_count(command) && status == STATUS_SUCCESS; i++)
        if (run->line.given[i])
            status = take(run, command_option(command, i), &given);
    return status;
}

static int settle_alone(struct train_run *run) {
    struct train_settings *settings = &run->settings;
    if (settings->hidden.count == 0 && option_given(&run->line, "activation"))
        return command_refuse(run->line.command, "activation", "has no effect without hidden layers");
    int status = choices_check_count(&settings->activation, settings->hidden.count, NULL);
    choices_merge(&settings->activation);
    return status;
}

/* ---- Options without effect ---- */

static int check_effects(const struct train_run *run) {
    static const char *const of_training[] = {"save",        "checkpoint",      "checkpoint-every",
                                              "class-names", "test-each-epoch", "log",
                                              "log-steps",   "serve",           NULL};
    static const char *const of_validation[] = {"patience", "keep-epoch", NULL};
    const struct train_settings *settings = &run->settings;
    const struct command_line *line = &run->line;
    const struct command *command = line->command;

    if (settings->explain_plan)
        return command_refuse_any(command, line, of_training,
                                  "has no effect with --explain-plan, which trains nothing");
    bool kept = settings->save != NULL || settings->checkpoint != NULL || settings->resume != NULL;
    if (option_given(line, "class-names") && !kept)
        return command_refuse(
            command, "class-names",
            "has no effect without --save FILE or --checkpoint FILE, which keeps the names");
    if (option_given(line, "schedule") && settings->schedule != MINNOW_SCHEDULE_CONSTANT &&
        settings->warmup == (double)settings->epochs)
        return command_refuse(command, "schedule", "has no effect: --warmup %g takes all of the epochs",
                              settings->warmup);
    if (settings->test_each_epoch && line->common.quiet && !line->common.json)
        return command_refuse(command, "test-each-epoch",
                              "has no effect with --quiet, which hides the epochs; --json prints them");
    static const char *const of_plateau[] = {"plateau-factor", "plateau-patience", NULL};
    int status =
        settings->schedule == MINNOW_SCHEDULE_PLATEAU
            ? STATUS_SUCCESS
            : command_refuse_any(command, line, of_plateau, "has no effect without --schedule plateau");
    if (status != STATUS_SUCCESS)
        return status;
    return strcmp(settings->validation, "0") != 0 || settings->folds != 0
               ? STATUS_SUCCESS
               : command_refuse_any(command, line, of_validation,
                                    "has no effect without --validation, which tells epochs apart");
}

int train_settle(struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    if (option_given(&run->line, "init-weights") && settings->resume != NULL)
        return command_refuse(run->line.command, "init-weights",
                              "has no effect with --resume, whose network has its weights already");
    if (settings->init != NULL && settings->resume != NULL)
        return problem(STATUS_USAGE, "train: --init with --resume: the checkpoint has its network already");

    /* Classes in order, so that they compare with those of a checkpoint. */
    minnow_distortion_config distortion;
    struct train_settings distorted = {.distortion = distortion_settings_default()};
    distortion_expand(&run->line, &run->settings.distortion, &run->settings, &distorted);
    distortion_settings_to(&settings->distortion, &distortion);
    distortion_settings_from(&distortion, &run->settings.distortion);

    train_merge_dropout(&run->settings.dropout);
    bool over_file = settings->init != NULL || settings->resume != NULL;
    int status = over_file ? settle_over_file(run) : settle_alone(run);
    if (status == STATUS_SUCCESS)
        status = distortion_check(&run->line, &settings->distortion);
    if (status == STATUS_SUCCESS)
        status = train_check_constants(&run->line, &run->settings);
    if (status == STATUS_SUCCESS && settings->resume == NULL)
        train_settle_constants(&run->line, &run->settings);
    if (status == STATUS_SUCCESS)
        status = train_check_regularisation(run);
    return status == STATUS_SUCCESS ? check_effects(run) : status;
}
