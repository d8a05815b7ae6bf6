/* How a command begins: the one place where its command line has effects on the program. */
#include <stdarg.h>
#include <stdio.h>

#include "base/team.h"
#include "cli/command.h"
#include "cli/frame/help.h"
#include "cli/frame/terminal.h"
#include "cli/frame/threads.h"
#include "cli/ranks/ranks.h"
#include "net/network.h"

int command_begin(const struct command *command, int argc, char **argv, void *settings,
                  struct command_line *line) {
    char error[OPTIONS_ERROR];
    switch (options_read(command, argc, argv, settings, line, error)) {
    case OPTIONS_HELP:
        help_print(command, settings);
        return STATUS_SUCCESS;
    case OPTIONS_WRONG:
        return problem(STATUS_USAGE, "%s", error);
    case OPTIONS_READ:
        break;
    }

    terminal_set_quiet(line->common.quiet);
    if (world_count() > 1 && !command->over_ranks)
        return problem(STATUS_USAGE,
                       "%s: runs in one process, but was started in several: without mpirun, or with -n 1. "
                       "Over several goes 'minnow train'",
                       command->name);
    team_set_default(line->common.threads != 0 ? line->common.threads : omp_num_threads().threads);
    minnow_status status = network_choose_kernels(line->common.isa, &line->common.kernels);
    return status == MINNOW_OK ? BEGUN : report(status);
}

static int refuse(const struct command *command, const char *option, const char *format, va_list arguments) {
    char why[1024];
    vsnprintf(why, sizeof why, format, arguments);
    return problem(STATUS_USAGE, "%s: %s%s: %s", command->name, option_dashes(option), option, why);
}

int command_refuse(const struct command *command, const char *option, const char *why, ...) {
    va_list arguments;
    va_start(arguments, why);
    int status = refuse(command, option, why, arguments);
    va_end(arguments);
    return status;
}

int command_refuse_any(const struct command *command, const struct command_line *line,
                       const char *const *options, const char *why, ...) {
    int status = STATUS_SUCCESS;
    va_list arguments;
    va_start(arguments, why);
    for (; *options != NULL && status == STATUS_SUCCESS; options++)
        if (option_given(line, *options))
            status = refuse(command, *options, why, arguments);
    va_end(arguments);
    return status;
}
