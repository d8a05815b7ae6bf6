/* What the server of minnow train --serve answers; called by its thread. */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/status.h"
#include "cli/frame/clock.h"
#include "cli/frame/interrupt.h"
#include "cli/frame/json.h"
#include "cli/inputs/data_source.h"
#include "cli/pages/pages.h"
#include "cli/serve/serve.h"
#include "cli/train/live.h"
#include "data/dataset.h"
#include "train/config.h"

enum { OK = 200, BAD_REQUEST = 400 };

/* ---- The page ---- */

/* What of a run does not change. Names need not be UTF-8; then the page has none. */
static json_t *describe(const struct train_run *run, const struct live *live) {
    const struct live_tiles *tiles = &live->state.tiles;
    const struct train_settings *settings = &run->settings;
    const char *data = data_source_name(&run->data.source), *slash = strrchr(data, '/');
    char network[TRAIN_NETWORK_TEXT];
    train_network_text(run->network, network);
    json_t *name = json_string(slash != NULL && slash[1] != '\0' ? slash + 1 : data);
    return json_pack(
        "{s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:b, s:b}", "version", minnow_version(),
        "network", network, "data", name != NULL ? name : json_null(), "samples",
        (json_int_t)minnow_dataset_count(run->data.train), "epochs", (json_int_t)run->config.epochs, "batch",
        (json_int_t)run->config.batch, "tiles", (json_int_t)tiles->count, "units",
        (json_int_t)minnow_network_layer_size(run->network, 1), "numbers", (int)train_predicts_numbers(run),
        "pictures", (int)(tiles->count > 0), "validation", (int)(run->validation != NULL), "kept",
        (int)(settings->save != NULL || settings->checkpoint != NULL));
}

minnow_status live_page(const struct train_run *run, struct live *live) {
    json_t *value = describe(run, live);
    char *json = value != NULL ? json_dumps(value, JSON_COMPACT) : NULL;
    json_decref(value);
    minnow_status status = json != NULL ? page_in_memory(&page_live, json, &live->page.data, &live->page.size)
                                        : fail_memory("the page of a run");
    free(json);
    return status;
}

static const char *get_page(const void *context, size_t *size) {
    const struct live *live = context;
    *size = live->page.size;
    return live->page.data;
}

static const char *get_health(const void *context, size_t *size) {
    static const char text[] = "{\"status\":\"ok\"}\n";
    (void)context;
    *size = sizeof text - 1;
    return text;
}

/* ---- The state ---- */

static uint64_t known_of(const struct question *question, const char *name) {
    uint64_t value;
    const char *text = question_value(question, name);
    return text != NULL && number_parse_u64(text, &value) ? value : 0;
}

static unsigned get_state(void *context, const struct question *question, struct text *out) {
    struct live *live = context;
    const struct live_known known = {
        .generation = known_of(question, "generation"),
        .points = known_of(question, "points"),
        .epochs = known_of(question, "epochs"),
        .tiles = known_of(question, "tiles"),
    };
    pthread_mutex_lock(&live->lock);
    live->asked = clock_seconds();
    minnow_status status = live_state_write(&live->state, &known, out);
    live->told_end = live->told_end || live->state.ended != NULL;
    pthread_mutex_unlock(&live->lock);
    return status == MINNOW_OK ? OK : 0;
}

/* ---- Actions ---- */

/* What holds or ends the run comes at the end of the mini-batch that it is in, not of all it was to do next. */
static void act(struct live *live, const struct live_action *action) {
    switch (action->kind) {
    case LIVE_PAUSE:
        live->paused = true;
        live->step = STEP_NONE;
        break;
    case LIVE_RESUME:
        live->paused = false;
        live->step = STEP_NONE;
        return;
    case LIVE_STEP_BATCH:
        live->paused = true;
        live->step = STEP_BATCH;
        return;
    case LIVE_STEP_EPOCH:
        live->paused = true;
        live->step = STEP_EPOCH;
        return;
    case LIVE_RATE:
        live->factor *= action->factor;
        break;
    case LIVE_STOP:
        live->stop = true;
        interrupt_request();
        return;
    }
    minnow_trainer_stop(live->trainer);
}

/* Rates that the trainer would refuse, when the run's own was multiplied often enough. Under the lock. */
static minnow_status check_rate(const struct live *live, const struct live_action *action) {
    double rate = live->state.base_rate * live->factor * action->factor;
    if (action->kind != LIVE_RATE || (rate > 0.0 && rate <= MAX_LEARNING_RATE))
        return MINNOW_OK;
    return fail(MINNOW_ERROR_INPUT, "\"factor\": the rate would be %g, expected more than 0 and at most %g",
                rate, MAX_LEARNING_RATE);
}

static unsigned post_action(void *context, const struct question *question, struct text *out) {
    struct live *live = context;
    struct live_action action;
    minnow_status status = live_action_read((const char *)question->body, question->size, &action);
    if (status == MINNOW_OK) {
        pthread_mutex_lock(&live->lock);
        status = check_rate(live, &action);
        if (status == MINNOW_OK)
            act(live, &action);
        pthread_mutex_unlock(&live->lock);
    }
    if (status != MINNOW_OK)
        return answer_error(minnow_last_error(), out) == MINNOW_OK ? BAD_REQUEST : 0;
    out->data = strdup("{\"status\":\"ok\"}\n");
    out->size = out->data != NULL ? strlen(out->data) : 0;
    return out->data != NULL ? OK : 0;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/", .type = "text/html; charset=utf-8", .content = get_page},
    {.method = "GET", .path = "/state", .type = "application/json", .respond = get_state},
    {.method = "GET", .path = "/health", .type = "application/json", .content = get_health},
    {.method = "POST", .path = "/control", .type = "application/json", .respond = post_action, .acts = true},
};

const struct site live_site = {
    .routes = routes,
    .route_count = sizeof routes / sizeof *routes,
    .paths = "no such path; there are /, /state, /health and, to POST to, /control",
    .guarded = true,
};
