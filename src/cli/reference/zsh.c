/* Completions for zsh, by its function _arguments. */
#include "cli/frame/terminal.h"
#include "cli/reference/reference.h"

/* What _arguments takes as the action of a value. */
static void print_action(enum completes completes, const struct option *option) {
    switch (completes) {
    case COMPLETES_NOTHING:
        print(" ");
        break;
    case COMPLETES_ONE:
        print("(");
        print_choice_names(option, " ");
        print(")");
        break;
    case COMPLETES_SEVERAL:
        print("_sequence -d compadd -");
        print_choice_names(option, " ");
        break;
    case COMPLETES_FILES:
    case COMPLETES_FOLDERS:
        print("{_files%s; compadd --", completes == COMPLETES_FOLDERS ? " -/" : "");
        if (option != NULL)
            print_choice_names(option, " ");
        print("}");
        break;
    case COMPLETES_COMMANDS:
        print("(");
        for (size_t i = 0; i < command_count; i++)
            print(" %s", commands[i]->name);
        print(")");
        break;
    }
}

/* The text in single quotes, as _arguments wants a part of its own: without what divides parts. */
static void print_part(const char *text) {
    for (; *text != '\0'; text++)
        if (*text == '\'')
            print("'\\''");
        else
            print("%s%c", *text == '[' || *text == ']' || *text == ':' || *text == '\\' ? "\\" : "", *text);
}

static bool print_option(const struct command *command, const struct option *option) {
    (void)command;
    char text[REFERENCE_TEXT];
    if (!option_brief(option, text))
        return false;

    bool is_long = option->name[1] != '\0';
    print(" \\\n            '%s%s%s[", option_dashes(option->name), option->name,
          option->kind == OPTION_FLAG ? ""
          : is_long                   ? "="
                                      : "+");
    print_part(text);
    print("]");
    if (option->kind != OPTION_FLAG) {
        print(":");
        print_part(option->value);
        print(":");
        print_action(option_completes(option), option);
    }
    print("'");
    return true;
}

static bool print_command(const struct command *command) {
    print("    %s)\n        _arguments -s :", command->name);
    bool good = each_option(command, print_option);
    enum completes completes = operands_complete(command);
    if (completes != COMPLETES_NOTHING) {
        print(" \\\n            '*: :");
        print_action(completes, NULL);
        print("'");
    }
    print("\n        ;;\n");
    return good;
}

bool zsh_print(void) {
    print("#compdef minnow\n# zsh completion for minnow, made from the tables of its options when it was "
          "built.\n\n"
          "local -a commands\ncommands=(\n");
    for (size_t i = 0; i < command_count; i++) {
        print("    '%s:", commands[i]->name);
        print_part(commands[i]->summary);
        print("'\n");
    }
    print(")\n\nif (( CURRENT == 2 )); then\n"
          "    if [[ $PREFIX = -* ]]; then\n        compadd -- --help --version\n"
          "    else\n        _describe command commands\n    fi\n    return\nfi\n\n"
          "local command=$words[2]\nshift words\n(( CURRENT-- ))\ncase $command in\n");

    bool good = true;
    for (size_t i = 0; good && i < command_count; i++)
        good = print_command(commands[i]);
    print("esac\n");
    return good;
}
