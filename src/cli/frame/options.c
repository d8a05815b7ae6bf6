#include "cli/frame/options.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "cli/command.h"
#include "cli/frame/nearest.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct common_settings {
    const char *isa;
    uint64_t threads;
    bool json, quiet;
    bool help; /* never set: --help is looked for before all else, so that it shows the defaults */
};

const struct option common_options_table[] = {
    {.name = "isa",
     .value = "NAME",
     .help = "instruction set: auto (the widest this CPU has), or one that\n"
             "'minnow info' lists; the result is the same to the last bit",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct common_settings, isa)},
    {.name = "threads",
     .value = "N",
     .help = "threads to use, or fewer where more do not pay\n"
             "[OMP_NUM_THREADS, else one per core, as\n"
             "far as a CPU quota allows]; likewise",
     .kind = OPTION_COUNT,
     .offset = offsetof(struct common_settings, threads),
     .least = 1,
     .most = 1024},
    {.name = "json",
     .help = "print results as JSON, one object per line, and nothing else",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct common_settings, json)},
    {.name = "quiet",
     .help = "no messages and no progress on standard error, only errors",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct common_settings, quiet)},
    {.name = "help",
     .help = "print this and exit",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct common_settings, help)},
};
const size_t common_options_count = LENGTH(common_options_table);

const char *option_dashes(const char *name) {
    return name[1] == '\0' ? "-" : "--";
}

/* ---- Values from text ---- */

/* What the functions below work on; the error is written by the first that returns false. */
struct reader {
    const struct command *command;
    int argc;
    char **argv;
    char *error;
};

static bool wrong(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One line: the command, what is wrong with its options, where to look. */
static bool wrong(struct reader *reader, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);

    const char *name = reader->command->name;
    bool named = name[0] != '\0';
    snprintf(reader->error, OPTIONS_ERROR, "%s%s%s (see 'minnow%s%s %s')", name, named ? ": " : "", text,
             named ? " " : "", name, named ? "--help" : "-h");
    return false;
}

static bool set_count(struct reader *reader, const struct option *option, const char *text, void *target) {
    uint64_t value;
    if (!number_parse_u64(text, &value) || value < option->least || value > option->most)
        return wrong(reader, "%s%s: expected a whole number from %llu to %llu, found '%s'",
                     option_dashes(option->name), option->name, (unsigned long long)option->least,
                     (unsigned long long)option->most, text);
    memcpy(target, &value, sizeof value);
    return true;
}

static bool set_real(struct reader *reader, const struct option *option, const char *text, void *target) {
    double value;
    bool number = number_parse_double(text, &value) && isfinite(value);
    if (!number || value < option->low || (option->above && value == option->low) || value > option->high)
        return wrong(reader, "%s%s: expected a number %s %.15g and at most %.15g, found '%s'",
                     option_dashes(option->name), option->name, option->above ? "above" : "of at least",
                     option->low, option->high, text);
    memcpy(target, &value, sizeof value);
    return true;
}

void choices_write(option_choice *choice, char text[CHOICES_TEXT]) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; choice(i) != NULL; i++) {
        const char *join = i == 0 ? "" : choice(i + 1) == NULL ? " or " : ", ";
        int written = snprintf(text + used, CHOICES_TEXT - used, "%s%s", join, choice(i));
        used = size_min(used + (size_t)written, CHOICES_TEXT - 1);
    }
}

/* The choice that the first `length` characters of the text name. */
static bool set_choice(struct reader *reader, const struct option *option, const char *text, size_t length,
                       int *target) {
    for (int i = 0; option->choice((size_t)i) != NULL; i++) {
        const char *name = option->choice((size_t)i);
        if (strlen(name) == length && memcmp(name, text, length) == 0) {
            *target = i;
            return true;
        }
    }

    char expected[CHOICES_TEXT];
    choices_write(option->choice, expected);
    return wrong(reader, "%s%s: expected %s, found '%.*s'", option_dashes(option->name), option->name,
                 expected, (int)size_min(length, 200), text);
}

static bool set_choices(struct reader *reader, const struct option *option, const char *text,
                        struct choice_list *list) {
    list->count = 0;
    for (const char *part = text;; part++) {
        size_t length = strcspn(part, ",");
        if (list->count == LENGTH(list->choice))
            return wrong(reader, "%s%s: more than %zu names", option_dashes(option->name), option->name,
                         LENGTH(list->choice));
        if (!set_choice(reader, option, part, length, &list->choice[list->count]))
            return false;
        list->count++;
        part += length;
        if (*part == '\0')
            return true;
    }
}

static bool set_sizes(struct reader *reader, const struct option *option, const char *text,
                      struct size_list *list) {
    list->count = 0;
    if (text[0] == '\0' || strcmp(text, "none") == 0)
        return true;

    for (const char *part = text;; part++) {
        size_t length = strcspn(part, ",");
        char number[24] = "";
        uint64_t value;
        if (length < sizeof number)
            memcpy(number, part, length);
        if (!number_parse_u64(number, &value) || value < option->least || value > option->most)
            return wrong(reader, "%s%s: expected sizes from %llu to %llu separated by commas, found '%s'",
                         option_dashes(option->name), option->name, (unsigned long long)option->least,
                         (unsigned long long)option->most, text);
        if (list->count == LENGTH(list->size))
            return wrong(reader, "%s%s: more than %zu sizes", option_dashes(option->name), option->name,
                         LENGTH(list->size));
        list->size[list->count++] = (size_t)value;
        part += length;
        if (*part == '\0')
            return true;
    }
}

static bool set_value(struct reader *reader, const struct option *option, const char *text, void *settings) {
    void *target = (char *)settings + option->offset;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)target = true;
        return true;
    case OPTION_TEXT:
        memcpy(target, &text, sizeof text);
        return true;
    case OPTION_COUNT:
        return set_count(reader, option, text, target);
    case OPTION_REAL:
        return set_real(reader, option, text, target);
    case OPTION_CHOICE:
        return set_choice(reader, option, text, strlen(text), target);
    case OPTION_CHOICES:
        return set_choices(reader, option, text, target);
    case OPTION_SIZES:
        return set_sizes(reader, option, text, target);
    }
    return false;
}

/* ---- The line ---- */

static const struct option *find(const struct option *table, size_t count, const char *name, size_t length) {
    for (size_t i = 0; i < count; i++)
        if (strlen(table[i].name) == length && memcmp(table[i].name, name, length) == 0)
            return &table[i];
    return NULL;
}

static const struct option *find_common(const char *name, size_t length) {
    return find(common_options_table, common_options_count, name, length);
}

/* The option that an argument of one or two dashes names, from the command's table or the common one; *rest is
   what follows the name. */
static const struct option *match(const struct command *command, const char *argument, const char **rest) {
    bool is_long = argument[1] == '-';
    const char *name = argument + (is_long ? 2 : 1);
    size_t length = is_long ? strcspn(name, "=") : 1;
    *rest = name + length;
    if (is_long && length < 2)
        return NULL;

    const struct option *option = find(command->options, command->option_count, name, length);
    return option != NULL ? option : find_common(name, length);
}

static bool unknown_option(struct reader *reader, const char *argument) {
    const struct command *command = reader->command;
    const char *names[64 + LENGTH(common_options_table)];
    size_t count = 0;
    for (size_t i = 0; i < command->option_count && i < 64; i++)
        names[count++] = command->options[i].name;
    for (size_t i = 0; i < common_options_count; i++)
        names[count++] = common_options_table[i].name;

    char name[NEAREST_LONGEST + 2] = "";
    const char *start = argument + strspn(argument, "-");
    size_t length = strcspn(start, "=");
    memcpy(name, start, size_min(length, sizeof name - 1));
    const char *nearest = length > 0 ? nearest_name(name, names, count) : NULL;

    if (nearest != NULL && nearest[1] != '\0')
        return wrong(reader, "unknown option '%s'; did you mean --%s?", argument, nearest);
    if (command->name[0] != '\0')
        return wrong(reader, "unknown option '%s'", argument);
    snprintf(reader->error, OPTIONS_ERROR, "unknown option '%.1000s'; usage: minnow %s", argument,
             command->usage);
    return false;
}

/* The value of argv[*i], which may be behind an equals sign, joined to a letter, or the next argument. */
static bool take_value(struct reader *reader, const struct option *option, const char *rest, int *i,
                       const char **out) {
    *out = NULL;
    if (option->kind == OPTION_FLAG)
        return rest[0] == '\0' || wrong(reader, "--%s takes no value", option->name);
    if (rest[0] != '\0') {
        bool is_long = option->name[1] != '\0';
        *out = is_long ? rest + 1 : rest;
        return true;
    }

    const char *next = *i + 1 < reader->argc ? reader->argv[*i + 1] : NULL, *ignored;
    if (next == NULL || (strncmp(next, "--", 2) == 0 && match(reader->command, next, &ignored) != NULL))
        return wrong(reader, "%s%s: its value is missing: %s%s %s", option_dashes(option->name), option->name,
                     option_dashes(option->name), option->name, option->value);
    *out = next;
    ++*i;
    return true;
}

static bool take_option(struct reader *reader, int *i, struct common_settings *common, void *settings,
                        struct command_line *line) {
    const struct command *command = reader->command;
    const char *rest, *value;
    const struct option *option = match(command, reader->argv[*i], &rest);
    if (option == NULL)
        return unknown_option(reader, reader->argv[*i]);
    if (!take_value(reader, option, rest, i, &value))
        return false;

    if (find_common(option->name, strlen(option->name)) == option) {
        line->given_common |= UINT64_C(1) << (option - common_options_table);
        return set_value(reader, option, value, common);
    }
    line->given |= UINT64_C(1) << (option - command->options);
    return set_value(reader, option, value, settings);
}

static bool take_operand(struct reader *reader, char *argument, struct operands *operands) {
    const struct command *command = reader->command;
    if (operands->count == command->max_operands && command->name[0] == '\0')
        return wrong(reader, "unexpected argument '%s'; a command comes before its options", argument);
    if (operands->count == command->max_operands)
        return wrong(reader, "unexpected argument '%s'", argument);
    operands->value[operands->count++] = argument;
    return true;
}

static bool asks_for_help(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

enum options_outcome options_read(const struct command *command, int argc, char **argv, void *settings,
                                  struct command_line *line, char error[OPTIONS_ERROR]) {
    struct reader reader = {command, argc, argv, error};
    struct common_settings common = {0};
    bool only_operands = false;
    *line = (struct command_line){.command = command, .operands = {.value = argv + 1}};
    error[0] = '\0';
    if (asks_for_help(argc, argv))
        return OPTIONS_HELP;

    for (int i = 1; i < argc; i++) {
        bool is_operand = only_operands || argv[i][0] != '-' || argv[i][1] == '\0';
        if (!only_operands && strcmp(argv[i], "--") == 0)
            only_operands = true;
        else if (!(is_operand ? take_operand(&reader, argv[i], &line->operands)
                              : take_option(&reader, &i, &common, settings, line)))
            return OPTIONS_WRONG;
    }

    if (line->operands.count < command->min_operands) {
        wrong(&reader, "an argument is missing; usage: minnow %s %s", command->name, command->usage);
        return OPTIONS_WRONG;
    }
    line->common = (struct common_options){
        .isa = common.isa, .threads = (unsigned)common.threads, .quiet = common.quiet, .json = common.json};
    return OPTIONS_READ;
}

bool option_given(const struct command_line *line, const char *name) {
    const struct command *command = line->command;
    const struct option *option = find(command->options, command->option_count, name, strlen(name));
    if (option != NULL)
        return line->given >> (option - command->options) & 1;
    option = find_common(name, strlen(name));
    return option != NULL && (line->given_common >> (option - common_options_table) & 1);
}
