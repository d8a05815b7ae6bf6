/* The program: finds the command that argv[1] names and runs it. */
#include <stddef.h>
#include <string.h>

#include "cli/command.h"
#include "cli/frame/clock.h"
#include "cli/frame/option_names.h"
#include "cli/frame/terminal.h"
#include "cli/frame/threads.h"
#include "cli/help/help.h"
#include "cli/ranks/ranks.h"

static bool is_either(const char *argument, const char *letter, const char *word) {
    return strcmp(argument, letter) == 0 || strcmp(argument, word) == 0;
}

/* Whether one of the original's own options is among the arguments; they are letters. */
static bool asks_for_original(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *rest;
        bool letter = argv[i][0] == '-' && argv[i][1] != '-' && argv[i][1] != '\0';
        if (letter && option_match(&command_original, argv[i], &rest) != NULL)
            return true;
    }
    return false;
}

/* Options that several commands have, or all, say nothing about which is meant, and training overwrites files: nobody is
   to start the original by forgetting the command. */
static int which_command(int argc, char **argv) {
    for (int i = 2; i < argc; i++)
        if (argv[i][0] != '-' && command_find(argv[i]) != NULL)
            return problem(STATUS_USAGE,
                           "'%s' stands before the command, but its options come after it: minnow %s %s",
                           argv[1], argv[i], argv[1]);
    return problem(STATUS_USAGE, "'%s' of which command? For example: minnow train %s", argv[1], argv[1]);
}

/* An option where a command should be: one of the original program's, which run without its name too, or one
   that some command has. */
static int without_command(int argc, char **argv) {
    const char *rest;
    bool is_long = strncmp(argv[1], "--", 2) == 0 && argv[1][2] != '\0';
    bool of_original = option_match(&command_original, argv[1], &rest) != NULL;
    if (is_long && of_original && strcmp(argv[1], "--help") != 0 && !asks_for_original(argc, argv))
        return which_command(argc, argv);
    if (is_long && !of_original)
        for (size_t i = 0; i < command_count; i++)
            if (option_match(commands[i], argv[1], &rest) != NULL)
                return problem(STATUS_USAGE,
                               "'%s' is an option of 'minnow %s'; a command comes before its options",
                               argv[1], commands[i]->name);
    return command_original.run(&command_original, argc, argv);
}

static int dispatch(int argc, char **argv) {
    if (argc < 2)
        return help_print_short();
    const char *first = argv[1];
    if (argc == 2 && strcmp(first, "--") == 0)
        return help_print_short();
    bool asks_help = is_either(first, "-h", "--help");
    if (is_either(first, "-V", "--version")) {
        argv[1] = (char[]){"version"};
        return command_version.run(&command_version, argc - 1, argv + 1);
    }
    /* But "minnow -h -s 3" asks for the original's options. */
    if (asks_help && (argc == 2 || argv[2][0] != '-')) {
        argv[1] = (char[]){"help"};
        return command_help.run(&command_help, argc - 1, argv + 1);
    }
    if (first[0] == '-')
        return without_command(argc, argv);

    const struct command *command = command_find(first);
    return command != NULL ? command->run(command, argc - 1, argv + 1) : command_unknown(first);
}

int main(int argc, char **argv) {
    omp_num_threads_start();
    clock_start();
    terminal_start();
    world_start();
    return terminal_finish(world_finish(dispatch(argc, argv)));
}
