/*
 * minnow train --serve: a page on which one sees a run while it trains, and holds it, lets it go on, lowers its rate or stops it.
 *
 * Training stays on the main thread, and HTTP on libmicrohttpd's, which sees nothing of the network: between two calls of
 * minnow_trainer_advance the main thread leaves a view of the run behind, under a lock, and looks at what the page wishes.
 * live.c is the main thread's side, live_state.c the view, live_site.c the server's side, live_action.c what a page may ask for.
 */
#ifndef MINNOW_CLI_TRAIN_LIVE_H
#define MINNOW_CLI_TRAIN_LIVE_H

#include <pthread.h>

#include "cli/serve/http.h"
#include "cli/train/train.h"

/* ---- What a page may ask for: live_action.c ---- */

enum live_kind { LIVE_PAUSE, LIVE_RESUME, LIVE_STEP_BATCH, LIVE_STEP_EPOCH, LIVE_RATE, LIVE_STOP };

struct live_action {
    enum live_kind kind;
    double factor; /* LIVE_RATE: what the rate is multiplied by */
};
/* Of a body: {"action":"pause"}, "resume", "stop", {"action":"step","of":"batch"} or "epoch", {"action":"rate","factor":0.5}.
   Errors: INPUT. */
minnow_status live_action_read(const char *bytes, size_t size, struct live_action *out);

/* ---- What is seen: live_state.c ---- */

enum {
    LIVE_POINTS_MOST = 1500,
    LIVE_EPOCHS_MOST = 1000,
    LIVE_TILES_MOST = 64,
    LIVE_TILE_BYTES_MOST = 200000
};

/* Means over the samples between two moments of the run. NaN: unknown. */
struct live_point {
    double epoch, loss, accuracy, rate; /* epoch: at the end, with its fraction */
};

struct live_epoch {
    size_t epoch;
    struct live_point training;
    struct outcome on_validation, on_test; /* unknown where there are none */
};

/* Weights of the first layer as pictures, one behind the other; each value is a share of the picture's largest, of 127. */
struct live_tiles {
    size_t count, height, width; /* 0: the samples are no pictures */
    int8_t *values;              /* [count][height][width] */
    float *sums;                 /* [count]: room to work in */
    uint64_t version;            /* 0: not drawn yet */
    double drawn;                /* when */
};

struct live_state {
    struct minnow_progress now;
    size_t step; /* updates since the beginning of the run */
    char left[32];
    bool waiting;      /* held by the page */
    const char *ended; /* "done", "stopped" or "failed"; NULL while it trains */
    size_t rate_changes;
    double base_rate; /* of the schedule, as it was changed last */

    /* Where there are too many points or epochs, every other one goes, and pages begin anew: generation. */
    uint64_t generation;
    size_t point_count, every, since; /* a point each `every` moments, of which `since` have been */
    struct live_point points[LIVE_POINTS_MOST];
    struct minnow_progress mark; /* at the last point */
    size_t epoch_count, epoch_stride;
    struct live_epoch epochs[LIVE_EPOCHS_MOST];
    struct live_tiles tiles;
};

/* Which parts of the state a page has already. */
struct live_known {
    uint64_t generation, points, epochs, tiles;
};

int live_state_open(const struct train_run *run, struct live_state *state);
void live_state_close(struct live_state *state);
/* A moment of the run; behind an epoch, once its outcomes are known, `epoch` adds its line. */
void live_state_add(struct live_state *state, const struct train_run *run);
void live_state_add_epoch(struct live_state *state, const struct train_run *run);
void live_state_draw(struct live_state *state, const struct train_run *run);
/* What a page does not know yet, as JSON. Errors: MEMORY. */
minnow_status live_state_write(const struct live_state *state, const struct live_known *known,
                               struct text *out);

/* ---- Both threads ---- */

struct live {
    pthread_mutex_t lock; /* for what is below it */
    bool paused, stop;
    enum { STEP_NONE, STEP_BATCH, STEP_EPOCH } step; /* while it is paused: what it may still do */
    double factor;                                   /* of the rate; 1: as it is */
    double asked;                                    /* when a page last asked */
    bool told_end;                                   /* a page knows that the run has ended */
    struct live_state state;

    /* These do not change while the server runs. */
    minnow_trainer *trainer;
    struct text page;
    struct site site;
    struct server *server;
};

/* ---- The server's side: live_site.c ---- */

/* Its routes; the context is a struct live. */
extern const struct site live_site;
/* live->page, of the run. Errors: MEMORY. */
minnow_status live_page(const struct train_run *run, struct live *live);

/* ---- The main thread's side: live.c; nothing happens in a run without --serve ---- */

/* Before the data are read: whether the options make sense. Returns 0 or, having said why not, an exit status. */
int live_check(const struct train_run *run);
/* Listens and says where. Returns 0 or, having said why, an exit status. */
int live_start(struct train_run *run);
/* Before each advance: waits while the run is held, and does what the page wishes. Shortens the samples to advance by. */
int live_control(struct train_run *run, size_t *stretch);
/* After each advance, when an epoch's outcomes are known. */
void live_show(struct train_run *run);
/* Lets a page that is open see the end, and stops the server. */
void live_end(struct train_run *run);

#endif
