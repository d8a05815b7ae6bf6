/* The parts of minnow tune: what is tried, in which order, what is kept of it, and what is told. */
#ifndef MINNOW_CLI_TUNE_H
#define MINNOW_CLI_TUNE_H

#include <pthread.h>

#include "cli/train/train.h"

enum { TRIAL_OPTIONS = 256, TRIALS_MOST = 100000 };

/* One run of training. */
struct trial {
    size_t number; /* from 0, in the order of the plan */
    uint32_t draw; /* which drawn set of options it has */
    uint64_t epochs;
    char options[TRIAL_OPTIONS]; /* what was drawn: "--lr 0.05 --batch 64" */
    char name[32];               /* "trial 3", for messages */

    bool done;
    bool recalled; /* from the state file */
    int status;    /* STATUS_SUCCESS, or why it ended early */
    double figure; /* on the validation samples: accuracy or, of numbers, R²; NaN unless it is done */
    double loss;   /* there, likewise */
    double seconds;
};

struct tuning {
    const struct command_line *line;
    const struct train_settings *given; /* as the command line has them */
    struct train_run *base;             /* its data, and the settings that all trials share */
    uint64_t seed;                      /* of the draws */
    unsigned threads;
    size_t trials_most;  /* of the budget; 0: it is a time */
    double seconds_most; /* likewise */
    const char *state;   /* a file, or NULL */
    double began;

    pthread_mutex_t lock;
    size_t count, room;
    struct trial *trials; /* [count]: those that were begun, or are to be next */
    size_t finished;
    struct recalled *recalled; /* of the state file */
};

/* ---- space.c ---- */

/* Draws the options of a set, but for those that the command line gives. Depends on the seed and `draw` alone. */
void space_draw(const struct tuning *tuning, uint32_t draw, char text[TRIAL_OPTIONS]);

/* Whether anything is left to draw. */
bool space_is_empty(const struct tuning *tuning);

/* ---- halving.c ---- All return 0 or, having said why, an exit status. */

/* Tries sets of options until the budget is spent. */
int halving_run(struct tuning *tuning);
/* The best trial that is done: the highest figure, of equals the least loss, of those the first; NULL: none is. */
const struct trial *halving_best(const struct tuning *tuning);
/* Whether one has a higher figure or, where they are equal, less loss. */
bool trial_is_better(const struct trial *a, const struct trial *b);

/* ---- trial.c ---- */

/* Trains a network with the options of a trial on so many threads. */
void trial_run(struct tuning *tuning, struct trial *trial, unsigned threads);

/* The command that repeats a trial, as a shell takes it; from malloc, NULL when there is no memory. */
char *trial_command(const struct tuning *tuning, const struct trial *trial);

/* ---- state.c ---- */

/* Reads the state file, if there is one; what it says of trials is taken when they come up. Returns 0 or, having said
   why, an exit status: 3 where it is none or damaged, 2 where it is of another tuning. */
int state_read(struct tuning *tuning);
/* Whether the trial was done in an earlier run; then it is filled in. */
bool state_recall(const struct tuning *tuning, struct trial *trial);
/* Writes the trials that are done. Under the lock. */
int state_write(const struct tuning *tuning);
void state_free(struct tuning *tuning);

#endif
