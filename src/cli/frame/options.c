#include "cli/frame/options.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/file_kind.h"
#include "base/memory.h"
#include "base/number.h"
#include "cli/command.h"
#include "cli/frame/option_names.h"
#include "kernels.h"
#include "tables.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct common_settings {
    const char *isa;
    uint64_t threads;
    bool json, quiet;
    bool help; /* never set: --help is looked for before all else, so that it shows the defaults */
};

/* The sets that are built in; only when it is asked for does one turn out to be of another CPU. */
static const char *choice_isa(size_t index) {
#define SET_NAME(set, SET) #set,
    static const char *const names[] = {EACH_KERNEL_SET(SET_NAME)};
#undef SET_NAME
    if (index == 0)
        return "auto";
    for (size_t i = 0; i < LENGTH(names); i++)
        if (kernels_find(names[i]) != NULL && --index == 0)
            return names[i];
    return NULL;
}

const struct option common_options_table[] = {
    {.name = "isa",
     .value = "NAME",
     .help = "instruction set: auto (the widest this CPU has), or one that\n"
             "'minnow info' lists; the result is the same to the last bit",
     .kind = OPTION_TEXT,
     .choice = choice_isa,
     .offset = offsetof(struct common_settings, isa)},
    {.name = "threads",
     .aliases = "j jobs workers num-workers num-threads n-jobs cpus",
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
     .aliases = "q silent",
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
    const struct option *last; /* of the option read last; NULL before the first */
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
    snprintf(reader->error, OPTIONS_ERROR, "%s: %s (see 'minnow %s --help')", name, text, name);
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

/* The index of the choice of exactly, or else loosely, that name; -1 if there is none. */
static int find_choice(option_choice *choice, const char *text, size_t length) {
    for (int i = 0; choice((size_t)i) != NULL; i++)
        if (strlen(choice((size_t)i)) == length && memcmp(choice((size_t)i), text, length) == 0)
            return i;
    for (int i = 0; length > 0 && choice((size_t)i) != NULL; i++)
        if (option_same_word(choice((size_t)i), strlen(choice((size_t)i)), text, length))
            return i;
    return -1;
}

/* The row of choice words that has this one; NULL if there is none. */
static const struct choice_word *find_choice_word(const struct choice_word *row, const char *text,
                                                  size_t length) {
    for (; row != NULL && row->words != NULL; row++) {
        const char *words = row->words, *word;
        size_t word_length;
        while (option_next_word(&words, &word, &word_length))
            if (option_same_word(word, word_length, text, length))
                return row;
    }
    return NULL;
}

/* The choice that the first `length` characters of the text name. */
static bool set_choice(struct reader *reader, const struct option *option, const char *text, size_t length,
                       int *target) {
    int found = find_choice(option->choice, text, length);
    const struct choice_word *word = NULL;
    if (found < 0)
        word = find_choice_word(option->choice_words, text, length);
    if (word != NULL && word->name != NULL)
        found = find_choice(option->choice, word->name, strlen(word->name));
    if (found >= 0) {
        *target = found;
        return true;
    }

    char expected[CHOICES_TEXT];
    choices_write(option->choice, expected);
    if (word != NULL)
        return wrong(reader, "%s%s: %.*s %s", option_dashes(option->name), option->name,
                     (int)size_min(length, 200), text, word->answer);
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

static bool set_reals(struct reader *reader, const struct option *option, const char *text,
                      struct real_list *list) {
    list->count = 0;
    for (const char *part = text;; part++) {
        size_t length = strcspn(part, ",");
        char number[64] = "";
        if (length < sizeof number)
            memcpy(number, part, length);
        if (list->count == LENGTH(list->value))
            return wrong(reader, "%s%s: more than %zu numbers", option_dashes(option->name), option->name,
                         LENGTH(list->value));
        if (!set_real(reader, option, length < sizeof number ? number : part, &list->value[list->count]))
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
    case OPTION_REALS:
        return set_reals(reader, option, text, target);
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

static bool is_common(const struct option *option) {
    return option >= common_options_table && option < common_options_table + common_options_count;
}

static bool unknown_option(struct reader *reader, const char *argument) {
    char text[OPTION_UNKNOWN_TEXT];
    option_unknown(reader->command, argument, text);
    return wrong(reader, "%s", text);
}

/* The value of argv[*i], which may be behind an equals sign, joined to a letter, or the next argument. */
static bool take_value(struct reader *reader, const struct option *option, const char *rest, int *i,
                       const char **out) {
    *out = NULL;
    if (option->kind == OPTION_FLAG)
        return rest == NULL || wrong(reader, "--%s takes no value", option->name);
    if (rest != NULL) {
        *out = rest;
        return true;
    }

    const char *next = *i + 1 < reader->argc ? reader->argv[*i + 1] : NULL, *ignored;
    if (next == NULL ||
        (strncmp(next, "--", 2) == 0 && option_match(reader->command, next, &ignored) != NULL)) {
        *out = option->alone;
        return *out != NULL ||
               wrong(reader, "%s%s: its value is missing: %s%s %s", option_dashes(option->name), option->name,
                     option_dashes(option->name), option->name, option->value);
    }
    *out = next;
    ++*i;
    return true;
}

/* The number of one of the command's options; as many as it has for any other. */
static size_t index_of(const struct command *command, const struct option *option) {
    size_t count = command_option_count(command), i = 0;
    while (i < count && command_option(command, i) != option)
        i++;
    return i;
}

static bool take_option(struct reader *reader, int *i, struct common_settings *common, void *settings,
                        struct command_line *line) {
    const struct command *command = reader->command;
    const char *rest, *value;
    const struct option *option = option_match(command, reader->argv[*i], &rest);
    if (option == NULL)
        return unknown_option(reader, reader->argv[*i]);
    if (!take_value(reader, option, rest, i, &value))
        return false;

    reader->last = option;
    if (is_common(option)) {
        line->given_common |= UINT64_C(1) << (option - common_options_table);
        return set_value(reader, option, value, common);
    }
    line->given[index_of(command, option)] = true;
    return set_value(reader, option, value, settings);
}

/* The option that an operand was probably meant for: a file or folder that is there, or the built-in digits; NULL if
   there is none. */
static const char *meant_option(const struct command *command, const char *argument) {
    const char *ignored;
    struct stat info;
    bool digits = strcmp(argument, "digits") == 0, there = stat(argument, &info) == 0;
    uint8_t bytes[FILE_KIND_BYTES];
    size_t count = 0;
    uint64_t size;
    if (there && S_ISREG(info.st_mode))
        (void)file_read_beginning(argument, bytes, sizeof bytes, &count, &size);
    if (file_kind_of(bytes, count) == FILE_KIND_SAFETENSORS)
        return option_match(command, "--model", &ignored) != NULL  ? "model"
               : option_match(command, "--init", &ignored) != NULL ? "init"
                                                                   : NULL;
    return (digits || there) && option_match(command, "--data", &ignored) != NULL ? "data" : NULL;
}

/* One operand too many; some are what people try. */
static bool unexpected(struct reader *reader, const char *argument) {
    const struct option *last = reader->last;
    if (strcmp(reader->argv[0], reader->command->name) != 0)
        return wrong(reader, "unexpected argument '%s'; a command comes before its options", argument);
    if (last != NULL &&
        (last->kind == OPTION_SIZES || last->kind == OPTION_CHOICES || last->kind == OPTION_REALS))
        return wrong(reader, "unexpected argument '%s'; commas separate the values of --%s: %s", argument,
                     last->name, last->value);
    const char *meant = meant_option(reader->command, argument);
    if (meant != NULL)
        return wrong(reader, "unexpected argument '%s'; did you mean --%s %s?", argument, meant, argument);
    return wrong(reader, "unexpected argument '%s'", argument);
}

static bool take_operand(struct reader *reader, char *argument, struct operands *operands) {
    if (operands->count == reader->command->max_operands)
        return unexpected(reader, argument);
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
    struct reader reader = {command, argc, argv, error, NULL};
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
    for (size_t i = 0; i < command_option_count(command); i++)
        if (strcmp(command_option(command, i)->name, name) == 0)
            return line->given[i];
    const struct option *option = option_find(common_options_table, common_options_count, name, strlen(name));
    return option != NULL && (line->given_common >> (option - common_options_table) & 1);
}
