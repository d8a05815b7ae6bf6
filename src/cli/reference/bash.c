/* Completions for bash 3.2 and newer, which need nothing of the package bash-completion. */
#include "cli/frame/option_names.h"
#include "cli/frame/terminal.h"
#include "cli/reference/reference.h"

/* The part that is the same whatever the tables hold. `kind` and `words` say what an option's value, or an operand, is
   completed to; they are set by the functions before it. */
static const char *const engine =
    "# Adds the lines on standard input to the answer.\n"
    "_minnow_reply() {\n"
    "    local line\n"
    "    while IFS= read -r line; do COMPREPLY+=(\"$line\"); done\n"
    "}\n"
    "\n"
    "_minnow_files() {\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    _minnow_reply < <(compgen \"$@\")\n"
    "}\n"
    "\n"
    "# Answers with what is of that kind and begins with the word.\n"
    "_minnow_complete() {\n"
    "    local word=$1 before=\n"
    "    case $kind in\n"
    "    one) _minnow_reply < <(compgen -W \"$words\" -- \"$word\") ;;\n"
    "    several)\n"
    "        [[ $word != *,* ]] || before=${word%,*},\n"
    "        compopt -o nospace 2>/dev/null\n"
    "        _minnow_reply < <(compgen -P \"$before\" -W \"$words\" -- \"${word##*,}\")\n"
    "        ;;\n"
    "    files|folders)\n"
    "        _minnow_reply < <(compgen -W \"$words\" -- \"$word\")\n"
    "        [ \"$kind\" = files ] || _minnow_files -d -- \"$word\"\n"
    "        [ \"$kind\" = folders ] || _minnow_files -f -- \"$word\"\n"
    "        ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "_minnow() {\n"
    "    local IFS=$' \\t\\n' word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} kind='' words='' "
    "option\n"
    "    local last=$((COMP_CWORD - 1)) i\n"
    "    COMPREPLY=()\n"
    "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
    "        kind=one words=$_minnow_commands\n"
    "        [[ $word != -* ]] || words='--help --version'\n"
    "        _minnow_complete \"$word\"\n"
    "        return\n"
    "    fi\n"
    "    # Behind \"--\" there are operands only.\n"
    "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "        if [ \"${COMP_WORDS[i]}\" = -- ]; then\n"
    "            _minnow_operand \"$command\"\n"
    "            _minnow_complete \"$word\"\n"
    "            return\n"
    "        fi\n"
    "    done\n"
    "\n"
    "    # The shell makes three words of \"--option=value\".\n"
    "    if [ \"$word\" = = ]; then\n"
    "        word=''\n"
    "    elif [ \"${COMP_WORDS[last]}\" = = ]; then\n"
    "        last=$((last - 1))\n"
    "    fi\n"
    "    option=${COMP_WORDS[last]}\n"
    "    if [[ $last -gt 1 && $option = -* ]] && _minnow_value \"$command\" \"$option\"; then\n"
    "        _minnow_complete \"$word\"\n"
    "        return\n"
    "    fi\n"
    "\n"
    "    _minnow_operand \"$command\"\n"
    "    if [[ $word = -* || -z $kind ]]; then\n"
    "        kind=one\n"
    "        _minnow_options \"$command\"\n"
    "    fi\n"
    "    _minnow_complete \"$word\"\n"
    "}\n"
    "complete -F _minnow minnow\n";

static bool print_name(const struct command *command, const struct option *option) {
    (void)command;
    print(" %s%s", option_dashes(option->name), option->name);
    return true;
}

static const char *kind_name(enum completes completes) {
    switch (completes) {
    case COMPLETES_NOTHING:
        return "''";
    case COMPLETES_ONE:
    case COMPLETES_COMMANDS:
        return "one";
    case COMPLETES_SEVERAL:
        return "several";
    case COMPLETES_FILES:
        return "files";
    case COMPLETES_FOLDERS:
        return "folders";
    }
    return "''";
}

/* "COMMAND:--NAME|COMMAND:--ALIAS": the option by each of its words. */
static void print_pattern(const struct command *command, const struct option *option) {
    const char *aliases = option->aliases, *alias;
    size_t length;
    print("%s:%s%s", command->name, option_dashes(option->name), option->name);
    while (option_next_word(&aliases, &alias, &length))
        print("|%s:%s%.*s", command->name, length == 1 ? "-" : "--", (int)length, alias);
}

/* A branch of the function that says how an option's value is completed. */
static bool print_value(const struct command *command, const struct option *option) {
    if (option->kind == OPTION_FLAG)
        return true;
    print("    ");
    print_pattern(command, option);
    print(") kind=%s words='", kind_name(option_completes(option)));
    print_choice_names(option, " ");
    print("' ;;\n");
    return true;
}

bool bash_print(void) {
    bool good = true;
    print("# shellcheck shell=bash\n# bash completion for minnow, made from the tables of its options when "
          "it was built.\n\n");
    print("_minnow_commands='");
    for (size_t i = 0; i < command_count; i++)
        print("%s%s", i > 0 ? " " : "", commands[i]->name);
    print("'\n\n# The options of a command.\n_minnow_options() {\n    case $1 in\n");
    for (size_t i = 0; i < command_count; i++) {
        print("    %s) words='", commands[i]->name);
        good = good && each_option(commands[i], print_name);
        print("' ;;\n");
    }

    print("    esac\n}\n\n# What a command takes beside options.\n_minnow_operand() {\n    case $1 in\n");
    for (size_t i = 0; i < command_count; i++) {
        enum completes completes = operands_complete(commands[i]);
        if (completes != COMPLETES_NOTHING)
            print("    %s) kind=%s words=%s ;;\n", commands[i]->name, kind_name(completes),
                  completes == COMPLETES_COMMANDS ? "$_minnow_commands" : "''");
    }

    print("    esac\n}\n\n# The value of a command's option; false if it takes none.\n_minnow_value() {\n"
          "    case $1:$2 in\n");
    for (size_t i = 0; i < command_count; i++)
        good = good && each_option(commands[i], print_value);
    print("    *) return 1 ;;\n    esac\n}\n\n%s", engine);
    return good;
}
