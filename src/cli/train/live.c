/* The main thread's side of minnow train --serve. */
#include "cli/train/live.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/number.h"
#include "base/status.h"
#include "cli/frame/clock.h"
#include "cli/frame/interrupt.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "cli/train/log.h"
#include "train/trainer.h"

/* In seconds. WATCHED: a page that has asked since then is open. DRAWN: how old pictures of weights may be. LINGER: how long the
   end waits for a page that is open. */
static const double WATCHED = 2.0, DRAWN = 0.5, LINGER = 1.5;

/* ---- Beginning ---- */

int live_check(const struct train_run *run) {
    static const char *const of_serve[] = {"port", "address", NULL};
    if (!run->settings.serve)
        return command_refuse_any(run->line.command, &run->line, of_serve, "has no effect without --serve");
    if (server_library() == NULL)
        return problem(STATUS_FAILURE,
                       "train: --serve: this minnow was built without libmicrohttpd, which serves HTTP");
    return STATUS_SUCCESS;
}

/* Where minnow serve or another run has the usual port, and none was asked for, any will do. */
static minnow_status listen_somewhere(const struct train_run *run, struct server_settings *listening,
                                      struct server **out) {
    minnow_status status = server_start(&run->live->site, listening, out);
    if (status != MINNOW_ERROR_INPUT || option_given(&run->line, "port"))
        return status;
    listening->port = 0;
    return server_start(&run->live->site, listening, out);
}

static void say_where(const struct train_run *run, const char *address, uint16_t port) {
    char url[SERVER_URL_TEXT];
    server_url(address, port, url);
    if (run->common.json)
        (void)print_json(json_pack("{s:s, s:s, s:i}", "event", "listening", "url", url, "port", (int)port));
    void (*say)(const char *, ...) = run->common.json ? note : announce;
    size_t wanted = run->settings.port;
    if (wanted != 0 && wanted != port)
        say("watch it in a browser: %s (port %zu is taken)", url, wanted);
    else
        say("watch it in a browser: %s", url);
}

int live_start(struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    if (!settings->serve)
        return STATUS_SUCCESS;
    struct live *live = run->live = calloc(1, sizeof *live);
    if (live == NULL)
        return report(fail_memory("the server"));
    pthread_mutex_init(&live->lock, NULL);
    live->trainer = run->trainer;
    live->factor = 1.0;
    live->site = live_site;
    live->site.context = live;
    int status = live_state_open(run, &live->state);
    if (status != STATUS_SUCCESS)
        return status;
    live_state_draw(&live->state, run);

    struct server_settings listening = {
        .address = settings->address != NULL ? settings->address : "127.0.0.1",
        .port = (uint16_t)settings->port,
        .threads = 1,
    };
    minnow_status listens = live_page(run, live);
    if (listens == MINNOW_OK)
        listens = listen_somewhere(run, &listening, &live->server);
    if (listens == MINNOW_ERROR_ARGUMENT)
        return problem(STATUS_USAGE, "train: --address %s", minnow_last_error());
    if (listens != MINNOW_OK)
        return problem(STATUS_FAILURE, "train: --serve: %s", minnow_last_error());
    say_where(run, listening.address, server_port(live->server));
    return STATUS_SUCCESS;
}

/* ---- While it trains ---- */

void live_show(struct train_run *run) {
    struct live *live = run->live;
    if (live == NULL)
        return;
    double now = clock_seconds();
    pthread_mutex_lock(&live->lock);
    live_state_add(&live->state, run);
    if (run->progress.epoch_done)
        live_state_add_epoch(&live->state, run);
    bool watched = now - live->asked < WATCHED, due = now - live->state.tiles.drawn >= DRAWN;
    if ((watched && due) || live->paused || train_is_over(run))
        live_state_draw(&live->state, run);
    pthread_mutex_unlock(&live->lock);
}

/* In the network's metadata, as the run cannot be repeated from its options alone: [[STEP, RATE], ...], the rate that the
   schedule goes by from the update behind STEP on. Checkpoints and models hold it. */
static minnow_status record_rate(const struct train_run *run, double rate) {
    const char *before = minnow_network_metadata(run->network, TRAIN_RATE_CHANGES_KEY);
    json_t *list = before != NULL ? json_loads(before, 0, NULL) : NULL;
    if (!json_is_array(list)) {
        json_decref(list);
        list = json_array();
    }
    json_array_append_new(list, json_pack("[I, o]", (json_int_t)train_log_step(run), json_number(rate)));
    char *text = list != NULL ? json_dumps(list, JSON_COMPACT) : NULL;
    json_decref(list);
    minnow_status status = text != NULL
                               ? minnow_network_set_metadata(run->network, TRAIN_RATE_CHANGES_KEY, text)
                               : fail_memory("a change of the rate");
    free(text);
    return status;
}

static int change_rate(struct train_run *run, double factor) {
    double rate = run->config.learning_rate * factor;
    char text[NUMBER_TEXT];
    if (factor == 1.0)
        return STATUS_SUCCESS;
    minnow_status changed = trainer_change_rate(run->trainer, rate);
    if (changed != MINNOW_OK) /* none that /control took, as that has looked */
        return report(changed);
    run->config.learning_rate = rate;
    run->live->state.rate_changes++;
    number_write_readable(rate, text);
    note("from update %zu on, the learning rate is %s, by hand: --like cannot repeat this run",
         train_log_step(run) + 1, text);
    minnow_status status = record_rate(run, rate);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

/* Whether the run may go on, and how far. Under the lock. */
static bool may_go_on(struct live *live, const struct train_run *run, size_t *stretch) {
    if (!live->paused)
        return true;
    if (live->step == STEP_BATCH) {
        *stretch = run->config.batch;
        live->step = STEP_NONE;
        return true;
    }
    return live->step == STEP_EPOCH;
}

/* What is wished for between two calls of advance. Under the lock, but for the waiting. */
static int obey(struct train_run *run, size_t *stretch) {
    static const struct timespec moment = {.tv_nsec = 20000000};
    struct live *live = run->live;
    for (;;) {
        double factor = live->factor;
        live->factor = 1.0;
        int status = change_rate(run, factor);
        live->state.base_rate = run->config.learning_rate;
        if (status != STATUS_SUCCESS || interrupted() || may_go_on(live, run, stretch))
            return status;
        live->state.waiting = true;
        pthread_mutex_unlock(&live->lock);
        nanosleep(&moment, NULL);
        pthread_mutex_lock(&live->lock);
    }
}

int live_control(struct train_run *run, size_t *stretch) {
    struct live *live = run->live;
    if (live == NULL)
        return STATUS_SUCCESS;
    pthread_mutex_lock(&live->lock);
    if (live->step == STEP_EPOCH && run->progress.epoch_done)
        live->step = STEP_NONE;
    int status = obey(run, stretch);
    live->state.waiting = false;
    pthread_mutex_unlock(&live->lock);
    return status;
}

/* ---- The end ---- */

static bool is_seen(struct live *live) {
    pthread_mutex_lock(&live->lock);
    bool seen = live->told_end || clock_seconds() - live->asked > WATCHED;
    pthread_mutex_unlock(&live->lock);
    return seen;
}

void live_end(struct train_run *run) {
    static const struct timespec moment = {.tv_nsec = 20000000};
    struct live *live = run->live;
    if (live == NULL)
        return;
    if (live->server != NULL) {
        pthread_mutex_lock(&live->lock);
        live->state.ended = train_is_over(run) ? "done" : interrupted() ? "stopped" : "failed";
        pthread_mutex_unlock(&live->lock);
        double until = clock_seconds() + LINGER;
        while (!is_seen(live) && clock_seconds() < until)
            nanosleep(&moment, NULL);
        server_stop(live->server);
    }
    live_state_close(&live->state);
    pthread_mutex_destroy(&live->lock);
    free(live->page.data);
    free(live);
    run->live = NULL;
}
