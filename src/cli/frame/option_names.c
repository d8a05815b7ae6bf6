#include "cli/frame/option_names.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/frame/nearest.h"

/* ---- Words ---- */

bool option_next_word(const char **list, const char **word, size_t *length) {
    if (*list == NULL)
        return false;
    *word = *list + strspn(*list, " ");
    *length = strcspn(*word, " ");
    *list = *word + *length;
    return *length > 0;
}

static bool is_joint(char c) {
    return c == '-' || c == '_';
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; /* whatever the locale */
}

bool option_same_word(const char *a, size_t a_length, const char *b, size_t b_length) {
    size_t i = 0, j = 0;
    for (;;) {
        while (i < a_length && is_joint(a[i]))
            i++;
        while (j < b_length && is_joint(b[j]))
            j++;
        if (i == a_length || j == b_length)
            return i == a_length && j == b_length;
        if (lower(a[i++]) != lower(b[j++]))
            return false;
    }
}

/* ---- Names ---- */

/* Of names alone: an underscore is taken for a dash, as other programs write "--batch_size". */
static bool same_name(const char *given, size_t given_length, const char *name, size_t length) {
    if (given_length != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (given[i] != name[i] && !(given[i] == '_' && name[i] == '-'))
            return false;
    return true;
}

static bool in_words(const char *words, const char *name, size_t length) {
    const char *word;
    size_t word_length;
    while (option_next_word(&words, &word, &word_length))
        if (same_name(name, length, word, word_length))
            return true;
    return false;
}

const struct option *option_find(const struct option *table, size_t count, const char *name, size_t length) {
    for (size_t i = 0; i < count; i++)
        if (same_name(name, length, table[i].name, strlen(table[i].name)))
            return &table[i];
    return NULL;
}

/* Whether a command has this option of its base. */
static bool takes(const struct command *command, const struct option *option) {
    if (option->own)
        return false;
    const char *const *without = command->without;
    while (without != NULL && *without != NULL && strcmp(*without, option->name) != 0)
        without++;
    return without == NULL || *without == NULL;
}

size_t command_option_count(const struct command *command) {
    const struct command *base = command->base;
    size_t count = command->option_count;
    for (size_t i = 0; base != NULL && i < base->option_count; i++)
        count += takes(command, &base->options[i]);
    return count;
}

const struct option *command_option(const struct command *command, size_t index) {
    if (index < command->option_count)
        return &command->options[index];
    size_t left = index - command->option_count;
    for (size_t i = 0; i < command->base->option_count; i++)
        if (takes(command, &command->base->options[i]) && left-- == 0)
            return &command->base->options[i];
    return NULL;
}

/* Among the command's options, the one of that name, or for which the name is another word. */
static const struct option *find_own(const struct command *command, const char *name, size_t length,
                                     bool by_alias) {
    for (size_t i = 0; i < command_option_count(command); i++) {
        const struct option *option = command_option(command, i);
        if (by_alias ? in_words(option->aliases, name, length) : option_find(option, 1, name, length) != NULL)
            return option;
    }
    return NULL;
}

static const struct option *find_alias(const struct option *table, size_t count, const char *name,
                                       size_t length) {
    for (size_t i = 0; i < count; i++)
        if (in_words(table[i].aliases, name, length))
            return &table[i];
    return NULL;
}

/* Names come before other words for them, and a command's own before the common ones. */
static const struct option *find_any(const struct command *command, const char *name, size_t length) {
    const struct option *option = find_own(command, name, length, false);
    if (option == NULL)
        option = option_find(common_options_table, common_options_count, name, length);
    if (option == NULL)
        option = find_own(command, name, length, true);
    if (option == NULL)
        option = find_alias(common_options_table, common_options_count, name, length);
    return option;
}

const struct option *option_match(const struct command *command, const char *argument, const char **rest) {
    bool is_long = argument[1] == '-';
    const char *name = argument + (is_long ? 2 : 1);
    size_t whole = strcspn(name, "="), length = is_long ? whole : 1;
    *rest = name[length] == '\0'
                ? NULL
                : name + length + is_long; /* behind an equals sign, or right behind a letter */

    /* "-epochs 3" is a name with a dash too few, and not "-e" with "pochs". */
    if (is_long ? length < 2 : whole > 1 && find_any(command, name, whole) != NULL)
        return NULL;
    return find_any(command, name, length);
}

/* ---- Names that are none ---- */

/* Words of other programs for what is the same in every command. */
static const struct option_answer common_answers[] = {
    {"gpu cuda device gpus", "minnow computes on the CPU alone"},
    {"verbose v debug", "messages are shown anyway; --quiet silences them"},
    {NULL, NULL},
};

static const char *find_answer(const struct option_answer *answers, const char *name, size_t length) {
    for (; answers != NULL && answers->words != NULL; answers++)
        if (in_words(answers->words, name, length))
            return answers->answer;
    return NULL;
}

static void offer(struct nearest *search, const struct option *table, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const char *words = table[i].aliases, *word;
        size_t length;
        if (table[i].name[1] != '\0')
            nearest_offer(search, table[i].name, strlen(table[i].name), table[i].name);
        while (option_next_word(&words, &word, &length))
            if (length > 1)
                nearest_offer(search, word, length, table[i].name);
    }
}

/* "--a", "--a or --b", "--a, --b or --c" */
static void write_found(const struct nearest *search, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < search->count && used < size; i++) {
        const char *join = i == 0 ? "" : i + 1 == search->count ? " or " : ", ";
        used += (size_t)snprintf(text + used, size - used, "%s%s%s", join, option_dashes(search->found[i]),
                                 search->found[i]);
    }
}

void option_unknown(const struct command *command, const char *argument, char text[OPTION_UNKNOWN_TEXT]) {
    const char *name = argument + strspn(argument, "-");
    size_t length = strcspn(name, "=");
    const struct option *option = length > 1 ? find_any(command, name, length) : NULL;
    const char *answer = find_answer(command->answers, name, length);
    struct nearest search;
    char found[160], dashed[NEAREST_LONGEST] = "";

    if (answer == NULL)
        answer = find_answer(common_answers, name, length);
    for (size_t i = 0; i < size_min(length, NEAREST_LONGEST); i++)
        dashed[i] = name[i] == '_' ? '-' : name[i];
    nearest_begin(&search, dashed, length);

    if (option != NULL) { /* with a dash too few or too many */
        search.found[search.count++] = option->name;
    } else if (answer == NULL) {
        for (size_t i = 0; i < command_option_count(command); i++)
            offer(&search, command_option(command, i), 1);
        offer(&search, common_options_table, common_options_count);
    }
    write_found(&search, found, sizeof found);

    if (option == NULL && answer != NULL)
        snprintf(text, OPTION_UNKNOWN_TEXT, "unknown option '%.400s': %s", argument, answer);
    else if (search.count > 0)
        snprintf(text, OPTION_UNKNOWN_TEXT, "unknown option '%.400s'; did you mean %s?", argument, found);
    else
        snprintf(text, OPTION_UNKNOWN_TEXT, "unknown option '%.400s'; usage: minnow %s %s", argument,
                 command->name, command->usage);
}
