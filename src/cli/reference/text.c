/* What man pages and completions for each shell take from the option tables. */
#include <stdio.h>
#include <string.h>

#include "cli/frame/terminal.h"
#include "cli/reference/reference.h"

enum completes option_completes(const struct option *option) {
    switch (option->kind) {
    case OPTION_CHOICE:
        return COMPLETES_ONE;
    case OPTION_CHOICES:
        return COMPLETES_SEVERAL;
    case OPTION_TEXT:
        break;
    case OPTION_FLAG:
    case OPTION_COUNT:
    case OPTION_REAL:
    case OPTION_REALS:
    case OPTION_SIZES:
        return COMPLETES_NOTHING;
    }

    if (strcmp(option->value, "FOLDER") == 0)
        return COMPLETES_FOLDERS;
    if (strcmp(option->value, "FILE") == 0 || strcmp(option->value, "PATH") == 0)
        return COMPLETES_FILES;
    return option->choice != NULL ? COMPLETES_ONE : COMPLETES_NOTHING;
}

enum completes operands_complete(const struct command *command) {
    if (command->max_operands == 0)
        return COMPLETES_NOTHING;
    return strstr(command->usage, "COMMAND") != NULL ? COMPLETES_COMMANDS : COMPLETES_FILES;
}

bool option_text(const struct option *option, char text[REFERENCE_TEXT]) {
    char choices[CHOICES_TEXT] = "";
    if (option->choice != NULL)
        choices_write(option->choice, choices);

    size_t used = 0;
    for (const char *c = option->help; *c != '\0'; c++) {
        bool names = c[0] == '{' && c[1] == '}';
        size_t length = names ? strlen(choices) : 1;
        if (used + length >= REFERENCE_TEXT)
            return false;
        memcpy(text + used, names ? choices : *c == '\n' ? " " : c, length);
        used += length;
        c += names;
    }
    text[used] = '\0';
    return true;
}

bool option_brief(const struct option *option, char text[REFERENCE_TEXT]) {
    bool fits = option_text(option, text);
    if (fits)
        text[strcspn(text, ";")] = '\0';
    return fits;
}

bool each_option(const struct command *command, option_visit *visit) {
    for (size_t i = 0; i < command_option_count(command); i++)
        if (!visit(command, command_option(command, i)))
            return false;
    for (size_t i = 0; i < common_options_count; i++)
        if (!visit(command, &common_options_table[i]))
            return false;
    return true;
}

void print_choice_names(const struct option *option, const char *before) {
    for (size_t i = 0; option->choice != NULL && option->choice(i) != NULL; i++)
        print("%s%s", before, option->choice(i));
}

void print_quoted(const char *text, const char *special, const char *escape) {
    print("'");
    for (; *text != '\0'; text++)
        print("%s%c", strchr(special, *text) != NULL ? escape : "", *text);
    print("'");
}
