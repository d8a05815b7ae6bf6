/* Command lines: a table per command says which options there are, and one reader reads them all. Nothing
   here prints, ends the program or changes anything but what it is handed. */
#ifndef MINNOW_CLI_OPTIONS_H
#define MINNOW_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/network.h"

struct command;

#define ANY_OPERANDS SIZE_MAX

enum { OPTIONS_MOST = 256 }; /* of one command */

/* What an option's value becomes in the command's settings. */
enum option_kind {
    OPTION_FLAG,    /* bool; takes no value */
    OPTION_TEXT,    /* const char * */
    OPTION_COUNT,   /* uint64_t, from least to most */
    OPTION_REAL,    /* double, from low (or above it) to high; finite */
    OPTION_REALS,   /* struct real_list: one such number or several, separated by commas */
    OPTION_CHOICE,  /* int, the index of a choice */
    OPTION_CHOICES, /* struct choice_list: one choice or several, separated by commas */
    OPTION_SIZES,   /* struct size_list, each from least to most; "none" or "" is the empty list */
};

/* The name of choice `index`, NULL behind the last one. */
typedef const char *option_choice(size_t index);

/* All of them, for messages: "a, b or c". */
enum { CHOICES_TEXT = 512 };
void choices_write(option_choice *choice, char text[CHOICES_TEXT]);

/* Other words for a choice, separated by spaces, and the choice; or, for words of other programs that are no
   choice here, what to do instead, which follows the word in a message. Case, dashes and underscores do not
   matter. */
struct choice_word {
    const char *words; /* NULL behind the last one */
    const char *name;
    const char *answer; /* where name is NULL */
};

/* Words of other programs that are no option here, separated by spaces, and what a message says about
   them. */
struct option_answer {
    const char *words; /* NULL behind the last one */
    const char *answer;
};

struct option {
    const char *name; /* without its dashes; a single letter is an option of one dash, "-s N" */
    const char
        *aliases;      /* other words that are taken for it, separated by spaces; not in the help; or NULL */
    const char *value; /* placeholder in the help, "N"; NULL for a flag */
    const char *alone; /* the value where the option stands without one; NULL: it must have one */
    const char *help;  /* newlines continue the column; "{}" stands for the names of the choices */
    bool show_default; /* the help ends in "[value]", what the settings hold before any option */
    enum option_kind kind;
    size_t offset; /* of the target in the settings */

    uint64_t least, most;  /* OPTION_COUNT, OPTION_SIZES */
    double low, high;      /* OPTION_REAL, OPTION_REALS */
    bool above;            /* low itself is excluded */
    option_choice *choice; /* for OPTION_TEXT: what shells may offer, among other values; or NULL */
    const struct choice_word *choice_words; /* or NULL */

    bool fixed; /* a run of training goes on only with the value it began with */
    bool own;   /* of this command alone: those that have its options too do not have this one */
};

/* An entry of such a table. `of` tells what is drawn. */
#define SEED_OPTION(settings_type, member, of)                                                               \
    {                                                                                                        \
        .name = "seed", .aliases = "random-seed random-state rng-seed", .fixed = true, .value = "N",         \
        .help = of, .show_default = true, .kind = OPTION_COUNT, .offset = offsetof(settings_type, member),   \
        .least = 0, .most = UINT64_MAX                                                                       \
    }

/* At most one entry per hidden layer. */
struct size_list {
    size_t count;
    size_t size[NETWORK_MAX_LAYERS - 1];
};

struct real_list {
    size_t count;
    double value[NETWORK_MAX_LAYERS - 1];
};

struct choice_list {
    size_t count;
    int choice[NETWORK_MAX_LAYERS - 1];
};

/* What every command takes. */
struct common_options {
    const char *isa;               /* as given, or NULL: the widest table this machine runs */
    const struct kernels *kernels; /* the table that is; set by command_begin */
    unsigned threads;              /* as given, or 0: OpenMP's choice */
    bool quiet;
    bool json;
};

/* Arguments that are not options. */
struct operands {
    size_t count;
    char **value; /* inside argv */
};

/* A command line as read, beside the command's settings. */
struct command_line {
    const struct command *command;
    struct common_options common;
    struct operands operands;
    bool given[OPTIONS_MOST]; /* [i]: command_option(command, i) was given */
    uint64_t given_common;    /* bit i: entry i of the common table was given */
};

enum options_outcome { OPTIONS_READ, OPTIONS_HELP, OPTIONS_WRONG };

/* Reads argv[1] … argv[argc - 1] into the settings; the last of duplicates wins. argv[0] is the command's
   name, or the program's where no command was named. Operands move to argv[1] and after. HELP: --help or -h
   is among them, and the settings are as they were. WRONG: the error is one line that says what is wrong and
   where to look. */
enum { OPTIONS_ERROR = 1400 };
enum options_outcome options_read(const struct command *command, int argc, char **argv, void *settings,
                                  struct command_line *line, char error[OPTIONS_ERROR]);

/* Whether the option of that name, common or not, was given. */
bool option_given(const struct command_line *line, const char *name);

/* "-" before an option of a single letter, "--" before others. */
const char *option_dashes(const char *name);

/* What the settings hold for an option, as it could be given; a double reads back as the same. "" for a text
   that was not given. */
enum { OPTION_VALUE_TEXT = NETWORK_MAX_LAYERS * 26 };
void option_value(const struct option *option, const void *settings, char text[OPTION_VALUE_TEXT]);

/* Copies what `from` holds for an option into the settings `to`. */
void option_copy(const struct option *option, const void *from, void *to);

/* The options that every command takes. */
extern const struct option common_options_table[];
extern const size_t common_options_count;

#endif
