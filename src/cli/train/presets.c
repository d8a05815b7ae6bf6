#include "cli/train/presets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/frame/quote.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "data/dataset.h"

enum { PRESET_WORDS = 64, MODEL_WORDS = 128 };

/* The model's metadata: the options of its run, separated by single spaces. */
#define OPTIONS_KEY "options"

struct preset {
    const char *name;
    const char *options; /* as on the command line, separated by single spaces */
};

/* All but the first two were chosen on 5,000 held-out training images. README's table has their accuracies and times, which
   tools/records measures. */
static const struct preset PRESETS[] = {
    /* What `minnow original` trains; in another order, as the original takes samples as they lie in the file. */
    {"seed", "--hidden 16,16 --activation sigmoid --loss quadratic --init-weights normal --batch 1 --lr 0.17 "
             "--schedule constant --epochs 1"},
    /* The network of Nielsen's book "Neural Networks and Deep Learning", chapter 1. */
    {"nielsen",
     "--hidden 30 --activation sigmoid --loss quadratic --batch 10 --lr 3 --schedule constant --epochs 30"},
    /* MNIST in half a second of training on two cores. */
    {"fast", "--hidden 256 --optimizer adam --lr 0.004 --batch 128 --epochs 4 --label-smoothing 0.05"},
    /* MNIST in little more than a minute, other images of the same digits in each epoch. */
    {"best",
     "--hidden 1000,500 --optimizer adam --lr 0.001 --schedule cosine --warmup 3 --batch 128 --epochs 60 "
     "--dropout 0.1 --ema 0.999 --label-smoothing 0.05 --distort --gentle-classes 1,7"},
    /* Fashion-MNIST in half a minute, slightly moved, turned and stretched in each epoch. */
    {"fashion",
     "--hidden 512,256 --optimizer adam --lr 0.001 --schedule cosine --warmup 2 --batch 128 --epochs 40 "
     "--ema 0.999 --label-smoothing 0.05 --shift 1 --rotate 3 --stretch 0.05"},
};
enum { PRESET_COUNT = sizeof PRESETS / sizeof *PRESETS };

const char *choice_preset(size_t index) {
    return index < PRESET_COUNT ? PRESETS[index].name : NULL;
}

/* ---- Expanding ---- */

/* The value of the last option of that name, or NULL. */
static const char *value_of(int argc, char **argv, const char *name) {
    size_t length = strlen(name);
    const char *value = NULL;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], name) == 0 && i + 1 < argc)
            value = argv[i + 1];
        else if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=')
            value = argv[i] + length + 1;
    }
    return value;
}

/* Words before all others. They belong to `out` from here on, or to nobody where there is no memory. */
static int insert_words(int argc, char **argv, const char *const *words, size_t count,
                        struct preset_line *out) {
    char **made = malloc(((size_t)argc + count + 1) * sizeof *made);
    if (made == NULL)
        return problem(STATUS_FAILURE, "train: not enough memory for the options of a preset");

    size_t length = 0;
    made[length++] = argv[0];
    for (size_t i = 0; i < count; i++)
        made[length++] = (char *)(uintptr_t)words[i]; /* the options reader moves words, and changes none */
    for (int i = 1; i < argc; i++)
        made[length++] = argv[i];
    made[length] = NULL;
    out->argc = (int)length;
    out->argv = out->made = made;
    return STATUS_SUCCESS;
}

static int expand_preset(int argc, char **argv, const char *name, struct preset_line *out) {
    const char *options = NULL;
    for (size_t i = 0; i < PRESET_COUNT; i++)
        if (strcmp(PRESETS[i].name, name) == 0)
            options = PRESETS[i].options;
    if (options == NULL)
        return STATUS_SUCCESS; /* the options reader says which there are */

    out->text = strdup(options);
    if (out->text == NULL)
        return problem(STATUS_FAILURE, "train: not enough memory for the options of a preset");
    const char *words[PRESET_WORDS];
    size_t count = 0;
    char *rest = out->text;
    for (char *word; count < PRESET_WORDS && (word = strsep(&rest, " ")) != NULL;)
        words[count++] = word;
    return insert_words(argc, argv, words, count, out);
}

/* Whether a model may say this option with this value: only what decides on the result of training, and no names of
   files. */
static bool is_recorded(const struct option *option, const char *value) {
    if (strcmp(option->name, "validation") == 0)
        return validation_is_portable(value);
    if (strcmp(option->name, "class-weight") == 0)
        return *value != '\0' && strchr(value, ' ') == NULL; /* words are separated by spaces */
    return option->fixed && option->kind != OPTION_TEXT && option->kind != OPTION_FLAG;
}

static bool is_option_of_model(const struct command *command, const char *word, const char *value) {
    for (size_t i = 0; i < command_option_count(command); i++) {
        const struct option *option = command_option(command, i);
        if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, option->name) == 0)
            return is_recorded(option, value);
    }
    return false;
}

static int expand_model(const struct command *command, int argc, char **argv, const char *path,
                        struct preset_line *out) {
    minnow_network *network;
    minnow_status status = minnow_network_load(path, NULL, &network);
    if (status != MINNOW_OK)
        return report(status);
    const char *text = minnow_network_metadata(network, OPTIONS_KEY);
    bool by_hand = minnow_network_metadata(network, TRAIN_RATE_CHANGES_KEY) != NULL;
    bool told = text != NULL && *text != '\0';
    out->text = told ? strdup(text) : NULL;
    minnow_network_free(network);
    if (told && by_hand)
        note("minnow: --like %s: the rate of its run was changed by hand, which is not repeated", path);
    if (!told)
        return problem(STATUS_INPUT,
                       "train: --like %s: the model does not say with which options it was trained", path);
    if (out->text == NULL)
        return problem(STATUS_FAILURE, "train: not enough memory for the options of %s", path);

    const char *words[MODEL_WORDS];
    size_t count = 0;
    char *rest = out->text;
    for (char *word; (word = strsep(&rest, " ")) != NULL;) {
        char *value = strsep(&rest, " ");
        if (count + 2 > MODEL_WORDS || value == NULL || !is_option_of_model(command, word, value))
            return problem(STATUS_INPUT, "train: --like %s: '%.40s' is no option of a run", path, word);
        words[count++] = word;
        words[count++] = value;
    }
    return insert_words(argc, argv, words, count, out);
}

int preset_expand(const struct command *command, int argc, char **argv, struct preset_line *out) {
    *out = (struct preset_line){.argc = argc, .argv = argv};
    const char *preset = value_of(argc, argv, "--preset"), *model = value_of(argc, argv, "--like");
    if (preset != NULL && model != NULL)
        return problem(STATUS_USAGE,
                       "train: --like with --preset: each is a list of options, and only one is taken");
    if (model != NULL)
        return expand_model(command, argc, argv, model, out);
    return preset != NULL ? expand_preset(argc, argv, preset, out) : STATUS_SUCCESS;
}

void preset_free(struct preset_line *line) {
    free(line->made);
    free(line->text);
}

/* ---- What was given ---- */

/* Whether it stands in every list, given or not: what has a part in every run. */
static bool is_always_told(const char *name) {
    static const char *const names[] = {"hidden", "loss", "optimizer", "lr", "batch", "epochs", "seed"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The value of an option in a form that a model can keep. */
static void recorded_value(const struct train_run *run, const struct option *option,
                           char value[OPTION_VALUE_TEXT]) {
    option_value(option, &run->settings, value);
    const minnow_dataset *train = run->data.train;
    bool spaced = strcmp(option->name, "class-weight") == 0 && strchr(value, ' ') != NULL;
    if (spaced && train->class_weights != NULL && !class_weights_write(train, value, OPTION_VALUE_TEXT))
        snprintf(value, OPTION_VALUE_TEXT, " "); /* which is not kept */
}

/* What needs the validation samples, where these are a file, which is not told either. */
static bool lacks_validation(const struct train_run *run, const char *name) {
    return (strcmp(name, "patience") == 0 || strcmp(name, "keep-epoch") == 0) &&
           !validation_is_portable(run->settings.validation);
}

minnow_status preset_record(const struct train_run *run) {
    const struct command *command = run->line.command;
    if (run->settings.resume != NULL)
        return MINNOW_OK; /* as the run that began said */
    char text[MODEL_WORDS * OPTION_VALUE_TEXT] = "";
    size_t length = 0;
    for (size_t i = 0; i < command_option_count(command) && run->settings.init == NULL; i++) {
        const struct option *option = command_option(command, i);
        bool given = run->line.given[i];
        char value[OPTION_VALUE_TEXT];
        char word[64];
        snprintf(word, sizeof word, "--%s", option->name);
        bool of_bits = strcmp(option->name, "sub-batches") == 0 && run->settings.sub_batches > 1;
        if (!(given || of_bits || is_always_told(option->name)))
            continue;
        recorded_value(run, option, value);
        if (!is_recorded(option, value) || lacks_validation(run, option->name))
            continue;
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s %s", length > 0 ? " " : "",
                                   word, value);
    }
    return minnow_network_set_metadata(run->network, OPTIONS_KEY, text);
}

/* ---- Printing ---- */

static bool is_own(const char *name) {
    return strcmp(name, "preset") == 0 || strcmp(name, "like") == 0 || strcmp(name, "print-options") == 0;
}

int preset_print(const struct train_run *run) {
    const struct command *command = run->line.command;
    print("minnow train");
    for (size_t i = 0; i < command_option_count(command); i++) {
        const struct option *option = command_option(command, i);
        bool own = is_own(option->name);
        if (own || !(run->line.given[i]))
            continue;
        print(" %s%s", option_dashes(option->name), option->name);
        if (option->kind == OPTION_FLAG)
            continue;
        char value[OPTION_VALUE_TEXT];
        option_value(option, &run->settings, value);
        char word[4 * OPTION_VALUE_TEXT];
        quote(value, word, sizeof word);
        print(" %s", word);
    }
    print("\n");
    return print_flush() ? STATUS_SUCCESS : STATUS_FAILURE;
}
