/* minnow help: the short help, the topics, and the help of each command. */
#include "cli/help/help.h"

#include <string.h>

#include "cli/command.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/data_source.h"

static void print_commands(bool only_common) {
    for (size_t i = 0; i < command_count; i++)
        if (commands[i]->common || !only_common)
            print("  %-10s%s\n", commands[i]->name, commands[i]->summary);
}

/* ---- Topics ---- */

static void print_data(void) {
    const struct colours *colour = output_colours();
    print("%sData%s\n%s", colour->bold, colour->plain, DATA_HELP);
}

static void print_all(void) {
    const struct colours *colour = output_colours();
    print("%sminnow%s trains multilayer perceptrons on the CPU, and runs them.\n\n"
          "Usage: minnow COMMAND [OPTIONS]\n\n"
          "%sCommands%s\n",
          colour->bold, colour->plain, colour->bold, colour->plain);
    print_commands(false);
    print("\n");
    print_data();
    print("\n%sWithout a command%s\n"
          "  The options of 'minnow original' work without the word too: 'minnow -l 0.17'.\n\n"
          "%sExit status%s\n",
          colour->bold, colour->plain, colour->bold, colour->plain);
    for (size_t i = 0; i < exit_status_count; i++)
        print("  %-5d%s\n", exit_statuses[i].status, exit_statuses[i].text);
    print("\n'minnow help COMMAND' explains a command and its options.\n");
}

static const struct topic {
    const char *name, *summary;
    void (*print)(void);
} topics[] = {
    {"all", "every command, where data come from, exit status", print_all},
};
enum { TOPIC_COUNT = sizeof topics / sizeof topics[0] };

/* ---- The command ---- */

int help_print_short(void) {
    const struct colours *colour = output_colours();
    print("%sminnow%s trains multilayer perceptrons on the CPU, and runs them.\n\n"
          "Usage: minnow COMMAND [OPTIONS]\n\n"
          "%sCommon commands%s\n",
          colour->bold, colour->plain, colour->bold, colour->plain);
    print_commands(true);
    print("\n%sExamples%s\n"
          "  minnow train                           train on the first data found, print the accuracy\n"
          "  minnow train --data FOLDER --save net.safetensors\n"
          "  minnow predict --model net.safetensors IMAGES\n\n"
          "%sMore%s\n"
          "  minnow help COMMAND                    a command, its options and examples\n",
          colour->bold, colour->plain, colour->bold, colour->plain);
    for (size_t i = 0; i < TOPIC_COUNT; i++)
        print("  minnow help %-27s%s\n", topics[i].name, topics[i].summary);
    return STATUS_SUCCESS;
}

static int run_help(const struct command *command, int argc, char **argv) {
    static const char *const without_effect[] = {"isa", "threads", "json", NULL};
    struct command_line line;
    int status = command_begin(command, argc, argv, NULL, &line);
    if (status != BEGUN)
        return status;
    status = command_refuse_any(command, &line, without_effect, "has no effect on help");
    if (status != STATUS_SUCCESS)
        return status;

    if (line.operands.count == 0)
        return help_print_short();
    char *name = line.operands.value[0];
    for (size_t i = 0; i < TOPIC_COUNT; i++)
        if (strcmp(topics[i].name, name) == 0) {
            topics[i].print();
            return STATUS_SUCCESS;
        }
    const struct command *found = command_find(name);
    char help[] = "--help";
    return found != NULL ? found->run(found, 2, (char *[]){name, help, NULL}) : command_unknown(name);
}

const struct command command_help = {
    .name = "help",
    .over_ranks = true,
    .summary = "explains a command or a topic",
    .usage = "[COMMAND | all]",
    .about = "Without an argument: the common commands, and where the rest is.\n",
    .examples = "  minnow help train\n"
                "  minnow help all\n",
    .max_operands = 1,
    .run = run_help,
};
