/*
 * Lists of ordinary options for minnow train that have a name: presets, which stand in a table here, and those of the
 * run that trained a model, which its file holds.
 */
#ifndef MINNOW_CLI_PRESETS_H
#define MINNOW_CLI_PRESETS_H

#include "cli/train/train.h"

/* The preset's name, NULL behind the last one. */
const char *choice_preset(size_t index);

/* A command line in which the options that --preset or --like name stand before all others, so that those win. Without
   either it is the one that was given. */
struct preset_line {
    int argc;
    char **argv;
    char **made; /* argv where it is not the one given; or NULL */
    char *text;  /* what words of argv point into; or NULL */
};

/* Reads the model of --like. A preset that does not exist is left to the reader of options. Returns 0 or, having said
   why, an exit status; in either case preset_free frees. */
int preset_expand(const struct command *command, int argc, char **argv, struct preset_line *out);
void preset_free(struct preset_line *line);

/* Puts the options of the run into the network's metadata, for --like. Errors: MEMORY. */
minnow_status preset_record(const struct train_run *run);

/* Prints the options that were given, and those of a preset or model, as a command line of 'minnow train'. Returns an exit
   status. */
int preset_print(const struct train_run *run);

#endif
