#include "cli/train/summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "cli/frame/quote.h"
#include "cli/frame/spark.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_names.h"
#include "cli/inputs/confusion.h"

/* ---- The epochs so far ---- */

/* Grows by half as much again. */
static bool reserve(struct train_history *history) {
    if (history->count < history->room)
        return true;
    size_t room = history->room + history->room / 2 + 64;
    double *loss = memory_allocate(2 * room, sizeof *loss);
    if (loss == NULL)
        return false;
    if (history->count > 0) {
        memcpy(loss, history->loss, history->count * sizeof *loss);
        memcpy(loss + room, history->validation, history->count * sizeof *loss);
    }
    memory_free(history->loss);
    history->loss = loss;
    history->validation = loss + room;
    history->room = room;
    return true;
}

void train_history_add(struct train_run *run) {
    struct train_history *history = &run->history;
    const struct outcome *outcome = &run->on_validation;
    if (run->common.json || run->common.quiet || !output_is_terminal() || !reserve(history))
        return;
    history->loss[history->count] = run->progress.train_loss;
    history->validation[history->count] =
        train_predicts_numbers(run) ? outcome->numbers.rmse : 100 * outcome->accuracy;
    history->count++;
}

void train_history_free(struct train_run *run) {
    memory_free(run->history.loss);
    run->history = (struct train_history){0};
}

/* ---- Curves ---- */

static bool all_above(const double *value, size_t count, double bound) {
    for (size_t i = 0; i < count; i++)
        if (!(isfinite(value[i]) && value[i] > bound))
            return false;
    return true;
}

/* "loss        █▆▅▄▃▂▁▁  0.6345 → 0.0776", the curve as wide as there is room for it. */
static void print_curve(const char *name, const double *value, size_t count, bool logarithmic,
                        const char *unit) {
    bool utf8 = output_takes_utf8();
    char first[32], last[32];
    if (count < 2 || !all_above(value, count, logarithmic ? 0 : -INFINITY))
        return;
    snprintf(first, sizeof first, "%.4g", value[0]);
    snprintf(last, sizeof last, "%.4g", value[count - 1]);
    size_t columns = output_columns();
    bool named = columns >= 40;
    size_t used = (named ? 12 : 0) + 2 + strlen(first) + 4 + strlen(last) + strlen(unit);
    if (named)
        print("%-12s", name);
    size_t room = columns > used + 4 ? columns - used : 4;
    spark_print(value, count, room < 60 ? room : 60, logarithmic, utf8);
    print("  %s %s %s%s\n", first, utf8 ? "→" : "->", last, unit);
}

static void print_curves(const struct train_run *run) {
    const struct train_history *history = &run->history;
    bool numbers = train_predicts_numbers(run);
    print("\n");
    print_curve("loss", history->loss, history->count, true, "");
    if (run->validation != NULL)
        print_curve("validation", history->validation, history->count, numbers, numbers ? "" : " %");
}

/* ---- The matrix ---- */

static void print_confusion(const struct train_run *run) {
    struct evaluation evaluation;
    const minnow_dataset *samples = train_final_samples(run);
    int status = evaluation_run(run->network, samples, run->common.threads, &evaluation);
    size_t *counts = NULL;
    if (status == STATUS_SUCCESS && evaluation.classes <= CONFUSION_CLASSES_JSON)
        counts = confusion_count(&evaluation, samples);

    json_t *names = class_names_read(run->network);
    if (counts != NULL && evaluation.classes <= CONFUSION_CLASSES_TEXT)
        confusion_print(&evaluation, counts, names);
    else if (counts != NULL)
        confusion_print_pairs(&evaluation, counts, names);
    json_decref(names);
    memory_free(counts);
    evaluation_free(&evaluation);
}

/* ---- What to do next ---- */

enum { WORD_TEXT = 4 * 4096 + 3 };

static void print_word(const char *word) {
    char text[WORD_TEXT];
    quote(word, text, sizeof text);
    print(" ");
    print_harmless(text);
}

/* A comment to a shell, so that the whole line can be pasted into one. */
static void print_why(const char *why) {
    const struct colours *colour = output_colours();
    if (output_columns() >= 60)
        print("  %s# %s%s", colour->dim, why, colour->plain);
    print("\n");
}

/* The table that was tested on, if it was another than that of training. */
static const char *test_table(const struct train_run *run) {
    double share;
    const char *test = run->settings.learning.test;
    return run->encoder != NULL && test != NULL && !number_parse_double(test, &share) ? test : NULL;
}

/* The options that `minnow test` needs to read the data as this run did. */
static void print_data_options(const struct train_run *run) {
    static const char *const names[] = {"data",  "transpose", "delimiter", "header",
                                        "quote", "decimal",   "gaps"};
    const struct command *command = run->line.command;
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        for (size_t i = 0; i < command_option_count(command); i++) {
            const struct option *option = command_option(command, i);
            char value[OPTION_VALUE_TEXT] = "";
            bool is_data = n == 0;
            if (strcmp(option->name, names[n]) != 0 || !(is_data || run->line.given[i]))
                continue;
            if (option->kind != OPTION_FLAG)
                option_value(option, &run->settings, value);
            if (is_data && test_table(run) != NULL)
                snprintf(value, sizeof value, "%s", test_table(run));
            if (is_data && value[0] == '\0')
                continue;
            print(" --%s", option->name);
            if (option->kind != OPTION_FLAG)
                print_word(value);
        }
}

/* A file that 'minnow test' and others read, or NULL. */
static const char *model_of(const struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    if (settings->save != NULL && run->save_format == &model_format_safetensors)
        return settings->save;
    return run->checkpoint_up_to_date ? settings->checkpoint : NULL;
}

static void print_predict(const struct train_run *run, const char *model) {
    const minnow_dataset *test = train_final_samples(run);
    const char *table = test_table(run) != NULL ? test_table(run) : run->settings.data;
    bool is_table = run->encoder != NULL && table != NULL;
    bool pictures = test->height > 0 && test->bytes != NULL;
    print("  minnow predict --model");
    print_word(model);
    if (is_table) {
        print(" --format csv");
        print_word(table);
    } else {
        print("%s", pictures ? " --show PICTURE.png" : " SAMPLES.csv");
    }
    print_why(is_table ? "each row's prediction" : "what it makes of your own");
}

static void print_next(const struct train_run *run) {
    const struct colours *colour = output_colours();
    const char *model = model_of(run);
    print("\n%snext%s\n", colour->bold, colour->plain);
    if (model == NULL && run->settings.save == NULL) {
        print("  minnow train --save net.safetensors");
        print_why("beside the options of this run: keeps the network");
    }
    if (model == NULL)
        return;
    print("  minnow test --model");
    print_word(model);
    print_data_options(run);
    print_why(train_predicts_numbers(run) ? "where it is wrong most" : "how well it knows each class");
    print_predict(run, model);
    print("  minnow explain --model");
    print_word(model);
    if (run->settings.data != NULL)
        print_word(run->settings.data);
    print_why("a sample's way forward and backward");
    print("  minnow report");
    print_word(model);
    print_data_options(run);
    print_why("a page of its curves and mistakes");
    print("  minnow inspect");
    print_word(model);
    print_why("what is in the file");
}

void train_summary(const struct train_run *run) {
    if (run->common.quiet || !output_is_terminal())
        return;
    print_curves(run);
    if (run->data.train->targets == NULL)
        print_confusion(run);
    print_next(run);
}
