/* The parts of minnow train: its options, the run, what it prints, its checkpoints. */
#ifndef MINNOW_CLI_TRAIN_H
#define MINNOW_CLI_TRAIN_H

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <sys/types.h>

#include "cli/command.h"
#include "cli/inputs/curves.h"
#include "cli/inputs/class_weights.h"
#include "cli/inputs/data_source.h"
#include "cli/inputs/distortion.h"
#include "cli/inputs/evaluation.h"
#include "cli/inputs/numbers.h"
#include "cli/inputs/table_source.h"
#include "cli/inputs/validation.h"
#include "model/formats.h"

struct train_settings {
    struct size_list hidden;
    struct choice_list activation;               /* one for all hidden layers, or one for each */
    int loss, schedule, optimizer, sparse, plan; /* the library's enumerators */
    double rate, warmup;
    double momentum, beta1, beta2, epsilon; /* of the optimiser, if it has them */
    double weight_decay, l2, max_norm, clip_norm, ema;
    double label_smoothing, input_dropout, noise, mixup, plateau_factor;
    uint64_t plateau_patience, sub_batches;
    struct real_list dropout; /* of all hidden layers, or of each */
    int init_weights;         /* an index of choice_init */
    uint64_t folds;           /* 0: none */
    uint64_t batch, epochs, seed, classes;
    struct distortion_settings distortion;
    uint64_t log_steps, port, patience;
    double rank_timeout;
    int preset, keep;
    bool serve, test_each_epoch, ensemble, explain_plan, print_options, transpose, colour;
    const char *save, *data, *size, *class_names, *validation;
    const char *log, *checkpoint, *checkpoint_every, *resume, *init, *like, *seeds, *address, *class_weight;
    struct table_reading reading; /* of a table */
    struct table_learning learning;
};

/* What a network makes of a dataset; NaN while unknown. */
struct outcome {
    double loss, accuracy;
    struct number_scores numbers; /* of a network that predicts numbers */
};
#define OUTCOME_UNKNOWN                                                                                      \
    { NAN, NAN, NUMBER_SCORES_UNKNOWN }

/* Whether a run is no better than guessing. */
struct collapse {
    struct guess on_train, on_final; /* what guessing reaches; on_final: of train_final_samples */
    double start_loss; /* of the untrained network, on the first samples; NaN in a run that goes on */
    bool now;          /* after the last epoch */
    bool slow;         /* then: it has learnt too little, rather than been driven too far */
    bool driven;       /* in any epoch, the rate was too high for the loss to fall */
    size_t said;       /* after which epoch people were told; 0: not yet */
};

/* How often a checkpoint is written: after so many epochs, or if that is 0, seconds. */
struct train_interval {
    uint64_t epochs;
    double seconds;
};

/* What the epochs that are done came to, as far as this process saw them; for curves. */
struct train_history {
    size_t count, room;
    double *loss,
        *validation; /* [room] each, of one allocation; validation: per cent right, or of numbers the RMSE */
};

/* The file of --log. */
struct train_log {
    FILE *file; /* NULL while it is not open */
    bool is_jsonl, failed;
    struct minnow_progress mark; /* at the last line of steps, or at the start */

    /* As a checkpoint remembers them: its name, and where its end was. */
    const char *recorded;
    bool is_recorded; /* it is that file */
    off_t bytes;
};

/* The metadata in which a network says that the rate of its run was changed by hand: live.c. */
#define TRAIN_RATE_CHANGES_KEY "rate_changes"

/* A run, from the data to the result. */
struct train_run {
    struct command_line line;
    struct common_options common; /* of the line */
    struct train_settings settings;
    minnow_training_config config;
    minnow_distortion_config distortion; /* which config.distortion points to */
    struct data data;
    struct validation_request held_out; /* of settings.validation */
    minnow_dataset *validation;         /* or NULL */
    struct encoder *encoder;            /* of a table, or NULL */
    uint32_t fingerprint;               /* of the training data; once it has been needed */
    bool has_fingerprint;
    minnow_network *network;
    minnow_trainer *trainer;
    struct minnow_progress progress;       /* as last reported */
    double load_seconds;                   /* from the start of the program to the first mini-batch */
    double train_seconds;                  /* of the epochs that are done */
    size_t first_epoch;                    /* that this process trains in, from 1 */
    struct outcome on_test, on_validation; /* after the last epoch */
    struct outcome on_train;         /* then, where there are neither samples to test nor to validate on */
    double best_accuracy, best_loss; /* on the validation samples; NaN while unknown */
    size_t best_epoch;
    bool stopped;      /* before the last epoch, as none has been better for long */
    int agreed_signal; /* that the ranks end for; 0: none */
    bool concluded;    /* the network has the weights that the run ends with */
    bool saved;        /* settings.save */
    struct collapse collapse;
    struct train_history history;
    struct curves curves; /* of the whole run, for its model */
    struct train_log log;
    struct live *live;                      /* of --serve; or NULL */
    const struct model_format *save_format; /* of settings.save */
    struct train_interval every;
    bool side_by_side;          /* one of several runs at a time, of which another thread tells */
    double checkpoint_time;     /* of the last checkpoint, or the start */
    bool checkpoint_up_to_date; /* nothing was trained since */
    const char *validation_crc; /* as the checkpoint says; or NULL */
    json_t *record;             /* read from the checkpoint; the settings point into it */
};

/* ---- options.c ---- */

struct train_settings train_default_settings(void);

/* ---- constants.c ---- */

/* The settings' training constants into a configuration, and back. */
void train_constants_to_config(const struct train_settings *settings, minnow_training_config *config);
void train_constants_from_config(const minnow_training_config *config, struct train_settings *settings);

/* Sets those that were not given on the command line to what the optimiser begins with. */
void train_settle_constants(const struct command_line *line, struct train_settings *settings);

/* Refuses those that the optimiser does not have. Returns 0 or an exit status. */
int train_check_constants(const struct command_line *line, const struct train_settings *settings);

/* ---- regular.c ---- */

/* One share for all hidden layers where they are the same, and none where all are 0. */
void train_merge_dropout(struct real_list *dropout);

/* Refuses what regularises, and ways to begin, where they have no effect. Returns 0 or an exit status. */
int train_check_regularisation(const struct train_run *run);

/* Weighs the classes of a dataset of the run, to be trained on. Returns 0 or, having said why, an exit status. */
int train_weigh_classes(const struct train_run *run, minnow_dataset *dataset);

/* ---- train.c ---- */

/* Runs the command. */
int train_main(const struct command *command, int argc, char **argv);

/* Everything up to the first mini-batch, for settings that are settled: the options are checked and the data loaded;
   then the network and the trainer made, or read. Both return 0 or, having said why, an exit status. */
int train_load(struct train_run *run);
int train_begin(struct train_run *run);

/* Releases what a run holds. */
void train_free(struct train_run *run);

/* Trains to the end, or until an interrupt. Returns 0 or, having said why, an exit status. */
int train_epochs(struct train_run *run);

/* Runs the network over a dataset. Returns 0 or, having said why, an exit status. */
int train_evaluate(const struct train_run *run, const minnow_dataset *dataset, struct outcome *out);

/* ---- collapse.c ---- */

/* Before the first mini-batch. Returns 0 or, having said why, an exit status. */
int train_collapse_start(struct train_run *run);
/* After an epoch, whose outcomes hold by now: sees whether the network is no better than guessing, and says so
   the first time. Returns 0 or, having said why, an exit status. */
int train_collapse_check(struct train_run *run);
/* "no better than guessing; try a lower --lr than 3 (…)" */
enum { TRAIN_COLLAPSE_TEXT = 256 };
/* Whether always naming the most frequent class is right as often as the network, which may still have learnt: of the
   samples that the final figure is of. */
bool train_is_majority(const struct train_run *run);
void train_collapse_text(const struct train_run *run, char text[TRAIN_COLLAPSE_TEXT]);

/* ---- stopping.c ---- */

enum { KEEP_BEST, KEEP_LAST };
const char *choice_keep(size_t index);

/* Whether there are best weights, and the run ends with them. */
bool train_keeps_best(const struct train_run *run);
/* The samples that the final figure is of: those to test on, else to validate on, else to train on. */
const minnow_dataset *train_final_samples(const struct train_run *run);
/* What the network makes of them, once the run has ended. */
const struct outcome *train_final_outcome(const struct train_run *run);
/* Whether there is nothing more to train. */
bool train_is_over(const struct train_run *run);

/* Behind an epoch, whose outcomes hold by now and whose weights the network shows: whether it is the best so far, is no
   better than guessing, or is the last one. Returns 0 or, having said why, an exit status. */
int train_judge_epoch(struct train_run *run);
/* Puts the weights that the run ends with in the network, with their outcomes. Likewise. */
int train_conclude(struct train_run *run);
/* Saves them, but not over a file that must be better. Likewise. */
int train_save_result(struct train_run *run);
/* Says where training diverged and keeps what was good. Returns the exit status. */
int train_end_diverged(struct train_run *run);

/* ---- settle.c ---- */

/* Settles the run's settings: those of the command line, which hold by now, over those of the checkpoint that
   --resume names or the network that --init names, if any, which is read. Refuses what contradicts them and
   what would have no effect. Returns 0 or, having said why, an exit status. */
int train_settle(struct train_run *run);

/* Sets the settings that follow from the network. */
void train_settings_from_network(struct train_run *run);

/* ---- explain.c ---- */

/* Prints how training would be carried out. Returns the exit status. */
int train_explain(const struct train_run *run);

/* ---- report.c ---- */

/* "784-128-64-10, relu, softmax, 109386 parameters" */
enum { TRAIN_NETWORK_TEXT = NETWORK_MAX_LAYERS * 8 + ACTIVATIONS_TEXT + 64 };
void train_network_text(const minnow_network *network, char text[TRAIN_NETWORK_TEXT]);
void train_show_network(const struct train_run *run);
void train_show_start(const struct train_run *run); /* of a run that goes on */
void train_show_epoch(const struct train_run *run);
/* What the lines of epochs tell: samples trained on each second, and what they are called; the time left, "1:05" or
   "2:00:07", of a run that goes on as it has; a count with a comma every three digits. */
double train_samples_per_second(const struct train_run *run);
const char *train_samples_name(const struct train_run *run);
void train_time_left(const struct train_run *run, char *text, size_t size);
void train_grouped(double value, char *text, size_t size);
/* As JSON; false if it could not be written. */
bool train_print_epoch(const struct train_run *run);
bool train_print_start(const struct train_run *run, const struct outcome *on_train); /* as epoch 0 */
/* The result; or where an interrupted run stands, and how to go on. */
void train_print_end(const struct train_run *run);
/* As JSON, with the epoch whose weights were saved; 0: none were. */
void train_print_diverged(const struct train_run *run, size_t saved_epoch);
/* Of the epoch that the run's progress tells of, only if it is done. */
size_t train_epochs_completed(const struct train_run *run);

/* ---- table.c ---- */

/* Whether the network predicts numbers and tells no classes. */
static inline bool train_predicts_numbers(const struct train_run *run) {
    return run->encoder != NULL && run->encoder->task == TASK_REGRESSION;
}

/* Loads the data, if they are a table; *loaded tells. Returns 0 or, having said why, an exit status. */
int train_load_table(struct train_run *run, bool *loaded);

/* Settles what suits the table, once it is loaded and where the command line does not say otherwise. Does nothing on other
   data. Returns 0 or, having said why, an exit status. */
int train_settle_table(struct train_run *run);

/* Sets what suits a few pictures, a dozen of a class or some hundreds, where the command line does not say otherwise:
   mini-batches of 64 are then so few, and the steps of MNIST so large, that nothing is learned. Measured on drawn shapes
   and on 12 and 40 pictures of each digit. */
void train_settle_pictures(struct train_run *run);

/* Puts what the network must know of the table into its metadata. */
int train_record_table(struct train_run *run);

/* ---- ranks.c ---- */

/* Joins the other processes that mpirun started, if any, once the settings are settled, or, as `status` says, could not be.
   Returns 0 or, one of them having said why, an exit status. */
int train_join_ranks(struct train_run *run, int status);
/* Prints how many there are and where. */
void train_show_ranks(const struct train_run *run);
/* Agrees with the other ranks on what comes next: on the status, which is returned, and on what is rank 0's to decide.
   Without others all stays as it is. */
int train_meet(struct train_run *run, int status, size_t *stretch, bool *checkpoint_due);
/* Whether a signal ends the run: one that came to any rank, from the time on that all know of it. */
bool train_interrupted(const struct train_run *run);

/* ---- init.c ---- */

/* Reads the network that settings.init names, in the form that `given` says if its file does not say one.
   Returns 0 or, having said why, an exit status. */
int train_read_init(struct train_run *run, const struct train_settings *given);

/* ---- many.c ---- */

/* Trains as many networks as --seeds or --folds says, side by side, on the data of the run. Returns the exit status. */
int train_many(struct train_run *run);
/* Whether the run is one of those; and whether its options, known before the data, make sense. Returns 0 or, having said
   why not, an exit status. */
bool train_is_many(const struct train_run *run);
int train_check_many(const struct train_run *run);

/* ---- checkpoint.c ---- All return 0 or, having said why, an exit status. */

/* Reads the checkpoint that settings.resume names: its network, its configuration, its options as settings. */
int train_read_checkpoint(struct train_run *run);
/* Makes the trainer that goes on from it. */
int train_resume(struct train_run *run);
/* From settings.checkpoint_every; also whether the names of the files make sense. */
int train_check_checkpoint(struct train_run *run);
/* Seconds until the next checkpoint is due; infinite if none is because of the time. */
double train_checkpoint_wait(const struct train_run *run);
bool train_checkpoint_due(const struct train_run *run);
/* Unless it is up to date. */
int train_write_checkpoint(struct train_run *run);
/* The network itself, to settings.save if that was given. */
int train_save(struct train_run *run);
/* Computes what says of the file of a network which data it was trained on, before several threads ask for it. */
void train_settle_fingerprint(struct train_run *run);

#endif
