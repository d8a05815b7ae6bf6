/* Saving where training stands, and going on from there. */
#include "train/checkpoint.h"

#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/sized.h"
#include "base/status.h"
#include "train/schedule.h"
#include "train/trainer.h"

/* ---- The metadata ---- */

void checkpoint_forget(minnow_network *network) {
    /* Removing cannot fail. */
    (void)minnow_network_set_metadata(network, CHECKPOINT_KEY, NULL);
    (void)minnow_network_set_metadata(network, CHECKPOINT_CRC_KEY, NULL);
}

/* Of the keys and values that are the same before and after a model file: the others either follow from the
   rest and are checked against it when it is read, or are added by writing it. */
static void metadata_crc32(const minnow_network *network, char text[9]) {
    uint32_t crc = 0;
    for (size_t i = 0; i < network->metadata.count; i++) {
        const struct metadata_entry *entry = &network->metadata.entries[i];
        if (metadata_is_derived(entry->key) || strcmp(entry->key, "input_scaling") == 0 ||
            strcmp(entry->key, CHECKPOINT_CRC_KEY) == 0)
            continue;
        crc = libdeflate_crc32(crc, entry->key, strlen(entry->key) + 1);
        crc = libdeflate_crc32(crc, entry->value, strlen(entry->value) + 1);
    }
    snprintf(text, 9, "%08x", (unsigned)crc);
}

/* Errors: INPUT, MEMORY. */
static minnow_status read_state(const minnow_network *network, struct checkpoint_state *out) {
    const char *text = minnow_network_metadata(network, CHECKPOINT_KEY);
    const char *claimed = minnow_network_metadata(network, CHECKPOINT_CRC_KEY);
    char found[9];
    if (text == NULL || claimed == NULL)
        return fail(MINNOW_ERROR_INPUT, "a model, but no checkpoint: it does not tell where training stands");
    metadata_crc32(network, found);
    if (strcmp(found, claimed) != 0)
        return fail(MINNOW_ERROR_INPUT,
                    "the checkpoint's %s is \"%.64s\", but its metadata give %s: the file is damaged",
                    CHECKPOINT_CRC_KEY, claimed, found);
    minnow_status status = checkpoint_state_parse(text, out);
    if (status != MINNOW_OK)
        return status;
    uint32_t params = minnow_network_params_crc32(network);
    if (params != out->params_crc32)
        return fail(MINNOW_ERROR_INPUT,
                    "the checkpoint is of parameters with the CRC-32 %08x, but the network's have %08x",
                    (unsigned)out->params_crc32, (unsigned)params);
    return MINNOW_OK;
}

minnow_status minnow_checkpoint_config(const minnow_network *network, minnow_training_config *out) {
    struct checkpoint_state state;
    minnow_status status = read_state(network, &state);
    if (status != MINNOW_OK)
        state.config = (minnow_training_config){0};
    sized_write(&state.config, sizeof state.config, out);
    return status;
}

/* ---- Saving ---- */

static uint32_t fingerprint(minnow_trainer *trainer) {
    if (!trainer->has_fingerprint)
        trainer->fingerprint = dataset_crc32(trainer->dataset);
    trainer->has_fingerprint = true;
    return trainer->fingerprint;
}

static float feature_scale(const minnow_dataset *dataset) {
    return dataset->bytes != NULL ? dataset->scale : 1.0f;
}

static minnow_status record(minnow_trainer *trainer) {
    struct checkpoint_state state = {
        .config = trainer->config,
        .params_crc32 = minnow_network_params_crc32(trainer->network),
        .samples = trainer->dataset->count,
        .fingerprint = fingerprint(trainer),
        .scale = feature_scale(trainer->dataset),
        .epoch = trainer->epoch,
        .position = trainer->position,
        .correct = trainer->correct,
        .loss_sum = trainer->loss_sum,
        .seconds = trainer->seconds,
        .last_rate = trainer->last_rate,
    };
    char *text = checkpoint_state_write(&state), crc[9];
    if (text == NULL)
        return fail_memory("the state of a checkpoint");
    minnow_status status = minnow_network_set_metadata(trainer->network, CHECKPOINT_KEY, text);
    free(text);
    if (status != MINNOW_OK)
        return status;
    metadata_crc32(trainer->network, crc);
    return minnow_network_set_metadata(trainer->network, CHECKPOINT_CRC_KEY, crc);
}

minnow_status minnow_trainer_save(minnow_trainer *trainer, const char *path) {
    checkpoint_forget(trainer->network);
    minnow_status status = record(trainer);
    if (status == MINNOW_OK)
        status = minnow_network_save(trainer->network, path);
    checkpoint_forget(trainer->network);
    return status;
}

/* ---- Going on ---- */

static minnow_status contradiction(const char *what, const char *given, const char *recorded) {
    return fail(MINNOW_ERROR_ARGUMENT, "%s is %s, but the checkpoint's is %s", what, given, recorded);
}

static minnow_status compare_counts(const char *what, uint64_t given, uint64_t recorded) {
    char a[24], b[24];
    snprintf(a, sizeof a, "%llu", (unsigned long long)given);
    snprintf(b, sizeof b, "%llu", (unsigned long long)recorded);
    return given == recorded ? MINNOW_OK : contradiction(what, a, b);
}

static minnow_status compare_reals(const char *what, double given, double recorded) {
    char a[NUMBER_TEXT], b[NUMBER_TEXT];
    snprintf(a, sizeof a, "%.17g", given);
    snprintf(b, sizeof b, "%.17g", recorded);
    return given == recorded ? MINNOW_OK : contradiction(what, a, b);
}

static minnow_status compare_crcs(const char *what, uint32_t given, uint32_t recorded) {
    char a[9], b[9];
    snprintf(a, sizeof a, "%08x", (unsigned)given);
    snprintf(b, sizeof b, "%08x", (unsigned)recorded);
    return given == recorded ? MINNOW_OK : contradiction(what, a, b);
}

static minnow_status compare_configs(const minnow_training_config *given,
                                     const minnow_training_config *recorded) {
    minnow_status status = compare_counts("the batch", given->batch, recorded->batch);
    if (status == MINNOW_OK)
        status = compare_counts("the number of epochs", given->epochs, recorded->epochs);
    if (status == MINNOW_OK)
        status = compare_reals("the learning rate", given->learning_rate, recorded->learning_rate);
    if (status == MINNOW_OK && given->schedule != recorded->schedule)
        status =
            contradiction("the schedule", schedule_name(given->schedule), schedule_name(recorded->schedule));
    if (status == MINNOW_OK)
        status = compare_reals("the warm-up, in epochs,", given->warmup_epochs, recorded->warmup_epochs);
    if (status == MINNOW_OK && given->shuffle != recorded->shuffle)
        status = contradiction("shuffling", given->shuffle ? "on" : "off", recorded->shuffle ? "on" : "off");
    if (status == MINNOW_OK)
        status = compare_counts("the seed", given->seed, recorded->seed);
    return status;
}

static minnow_status compare_data(minnow_trainer *trainer, const struct checkpoint_state *state) {
    const minnow_dataset *dataset = trainer->dataset;
    minnow_status status = compare_counts("the number of training samples", dataset->count, state->samples);
    if (status == MINNOW_OK)
        status =
            compare_reals("the scale of the features", (double)feature_scale(dataset), (double)state->scale);
    if (status == MINNOW_OK)
        status = compare_crcs("the CRC-32 of the training data", fingerprint(trainer), state->fingerprint);
    return status;
}

static void restore(minnow_trainer *trainer, const struct checkpoint_state *state) {
    trainer->epoch = state->epoch;
    trainer->position = state->position;
    trainer->correct = state->correct;
    trainer->loss_sum = state->loss_sum;
    trainer->seconds = state->seconds;
    trainer->last_rate = state->last_rate;
    trainer_begin_epoch(trainer);
}

minnow_status trainer_resume(minnow_network *network, const minnow_dataset *dataset,
                             const minnow_training_config *given, unsigned threads, minnow_trainer **out) {
    *out = NULL;
    struct checkpoint_state state;
    minnow_training_config own, *config = &own;
    minnow_training_config_init(&own, sizeof own);
    minnow_status status = sized_read("training config", given, &own, sizeof own);
    if (status == MINNOW_OK)
        status = read_state(network, &state);
    if (status == MINNOW_OK)
        status = trainer_check_config(config);
    if (status == MINNOW_OK)
        status = compare_configs(config, &state.config);
    minnow_trainer *trainer = NULL;
    if (status == MINNOW_OK)
        status = trainer_create(network, dataset, config, threads, &trainer);
    if (status == MINNOW_OK)
        status = compare_data(trainer, &state);
    if (status != MINNOW_OK) {
        minnow_trainer_free(trainer);
        return status;
    }
    restore(trainer, &state);
    checkpoint_forget(network);
    *out = trainer;
    return MINNOW_OK;
}

minnow_status minnow_trainer_resume(minnow_network *network, const minnow_dataset *dataset,
                                    const minnow_training_config *config, minnow_trainer **out) {
    return trainer_resume(network, dataset, config, 0, out);
}
