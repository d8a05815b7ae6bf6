/* minnow train --init: a run that starts from a network instead of from random numbers. */
#include <string.h>
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/terminal.h"
#include "cli/train.h"

int train_read_init(struct train_run *run) {
    struct train_settings *settings = &run->settings;
    if (settings->resume != NULL)
        return problem(STATUS_USAGE, "train: --init with --resume: the checkpoint has its network already");
    int status = model_open(settings->init, run->common.kernels->name, &run->network);
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
