/* Reading a command line: what it gives, and that it does nothing else. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

struct settings {
    uint64_t count;
    double rate;
    bool flag;
    const char *text;
    struct choice_list colours;
};

static const char *colour(size_t index) {
    static const char *const names[] = {"red", "green"};
    return index < 2 ? names[index] : NULL;
}

#define TARGET(member) .offset = offsetof(struct settings, member)
static const struct option options[] = {
    {.name = "count", .value = "N", .kind = OPTION_COUNT, TARGET(count), .least = 1, .most = 9},
    {.name = "rate", .value = "X", .kind = OPTION_REAL, TARGET(rate), .low = 0, .high = 1},
    {.name = "flag", .kind = OPTION_FLAG, TARGET(flag)},
    {.name = "text", .value = "T", .kind = OPTION_TEXT, TARGET(text)},
    {.name = "colours", .value = "C,...", .kind = OPTION_CHOICES, TARGET(colours), .choice = colour},
};
static const struct command command = {
    .name = "try", .usage = "[OPTIONS]", .options = options, .option_count = 5, .max_operands = 1};

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
