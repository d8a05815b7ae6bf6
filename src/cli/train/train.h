/* The parts of minnow train: its options, the run, what it prints, its checkpoints. */
#ifndef MINNOW_CLI_TRAIN_H
#define MINNOW_CLI_TRAIN_H

#include <jansson.h>
#include "cli/inputs/data_source.h"
#include "cli/frame/options.h"

struct train_settings {
    struct size_list hidden;
    int activation, loss, schedule, optimizer, sparse; /* indices into tables of names */
    double rate, warmup;
    uint64_t batch, epochs, seed, classes, validation;
    bool test_each_epoch;
    const char *save, *data, *class_names;
    const char *checkpoint, *checkpoint_every, *resume, *init;
};

/* How often a checkpoint is written: after so many epochs, or if that is 0, seconds. */
struct train_interval {
    uint64_t epochs;
    double seconds;
};

/* A run, from the data to the result. */
struct train_run {
    struct train_settings settings;
    struct common_options common;
    minnow_training_config config;
    struct data data;
    minnow_dataset *validation; /* or NULL */
    uint32_t fingerprint;       /* of the training data; once it has been needed */
    bool has_fingerprint;
    minnow_network *network;
    minnow_trainer *trainer;
    struct minnow_progress progress;           /* as last reported */
    double load_seconds;                       /* from the start of the program to the first mini-batch */
    double train_seconds;                      /* of the epochs that are done */
    double test_accuracy, validation_accuracy; /* after the last epoch; NaN while unknown */
    double best_accuracy;                      /* on the validation samples; NaN while unknown */
    size_t best_epoch;
    struct train_interval every;
    double checkpoint_time;     /* of the last checkpoint, or the start */
    bool checkpoint_up_to_date; /* nothing was trained since */
    json_t *record;             /* read from the checkpoint; the settings point into it */
};

/* ---- options.c ---- */

extern const char *const train_schedules[], *const train_optimizers[]; /* end in NULL */
struct train_settings train_default_settings(void);

/* Runs the command; train.c. */
int train_main(const struct command *command, int argc, char **argv);

/* ---- report.c ---- */

void train_show_network(const struct train_run *run);
void train_show_start(const struct train_run *run); /* of a run that goes on */
void train_show_epoch(const struct train_run *run);
void train_show_within_epoch(const struct train_run *run);
bool train_print_epoch(const struct train_run *run); /* as JSON; false if it could not be written */
/* The result; or where an interrupted run stands, and how to go on. */
void train_print_end(const struct train_run *run);
/* Of the epoch that the run's progress tells of, only if it is done. */
size_t train_epochs_completed(const struct train_run *run);

/* ---- init.c ---- Both return 0 or, having said why, an exit status. */

/* Reads the network that settings.init names; its sizes, activation and loss become settings. The command
   line is asked for the last two if the file does not say them. */
int train_read_init(struct train_run *run, int argc, char **argv);
/* Whether the settings, which the command line was read over, are still those of the network. */
int train_check_init(const struct train_run *run, const struct train_settings *network);

/* ---- checkpoint.c ---- All return 0 or, having said why, an exit status. */

/* What the network tells of the options. Cannot fail. */
void train_settings_from_network(struct train_run *run);
/* Reads the checkpoint that settings.resume names: its network, its configuration, its options as settings.
 */
int train_read_checkpoint(struct train_run *run);
/* Makes the trainer that goes on from it. */
int train_resume(struct train_run *run);
/* Whether the run's settings, which the command line was read over, are still those of the checkpoint. */
int train_check_contradictions(const struct train_run *run, const struct train_settings *recorded);
/* From settings.checkpoint_every; also whether the names of the files make sense. */
int train_check_checkpoint(struct train_run *run);
/* Seconds until the next checkpoint is due; infinite if none is because of the time. */
double train_checkpoint_wait(const struct train_run *run);
bool train_checkpoint_due(const struct train_run *run);
/* Unless it is up to date. */
int train_write_checkpoint(struct train_run *run);
/* The network itself, to settings.save if that was given. */
int train_save(struct train_run *run);

#endif
