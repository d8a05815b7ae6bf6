/* What the files of the original program's interface share. */
#ifndef MINNOW_CLI_ORIGINAL_H
#define MINNOW_CLI_ORIGINAL_H

#include "cli/command.h"
#include "cli/inputs/data_source.h"
#include "cli/inputs/evaluation.h"

enum { ORIGINAL_LAYERS = 3, ORIGINAL_CLASSES = 10 };

struct original_settings {
    uint64_t second, third, saved, without_saving, seed;
    double rate;
    const char *finder, *data;
};

struct original_run {
    const struct original_settings *settings;
    const struct command_line *line;
    const struct common_options *common; /* of the line */
    struct data data;
    double load_seconds; /* from the start of the program to the first image */
};

/* One network, trained or loaded, and how it did. */
struct original_trial {
    minnow_network *network;
    struct evaluation evaluation;
    double rate, train_seconds;
    unsigned threads;
};

/* ---- output.c: the original's lines ---- */

/* As Python prints round(value, digits): no trailing zeros, but one digit behind the point at least. */
const char *original_rounded(double value, int digits, char text[32]);

/* The accuracy as it went, at every hundredth image. */
void original_print_images(const struct original_run *run, const struct evaluation *evaluation);

/* What went wrong with each label. */
void original_print_labels(const struct evaluation *evaluation);

/* A trial's result as JSON. */
void original_print_done(const struct original_run *run, const struct original_trial *trial,
                         const char *event);

#endif
