/* What a command is, the list of them, and how each begins. */
#ifndef MINNOW_CLI_COMMAND_H
#define MINNOW_CLI_COMMAND_H

#include "cli/frame/options.h"
#include "cli/frame/report.h"

/* Every command, in the order in which 'minnow help' lists them. A row NAME stands for the constant
   command_NAME, which the command's folder defines; a dash of the command's name is an underscore there. */
#define COMMANDS(ROW)                                                                                        \
    ROW(train)                                                                                               \
    ROW(lr_find)                                                                                             \
    ROW(tune)                                                                                                \
    ROW(augment)                                                                                             \
    ROW(test)                                                                                                \
    ROW(predict)                                                                                             \
    ROW(explain)                                                                                             \
    ROW(serve)                                                                                               \
    ROW(report)                                                                                              \
    ROW(inspect)                                                                                             \
    ROW(data)                                                                                                \
    ROW(convert)                                                                                             \
    ROW(info)                                                                                                \
    ROW(selftest)                                                                                            \
    ROW(bench)                                                                                               \
    ROW(original)                                                                                            \
    ROW(help)                                                                                                \
    ROW(version)

/*
 * A command's `run` begins with
 *
 *     struct x_settings settings = { …defaults… };
 *     struct command_line line;
 *     int status = command_begin(command, argc, argv, &settings, &line);
 *     if (status != BEGUN)
 *         return status;
 */
struct command {
    const char *name;
    const char *words;    /* that people try for it, separated by spaces: messages answer them; may be NULL */
    const char *summary;  /* for minnow help: one line without a full stop */
    const char *usage;    /* follows "minnow NAME " in the usage line */
    const char *about;    /* printed above the options; whole lines */
    const char *examples; /* printed below them; whole lines, may be NULL */
    bool common;          /* one that the short help names */
    bool over_ranks;      /* it knows what to do where mpirun has started several processes */

    const struct option *options;
    size_t option_count;
    const struct command
        *base; /* whose options it has too, behind its own: its settings begin with base's; or NULL */
    const char *const
        *without; /* the names of those of base that it does not have; NULL behind the last one */
    const struct option_answer *answers; /* to what is no option of it; NULL: none */
    size_t min_operands, max_operands;   /* the most may be ANY_OPERANDS */

    int (*run)(const struct command *command, int argc, char **argv); /* returns the exit status */
};

#define DECLARE_COMMAND(name) extern const struct command command_##name;
COMMANDS(DECLARE_COMMAND)
#undef DECLARE_COMMAND

/* How many options a command has besides the common ones, and the option of an index below that. */
size_t command_option_count(const struct command *command);
const struct option *command_option(const struct command *command, size_t index);

/* All of them, in that order. */
extern const struct command *const commands[];
extern const size_t command_count;

/* The command of that name; NULL if there is none. */
const struct command *command_find(const char *name);

/* Says that there is no such command, and which may have been meant. Returns the exit status,
   STATUS_USAGE. */
int command_unknown(const char *name);

/* Reads the command line into the settings and does what the common options ask for: prints the help,
   silences messages, sets the number of threads, looks up the instruction set. Returns BEGUN to go on; any
   other value is the exit status to end with: help was printed, or one line says what is wrong. */
enum { BEGUN = -1 };
int command_begin(const struct command *command, int argc, char **argv, void *settings,
                  struct command_line *line);

/* Says that an option has no effect: "NAME: --OPTION: WHY". Returns the exit status, STATUS_USAGE. */
int command_refuse(const struct command *command, const char *option, const char *why, ...)
    __attribute__((format(printf, 3, 4)));

/* Refuses the first of some options, whose names end in NULL, that was given; `why` is formatted as above.
   Returns STATUS_SUCCESS if none was. */
int command_refuse_any(const struct command *command, const struct command_line *line,
                       const char *const *options, const char *why, ...)
    __attribute__((format(printf, 4, 5)));

#endif
