/* A line is made of parts. Where it is too wide, parts are shortened or left out, one after the other in an order of
   its own, until it fits: 20 columns still get the loss and the accuracy. */
#include "cli/train/line.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "cli/frame/terminal.h"

/* In the order in which they stand in a line. */
enum part { PLACE, BAR, SHARE, LOSS, ACCURACY, VALIDATION, TEST, RATE, SPEED, WORK, LEFT, PART_COUNT };

enum { FORMS = 3, PART_TEXT = 48, BAR_LEAST = 8, BAR_MOST = 30, NARROW = 40, LINE_TEXT = 1024 };

/* The forms of each part, from the longest on. The first that is "" leaves the part out, and so does whatever is behind
   the last form. */
struct line {
    char text[PART_COUNT][FORMS][PART_TEXT];
    size_t form[PART_COUNT]; /* which one is shown */
    bool bar;
    size_t columns;
};

/* ---- What the parts say ---- */

static void set_place(const struct train_run *run, struct line *line) {
    size_t epoch = run->progress.epoch, epochs = run->config.epochs;
    int width = snprintf(NULL, 0, "%zu", epochs);
    snprintf(line->text[PLACE][0], PART_TEXT, "epoch %*zu/%zu", width, epoch, epochs);
    snprintf(line->text[PLACE][1], PART_TEXT, "%*zu/%zu", width, epoch, epochs);
}

static void set_share(struct line *line, enum part part, const char *name, const char *brief, double share) {
    snprintf(line->text[part][0], PART_TEXT, "%s %6.2f %%", name, 100 * share);
    snprintf(line->text[part][1], PART_TEXT, "%s %.2f %%", brief, 100 * share);
    snprintf(line->text[part][2], PART_TEXT, "%.1f%%", 100 * share);
}

/* On samples that are not trained on. */
static void set_outcome(const struct train_run *run, struct line *line, enum part part, const char *name,
                        const char *brief, const struct outcome *outcome) {
    if (!train_predicts_numbers(run)) {
        set_share(line, part, name, brief, outcome->accuracy);
        snprintf(line->text[part][2], PART_TEXT, "%s %.1f%%", brief, 100 * outcome->accuracy);
        return;
    }
    snprintf(line->text[part][0], PART_TEXT, "%s RMSE %.6g", name, outcome->numbers.rmse);
    snprintf(line->text[part][1], PART_TEXT, "%s %.4g", brief, outcome->numbers.rmse);
}

static void set_results(const struct train_run *run, struct line *line) {
    const struct minnow_progress *now = &run->progress;
    snprintf(line->text[LOSS][0], PART_TEXT, "loss %.4f", now->train_loss);
    snprintf(line->text[LOSS][1], PART_TEXT, "%.4f", now->train_loss);
    if (!train_predicts_numbers(run))
        set_share(line, ACCURACY, "accuracy", "acc", now->train_accuracy);

    /* Within an epoch, that of the one before. */
    bool known = now->epoch_done || now->epoch > run->first_epoch;
    if (run->validation != NULL && known)
        set_outcome(run, line, VALIDATION, "validation", "val", &run->on_validation);
    if (run->settings.test_each_epoch && known)
        set_outcome(run, line, TEST, "test", "test", &run->on_test);
}

/* The products of a step, those of zeros included, a multiplication and an addition being two: each weight takes
   part in the outputs, in its gradient and, but for the first layer, in the deltas of the layer before. */
static double operations_per_sample(const minnow_network *network) {
    double weights = 0, first = 0;
    for (size_t l = 0; l < minnow_network_layer_count(network); l++) {
        double own =
            (double)minnow_network_layer_size(network, l) * (double)minnow_network_layer_size(network, l + 1);
        first = l == 0 ? own : first;
        weights += own;
    }
    return 2 * (3 * weights - first);
}

static void set_speed(const struct train_run *run, struct line *line) {
    double speed = train_samples_per_second(run);
    char grouped[32];
    if (!(speed > 0 && speed < 1e15))
        return;
    train_grouped(speed, grouped, sizeof grouped);
    snprintf(line->text[SPEED][0], PART_TEXT, "%s %s/s", grouped, train_samples_name(run));
    snprintf(line->text[SPEED][1], PART_TEXT, "%s/s", grouped);
    if (speed >= 1e4)
        snprintf(line->text[SPEED][2], PART_TEXT, "%.0fk/s", speed / 1e3);

    double work = speed * operations_per_sample(run->network) / 1e9;
    snprintf(line->text[WORK][0], PART_TEXT, "%.*f GFLOP/s", work < 10 ? 1 : 0, work);
}

static void set_time(const struct train_run *run, struct line *line) {
    char left[32];
    train_time_left(run, left, sizeof left);
    snprintf(line->text[LEFT][0], PART_TEXT, "%s left", left);
    snprintf(line->text[LEFT][1], PART_TEXT, "%s", left);
}

/* ---- Fitting ---- */

static const char *shown(const struct line *line, enum part part) {
    return line->form[part] < FORMS ? line->text[part][line->form[part]] : "";
}

static const char *gap(const struct line *line) {
    return line->columns < NARROW ? " " : "  ";
}

/* Without the bar's own columns, but with the gap that it needs. All parts are ASCII. */
static size_t width(const struct line *line) {
    size_t used = 0, parts = line->bar;
    for (int part = 0; part < PART_COUNT; part++) {
        size_t length = strlen(shown(line, part));
        used += length;
        parts += length > 0;
    }
    return used + (parts > 0 ? parts - 1 : 0) * strlen(gap(line));
}

static bool fits(const struct line *line) {
    return width(line) + (line->bar ? BAR_LEAST : 0) <= line->columns;
}

/* The next form of a part, or none. */
static void shorten(struct line *line, enum part part) {
    if (part == BAR)
        line->bar = false;
    else if (shown(line, part)[0] != '\0')
        line->form[part]++;
}

/* What is least missed goes first. A part that stands here more often than it has forms is gone by then. */
static void fit(struct line *line) {
    static const enum part order[] = {
        SHARE,    ACCURACY, VALIDATION, TEST,       RATE,       SPEED, PLACE, SPEED,
        LEFT,     WORK,     SPEED,      LEFT,       LOSS,       TEST,  BAR,   VALIDATION,
        ACCURACY, TEST,     ACCURACY,   VALIDATION, VALIDATION, PLACE, LOSS,
    };
    for (size_t i = 0; i < sizeof order / sizeof order[0] && !fits(line); i++)
        shorten(line, order[i]);
}

/* ---- Drawing ---- */

static void append(char text[LINE_TEXT], size_t *length, const char *more) {
    size_t room = LINE_TEXT - 1 - *length, size = strlen(more);
    size = size < room ? size : room;
    memcpy(text + *length, more, size);
    *length += size;
    text[*length] = '\0';
}

/* With a half of a column where UTF-8 has a sign for it. */
static void append_bar(char text[LINE_TEXT], size_t *length, size_t columns, double share) {
    const struct colours *colour = message_colours();
    bool utf8 = output_takes_utf8();
    size_t halves = (size_t)(share * 2 * (double)columns + 0.5);
    append(text, length, colour->good);
    for (size_t i = 0; i < halves / 2; i++)
        append(text, length, utf8 ? "━" : "#");
    bool half = halves % 2 != 0;
    if (half)
        append(text, length, utf8 ? "╸" : "-");
    append(text, length, colour->plain);
    append(text, length, colour->dim);
    for (size_t i = halves / 2 + half; i < columns; i++)
        append(text, length, utf8 ? "─" : "-");
    append(text, length, colour->plain);
}

static const char *style(enum part part) {
    const struct colours *colour = message_colours();
    bool result = part == LOSS || part == ACCURACY || part == VALIDATION || part == TEST;
    return result || part == PLACE ? "" : colour->dim;
}

static void draw(const struct line *line, double share, char text[LINE_TEXT]) {
    size_t length = 0, bar = line->columns - (line->bar ? width(line) : 0);
    text[0] = '\0';
    for (int part = 0; part < PART_COUNT; part++) {
        bool is_bar = part == BAR && line->bar;
        if (!is_bar && shown(line, part)[0] == '\0')
            continue;
        append(text, &length, length > 0 ? gap(line) : "");
        if (is_bar) {
            append_bar(text, &length, bar < BAR_MOST ? bar : BAR_MOST, share);
            continue;
        }
        append(text, &length, style(part));
        append(text, &length, shown(line, part));
        append(text, &length, style(part)[0] != '\0' ? message_colours()->plain : "");
    }
}

bool train_line_wanted(void) {
    return message_is_terminal();
}

void train_line_epoch(const struct train_run *run) {
    struct line line = {.columns = message_columns()};
    char text[LINE_TEXT];
    set_place(run, &line);
    set_results(run, &line);
    char rate[NUMBER_TEXT];
    number_write_readable(run->progress.learning_rate, rate);
    snprintf(line.text[RATE][0], PART_TEXT, "rate %s", rate);
    set_speed(run, &line);
    set_time(run, &line);
    fit(&line);
    draw(&line, 0, text);
    message_line(text);
}

void train_line_within_epoch(const struct train_run *run) {
    size_t columns = message_columns();
    struct line line = {.bar = true, .columns = columns > 1 ? columns - 1 : 1};
    double share = (double)run->progress.epoch_samples / (double)minnow_dataset_count(run->data.train);
    char text[LINE_TEXT];
    if (!progress_wanted())
        return;
    set_place(run, &line);
    snprintf(line.text[SHARE][0], PART_TEXT, "%3.0f %%", 100 * share);
    set_results(run, &line);
    set_speed(run, &line);
    set_time(run, &line);
    fit(&line);
    draw(&line, share, text);
    progress("%s", text);
}
