/* The tables of every command: no word stands for two things, and each leads somewhere. */
#include <criterion/criterion.h>
#include <string.h>

#include "cli/command.h"
#include "cli/frame/option_names.h"

/* How many options of the command, and common ones, take this word as a name or for a name. */
static size_t count_taking(const struct option *table, size_t count, const char *word, size_t length) {
    size_t taking = 0;
    for (size_t i = 0; i < count; i++) {
        const char *aliases = table[i].aliases, *alias;
        size_t alias_length;
        taking += strlen(table[i].name) == length && memcmp(table[i].name, word, length) == 0;
        while (option_next_word(&aliases, &alias, &alias_length))
            taking += alias_length == length && memcmp(alias, word, length) == 0;
    }
    return taking;
}

static size_t count_all(const struct command *command, const char *word, size_t length) {
    return count_taking(command->options, command->option_count, word, length) +
           count_taking(common_options_table, common_options_count, word, length);
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

Test(tables, words_are_of_one_meaning) {
    for (size_t c = 0; c < command_count; c++) {
        for (size_t i = 0; i < commands[c]->option_count; i++) {
            check_names(commands[c], &commands[c]->options[i]);
            check_choices(commands[c], &commands[c]->options[i]);
        }
        for (size_t i = 0; i < common_options_count; i++)
            check_names(commands[c], &common_options_table[i]);
        check_answers(commands[c]);
        cr_assert_eq(command_find(commands[c]->name), commands[c]);
        cr_assert_leq(commands[c]->option_count, 64, "struct command_line has a bit for each");
    }
}
