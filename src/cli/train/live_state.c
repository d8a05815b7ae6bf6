/* The view of a run that pages get. The main thread adds to it, the server's thread writes it as JSON; the lock is theirs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/memory.h"
#include "base/status.h"
#include "cli/frame/clock.h"
#include "cli/frame/json.h"
#include "cli/train/live.h"
#include "cli/train/log.h"
#include "data/dataset.h"
#include "net/network.h"

/* ---- Points and epochs ---- */

/* Two by two they become one. */
static void thin_points(struct live_state *state) {
    for (size_t i = 0; i < state->point_count / 2; i++) {
        const struct live_point *a = &state->points[2 * i], *b = &state->points[2 * i + 1];
        state->points[i] = (struct live_point){.epoch = b->epoch,
                                               .loss = (a->loss + b->loss) / 2,
                                               .accuracy = (a->accuracy + b->accuracy) / 2,
                                               .rate = b->rate};
    }
    state->point_count /= 2;
    state->every *= 2;
    state->generation++;
}

static void thin_epochs(struct live_state *state) {
    size_t kept = 0;
    state->epoch_stride *= 2;
    for (size_t i = 0; i < state->epoch_count; i++)
        if (state->epochs[i].epoch % state->epoch_stride == 0)
            state->epochs[kept++] = state->epochs[i];
    state->epoch_count = kept;
    state->generation++;
}

void live_state_add(struct live_state *state, const struct train_run *run) {
    const struct minnow_progress *now = &run->progress;
    state->now = *now;
    state->step = train_log_step(run);
    train_time_left(run, state->left, sizeof state->left);
    if (++state->since < state->every || now->epoch_samples == 0)
        return;

    if (state->point_count == LIVE_POINTS_MOST)
        thin_points(state);
    size_t before = state->mark.epoch == now->epoch ? state->mark.epoch_samples : 0;
    if (now->epoch_samples == before)
        return;
    double done = (double)now->epoch_samples / (double)minnow_dataset_count(run->data.train);
    state->points[state->point_count++] = (struct live_point){
        .epoch = (double)(now->epoch - 1) + done,
        .loss = train_log_since(now->train_loss, state->mark.train_loss, now->epoch_samples, before),
        .accuracy = train_predicts_numbers(run)
                        ? (double)NAN
                        : train_log_since(now->train_accuracy, state->mark.train_accuracy, now->epoch_samples,
                                          before),
        .rate = now->learning_rate,
    };
    state->mark = *now;
    state->since = 0;
}

void live_state_add_epoch(struct live_state *state, const struct train_run *run) {
    const struct minnow_progress *now = &run->progress;
    if (now->epoch % state->epoch_stride != 0)
        return;
    if (state->epoch_count == LIVE_EPOCHS_MOST)
        thin_epochs(state);
    bool tested = run->settings.test_each_epoch || (now->run_done && run->data.test != NULL);
    state->epochs[state->epoch_count++] = (struct live_epoch){
        .epoch = now->epoch,
        .training = {(double)now->epoch, now->train_loss,
                     train_predicts_numbers(run) ? (double)NAN : now->train_accuracy, now->learning_rate},
        .on_validation = run->validation != NULL ? run->on_validation : (struct outcome)OUTCOME_UNKNOWN,
        .on_test = tested ? run->on_test : (struct outcome)OUTCOME_UNKNOWN,
    };
}

/* ---- Tiles ---- */

int live_state_open(const struct train_run *run, struct live_state *state) {
    const minnow_dataset *data = run->data.train;
    *state = (struct live_state){.every = 1,
                                 .epoch_stride = 1,
                                 .now = run->progress,
                                 .mark = run->progress,
                                 .base_rate = run->config.learning_rate};
    struct picture_recipe shape = dataset_picture(data);
    size_t pixels = shape.height * shape.width, units = minnow_network_layer_size(run->network, 1);
    if (pixels == 0 || pixels > LIVE_TILE_BYTES_MOST)
        return STATUS_SUCCESS;

    struct live_tiles *tiles = &state->tiles;
    tiles->count = size_min(size_min(units, LIVE_TILES_MOST), LIVE_TILE_BYTES_MOST / pixels);
    tiles->height = shape.height;
    tiles->width = shape.width;
    tiles->values = memory_allocate(tiles->count * pixels, sizeof *tiles->values);
    tiles->sums = memory_allocate(2 * tiles->count, sizeof *tiles->sums);
    return tiles->values != NULL && tiles->sums != NULL ? STATUS_SUCCESS
                                                        : report(fail_memory("pictures of weights"));
}

void live_state_close(struct live_state *state) {
    memory_free(state->tiles.values);
    memory_free(state->tiles.sums);
}

/* sums[count]: of each unit, the mean weight of a pixel's channels. */
static void read_pixel(const minnow_network *network, const struct live_tiles *tiles, size_t pixel,
                       float *sums) {
    struct matrix w = parameters_weights(network->parameters, 0);
    size_t channels = network->layers[0].inputs / (tiles->height * tiles->width);
    memset(sums, 0, tiles->count * sizeof *sums);
    for (size_t c = 0; c < channels; c++)
        for (size_t j = 0; j < tiles->count; j++)
            sums[j] += w.data[(pixel * channels + c) * w.stride + j] / (float)channels;
}

void live_state_draw(struct live_state *state, const struct train_run *run) {
    struct live_tiles *tiles = &state->tiles;
    size_t pixels = tiles->height * tiles->width;
    float *sums = tiles->sums, *most = tiles->sums + tiles->count;
    if (tiles->count == 0)
        return;
    memset(most, 0, tiles->count * sizeof *most);
    for (size_t pixel = 0; pixel < pixels; pixel++) {
        read_pixel(run->network, tiles, pixel, sums);
        for (size_t j = 0; j < tiles->count; j++)
            most[j] = fmaxf(most[j], fabsf(sums[j]));
    }
    for (size_t pixel = 0; pixel < pixels; pixel++) {
        read_pixel(run->network, tiles, pixel, sums);
        for (size_t j = 0; j < tiles->count; j++) {
            float share = sums[j] / (most[j] > 0 && isfinite(most[j]) ? most[j] : 1.0f);
            tiles->values[j * pixels + pixel] = (int8_t)(isfinite(share) ? lroundf(127.0f * share) : 0);
        }
    }
    tiles->version++;
    tiles->drawn = clock_seconds();
}

/* ---- As JSON ---- */

static json_t *points_json(const struct live_state *state, size_t from) {
    json_t *list = json_array();
    for (size_t i = from; i < state->point_count; i++) {
        const struct live_point *point = &state->points[i];
        json_array_append_new(
            list, json_pack("[o, o, o, o]", json_float((float)point->epoch), json_float((float)point->loss),
                            json_float((float)point->accuracy), json_float((float)point->rate)));
    }
    return list;
}

static json_t *epochs_json(const struct live_state *state, size_t from) {
    json_t *list = json_array();
    for (size_t i = from; i < state->epoch_count; i++) {
        const struct live_epoch *epoch = &state->epochs[i];
        const double values[] = {
            epoch->training.loss,          epoch->training.accuracy,          epoch->on_validation.loss,
            epoch->on_validation.accuracy, epoch->on_validation.numbers.rmse, epoch->on_test.loss,
            epoch->on_test.accuracy,       epoch->on_test.numbers.rmse,
        };
        json_t *row = json_pack("[I]", (json_int_t)epoch->epoch);
        for (size_t v = 0; v < sizeof values / sizeof *values; v++)
            json_array_append_new(row, json_number(values[v]));
        json_array_append_new(list, row);
    }
    return list;
}

static json_t *tiles_json(const struct live_tiles *tiles, uint64_t known) {
    size_t bytes = tiles->count * tiles->height * tiles->width, length = base64_length(bytes);
    if (tiles->version == known || tiles->version == 0)
        return json_null();
    char *text = malloc(length);
    json_t *value = NULL;
    if (text != NULL) {
        base64_encode((const uint8_t *)tiles->values, bytes, text);
        value = json_pack("{s:I, s:I, s:I, s:I, s:s#}", "version", (json_int_t)tiles->version, "count",
                          (json_int_t)tiles->count, "height", (json_int_t)tiles->height, "width",
                          (json_int_t)tiles->width, "values", text, (int)length);
    }
    free(text);
    return value != NULL ? value : json_null();
}

minnow_status live_state_write(const struct live_state *state, const struct live_known *known,
                               struct text *out) {
    const struct minnow_progress *now = &state->now;
    bool same = known->generation == state->generation;
    size_t points = same ? size_min((size_t)known->points, state->point_count) : 0;
    size_t epochs = same ? size_min((size_t)known->epochs, state->epoch_count) : 0;
    json_t *object =
        json_pack("{s:I, s:I, s:b, s:I, s:b, s:s?, s:s, s:I}", "epoch", (json_int_t)now->epoch, "samples",
                  (json_int_t)now->epoch_samples, "epoch_done", (int)now->epoch_done, "step",
                  (json_int_t)state->step, "paused", (int)state->waiting, "ended", state->ended, "left",
                  state->left, "rate_changes", (json_int_t)state->rate_changes);
    json_object_set_new(object, "loss", json_number(now->train_loss));
    json_object_set_new(object, "accuracy", json_number(now->train_accuracy));
    json_object_set_new(object, "rate", json_float((float)now->learning_rate));
    json_object_set_new(object, "base_rate", json_number(state->base_rate));
    json_object_set_new(object, "speed", json_number((double)now->epoch_samples / now->epoch_seconds));
    json_object_set_new(object, "generation", json_integer((json_int_t)state->generation));
    json_object_set_new(object, "from", json_pack("[I, I]", (json_int_t)points, (json_int_t)epochs));
    json_object_set_new(object, "points", points_json(state, points));
    json_object_set_new(object, "epochs", epochs_json(state, epochs));
    json_object_set_new(object, "tiles", tiles_json(&state->tiles, known->tiles));
    out->data = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (out->data == NULL)
        return fail_memory("an answer");
    out->size = strlen(out->data);
    return MINNOW_OK;
}
