#include "cli/frame/help.h"

#include <string.h>

#include "cli/frame/terminal.h"

/* The names of choices are continued on the next line before a line of help gets longer than this. */
enum { HELP_WIDTH = 64 };

static int head_width(const struct option *option) {
    size_t value = option->value != NULL ? 1 + strlen(option->value) : 0;
    return (int)(strlen(option_dashes(option->name)) + strlen(option->name) + value);
}

static int widest_head(const struct option *table, size_t count, int widest) {
    for (size_t i = 0; i < count; i++)
        widest = head_width(&table[i]) > widest ? head_width(&table[i]) : widest;
    return widest;
}

/* "a, b or c", from `at` characters into the line. Returns the length of the line then. */
static int print_choices(option_choice *choice, int column, int at) {
    for (size_t i = 0; choice(i) != NULL; i++) {
        const char *behind = choice(i + 1) == NULL ? "" : choice(i + 2) == NULL ? " or" : ",";
        int length = (int)(strlen(choice(i)) + strlen(behind));
        if (i > 0 && at + 1 + length > HELP_WIDTH) {
            print("\n%*s", column, "");
            at = 0;
        } else if (i > 0) {
            print(" ");
            at++;
        }
        print("%s%s", choice(i), behind);
        at += length;
    }
    return at;
}

static void print_help_text(const struct option *option, int column) {
    int at = 0;
    for (const char *c = option->help; *c != '\0'; c++) {
        if (*c == '\n') {
            print("\n%*s", column, "");
            at = 0;
        } else if (c[0] == '{' && c[1] == '}') {
            at = print_choices(option->choice, column, at);
            c++;
        } else {
            print("%c", *c);
            at++;
        }
    }
}

static void print_options(const struct option *table, size_t count, int column, const void *settings) {
    for (size_t i = 0; i < count; i++) {
        const struct option *option = &table[i];
        bool has_value = option->value != NULL;
        print("  %s%s%s%s%*s", option_dashes(option->name), option->name, has_value ? " " : "",
              has_value ? option->value : "", column - head_width(option), "");
        print_help_text(option, column + 2);

        char value[OPTION_VALUE_TEXT];
        if (option->show_default) {
            option_value(option, settings, value);
            print(" [%s]", value);
        }
        print("\n");
    }
}

void help_print(const struct command *command, const void *settings) {
    const struct colours *colour = output_colours();
    int column = widest_head(common_options_table, common_options_count, 0);
    for (size_t i = 0; i < command_option_count(command); i++)
        column = widest_head(command_option(command, i), 1, column);
    column += 2;

    print("%sminnow %s%s: %s\n\n", colour->bold, command->name, colour->plain, command->summary);
    print("Usage: minnow %s %s\n\n%s", command->name, command->usage, command->about);
    if (command_option_count(command) > 0)
        print("\n%sOptions%s\n", colour->bold, colour->plain);
    for (size_t i = 0; i < command_option_count(command); i++)
        print_options(command_option(command, i), 1, column, settings);

    print("\n%sCommon options%s\n", colour->bold, colour->plain);
    print_options(common_options_table, common_options_count, column, NULL);
    if (command->examples != NULL)
        print("\n%sExamples%s\n%s", colour->bold, colour->plain, command->examples);
}
