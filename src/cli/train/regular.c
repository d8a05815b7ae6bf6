/* What regularises a run, and how its network begins: options that have no effect beside others are refused. */
#include "cli/frame/terminal.h"
#include "cli/inputs/choices.h"
#include "cli/train/train.h"
#include "data/dataset.h"
#include "net/losses.h"

void train_merge_dropout(struct real_list *dropout) {
    for (size_t i = 1; i < dropout->count; i++)
        if (dropout->value[i] != dropout->value[0])
            return;
    if (dropout->count > 0)
        dropout->count = dropout->value[0] == 0.0 ? 0 : 1;
}

static int check_dropout(const struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    size_t count = settings->dropout.count, hidden = settings->hidden.count;
    if (option_given(&run->line, "dropout") && hidden == 0)
        return command_refuse(run->line.command, "dropout",
                              "has no effect without hidden layers; --dropout-input is of the inputs");
    if (count <= 1 || count == hidden)
        return STATUS_SUCCESS;
    return problem(STATUS_USAGE,
                   "%s: --dropout: %zu shares for %zu hidden layer%s; expected one for all, or one for each",
                   run->line.command->name, count, hidden, hidden == 1 ? "" : "s");
}

/* The loss of a table is settled later, by its labels, and then the library says so. */
static int check_loss(const struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    const struct command *command = run->line.command;
    const struct loss_row *row = loss_row((minnow_loss)settings->loss);
    if (settings->label_smoothing > 0.0 && row->smoothed_share == NULL)
        return command_refuse(command, "label-smoothing", "has no effect with --loss %s", row->name);
    if (settings->mixup > 0.0 && row->target_loss == NULL)
        return command_refuse(command, "mixup", "does not go with --loss %s, which takes one class a sample",
                              row->name);
    return STATUS_SUCCESS;
}

/* What is not known before the data are there, class_weights_apply says. */
static int check_class_weight(const struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    const struct command *command = run->line.command;
    const struct loss_row *row = loss_row((minnow_loss)settings->loss);
    if (settings->class_weight == NULL)
        return STATUS_SUCCESS;
    if (row->loss == NULL)
        return command_refuse(command, "class-weight", "has no effect with --loss %s, which is of numbers",
                              row->name);
    if (settings->batch == 1 && settings->label_smoothing == 0.0)
        return command_refuse(
            command, "class-weight",
            "has no effect with --batch 1: it weighs the samples of a mini-batch against each other");
    return STATUS_SUCCESS;
}

int train_weigh_classes(const struct train_run *run, minnow_dataset *dataset) {
    const minnow_dataset *train = run->data.train;
    const struct encoder *encoder = run->encoder;
    const struct class_labels labels = {
        .classes = train->classes,
        .given = run->settings.class_names,
        .names = encoder != NULL ? encoder->classes : train->class_names,
        .first = train->from_one,
    };
    return class_weights_apply(run->line.command, run->settings.class_weight, &labels, dataset);
}

static int check_samples(const struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    const struct command *command = run->line.command;
    if (settings->mixup > 0.0 && settings->batch < 2)
        return command_refuse(command, "mixup",
                              "has no effect with --batch 1: it mixes samples of a mini-batch");
    if (settings->sub_batches > settings->batch)
        return command_refuse(command, "sub-batches",
                              "%llu%s is more than the samples of a mini-batch, --batch %llu",
                              (unsigned long long)settings->sub_batches,
                              option_given(&run->line, "sub-batches") ? "" : ", the number under mpirun,",
                              (unsigned long long)settings->batch);
    if (settings->sparse == MINNOW_SPARSITY_ON && (settings->noise > 0.0 || settings->mixup > 0.0))
        return command_refuse(command, "sparse", "has no effect with --%s, which leaves no zeros to skip",
                              settings->noise > 0.0 ? "noise" : "mixup");
    return STATUS_SUCCESS;
}

/* Whether every hidden layer has dropout. */
static bool all_drop(const struct train_settings *settings) {
    size_t count = settings->dropout.count, dropping = 0;
    for (size_t l = 0; l < count; l++)
        dropping += settings->dropout.value[l] > 0.0;
    return count > 0 && dropping == count;
}

/* With which no layer is split by columns; NULL: nothing of that kind. */
static const char *against_columns(const struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    if (settings->clip_norm > 0.0)
        return "--clip-norm";
    if (settings->max_norm > 0.0)
        return "--max-norm";
    if (settings->sub_batches > 1)
        return option_given(&run->line, "sub-batches") ? "--sub-batches" : "the sub-batches of this run";
    if (all_drop(settings))
        return "--dropout of all hidden layers";
    return settings->batch < 2 ? "--batch 1" : NULL;
}

static int check_plan(const struct train_run *run) {
    const char *against = run->settings.plan == MINNOW_PLAN_COLUMNS ? against_columns(run) : NULL;
    if (against == NULL)
        return STATUS_SUCCESS;
    return command_refuse(run->line.command, "plan",
                          "columns has no effect with %s, which leaves no layer to split", against);
}

int train_check_regularisation(const struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    int status = STATUS_SUCCESS;
    if (option_given(&run->line, "init-weights") && settings->init != NULL)
        status = command_refuse(run->line.command, "init-weights",
                                "has no effect with --init, whose network has its weights already");
    if (status == STATUS_SUCCESS)
        status = check_dropout(run);
    if (status == STATUS_SUCCESS)
        status = check_loss(run);
    if (status == STATUS_SUCCESS)
        status = check_class_weight(run);
    if (status == STATUS_SUCCESS)
        status = check_plan(run);
    return status == STATUS_SUCCESS ? check_samples(run) : status;
}
