#include <stddef.h>
#include <string.h>
#include "cli/frame/clock.h"
#include "cli/command.h"
#include "cli/frame/terminal.h"

static const struct command *const commands[] = {
    &command_train,   &command_test, &command_predict,  &command_inspect,
    &command_convert, &command_info, &command_selftest, &command_bench,
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static int overview(void) {
    const struct colours *colour = output_colours();
    print("%sminnow%s trains and tests digit classifiers, and other small dense networks, on the CPU.\n\n",
          colour->bold, colour->plain);
    print("Usage: minnow COMMAND [OPTIONS]\n"
          "       minnow %s\n\n",
          command_legacy.usage);
    print("%sCommands%s\n", colour->bold, colour->plain);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        print("  %-10s%s\n", commands[i]->name, commands[i]->summary);
    print("\n"
          "'minnow COMMAND --help' explains a command. Without one, minnow is the program it\n"
          "grew from, with the same options and output: 'minnow -h'.\n\n"
          "%sTo begin%s\n"
          "  minnow train                      train on the first data found, print the test accuracy\n"
          "  minnow train --save digits.safetensors\n"
          "  minnow test --model digits.safetensors\n"
          "  minnow predict --model digits.safetensors IMAGES\n\n"
          "%sData%s\n"
          "  --data FOLDER, else $MINNOW_DATA, ./DATA, what tools/fetch-mnist fetched, Debian's\n"
          "  dataset-fashion-mnist, and at last digits that minnow draws itself.\n\n"
          "%sExit status%s\n"
          "  0 success   1 failure while running   2 wrong usage   3 bad input file\n"
          "  130 interrupted (Ctrl-C)   143 terminated\n",
          colour->bold, colour->plain, colour->bold, colour->plain, colour->bold, colour->plain);
    return STATUS_SUCCESS;
}

static int unknown_command(const char *name) {
    const char *names[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i]->name;
    const char *nearest = nearest_name(name, names, COMMAND_COUNT);
    if (nearest != NULL)
        return problem(STATUS_USAGE, "unknown command '%s'; did you mean 'minnow %s'?", name, nearest);
    return problem(STATUS_USAGE, "unknown command '%s'; 'minnow --help' lists the commands", name);
}

static int dispatch(int argc, char **argv) {
    if (argc >= 2 && strcmp(argv[1], "--help") == 0)
        return overview();
    if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
        print("minnow %s\n", minnow_version());
        return STATUS_SUCCESS;
    }
    if (argc < 2 || argv[1][0] == '-')
        return command_legacy.run(&command_legacy, argc, argv);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return commands[i]->run(commands[i], argc - 1, argv + 1);
    return unknown_command(argv[1]);
}

int report_message(minnow_status status, const char *message) {
    static const int exit_status[] = {
        [MINNOW_OK] = STATUS_SUCCESS,
        [MINNOW_ERROR_ARGUMENT] = STATUS_USAGE, /* arguments come from the user's options */
        [MINNOW_ERROR_MEMORY] = STATUS_FAILURE,
        [MINNOW_ERROR_INPUT] = STATUS_INPUT,
        [MINNOW_ERROR_OUTPUT] = STATUS_FAILURE,
        [MINNOW_ERROR_UNSUPPORTED] = STATUS_USAGE,
        [MINNOW_ERROR_DIVERGED] = STATUS_FAILURE,
    };
    return problem(exit_status[status], "%s", message);
}

int report(minnow_status status) {
    return report_message(status, minnow_last_error());
}

double clock_began;

int main(int argc, char **argv) {
    clock_began = clock_seconds();
    terminal_start();
    return terminal_finish(dispatch(argc, argv));
}
