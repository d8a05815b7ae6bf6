/* What minnow tune draws: each option that decides how well a network learns, from what works in most cases. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/exact_math.h"
#include "base/random.h"
#include "cli/frame/option_names.h"
#include "cli/inputs/choices.h"
#include "cli/tune/tune.h"

/* The draws of a set: those of one option depend on no other's, so that fixing one leaves the rest as they were. */
struct draws {
    uint64_t seed;
    uint32_t draw;
    minnow_optimizer optimizer; /* the set's */
};

static double unit(const struct draws *draws, uint32_t option, uint32_t which) {
    struct random_block block = random_draw(draws->seed, RANDOM_TUNING, draws->draw, option, which);
    return random_unit(block.word[0]);
}

static size_t one_of(const struct draws *draws, uint32_t option, uint32_t which, size_t count) {
    return (size_t)(unit(draws, option, which) * (double)count);
}

/* From low to high, evenly on a logarithmic scale, to two digits. */
static void logarithmic(const struct draws *draws, uint32_t option, double low, double decades, char *text,
                        size_t size) {
    const double LN_10 = 2.302585092994046;
    snprintf(text, size, "%.2g", low * exact_exp(LN_10 * decades * unit(draws, option, 0)));
}

static void draw_optimizer(const struct draws *draws, uint32_t option, char *text, size_t size) {
    static const char *const names[] = {"sgd", "momentum", "adamw"};
    snprintf(text, size, "%s", names[one_of(draws, option, 0, 3)]);
}

/* A decade around the optimiser's own. */
static void draw_rate(const struct draws *draws, uint32_t option, char *text, size_t size) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    (void)minnow_training_config_set_optimizer(&config, draws->optimizer);
    logarithmic(draws, option, config.learning_rate / 4.0, 1.2, text, size);
}

static void draw_batch(const struct draws *draws, uint32_t option, char *text, size_t size) {
    snprintf(text, size, "%d", 16 << one_of(draws, option, 0, 5));
}

/* One to three layers; those behind the first are as wide or half as wide. */
static void draw_hidden(const struct draws *draws, uint32_t option, char *text, size_t size) {
    size_t layers = 1 + one_of(draws, option, 0, 3), width = (size_t)64 << one_of(draws, option, 1, 4);
    bool narrows = one_of(draws, option, 2, 2) == 1;
    size_t length = 0;
    for (size_t i = 0; i < layers; i++, width = narrows ? width / 2 : width)
        length += (size_t)snprintf(text + length, size - length, "%s%zu", i > 0 ? "," : "", width);
}

static void draw_decay(const struct draws *draws, uint32_t option, char *text, size_t size) {
    if (draws->optimizer == MINNOW_OPTIMIZER_ADAMW)
        logarithmic(draws, option, 0.005, 2.0, text, size);
    else if (one_of(draws, option, 1, 2) == 0)
        snprintf(text, size, "0");
    else
        logarithmic(draws, option, 1e-6, 2.0, text, size);
}

/* None for half of them. */
static void draw_dropout(const struct draws *draws, uint32_t option, char *text, size_t size) {
    static const char *const values[] = {"0", "0", "0", "0.1", "0.2", "0.4"};
    snprintf(text, size, "%s", values[one_of(draws, option, 0, 6)]);
}

/* The optimiser first, on which others depend. */
static const struct dimension {
    const char *option;
    void (*draw)(const struct draws *draws, uint32_t option, char *text, size_t size);
} DIMENSIONS[] = {
    {"optimizer", draw_optimizer}, {"lr", draw_rate},         {"batch", draw_batch}, {"hidden", draw_hidden},
    {"weight-decay", draw_decay},  {"dropout", draw_dropout},
};
enum { DIMENSION_COUNT = sizeof DIMENSIONS / sizeof *DIMENSIONS };

/* Whether minnow train has the option, and the command line leaves it open. */
static bool is_open(const struct tuning *tuning, const struct dimension *dimension) {
    const char *name = dimension->option;
    return option_find(command_train.options, command_train.option_count, name, strlen(name)) != NULL &&
           !option_given(tuning->line, name);
}

static minnow_optimizer optimizer_of(const char *name) {
    size_t i = 0;
    while (choice_optimizer(i) != NULL && strcmp(choice_optimizer(i), name) != 0)
        i++;
    return (minnow_optimizer)i;
}

bool space_is_empty(const struct tuning *tuning) {
    for (size_t i = 0; i < DIMENSION_COUNT; i++)
        if (is_open(tuning, &DIMENSIONS[i]))
            return false;
    return true;
}

void space_draw(const struct tuning *tuning, uint32_t draw, char text[TRIAL_OPTIONS]) {
    struct draws draws = {tuning->seed, draw, (minnow_optimizer)tuning->given->optimizer};
    size_t length = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < DIMENSION_COUNT; i++) {
        char value[64];
        if (!is_open(tuning, &DIMENSIONS[i]))
            continue;
        DIMENSIONS[i].draw(&draws, i, value, sizeof value);
        if (i == 0)
            draws.optimizer = optimizer_of(value);
        length += (size_t)snprintf(text + length, TRIAL_OPTIONS - length, "%s--%s %s", length > 0 ? " " : "",
                                   DIMENSIONS[i].option, value);
    }
}
