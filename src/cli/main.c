/* The program: finds the command that argv[1] names and runs it. */
#include <stddef.h>
#include <string.h>

#include "cli/command.h"
#include "cli/frame/clock.h"
#include "cli/frame/nearest.h"
#include "cli/frame/terminal.h"
#include "cli/frame/threads.h"

#define COMMAND_ADDRESS(name) &command_##name,
static const struct command *const commands[] = {COMMANDS(COMMAND_ADDRESS)};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static int overview(void) {
    const struct colours *colour = output_colours();
    print("%sminnow%s trains and tests digit classifiers, and other small dense networks, on the CPU.\n\n",
          colour->bold, colour->plain);
    print("Usage: minnow COMMAND [OPTIONS]\n"
          "       minnow %s\n\n",
          command_original.usage);
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
        return command_original.run(&command_original, argc, argv);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return commands[i]->run(commands[i], argc - 1, argv + 1);
    return unknown_command(argv[1]);
}

int main(int argc, char **argv) {
    omp_num_threads_start();
    clock_start();
    terminal_start();
    return terminal_finish(dispatch(argc, argv));
}
