/* The program that the build runs to write man pages and shell completions. It is linked with everything that minnow
   is made of but main.c and frame/help.c, so it sees the very tables that minnow reads command lines by. */
#ifndef MINNOW_CLI_REFERENCE_H
#define MINNOW_CLI_REFERENCE_H

#include "cli/command.h"

/* What a shell offers where the value of an option, or an operand, is to come. */
enum completes {
    COMPLETES_NOTHING,  /* a number, a name of one's own */
    COMPLETES_ONE,      /* one of the option's choices */
    COMPLETES_SEVERAL,  /* some of them, separated by commas */
    COMPLETES_FILES,    /* paths of files and folders, and the option's choices if it has some */
    COMPLETES_FOLDERS,  /* paths of folders, likewise */
    COMPLETES_COMMANDS, /* names of commands */
};
enum completes option_completes(const struct option *option);
enum completes operands_complete(const struct command *command);

/* The help of an option as one paragraph: choices are named, and line breaks are spaces. Returns false if it does not
   fit. */
enum { REFERENCE_TEXT = 2048 };
bool option_text(const struct option *option, char text[REFERENCE_TEXT]);

/* The part of it up to the first semicolon, for a list of options. Returns false if it does not fit. */
bool option_brief(const struct option *option, char text[REFERENCE_TEXT]);

/* Calls `visit` for each option of the command, then for each common one. */
typedef bool option_visit(const struct command *command, const struct option *option);
bool each_option(const struct command *command, option_visit *visit);

/* Prints the option's choices, each after `before`. */
void print_choice_names(const struct option *option, const char *before);

/* The text between single quotes, each of its characters that is in `special` after `escape`. */
void print_quoted(const char *text, const char *special, const char *escape);

/* The pages and scripts, on standard output. They return false if a text is too long for them. `settings` hold a
   command's defaults. */
bool manual_print_command(const struct command *command, const void *settings);
bool manual_print_overview(void);
bool bash_print(void);
bool zsh_print(void);
bool fish_print(void);

#endif
