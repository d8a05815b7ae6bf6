/* A trial: a run of minnow train with other options, on the data that are there already. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/frame/interrupt.h"
#include "cli/frame/terminal.h"
#include "cli/tune/tune.h"

/* The words of a command line. */
struct words {
    int count;
    bool failed;
    char *word[2 * OPTIONS_MOST + 16];
};

static void add_word(struct words *words, const char *text) {
    char *copy = strdup(text);
    words->failed |= copy == NULL;
    if (copy != NULL)
        words->word[words->count++] = copy;
}

static void free_words(struct words *words) {
    for (int i = 0; i < words->count; i++)
        free(words->word[i]);
}

/* The options of minnow train that the command line of minnow tune gives, as they were given. */
static void add_given(struct words *words, const struct tuning *tuning) {
    for (size_t i = 0; i < command_option_count(tuning->line->command); i++) {
        const struct option *option = command_option(tuning->line->command, i);
        bool own = i < tuning->line->command->option_count;
        if (own || !tuning->line->given[i] || strcmp(option->name, "epochs") == 0)
            continue;
        char name[64], value[OPTION_VALUE_TEXT];
        snprintf(name, sizeof name, "--%s", option->name);
        add_word(words, name);
        option_value(option, tuning->given, value);
        if (option->kind != OPTION_FLAG)
            add_word(words, value);
    }
}

/* "train", what was given, what was drawn, and the number of epochs. The validation samples are the same for all. */
static void make_words(struct words *words, const struct tuning *tuning, const struct trial *trial) {
    char epochs[24], drawn[TRIAL_OPTIONS], *rest = drawn;
    words->count = 0;
    words->failed = false;
    add_word(words, "train");
    add_given(words, tuning);
    if (!option_given(tuning->line, "validation")) {
        add_word(words, "--validation");
        add_word(words, tuning->given->validation);
    }
    memcpy(drawn, trial->options, sizeof drawn);
    for (char *word; rest != NULL && *rest != '\0' && (word = strsep(&rest, " ")) != NULL;)
        add_word(words, word);
    snprintf(epochs, sizeof epochs, "%llu", (unsigned long long)trial->epochs);
    add_word(words, "--epochs");
    add_word(words, epochs);
}

/* ---- Training ---- */

static int begin(struct tuning *tuning, struct words *words, struct train_run *own) {
    char *argv[2 * OPTIONS_MOST + 17], error[OPTIONS_ERROR];
    memcpy(argv, words->word, (size_t)words->count * sizeof *argv);
    argv[words->count] = NULL;
    if (words->failed)
        return problem(STATUS_FAILURE, "not enough memory for its options");
    if (options_read(&command_train, words->count, argv, &own->settings, &own->line, error) != OPTIONS_READ)
        return problem(STATUS_USAGE, "%s", error);

    own->line.common = tuning->line->common;
    int status = train_settle(own);
    own->settings.classes = tuning->base->settings.classes;
    if (status == STATUS_SUCCESS)
        status = train_settle_table(own);
    return status == STATUS_SUCCESS ? train_begin(own) : status;
}

void trial_run(struct tuning *tuning, struct trial *trial, unsigned threads) {
    struct words words;
    struct train_run own = *tuning->base;
    own.settings = train_default_settings();
    own.common.threads = threads;
    own.common.json = false;
    own.side_by_side = true;

    terminal_speak_for(trial->name);
    make_words(&words, tuning, trial);
    trial->status = begin(tuning, &words, &own);
    if (trial->status == STATUS_SUCCESS)
        trial->status = train_epochs(&own);
    if (trial->status == STATUS_SUCCESS)
        trial->status = train_conclude(&own);
    terminal_speak_for(NULL);

    trial->done = !interrupted() || train_is_over(&own);
    bool good = trial->status == STATUS_SUCCESS && train_is_over(&own);
    const struct outcome *outcome = &own.on_validation;
    trial->figure = !good ? NAN : train_predicts_numbers(&own) ? outcome->numbers.r2 : outcome->accuracy;
    trial->loss = good ? outcome->loss : NAN;
    trial->seconds = own.train_seconds;
    minnow_trainer_free(own.trainer);
    minnow_network_free(own.network);
    free_words(&words);
}

/* ---- The command ---- */

/* A word as a shell reads it back: in quotes where it has a character that may mean something to it. */
static void append_word(FILE *out, const char *word) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.,/:=+@%";
    if (*word != '\0' && word[strspn(word, plain)] == '\0') {
        fprintf(out, " %s", word);
        return;
    }
    fputs(" '", out);
    for (; *word != '\0'; word++)
        fputs(*word == '\'' ? "'\\''" : (char[]){*word, '\0'}, out);
    fputc('\'', out);
}

char *trial_command(const struct tuning *tuning, const struct trial *trial) {
    struct words words;
    char *text = NULL;
    size_t size;
    make_words(&words, tuning, trial);
    FILE *out = open_memstream(&text, &size);
    if (out != NULL) {
        fputs("minnow", out);
        for (int i = 0; i < words.count; i++)
            append_word(out, words.word[i]);
    }
    bool failed = out == NULL || words.failed || fclose(out) != 0;
    free_words(&words);
    if (!failed)
        return text;
    free(text);
    return NULL;
}
