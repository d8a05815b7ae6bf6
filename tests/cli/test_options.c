/* Reading a command line: what it gives, and that it does nothing else. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/frame/nearest.h"
#include "cli/frame/option_names.h"

struct settings {
    uint64_t count;
    double rate;
    bool flag;
    const char *text;
    struct choice_list colours;
    struct real_list shares;
};

static const char *colour(size_t index) {
    static const char *const names[] = {"red", "green"};
    return index < 2 ? names[index] : NULL;
}

static const struct choice_word colour_words[] = {
    {"crimson dark-red", "red", NULL}, {"blue", NULL, "has gone"}, {NULL, NULL, NULL}};

#define TARGET(member) .offset = offsetof(struct settings, member)
static const struct option options[] = {
    {.name = "count",
     .aliases = "number n how-many",
     .value = "N",
     .kind = OPTION_COUNT,
     TARGET(count),
     .least = 1,
     .most = 9},
    {.name = "rate", .value = "X", .kind = OPTION_REAL, TARGET(rate), .low = 0, .high = 1},
    {.name = "flag", .kind = OPTION_FLAG, TARGET(flag)},
    {.name = "text", .value = "T", .kind = OPTION_TEXT, TARGET(text)},
    {.name = "colours",
     .value = "C,...",
     .kind = OPTION_CHOICES,
     TARGET(colours),
     .choice = colour,
     .choice_words = colour_words},
    {.name = "shares", .value = "X,...", .kind = OPTION_REALS, TARGET(shares), .low = 0, .high = 1},
};
static const struct option_answer answers[] = {{"size", "there is only --count"}, {NULL, NULL}};
static const struct command command = {.name = "try",
                                       .usage = "[OPTIONS]",
                                       .options = options,
                                       .option_count = 6,
                                       .answers = answers,
                                       .max_operands = 1};

/* Reads a line of at most 7 words behind the command's name. */
static enum options_outcome read_line(char *const words[7], struct settings *settings,
                                      struct command_line *line, char error[OPTIONS_ERROR]) {
    static char *argv[9];
    int argc = 1;
    argv[0] = (char[]){"try"};
    for (int i = 0; i < 7 && words[i] != NULL; i++)
        argv[argc++] = words[i];
    argv[argc] = NULL;
    return options_read(&command, argc, argv, settings, line, error);
}
#define READ(...) read_line((char *[7]){__VA_ARGS__}, &settings, &line, error)

Test(options, what_was_given) {
    struct settings settings = {.count = 5, .rate = 0.5};
    struct command_line line;
    char error[OPTIONS_ERROR];
    cr_assert_eq(READ("--count", "5", "--colours=green,red", "--threads", "3", "file"), OPTIONS_READ);
    cr_assert(option_given(&line, "count"), "given, though it is the default");
    cr_assert(option_given(&line, "colours"));
    cr_assert(option_given(&line, "threads"));
    cr_assert_not(option_given(&line, "rate"));
    cr_assert_not(option_given(&line, "json"));
    cr_assert_eq(line.common.threads, 3);
    cr_assert_eq(line.operands.count, 1);
    cr_assert_str_eq(line.operands.value[0], "file");

    char text[OPTION_VALUE_TEXT];
    option_value(&options[4], &settings, text);
    cr_assert_str_eq(text, "green,red");
}

Test(options, copies_one_value) {
    struct settings settings = {.count = 5, .rate = 0.5}, other = {.count = 1, .rate = 0.25};
    struct command_line line;
    char error[OPTIONS_ERROR];
    cr_assert_eq(READ("--rate", "1", "--colours", "green"), OPTIONS_READ);
    option_copy(&options[1], &settings, &other);
    option_copy(&options[4], &settings, &other);
    cr_assert_eq(other.rate, 1);
    cr_assert_eq(other.count, 1);
    cr_assert(other.colours.count == 1 && other.colours.choice[0] == 1);
}

Test(options, lists_of_numbers) {
    struct settings settings = {.count = 5}, other = {.count = 1};
    struct command_line line;
    char error[OPTIONS_ERROR], text[OPTION_VALUE_TEXT];
    cr_assert_eq(READ("--shares", "0.5,0.1,1e-3"), OPTIONS_READ);
    option_copy(&options[5], &settings, &other);
    option_value(&options[5], &other, text);
    cr_expect_str_eq(text, "0.5,0.1,0.001");
    static char *const refused[] = {"", ",", "0.5,", "0.5,x", "1.5", "0.1,-1", "nan", "0.5 0.1"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        cr_expect_eq(READ("--shares", refused[i]), OPTIONS_WRONG, "%s", refused[i]);
    cr_assert_eq(READ("--shares", "0.5", "0.1", "file"), OPTIONS_WRONG);
    cr_expect_not_null(strstr(error, "commas separate"), "%s", error);
}

/* A command that has most of another's options behind its own. */
Test(options, of_another_command) {
    struct {
        struct settings base;
        uint64_t steps;
    } settings = {.base = {.count = 5}};
    static const struct option own[] = {
        {.name = "steps", .value = "N", .kind = OPTION_COUNT, .offset = sizeof(struct settings), .most = 9}};
    static const char *const without[] = {"rate", NULL};
    static const struct command other = {.name = "other",
                                         .usage = "[OPTIONS]",
                                         .options = own,
                                         .option_count = 1,
                                         .base = &command,
                                         .without = without};
    struct command_line line;
    char error[OPTIONS_ERROR];
    cr_assert_eq(command_option_count(&other), 6);
    cr_assert_eq(command_option(&other, 0), &own[0]);
    cr_assert_eq(command_option(&other, 2), &options[2], "behind the one that is left out");

    char *argv[] = {"other", "--steps", "3", "--colours=green", "-n", "4", NULL};
    cr_assert_eq(options_read(&other, 6, argv, &settings, &line, error), OPTIONS_READ, "%s", error);
    cr_assert(settings.steps == 3 && settings.base.count == 4 && settings.base.colours.choice[0] == 1);
    cr_assert(option_given(&line, "steps") && option_given(&line, "count") && option_given(&line, "colours"));
    cr_assert_not(option_given(&line, "flag") || option_given(&line, "text"));

    char *wrong[] = {"other", "--rate", "1", NULL};
    cr_assert_eq(options_read(&other, 3, wrong, &settings, &line, error), OPTIONS_WRONG);
    cr_assert_str_eq(error, "other: unknown option '--rate'; usage: minnow other [OPTIONS] (see 'minnow "
                            "other --help')");
}

/* Errors are returned, help is asked for: nothing is printed, and the default settings stay for the help. */
Test(options, prints_nothing) {
    struct settings settings = {.count = 5};
    struct command_line line;
    char error[OPTIONS_ERROR];
    FILE *output = tmpfile(), *before_out = stdout, *before_err = stderr;
    cr_assert_not_null(output);
    stdout = stderr = output;
    enum options_outcome wrong = READ("--count", "10", "--quiet");
    char first[OPTIONS_ERROR];
    memcpy(first, error, sizeof first);
    enum options_outcome unknown = READ("--cuont", "1");
    char second[OPTIONS_ERROR];
    memcpy(second, error, sizeof second);
    enum options_outcome help = READ("--count", "7", "--help");
    stdout = before_out;
    stderr = before_err;

    cr_assert_eq(wrong, OPTIONS_WRONG);
    cr_assert_str_eq(
        first, "try: --count: expected a whole number from 1 to 9, found '10' (see 'minnow try --help')");
    cr_assert_eq(unknown, OPTIONS_WRONG);
    cr_assert_str_eq(second,
                     "try: unknown option '--cuont'; did you mean --count? (see 'minnow try --help')");
    cr_assert_eq(help, OPTIONS_HELP);
    cr_assert_eq(settings.count, 5);
    cr_assert_eq(ftell(output), 0);
    fclose(output);
}

/* Other words for a name or a choice, in each way to write them; names come first. */
Test(options, other_words) {
    static const char *const ways[][2] = {{"--number", "3"},   {"--number=3", NULL},   {"-n", "3"},
                                          {"-n3", NULL},       {"--how-many", "3"},    {"--how_many=3", NULL},
                                          {"--count=3", NULL}, {"--colours=Red", NULL}};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct settings settings = {.count = 3};
        struct command_line line;
        char error[OPTIONS_ERROR], first[32], second[32];
        snprintf(first, sizeof first, "%s", ways[i][0]);
        snprintf(second, sizeof second, "%s", ways[i][1] != NULL ? ways[i][1] : "file");
        cr_assert_eq(READ(first, second), OPTIONS_READ, "%s: %s", first, error);
        cr_assert_eq(settings.count, 3, "%s", first);
        cr_assert(option_given(&line, "count") || option_given(&line, "colours"), "%s", first);
        cr_assert_eq(line.operands.count, ways[i][1] == NULL, "%s", first);
    }

    struct settings settings = {.count = 5};
    struct command_line line;
    char error[OPTIONS_ERROR];
    cr_assert_eq(READ("--colours", "Crimson,DARK_RED,darkred,green"), OPTIONS_READ);
    cr_assert_eq(settings.colours.count, 4);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(settings.colours.choice[i], i == 3);
    cr_assert_eq(READ("--text="), OPTIONS_READ);
    cr_assert_str_eq(settings.text, "", "an empty value is one");
}

/* The line that each wrong word is answered with. */
Test(options, answers) {
    static const struct {
        const char *argument, *line;
    } rows[] = {
        {"--cou", "try: unknown option '--cou'; did you mean --count? (see 'minnow try --help')"},
        {"--numbre=1", "try: unknown option '--numbre=1'; did you mean --count? (see 'minnow try --help')"},
        {"-number", "try: unknown option '-number'; did you mean --count? (see 'minnow try --help')"},
        {"--n", "try: unknown option '--n'; usage: minnow try [OPTIONS] (see 'minnow try --help')"},
        {"--size=3", "try: unknown option '--size=3': there is only --count (see 'minnow try --help')"},
        {"--cuda",
         "try: unknown option '--cuda': minnow computes on the CPU alone (see 'minnow try --help')"},
        {"--colours=blue", "try: --colours: blue has gone (see 'minnow try --help')"},
        {"--colours=", "try: --colours: expected red or green, found '' (see 'minnow try --help')"},
        {"--flag=", "try: --flag takes no value (see 'minnow try --help')"},
        {"-", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct settings settings = {.count = 5};
        struct command_line line;
        char error[OPTIONS_ERROR], argument[32];
        snprintf(argument, sizeof argument, "%s", rows[i].argument);
        cr_assert_eq(READ(argument), rows[i].line != NULL ? OPTIONS_WRONG : OPTIONS_READ, "%s", argument);
        cr_assert_str_eq(error, rows[i].line != NULL ? rows[i].line : "");
    }
}

Test(options, same_word) {
    cr_assert(option_same_word("LeakyReLU", 9, "leaky_relu", 10));
    cr_assert(option_same_word("-a-", 3, "A", 1));
    cr_assert_not(option_same_word("relu", 4, "relu6", 5));
    cr_assert_not(option_same_word("relu6", 5, "relu", 4));
    cr_assert_not(option_same_word("", 0, "a", 1));
}

/* The names found for a misspelt one, joined by blanks. */
static const char *found(const char *misspelt) {
    static const char *const names[] = {"train",   "test",     "checkpoint", "checkpoint-every",
                                        "checker", "checkbox", "chek"};
    static char text[128];
    struct nearest search;
    nearest_begin(&search, misspelt, strlen(misspelt));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        nearest_offer(&search, names[i], strlen(names[i]), names[i]);
        nearest_offer(&search, names[i], strlen(names[i]), names[i]);
    }
    text[0] = '\0';
    for (size_t i = 0; i < search.count; i++)
        strcat(strcat(text, i > 0 ? " " : ""), search.found[i]);
    return text;
}

Test(options, nearest) {
    cr_assert_str_eq(found("trian"), "train");
    cr_assert_str_eq(found("tets"), "test");
    cr_assert_str_eq(found("tr"), "train");
    cr_assert_str_eq(found("t"), "");
    cr_assert_str_eq(found(""), "");
    cr_assert_str_eq(found("frobnicate"), "");
    cr_assert_str_eq(found("checkpoint"), "checkpoint checkpoint-every");
    cr_assert_str_eq(found("check"), "checkpoint checkpoint-every checker", "no more than three");
    cr_assert_str_eq(found("chec"), "checkpoint checkpoint-every checker", "though chek is nearer");
    cr_assert_str_eq(found("checkpointeveryandmuchmorethanthat"), "");
}
