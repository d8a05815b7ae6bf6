/* The state of training as JSON, of which nothing is believed before it is checked. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/status.h"
#include "train/checkpoint.h"
#include "train/schedule.h"
#include "train/trainer.h"

enum { STATE_VERSION = 1 };
#define OPTIMIZER "sgd" /* so far the only one; it has no state of its own */

/* ---- Out ---- */

/* Numbers that JSON's integers and reals do not carry to the last bit are strings. */
static json_t *json_double(double value) {
    char text[NUMBER_TEXT];
    number_write_e18(value, text);
    return json_string(text);
}

static json_t *json_crc32(uint32_t crc) {
    return json_sprintf("%08" PRIx32, crc);
}

char *checkpoint_state_write(const struct checkpoint_state *state) {
    const minnow_training_config *config = &state->config;
    json_t *object = json_pack(
        "{s:i, s:s, s:I, s:I, s:o, s:s, s:o, s:b, s:o, s:o, s:I, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:o}",
        "version", STATE_VERSION, "optimizer", OPTIMIZER, "batch", (json_int_t)config->batch, "epochs",
        (json_int_t)config->epochs, "learning_rate", json_double(config->learning_rate), "schedule",
        schedule_name(config->schedule), "warmup_epochs", json_double(config->warmup_epochs), "shuffle",
        (int)config->shuffle, "seed", json_sprintf("%" PRIu64, config->seed), "params_crc32",
        json_crc32(state->params_crc32), "samples", (json_int_t)state->samples, "dataset_crc32",
        json_crc32(state->fingerprint), "feature_scale", json_double((double)state->scale), "epoch",
        (json_int_t)state->epoch, "position", (json_int_t)state->position, "correct",
        (json_int_t)state->correct, "loss_sum", json_double(state->loss_sum), "epoch_seconds",
        json_double(state->seconds), "rate", json_double(state->last_rate));
    char *text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    return text;
}

/* ---- In ---- */

static bool read_crc32(const char *text, uint32_t *out) {
    if (strlen(text) != 8 || strspn(text, "0123456789abcdef") != 8)
        return false;
    *out = (uint32_t)strtoul(text, NULL, 16);
    return true;
}

/* The members that are text, on their way. */
struct texts {
    const char *optimizer, *rate, *schedule, *warmup, *seed, *params, *fingerprint, *scale;
    const char *loss_sum, *seconds, *last_rate;
};

static minnow_status bad(const char *member, const char *text, const char *expected) {
    return fail(MINNOW_ERROR_INPUT, "the checkpoint's %s is \"%.64s\"; expected %s", member, text, expected);
}

static minnow_status read_texts(const struct texts *texts, struct checkpoint_state *state) {
    minnow_training_config *config = &state->config;
    double scale;
    if (strcmp(texts->optimizer, OPTIMIZER) != 0)
        return bad("optimizer", texts->optimizer, OPTIMIZER);
    if (!schedule_parse(texts->schedule, &config->schedule))
        return bad("schedule", texts->schedule, "constant, linear or cosine");
    if (!number_parse_double(texts->rate, &config->learning_rate))
        return bad("learning_rate", texts->rate, "a number");
    if (!number_parse_double(texts->warmup, &config->warmup_epochs))
        return bad("warmup_epochs", texts->warmup, "a number");
    if (!number_parse_u64(texts->seed, &config->seed))
        return bad("seed", texts->seed, "a whole number");
    if (!read_crc32(texts->params, &state->params_crc32))
        return bad("params_crc32", texts->params, "eight hexadecimal digits");
    if (!read_crc32(texts->fingerprint, &state->fingerprint))
        return bad("dataset_crc32", texts->fingerprint, "eight hexadecimal digits");
    if (!number_parse_double(texts->scale, &scale) || !isfinite((float)scale) ||
        (double)(float)scale != scale)
        return bad("feature_scale", texts->scale, "a number of single precision");
    state->scale = (float)scale;
    /* Not necessarily finite: training may be on its way to diverge. */
    if (!number_parse_double(texts->loss_sum, &state->loss_sum) || state->loss_sum < 0.0)
        return bad("loss_sum", texts->loss_sum, "a number, at least 0");
    if (!number_parse_double(texts->seconds, &state->seconds) ||
        !(state->seconds >= 0.0 && state->seconds < 1e15))
        return bad("epoch_seconds", texts->seconds, "a number, at least 0");
    if (!number_parse_double(texts->last_rate, &state->last_rate) || !isfinite(state->last_rate))
        return bad("rate", texts->last_rate, "a number");
    return MINNOW_OK;
}

static minnow_status check_config(const minnow_training_config *config) {
    if (trainer_check_config(config) == MINNOW_OK)
        return MINNOW_OK;
    return fail(MINNOW_ERROR_INPUT, "the checkpoint's %s", minnow_last_error());
}

static minnow_status check_place(const struct checkpoint_state *state) {
    size_t batch = state->config.batch;
    if (state->epoch >= state->config.epochs)
        return fail(MINNOW_ERROR_INPUT, "the checkpoint is of epoch %zu, from 0, of %zu", state->epoch,
                    state->config.epochs);
    if (state->samples == 0 || state->position > state->samples ||
        (state->position % batch != 0 && state->position != state->samples))
        return fail(MINNOW_ERROR_INPUT,
                    "the checkpoint is of sample %zu of %zu, where no mini-batch of %zu ends",
                    state->position, state->samples, batch);
    if (state->correct > state->position)
        return fail(MINNOW_ERROR_INPUT, "the checkpoint has %zu of %zu samples correct", state->correct,
                    state->position);
    return MINNOW_OK;
}

static minnow_status read_object(json_t *object, struct checkpoint_state *state) {
    struct texts texts;
    json_error_t error;
    json_int_t count[6];
    int version, shuffle;
    if (json_unpack_ex(object, &error, 0, "{s:i}", "version", &version) != 0)
        return fail(MINNOW_ERROR_INPUT, "the checkpoint does not tell its version");
    if (version != STATE_VERSION)
        return fail(MINNOW_ERROR_INPUT, "a checkpoint of version %d; this version of minnow reads only %d",
                    version, STATE_VERSION);
    if (json_unpack_ex(
            object, &error, JSON_STRICT,
            "{s:i, s:s, s:I, s:I, s:s, s:s, s:s, s:b, s:s, s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s}",
            "version", &version, "optimizer", &texts.optimizer, "batch", &count[0], "epochs", &count[1],
            "learning_rate", &texts.rate, "schedule", &texts.schedule, "warmup_epochs", &texts.warmup,
            "shuffle", &shuffle, "seed", &texts.seed, "params_crc32", &texts.params, "samples", &count[2],
            "dataset_crc32", &texts.fingerprint, "feature_scale", &texts.scale, "epoch", &count[3],
            "position", &count[4], "correct", &count[5], "loss_sum", &texts.loss_sum, "epoch_seconds",
            &texts.seconds, "rate", &texts.last_rate) != 0)
        return fail(MINNOW_ERROR_INPUT, "the checkpoint's state is not as expected: %s", error.text);
    for (size_t i = 0; i < sizeof count / sizeof count[0]; i++)
        if (count[i] < 0 || (uint64_t)count[i] > SIZE_MAX)
            return fail(MINNOW_ERROR_INPUT, "the checkpoint's state has a count of %" JSON_INTEGER_FORMAT,
                        count[i]);
    minnow_training_config_init(&state->config, sizeof state->config);
    state->config.batch = (size_t)count[0];
    state->config.epochs = (size_t)count[1];
    state->config.shuffle = shuffle != 0;
    state->samples = (size_t)count[2];
    state->epoch = (size_t)count[3];
    state->position = (size_t)count[4];
    state->correct = (size_t)count[5];
    minnow_status status = read_texts(&texts, state);
    if (status == MINNOW_OK)
        status = check_config(&state->config);
    return status == MINNOW_OK ? check_place(state) : status;
}

minnow_status checkpoint_state_parse(const char *text, struct checkpoint_state *out) {
    json_error_t error;
    *out = (struct checkpoint_state){0};
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL)
        return json_error_code(&error) == json_error_out_of_memory
                   ? fail_memory("the state of a checkpoint")
                   : fail(MINNOW_ERROR_INPUT, "the checkpoint's state is not acceptable JSON, byte %d: %s",
                          error.position, error.text);
    minnow_status status = read_object(object, out);
    json_decref(object);
    return status;
}
