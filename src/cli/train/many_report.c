/* What minnow train tells of several networks. */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "cli/frame/clock.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "cli/train/many.h"

/* ---- Mean and spread ---- */

struct spread {
    size_t count;
    double mean, deviation, least,
        most; /* the second of the population that the values are a sample of; NaN of one */
};

/* The figures of a run that are worth a mean. */
struct figure {
    const char *key;  /* in JSON: "test_accuracy" */
    const char *name; /* for people: "test accuracy" */
    double (*of)(const struct member *member);
    bool of_numbers, of_validation, percent;
};

static double test_accuracy(const struct member *member) {
    return member->on_test.accuracy;
}
static double validation_accuracy(const struct member *member) {
    return member->on_validation.accuracy;
}
static double test_rmse(const struct member *member) {
    return member->on_test.numbers.rmse;
}
static double test_r2(const struct member *member) {
    return member->on_test.numbers.r2;
}
static double validation_rmse(const struct member *member) {
    return member->on_validation.numbers.rmse;
}
static double validation_r2(const struct member *member) {
    return member->on_validation.numbers.r2;
}

static const struct figure FIGURES[] = {
    {"test_accuracy", "test accuracy", test_accuracy, false, false, true},
    {"validation_accuracy", "validation accuracy", validation_accuracy, false, true, true},
    {"test_rmse", "test RMSE", test_rmse, true, false, false},
    {"test_r2", "test R²", test_r2, true, false, false},
    {"validation_rmse", "validation RMSE", validation_rmse, true, true, false},
    {"validation_r2", "validation R²", validation_r2, true, true, false},
};
enum { FIGURE_COUNT = sizeof FIGURES / sizeof *FIGURES };

static bool has_figure(const struct many *many, const struct figure *figure) {
    bool folds = many->rank != NULL; /* which say nothing of the test samples */
    return figure->of_numbers == train_predicts_numbers(many->run) &&
           (figure->of_validation ? folds || many->run->validation != NULL
                                  : !folds && many->run->data.test != NULL);
}

/* In two passes, so that nothing is lost where the values are close to each other. */
static struct spread spread_of(const struct many *many, const struct figure *figure) {
    struct spread spread = {.least = INFINITY, .most = -INFINITY};
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < many->count; i++) {
        double value = figure->of(&many->members[i]);
        if (!many->members[i].done)
            continue;
        sum += value;
        spread.least = fmin(spread.least, value);
        spread.most = fmax(spread.most, value);
        spread.count++;
    }
    spread.mean = spread.count > 0 ? sum / (double)spread.count : NAN;
    for (size_t i = 0; i < many->count; i++)
        if (many->members[i].done)
            squares += pow(figure->of(&many->members[i]) - spread.mean, 2);
    spread.deviation = spread.count > 1 ? sqrt(squares / (double)(spread.count - 1)) : NAN;
    return spread;
}

/* "97.91 %" or "561.2" */
static void write_value(const struct figure *figure, double value, char text[32]) {
    if (figure->percent)
        snprintf(text, 32, "%.2f %%", 100 * value);
    else
        snprintf(text, 32, "%.6g", value);
}

/* ---- While they train ---- */

static bool tell_json(const struct many *many, const struct member *member) {
    char crc[16];
    snprintf(crc, sizeof crc, "%08x", (unsigned)member->crc32);
    json_t *object = json_pack("{s:s, s:b, s:I}", "event", many->rank != NULL ? "fold" : "network", "done",
                               (int)member->done, "seed", (json_int_t)member->seed);
    if (many->rank != NULL)
        json_object_set_new(object, "fold", json_integer((json_int_t)member->fold + 1));
    for (size_t i = 0; i < FIGURE_COUNT; i++)
        if (has_figure(many, &FIGURES[i]))
            json_object_set_new(object, FIGURES[i].key, json_number(FIGURES[i].of(member)));
    if (many->run->validation != NULL)
        json_object_set_new(object, "best_validation_accuracy", json_number(member->best_accuracy));
    json_object_set_new(object, "train_seconds", json_number(member->seconds));
    json_object_set_new(object, "collapsed", json_boolean(member->collapsed));
    json_object_set_new(object, "params_crc32", json_string(crc));
    return print_json(object);
}

/* "0:42", at the pace so far. */
static void write_time_left(const struct many *many, char text[32]) {
    double each = (clock_seconds() - many->began) / (double)many->finished;
    unsigned long left = (unsigned long)(each * (double)(many->count - many->finished) + 0.5);
    snprintf(text, 32, "%lu:%02lu", left / 60, left % 60);
}

static void tell_text(const struct many *many, const struct member *member) {
    char line[256], value[32];
    size_t length = (size_t)snprintf(line, sizeof line, "%s", member->name);
    for (size_t i = 0; i < FIGURE_COUNT && member->done; i++) {
        if (!has_figure(many, &FIGURES[i]))
            continue;
        write_value(&FIGURES[i], FIGURES[i].of(member), value);
        length += (size_t)snprintf(line + length, sizeof line - length, "  %s %s", FIGURES[i].name, value);
    }
    note("%s%s%s", line, member->done ? "" : "  not trained to the end",
         member->collapsed ? "  no better than guessing" : "");
}

void many_tell(struct many *many) {
    for (; many->told < many->count && many->members[many->told].finished; many->told++)
        if (many->run->common.json)
            (void)tell_json(many, &many->members[many->told]);
        else
            tell_text(many, &many->members[many->told]);
    char left[32];
    write_time_left(many, left);
    if (many->finished < many->count)
        progress("%zu of %zu networks, %s left", many->finished, many->count, left);
}

/* ---- The end ---- */

static size_t count_done(const struct many *many) {
    size_t done = 0;
    for (size_t i = 0; i < many->count; i++)
        done += many->members[i].done;
    return done;
}

/* The ensemble's figures, as if it were a network. */
static struct member ensemble_of(const struct many *many) {
    return (struct member){.name = "ensemble",
                           .done = true,
                           .on_test = many->ensemble_on_test,
                           .on_validation = many->ensemble_on_validation,
                           .crc32 = minnow_network_params_crc32(many->ensemble)};
}

static json_t *json_ensemble(const struct many *many) {
    struct member ensemble = ensemble_of(many);
    char crc[16];
    snprintf(crc, sizeof crc, "%08x", (unsigned)ensemble.crc32);
    json_t *object = json_object();
    for (size_t i = 0; i < FIGURE_COUNT; i++)
        if (has_figure(many, &FIGURES[i]))
            json_object_set_new(object, FIGURES[i].key, json_number(FIGURES[i].of(&ensemble)));
    json_object_set_new(object, "params_crc32", json_string(crc));
    return object;
}

static void print_object(const struct many *many) {
    size_t done = count_done(many);
    json_t *object = json_pack(
        "{s:s, s:I, s:I, s:o, s:o, s:i}", "event", done == many->count ? "done" : "interrupted", "networks",
        (json_int_t)many->count, "trained", (json_int_t)done, "seconds", json_number(many->seconds),
        "networks_per_second", json_number((double)done / many->seconds), "threads", (int)many->threads);
    for (size_t i = 0; i < FIGURE_COUNT; i++) {
        if (!has_figure(many, &FIGURES[i]))
            continue;
        struct spread spread = spread_of(many, &FIGURES[i]);
        json_object_set_new(object, FIGURES[i].key,
                            json_pack("{s:o, s:o, s:o, s:o}", "mean", json_number(spread.mean), "deviation",
                                      json_number(spread.deviation), "least", json_number(spread.least),
                                      "most", json_number(spread.most)));
    }
    if (many->ensemble != NULL)
        json_object_set_new(object, "ensemble", json_ensemble(many));
    const struct member *best = many->run->validation != NULL ? many_best(many) : NULL;
    if (best != NULL)
        json_object_set_new(object, "best_seed", json_integer((json_int_t)best->seed));
    json_object_set_new(object, "data", json_string(data_source_name(&many->run->data.source)));
    print_json(object);
}

static void print_member(const struct many *many, const struct member *member) {
    char value[32];
    print("%-12s", member->name);
    for (size_t i = 0; i < FIGURE_COUNT; i++) {
        if (!has_figure(many, &FIGURES[i]))
            continue;
        write_value(&FIGURES[i], FIGURES[i].of(member), value);
        print("%22s", member->done ? value : "-");
    }
    print("   %08x%s\n", (unsigned)member->crc32, member->collapsed ? "  no better than guessing" : "");
}

/* A line of figures for each network. */
static void print_table(const struct many *many) {
    const struct colours *colour = output_colours();
    print("%s%-12s", colour->bold, "network");
    for (size_t i = 0; i < FIGURE_COUNT; i++)
        if (has_figure(many, &FIGURES[i]))
            print("%22s", FIGURES[i].name);
    print("   CRC-32%s\n", colour->plain);

    for (size_t m = 0; m < many->count; m++)
        print_member(many, &many->members[m]);
    if (many->ensemble == NULL)
        return;
    struct member ensemble = ensemble_of(many);
    print_member(many, &ensemble);
}

static void print_spread(const struct many *many, const struct figure *figure) {
    const struct colours *colour = output_colours();
    struct spread spread = spread_of(many, figure);
    char mean[32], least[32], most[32], deviation[48] = "";
    write_value(figure, spread.mean, mean);
    write_value(figure, spread.least, least);
    write_value(figure, spread.most, most);
    if (spread.count > 1)
        snprintf(deviation, sizeof deviation,
                 figure->percent ? ", standard deviation %.2f" : ", standard deviation %.4g",
                 (figure->percent ? 100 : 1) * spread.deviation);
    print("%s: mean %s%s%s%s, %s to %s\n", figure->name, colour->bold, mean, colour->plain, deviation, least,
          most);
}

void many_print_end(const struct many *many) {
    size_t done = count_done(many);
    if (many->run->common.json) {
        print_object(many);
        return;
    }
    print_table(many);
    for (size_t i = 0; i < FIGURE_COUNT && done > 0; i++)
        if (has_figure(many, &FIGURES[i]))
            print_spread(many, &FIGURES[i]);
    print("%zu of %zu networks trained in %.2f s, %.3g a second\n", done, many->count, many->seconds,
          (double)done / many->seconds);
}
