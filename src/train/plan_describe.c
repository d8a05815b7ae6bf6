/* A plan as people read it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "train/plan.h"

/* Text that grows; NULL once memory ran out. */
struct text {
    char *bytes;
    size_t length, capacity;
    bool failed;
};

static void say(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct text *text, const char *format, ...) {
    enum { LONGEST = 256 };
    if (text->failed)
        return;
    if (text->capacity - text->length < LONGEST) {
        size_t capacity = 2 * text->capacity + 4 * LONGEST;
        char *larger = realloc(text->bytes, capacity);
        if (larger == NULL) {
            text->failed = true;
            return;
        }
        text->bytes = larger;
        text->capacity = capacity;
    }

    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text->bytes + text->length, LONGEST, format, arguments);
    va_end(arguments);
    text->length += size_min(length > 0 ? (size_t)length : 0, LONGEST - 1);
}

static void describe_perturbation(const struct perturbation *perturbation, struct text *text) {
    if (perturbation->mixup > 0.0)
        say(text, "samples are mixed in pairs as they are loaded\n");
    if (perturbation->noise > 0.0f)
        say(text, "noise is added to samples as they are loaded\n");
    if (perturbation->dropout.share > 0.0f)
        say(text, "%.3g %% of the features are left out as samples are loaded\n",
            100.0 * (double)perturbation->dropout.share);
}

static void describe_stages(const struct plan *plan, struct text *text) {
    say(text, "stages, one per layer, %s kernels:\n", plan->network->kernels->name);
    for (size_t l = 0; l < plan->stage_count; l++) {
        const struct stage *stage = &plan->stages[l];
        char shape[64];
        snprintf(shape, sizeof shape, "%zu-%zu", stage->inputs, stage->outputs);
        say(text, "  %-2zu  %-12s  %-10s  %s\n", l, shape, stage->kind->name, stage->kind->help);
        const struct stage_kind *second = plan->opened[l][1].kind;
        if (second != NULL)
            say(text, "      or %s: %s, if that proves faster\n", second->name, second->help);
        if (stage->dropout.share > 0.0f)
            say(text, "      of its outputs, %.3g %% are left out\n", 100.0 * (double)stage->dropout.share);
    }
    if (plan->distortion != NULL)
        say(text, "samples are distorted as they are loaded\n");
    if (plan->perturbation != NULL)
        describe_perturbation(plan->perturbation, text);
    say(text, "of the samples' values, %.0f %% are not 0\n", 100.0 * plan->density);
}

/* "0-31" with the last one included. */
static void describe_range(struct text *text, struct range range) {
    if (range.begin < range.end)
        say(text, "%zu-%zu", range.begin, range.end - 1);
    else
        say(text, "none");
}

static void describe_share(const struct plan *plan, const struct share *share, struct text *text) {
    say(text, "samples ");
    describe_range(text, share->samples);
    say(text, "; rows of weights ");
    for (size_t l = 0; l < plan->stage_count; l++) {
        bool owned = plan->ways[plan->way].owned[l];
        say(text, "%s%s", l > 0 ? ", " : "", owned ? "columns " : "");
        describe_range(text, owned ? share->columns[l] : share->rows[l]);
    }
    say(text, "\n");
}

char *plan_describe(const struct plan *plan) {
    struct text text = {0};
    describe_stages(plan, &text);

    say(&text, "phases of a mini-batch of %zu, the threads waiting for each other behind each:\n",
        plan->batch);
    for (size_t p = 0; p < plan->phase_count; p++)
        say(&text, "  %-10s  split by %s\n", plan->phases[p].name, plan->phases[p].splits);

    say(&text, "shares of %u thread%s:\n", plan->threads, plan->threads == 1 ? "" : "s");
    for (unsigned t = 0; t < plan->threads; t++) {
        say(&text, "  %-2u  ", t);
        describe_share(plan, &plan->shares[t], &text);
    }

    if (!text.failed)
        return text.bytes;
    free(text.bytes);
    return NULL;
}
