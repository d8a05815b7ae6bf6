/* The tables of every command: no word stands for two things, and each leads somewhere. */
#include <criterion/criterion.h>
#include <string.h>

#include "cli/command.h"
#include "cli/frame/option_names.h"

/* How often an option takes this word as its name or for its name. */
static size_t count_taking(const struct option *option, const char *word, size_t length) {
    const char *aliases = option->aliases, *alias;
    size_t alias_length, taking = strlen(option->name) == length && memcmp(option->name, word, length) == 0;
    while (option_next_word(&aliases, &alias, &alias_length))
        taking += alias_length == length && memcmp(alias, word, length) == 0;
    return taking;
}

/* Of the options of the command and the common ones. */
static size_t count_all(const struct command *command, const char *word, size_t length) {
    size_t taking = 0;
    for (size_t i = 0; i < command_option_count(command); i++)
        taking += count_taking(command_option(command, i), word, length);
    for (size_t i = 0; i < common_options_count; i++)
        taking += count_taking(&common_options_table[i], word, length);
    return taking;
}

static void check_names(const struct command *command, const struct option *option) {
    const char *aliases = option->aliases, *alias;
    size_t length;
    cr_assert_eq(count_all(command, option->name, strlen(option->name)), 1, "%s: --%s", command->name,
                 option->name);
    while (option_next_word(&aliases, &alias, &length))
        cr_assert_eq(count_all(command, alias, length), 1, "%s: --%.*s", command->name, (int)length, alias);
}

static size_t choice_index(option_choice *choice, const char *name) {
    size_t i = 0;
    while (choice(i) != NULL && strcmp(choice(i), name) != 0)
        i++;
    return i;
}

/* Each word for a choice names one that there is, and none that is the name of another. */
static void check_choices(const struct command *command, const struct option *option) {
    for (const struct choice_word *row = option->choice_words; row != NULL && row->words != NULL; row++) {
        const char *words = row->words, *word;
        size_t length;
        cr_assert((row->name == NULL) != (row->answer == NULL));
        cr_assert(row->name == NULL || option->choice(choice_index(option->choice, row->name)) != NULL,
                  "%s: --%s: %s", command->name, option->name, row->name);
        while (option_next_word(&words, &word, &length))
            for (size_t i = 0; option->choice(i) != NULL; i++)
                cr_assert_not(option_same_word(option->choice(i), strlen(option->choice(i)), word, length),
                              "%s: --%s: %s is a choice itself", command->name, option->name,
                              option->choice(i));
    }
}

static void check_answers(const struct command *command) {
    for (const struct option_answer *row = command->answers; row != NULL && row->words != NULL; row++) {
        const char *words = row->words, *word;
        size_t length;
        while (option_next_word(&words, &word, &length))
            cr_assert_eq(count_all(command, word, length), 0, "%s: --%.*s is an option", command->name,
                         (int)length, word);
    }
}

/* What a command does not have of its base is there. */
static void check_base(const struct command *command) {
    const struct command *base = command->base;
    cr_assert(base != NULL || command->without == NULL, "%s", command->name);
    cr_assert(base == NULL || base->base == NULL, "%s: only one base deep", command->name);
    for (const char *const *name = command->without; name != NULL && *name != NULL; name++)
        cr_assert_neq(option_find(base->options, base->option_count, *name, strlen(*name)), NULL,
                      "%s: --%s is no option of %s", command->name, *name, base->name);
}

Test(tables, words_are_of_one_meaning) {
    for (size_t c = 0; c < command_count; c++) {
        for (size_t i = 0; i < command_option_count(commands[c]); i++) {
            check_names(commands[c], command_option(commands[c], i));
            check_choices(commands[c], command_option(commands[c], i));
        }
        for (size_t i = 0; i < common_options_count; i++)
            check_names(commands[c], &common_options_table[i]);
        check_answers(commands[c]);
        cr_assert_eq(command_find(commands[c]->name), commands[c]);
        check_base(commands[c]);
        cr_assert_leq(command_option_count(commands[c]), OPTIONS_MOST, "struct command_line has no more");
    }
}
