/* minnow train --init: a run that starts from a network instead of from random numbers. */
#include <string.h>
#include "cli/command.h"
#include "cli/inputs/model_file.h"
#include "cli/frame/terminal.h"
#include "cli/train/train.h"

/* What the command line, which has been parsed before, says of the network's form. */
static struct model_form given_form(int argc, char **argv) {
    struct train_settings settings = train_default_settings();
    struct common_options common;
    struct operands operands;
    settings.activation = settings.loss = MODEL_UNSET;
    (void)options_parse(&command_train, argc, argv, &common, &settings, &operands);
    return (struct model_form){settings.activation, settings.loss, NULL};
}

/* The form that is given is for a file that does not say it itself; to another, train_check_init compares it.
 */
static int open_network(struct train_run *run, struct model_form form) {
    const char *path = run->settings.init, *isa = run->common.kernels->name;
    bool whole = form.activation != MODEL_UNSET && form.loss != MODEL_UNSET;
    if (whole && !is_folder(path) && minnow_network_load(path, isa, &run->network) == MINNOW_OK) {
        model_warn(path, run->network);
        return STATUS_SUCCESS;
    }
    if (!whole || folder_has(path, "weights_1.csv"))
        form = (struct model_form)MODEL_FORM_UNSET;
    return model_open_form(path, isa, &form, &run->network);
}

int train_read_init(struct train_run *run, int argc, char **argv) {
    struct train_settings *settings = &run->settings;
    if (settings->resume != NULL)
        return problem(STATUS_USAGE, "train: --init with --resume: the checkpoint has its network already");
    int status = open_network(run, given_form(argc, argv));
    if (status == STATUS_SUCCESS)
        train_settings_from_network(run);
    return status;
}

int train_check_init(const struct train_run *run, const struct train_settings *network) {
    static const char *const names[] = {"classes", "hidden", "activation", "loss"};
    for (size_t i = 0; i < command_train.option_count; i++) {
        const struct option *option = &command_train.options[i];
        char given[OPTION_VALUE_TEXT], before[OPTION_VALUE_TEXT];
        bool of_network = false;
        for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
            of_network |= strcmp(option->name, names[n]) == 0;
        if (!of_network)
            continue;
        option_value(option, &run->settings, given);
        option_value(option, network, before);
        if (strcmp(given, before) != 0)
            return problem(STATUS_USAGE, "train: --%s %s: the network of %s has --%s %s", option->name, given,
                           network->init, option->name, before);
    }
    return STATUS_SUCCESS;
}
