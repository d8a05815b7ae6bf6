/* Command lines: a table per command says which options there are, and one parser reads them all. */
#ifndef MINNOW_CLI_OPTIONS_H
#define MINNOW_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "net/network.h"

#define ANY_OPERANDS SIZE_MAX

/* What every command takes. */
struct common_options {
    const char *isa;               /* as given, or NULL: the widest table this machine runs */
    const struct kernels *kernels; /* the table that is */
    unsigned threads;              /* as given, or 0: OpenMP's choice */
    bool quiet;
    bool json;
};

/* What an option's value becomes in the command's settings. */
enum option_kind {
    OPTION_FLAG,   /* bool; takes no value */
    OPTION_TEXT,   /* const char * */
    OPTION_COUNT,  /* uint64_t, from least to most */
    OPTION_REAL,   /* double, from low (or above it) to high; finite */
    OPTION_CHOICE, /* int, an index into choices */
    OPTION_SIZES,  /* struct size_list, each from least to most; "none" or "" is the empty list */
};

struct option {
    const char *name;  /* without its dashes; a single letter is an option of one dash, "-s N" */
    const char *value; /* placeholder in the help, "N"; NULL for a flag */
    const char *help;  /* may hold newlines, which continue the column */
    bool show_default; /* the help ends in "[value]", what the settings hold before any option */
    enum option_kind kind;
    size_t offset; /* of the target in the settings */
    uint64_t least, most;
    double low, high;
    bool above;                 /* low itself is excluded */
    bool fixed;                 /* a run of training goes on only with the value it began with */
    const char *const *choices; /* ends in NULL */
};

/* An entry of such a table. `of` tells what is drawn. */
#define SEED_OPTION(settings_type, member, of)                                                               \
    {                                                                                                        \
        .name = "seed", .fixed = true, .value = "N", .help = of, .show_default = true, .kind = OPTION_COUNT, \
        .offset = offsetof(settings_type, member), .least = 0, .most = UINT64_MAX                            \
    }

struct size_list {
    size_t count;
    size_t size[NETWORK_MAX_LAYERS - 1];
};

/* Arguments that are not options. */
struct operands {
    size_t count;
    char **value; /* inside argv */
};

/*
 * A command is one constant of this type, listed in main.c; `run` begins with
 *
 *     struct x_settings settings = { …defaults… };
 *     struct common_options common;
 *     struct operands operands;
 *     int status = options_parse(command, argc, argv, &common, &settings, &operands);
 *     if (status != PARSED)
 *         return status;
 */
struct command {
    const char *name;
    const char *summary;  /* for minnow --help: one line without a full stop */
    const char *usage;    /* follows "minnow NAME " in the usage line */
    const char *about;    /* printed above the options; whole lines */
    const char *examples; /* printed below them; whole lines, may be NULL */
    const struct option *options;
    size_t option_count;
    size_t min_operands, max_operands;                                /* the most may be ANY_OPERANDS */
    int (*run)(const struct command *command, int argc, char **argv); /* returns the exit status */
};

/* Reads argv[1] … argv[argc - 1] into the settings; the last of duplicates wins. argv[0] is the command's
   name. Operands move to argv[1] and after. The instruction set is looked up, and --quiet takes effect at
   once. Returns PARSED to go on; any other value is the exit status to end with: help was printed, or one
   line says what is wrong. */
enum { PARSED = -1 };
int options_parse(const struct command *command, int argc, char **argv, struct common_options *common,
                  void *settings, struct operands *operands);

/* What the settings hold for an option, as it could be given; a double reads back as the same. "" for a text
   that was not given. */
enum { OPTION_VALUE_TEXT = 512 };
void option_value(const struct option *option, const void *settings, char text[OPTION_VALUE_TEXT]);

/* The one of `count` names nearest to a misspelt one, or NULL when none is near. */
const char *nearest_name(const char *misspelt, const char *const *names, size_t count);

#endif
