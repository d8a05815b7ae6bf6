/* Completions for fish 3. */
#include "cli/frame/terminal.h"
#include "cli/reference/reference.h"

/* What fish's complete takes to complete a value, or an operand. */
static void print_action(enum completes completes, const struct option *option) {
    switch (completes) {
    case COMPLETES_NOTHING:
        print(" -x");
        break;
    case COMPLETES_ONE:
        print(" -x -a '");
        print_choice_names(option, " ");
        print("'");
        break;
    case COMPLETES_SEVERAL:
        print(" -x -a '(__fish_append ,");
        print_choice_names(option, " ");
        print(")'");
        break;
    case COMPLETES_FILES:
        print(" -r -F -a '");
        print_choice_names(option, " ");
        print("'");
        break;
    case COMPLETES_FOLDERS:
        print(" -x -a '(__fish_complete_directories)");
        print_choice_names(option, " ");
        print("'");
        break;
    case COMPLETES_COMMANDS:
        print(" -a '");
        for (size_t i = 0; i < command_count; i++)
            print(" %s", commands[i]->name);
        print("'");
        break;
    }
}

static void print_start(const struct command *command) {
    print("complete -c minnow -n '__minnow_command %s'", command->name);
}

static bool print_option(const struct command *command, const struct option *option) {
    char text[REFERENCE_TEXT];
    if (!option_brief(option, text))
        return false;

    print_start(command);
    print(" -%c %s", option->name[1] != '\0' ? 'l' : 's', option->name);
    if (option->kind != OPTION_FLAG)
        print_action(option_completes(option), option);
    print(" -d ");
    print_quoted(text, "'\\", "\\");
    print("\n");
    return true;
}

bool fish_print(void) {
    print("# fish completion for minnow, made from the tables of its options when it was built.\n\n"
          "function __minnow_command -a name -d 'Whether the command line runs that command of minnow'\n"
          "    set -l words (commandline -opc)\n"
          "    test (count $words) -ge 2; and test \"$words[2]\" = \"$name\"\nend\n\n"
          "complete -c minnow -f\n");
    for (size_t i = 0; i < command_count; i++) {
        print("complete -c minnow -n '__fish_is_first_token' -a %s -d ", commands[i]->name);
        print_quoted(commands[i]->summary, "'\\", "\\");
        print("\n");
    }
    print("complete -c minnow -n '__fish_is_first_token' -l help -d 'explain minnow'\n"
          "complete -c minnow -n '__fish_is_first_token' -l version -d 'print the version'\n");

    bool good = true;
    for (size_t i = 0; good && i < command_count; i++) {
        enum completes completes = operands_complete(commands[i]);
        if (completes == COMPLETES_FILES) {
            print_start(commands[i]);
            print(" -F\n");
        } else if (completes == COMPLETES_COMMANDS) {
            print_start(commands[i]);
            print_action(completes, NULL);
            print("\n");
        }
        good = each_option(commands[i], print_option);
    }
    return good;
}
