#include "cli/frame/options.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/memory.h"
#include "base/number.h"
#include "base/team.h"
#include "cli/command.h"
#include "cli/frame/terminal.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct common_settings {
    struct common_options options;
    uint64_t threads;
    bool help; /* never set: --help is looked for before all else, so that it shows the defaults */
};

static const struct option common_table[] = {
    {.name = "isa",
     .value = "NAME",
     .help = "instruction set: auto (the widest this CPU has), or one that\n"
             "'minnow info' lists; the result is the same to the last bit",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct common_settings, options.isa)},
    {.name = "threads",
     .value = "N",
     .help = "threads to use, or fewer where more do not pay\n"
             "[OMP_NUM_THREADS, else one per core]; likewise",
     .kind = OPTION_COUNT,
     .offset = offsetof(struct common_settings, threads),
     .least = 1,
     .most = 1024},
    {.name = "json",
     .help = "print results as JSON, one object per line, and nothing else",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct common_settings, options.json)},
    {.name = "quiet",
     .help = "no messages and no progress on standard error, only errors",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct common_settings, options.quiet)},
    {.name = "help",
     .help = "print this and exit",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct common_settings, help)},
};

/* ---- Help ---- */

static const char *dashes(const struct option *option) {
    return option->name[1] == '\0' ? "-" : "--";
}

static int head_width(const struct option *option) {
    size_t value = option->value != NULL ? 1 + strlen(option->value) : 0;
    return (int)(strlen(dashes(option)) + strlen(option->name) + value);
}

_Static_assert(OPTION_VALUE_TEXT > LENGTH(((struct size_list *)0)->size) * sizeof "65536", "no list is cut");

static void sizes_value(const struct size_list *list, char text[OPTION_VALUE_TEXT]) {
    size_t length = 0;
    snprintf(text, OPTION_VALUE_TEXT, "none");
    for (size_t i = 0; i < list->count; i++)
        length += (size_t)snprintf(text + length, OPTION_VALUE_TEXT - length, "%s%zu", i > 0 ? "," : "",
                                   list->size[i]);
}

static void real_value(double value, char text[OPTION_VALUE_TEXT]) {
    double back;
    snprintf(text, OPTION_VALUE_TEXT, "%g", value);
    if (!number_parse_double(text, &back) || back != value)
        snprintf(text, OPTION_VALUE_TEXT, "%.17g", value);
}

void option_value(const struct option *option, const void *settings, char text[OPTION_VALUE_TEXT]) {
    const void *target = (const char *)settings + option->offset;
    const char *string = "";
    switch (option->kind) {
    case OPTION_FLAG:
        string = *(const bool *)target ? "on" : "off";
        break;
    case OPTION_TEXT:
        string = *(const char *const *)target != NULL ? *(const char *const *)target : "";
        break;
    case OPTION_CHOICE:
        string = option->choices[*(const int *)target];
        break;
    case OPTION_COUNT:
        snprintf(text, OPTION_VALUE_TEXT, "%llu", (unsigned long long)*(const uint64_t *)target);
        return;
    case OPTION_REAL:
        real_value(*(const double *)target, text);
        return;
    case OPTION_SIZES:
        sizes_value(target, text);
        return;
    }
    snprintf(text, OPTION_VALUE_TEXT, "%s", string);
}

static void print_options(const struct option *table, size_t count, int column, const void *settings) {
    for (size_t i = 0; i < count; i++) {
        const struct option *option = &table[i];
        bool has_value = option->value != NULL;
        print("  %s%s%s%s%*s", dashes(option), option->name, has_value ? " " : "",
              has_value ? option->value : "", column - head_width(option), "");
        const char *line = option->help;
        for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
            print("%.*s\n%*s", (int)(end - line), line, column + 2, "");
        print("%s", line);
        char value[OPTION_VALUE_TEXT];
        if (option->show_default) {
            option_value(option, settings, value);
            print(" [%s]", value);
        }
        print("\n");
    }
}

static void print_help(const struct command *command, const void *settings) {
    int widest = 0;
    for (size_t i = 0; i < command->option_count; i++)
        widest = head_width(&command->options[i]) > widest ? head_width(&command->options[i]) : widest;
    for (size_t i = 0; i < LENGTH(common_table); i++)
        widest = head_width(&common_table[i]) > widest ? head_width(&common_table[i]) : widest;
    const struct colours *colour = output_colours();
    const char *space = command->name[0] != '\0' ? " " : "";
    print("%sminnow%s%s%s: %s\n\n", colour->bold, space, command->name, colour->plain, command->summary);
    print("Usage: minnow%s%s %s\n\n%s", space, command->name, command->usage, command->about);
    if (command->option_count > 0) {
        print("\n%sOptions%s\n", colour->bold, colour->plain);
        print_options(command->options, command->option_count, widest + 2, settings);
    }
    print("\n%sCommon options%s\n", colour->bold, colour->plain);
    print_options(common_table, LENGTH(common_table), widest + 2, NULL);
    if (command->examples != NULL)
        print("\n%sExamples%s\n%s", colour->bold, colour->plain, command->examples);
}

/* ---- Near misses ---- */

enum { LONGEST_NAME = 31 };

/* Levenshtein's distance: insertions, deletions and replacements from a to b; both at most LONGEST_NAME long.
 */
static size_t edit_distance(const char *a, const char *b) {
    size_t row[LONGEST_NAME + 1];
    size_t columns = strlen(b);
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t replace = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = size_min(replace, size_min(row[j], row[j - 1]) + 1);
        }
    }
    return row[columns];
}

const char *nearest_name(const char *misspelt, const char *const *names, size_t count) {
    size_t length = strlen(misspelt);
    if (length > LONGEST_NAME)
        return NULL;
    const char *nearest = NULL;
    size_t limit = length < 4 ? 1 : length / 3 + 1;
    for (size_t i = 0; i < count; i++) {
        bool beginning = length >= 2 && strncmp(names[i], misspelt, length) == 0;
        size_t distance = beginning ? 1 : edit_distance(misspelt, names[i]);
        if (distance <= limit && (nearest == NULL || distance < limit)) {
            nearest = names[i];
            limit = distance;
        }
    }
    return nearest;
}

/* ---- Values ---- */

static int wrong(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One line: the command, what is wrong with its options, where to look. */
static int wrong(const struct command *command, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *space = command->name[0] != '\0' ? " " : "";
    return problem(STATUS_USAGE, "%s%s%s (see 'minnow%s%s %s')", command->name, space[0] != '\0' ? ": " : "",
                   text, space, command->name, space[0] != '\0' ? "--help" : "-h");
}

static int set_count(const struct command *command, const struct option *option, const char *text,
                     void *target) {
    uint64_t value;
    if (!number_parse_u64(text, &value) || value < option->least || value > option->most)
        return wrong(command, "%s%s: expected a whole number from %llu to %llu, found '%s'", dashes(option),
                     option->name, (unsigned long long)option->least, (unsigned long long)option->most, text);
    memcpy(target, &value, sizeof value);
    return PARSED;
}

static int set_real(const struct command *command, const struct option *option, const char *text,
                    void *target) {
    double value;
    bool number = number_parse_double(text, &value) && isfinite(value);
    if (!number || value < option->low || (option->above && value == option->low) || value > option->high)
        return wrong(command, "%s%s: expected a number %s %.15g and at most %.15g, found '%s'",
                     dashes(option), option->name, option->above ? "above" : "of at least", option->low,
                     option->high, text);
    memcpy(target, &value, sizeof value);
    return PARSED;
}

static int set_choice(const struct command *command, const struct option *option, const char *text,
                      void *target) {
    char expected[256] = "";
    size_t length = 0;
    for (int i = 0; option->choices[i] != NULL; i++) {
        if (strcmp(option->choices[i], text) == 0) {
            memcpy(target, &i, sizeof i);
            return PARSED;
        }
        const char *join = i == 0 ? "" : option->choices[i + 1] == NULL ? " or " : ", ";
        int written = snprintf(expected + length, sizeof expected - length, "%s%s", join, option->choices[i]);
        length = size_min(length + (size_t)written, sizeof expected - 1);
    }
    return wrong(command, "%s%s: expected %s, found '%s'", dashes(option), option->name, expected, text);
}

static int set_sizes(const struct command *command, const struct option *option, const char *text,
                     void *target) {
    struct size_list *list = target;
    list->count = 0;
    if (text[0] == '\0' || strcmp(text, "none") == 0)
        return PARSED;
    for (const char *part = text;; part++) {
        size_t length = strcspn(part, ",");
        char number[24] = "";
        uint64_t value;
        if (length < sizeof number)
            memcpy(number, part, length);
        if (!number_parse_u64(number, &value) || value < option->least || value > option->most)
            return wrong(command, "%s%s: expected sizes from %llu to %llu separated by commas, found '%s'",
                         dashes(option), option->name, (unsigned long long)option->least,
                         (unsigned long long)option->most, text);
        if (list->count == LENGTH(list->size))
            return wrong(command, "%s%s: more than %zu sizes", dashes(option), option->name,
                         LENGTH(list->size));
        list->size[list->count++] = (size_t)value;
        part += length;
        if (*part == '\0')
            return PARSED;
    }
}

static int set_value(const struct command *command, const struct option *option, const char *text,
                     void *settings) {
    void *target = (char *)settings + option->offset;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)target = true;
        return PARSED;
    case OPTION_TEXT:
        memcpy(target, &text, sizeof text);
        return PARSED;
    case OPTION_COUNT:
        return set_count(command, option, text, target);
    case OPTION_REAL:
        return set_real(command, option, text, target);
    case OPTION_CHOICE:
        return set_choice(command, option, text, target);
    case OPTION_SIZES:
        return set_sizes(command, option, text, target);
    }
    return STATUS_FAILURE;
}

/* ---- The line ---- */

static const struct option *find(const struct option *table, size_t count, const char *name, size_t length) {
    for (size_t i = 0; i < count; i++)
        if (strlen(table[i].name) == length && memcmp(table[i].name, name, length) == 0)
            return &table[i];
    return NULL;
}

/* The option that an argument of one or two dashes names, from the command's table or the common one. *rest
   is behind the name. */
static const struct option *match(const struct command *command, const char *argument, const char **rest) {
    bool is_long = argument[1] == '-';
    const char *name = argument + (is_long ? 2 : 1);
    size_t length = is_long ? strcspn(name, "=") : 1;
    *rest = name + length;
    if (is_long && length < 2)
        return NULL;
    const struct option *option = find(command->options, command->option_count, name, length);
    return option != NULL ? option : find(common_table, LENGTH(common_table), name, length);
}

static int unknown_option(const struct command *command, const char *argument) {
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; i < command->option_count && count < LENGTH(names); i++)
        names[count++] = command->options[i].name;
    for (size_t i = 0; i < LENGTH(common_table) && count < LENGTH(names); i++)
        names[count++] = common_table[i].name;
    char name[LONGEST_NAME + 2] = "";
    const char *start = argument + strspn(argument, "-");
    size_t length = strcspn(start, "=");
    memcpy(name, start, size_min(length, sizeof name - 1));
    const char *nearest = length > 0 ? nearest_name(name, names, count) : NULL;
    if (nearest != NULL && nearest[1] != '\0')
        return wrong(command, "unknown option '%s'; did you mean --%s?", argument, nearest);
    if (command->name[0] == '\0')
        return problem(STATUS_USAGE, "unknown option '%s'; usage: minnow %s", argument, command->usage);
    return wrong(command, "unknown option '%s'", argument);
}

/* The value of argv[*i], which may be behind an equals sign, joined to a letter, or the next argument. */
static int take_value(const struct command *command, const struct option *option, const char *rest, int argc,
                      char **argv, int *i, const char **out) {
    bool is_long = option->name[1] != '\0';
    *out = NULL;
    if (option->kind == OPTION_FLAG)
        return rest[0] == '\0' ? PARSED : wrong(command, "--%s takes no value", option->name);
    if (rest[0] != '\0') {
        *out = is_long ? rest + 1 : rest;
        return PARSED;
    }
    const char *ignored;
    if (*i + 1 >= argc ||
        (strncmp(argv[*i + 1], "--", 2) == 0 && match(command, argv[*i + 1], &ignored) != NULL))
        return wrong(command, "%s%s: its value is missing: %s%s %s", dashes(option), option->name,
                     dashes(option), option->name, option->value);
    *out = argv[++*i];
    return PARSED;
}

static int take_option(const struct command *command, int argc, char **argv, int *i,
                       struct common_settings *common, void *settings) {
    const char *rest, *value;
    const struct option *option = match(command, argv[*i], &rest);
    if (option == NULL)
        return unknown_option(command, argv[*i]);
    int status = take_value(command, option, rest, argc, argv, i, &value);
    if (status != PARSED)
        return status;
    bool is_common = find(common_table, LENGTH(common_table), option->name, strlen(option->name)) == option;
    return set_value(command, option, value, is_common ? (void *)common : settings);
}

static int take_operand(const struct command *command, char *argument, struct operands *operands) {
    if (operands->count == command->max_operands && command->name[0] == '\0')
        return wrong(command, "unexpected argument '%s'; a command comes before its options", argument);
    if (operands->count == command->max_operands)
        return wrong(command, "unexpected argument '%s'", argument);
    operands->value[operands->count++] = argument;
    return PARSED;
}

static bool asks_for_help(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int options_parse(const struct command *command, int argc, char **argv, struct common_options *common,
                  void *settings, struct operands *operands) {
    struct common_settings shared = {0};
    bool only_operands = false;
    *operands = (struct operands){.value = argv + 1};
    if (asks_for_help(argc, argv)) {
        print_help(command, settings);
        return STATUS_SUCCESS;
    }
    for (int i = 1; i < argc; i++) {
        int status;
        if (!only_operands && strcmp(argv[i], "--") == 0) {
            only_operands = true;
            continue;
        }
        if (only_operands || argv[i][0] != '-' || argv[i][1] == '\0')
            status = take_operand(command, argv[i], operands);
        else
            status = take_option(command, argc, argv, &i, &shared, settings);
        if (status != PARSED)
            return status;
    }
    if (operands->count < command->min_operands)
        return wrong(command, "an argument is missing; usage: minnow %s %s", command->name, command->usage);
    *common = shared.options;
    common->threads = (unsigned)shared.threads;
    team_set_default(common->threads);
    terminal_set_quiet(common->quiet);
    minnow_status status = network_choose_kernels(common->isa, &common->kernels);
    return status == MINNOW_OK ? PARSED : report(status);
}
