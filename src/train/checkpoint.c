/* Saving where training stands, and going on from there. */
#include "train/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/argument.h"
#include "base/crc32.h"
#include "base/sized.h"
#include "base/status.h"
#include "data/augmentation/distortion.h"
#include "model/model.h"
#include "train/config.h"
#include "train/ranks.h"
#include "train/trainer.h"

/* ---- The metadata ---- */

/* Continues a CRC over the keys and values that are the same before and after a model file: the others either
   follow from the rest and are checked against it when it is read, or are added by writing it. */
static uint32_t metadata_crc32(uint32_t crc, const struct metadata *metadata) {
    for (size_t i = 0; i < metadata->count; i++) {
        const struct metadata_entry *entry = &metadata->entries[i];
        if (metadata_is_derived(entry->key) || strcmp(entry->key, "input_scaling") == 0 ||
            strcmp(entry->key, CHECKPOINT_CRC_KEY) == 0)
            continue;
        crc = crc32_bytes(crc, entry->key, strlen(entry->key) + 1);
        crc = crc32_bytes(crc, entry->value, strlen(entry->value) + 1);
    }
    return crc;
}

/* What the network's metadata say, if the file is whole. Errors: INPUT, MEMORY. */
static minnow_status read_checkpoint(const minnow_network *network, struct checkpoint *out) {
    const char *text = metadata_value(&network->metadata, CHECKPOINT_KEY);
    const char *claimed = metadata_value(&network->metadata, CHECKPOINT_CRC_KEY);
    char found[9];
    if (text == NULL || claimed == NULL)
        return fail(MINNOW_ERROR_INPUT, "a model, but no checkpoint: it does not tell where training stands");

    snprintf(found, sizeof found, "%08x", (unsigned)metadata_crc32(0, &network->metadata));
    if (strcmp(found, claimed) != 0)
        return fail(MINNOW_ERROR_INPUT,
                    "the checkpoint's %s is \"%.64s\", but its metadata give %s: the file is damaged",
                    CHECKPOINT_CRC_KEY, claimed, found);

    minnow_status status = checkpoint_parse(text, out);
    if (status != MINNOW_OK)
        return status;
    uint32_t params = minnow_network_params_crc32(network);
    if (params != out->params_crc32)
        return fail(MINNOW_ERROR_INPUT,
                    "the checkpoint is of parameters with the CRC-32 %08x, but the network's have %08x",
                    (unsigned)out->params_crc32, (unsigned)params);
    uint32_t kept = slots_crc32(network->kept);
    if (kept != out->kept_crc32)
        return fail(
            MINNOW_ERROR_INPUT,
            "the checkpoint is of moments and averages with the CRC-32 %08x, but the file's have %08x",
            (unsigned)out->kept_crc32, (unsigned)kept);
    if ((out->state.best_epoch != 0) != (network->kept[SLOT_BEST] != NULL))
        return fail(MINNOW_ERROR_INPUT, "the checkpoint's best epoch is %zu, but it has %s tensors \"best…\"",
                    out->state.best_epoch, network->kept[SLOT_BEST] != NULL ? "the" : "no");
    return MINNOW_OK;
}

minnow_status minnow_checkpoint_config(const minnow_network *network, minnow_training_config *out) {
    if (!GIVEN(network) || !GIVEN(out) || sized_check("training config", out) != MINNOW_OK)
        return MINNOW_ERROR_ARGUMENT;

    struct checkpoint checkpoint;
    minnow_status status = read_checkpoint(network, &checkpoint);
    if (status != MINNOW_OK)
        checkpoint.config = (minnow_training_config){0};
    sized_write(&checkpoint.config, sizeof checkpoint.config, out);
    return status;
}

minnow_status minnow_checkpoint_distortion(const minnow_network *network, minnow_distortion_config *out) {
    if (!GIVEN(network) || !GIVEN(out) || sized_check("distortion config", out) != MINNOW_OK)
        return MINNOW_ERROR_ARGUMENT;

    struct checkpoint checkpoint;
    minnow_status status = read_checkpoint(network, &checkpoint);
    if (status != MINNOW_OK)
        checkpoint.distortion = (minnow_distortion_config){0};
    sized_write(&checkpoint.distortion, sizeof checkpoint.distortion, out);
    return status;
}

/* ---- Saving ---- */

static void describe_data(const minnow_dataset *dataset, uint32_t crc32, struct checkpoint *out) {
    out->samples = dataset->count;
    out->dataset_crc32 = crc32;
    out->weights_crc32 = dataset_weights_crc32(dataset);
    out->feature_scale = dataset->bytes != NULL ? dataset->scale : 1.0f;
}

void trainer_describe(minnow_trainer *trainer, struct checkpoint *out) {
    *out = (struct checkpoint){
        .config = trainer->config,
        .distortion = trainer->distortion,
        .params_crc32 = minnow_network_params_crc32(trainer->network),
        .state = trainer->state,
        .kept_crc32 = slots_crc32(trainer->plan->slots.of),
    };
    if (!trainer->has_dataset_crc32)
        trainer->dataset_crc32 = dataset_crc32(trainer->dataset);
    trainer->has_dataset_crc32 = true;
    describe_data(trainer->dataset, trainer->dataset_crc32, out);
}

/* The two pairs that make the model file a checkpoint. */
static minnow_status make_metadata(minnow_trainer *trainer, struct metadata *out) {
    struct checkpoint checkpoint;
    trainer_describe(trainer, &checkpoint);

    char *text = checkpoint_write(&checkpoint), crc[9];
    if (text == NULL)
        return fail_memory("the state of a checkpoint");

    minnow_status status = metadata_append(out, CHECKPOINT_KEY, text);
    free(text);
    if (status != MINNOW_OK)
        return status;
    snprintf(crc, sizeof crc, "%08x",
             (unsigned)metadata_crc32(metadata_crc32(0, &trainer->network->metadata), out));
    return metadata_append(out, CHECKPOINT_CRC_KEY, crc);
}

static minnow_status save(minnow_trainer *trainer, const char *path) {
    struct metadata extra = {0};
    minnow_status status = make_metadata(trainer, &extra);
    if (status == MINNOW_OK)
        status = safetensors_save(trainer->network, &extra, trainer->plan->slots.of, path);
    metadata_free(&extra);
    return status;
}

/* Rank 0 writes, with the moments that the others own; the others learn whether it could. */
static minnow_status ranks_save(minnow_trainer *trainer, const char *path) {
    struct plan *plan = trainer->plan;
    minnow_status status = MINNOW_OK;
    if (plan->ranks == NULL)
        return save(trainer, path);
    for (enum training_slot slot = SLOT_FIRST; status == MINNOW_OK && slot <= SLOT_SECOND; slot++)
        status = ranks_gather(plan, plan->slots.of[slot]);
    bool writes = plan->ranks->link.rank == 0;
    if (status == MINNOW_OK && writes)
        status = save(trainer, path);
    size_t theirs = ranks_first(plan, (size_t)status);
    if (theirs != MINNOW_OK && !writes && !plan->ranks->link.failed)
        return fail((minnow_status)theirs, "%s: rank 0 could not write it", path);
    return status != MINNOW_OK ? status : link_status(&plan->ranks->link);
}

minnow_status minnow_trainer_save(minnow_trainer *trainer, const char *path) {
    if (!GIVEN(trainer) || !GIVEN(path))
        return MINNOW_ERROR_ARGUMENT;

    if (trainer->set_rate > 0.0)
        return fail(
            MINNOW_ERROR_ARGUMENT,
            "no checkpoint under a learning rate that was set from outside: it would not be kept; set "
            "0 first");
    if (trainer->diverged.minibatch != 0)
        return fail(MINNOW_ERROR_ARGUMENT, "training diverged, and nothing can go on from there");

    if (trainer->steps_before > 0)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "no checkpoint of a run that went on from other samples: it would tell of these alone");

    minnow_trainer_use_average(trainer, false);
    network_forget_checkpoint(trainer->network); /* one that somebody has set by hand */
    return ranks_save(trainer, path);
}

/* ---- Going on ---- */

/* That of the checkpoint, which the caller's must be the same as, if there is one. */
static minnow_status settle_distortion(struct checkpoint *now, const struct checkpoint *recorded) {
    minnow_status status = MINNOW_OK;
    bool both_none = distortion_is_none(&now->distortion) && distortion_is_none(&recorded->distortion);
    if (now->config.distortion != NULL && !both_none)
        status = checkpoint_compare(CHECKPOINT_DISTORTION, now, recorded, "the checkpoint's");
    now->distortion = recorded->distortion;
    now->config.distortion = distortion_is_none(&now->distortion) ? NULL : &now->distortion;
    return status;
}

minnow_status trainer_resume(minnow_network *network, const minnow_dataset *dataset,
                             const minnow_training_config *given, unsigned threads, minnow_trainer **out) {
    *out = NULL;
    struct checkpoint recorded, now = {0};
    minnow_status status = training_config_copy(given, &now.config);
    if (status == MINNOW_OK)
        status = training_config_take_distortion(&now.config, &now.distortion);
    if (status == MINNOW_OK)
        status = read_checkpoint(network, &recorded);
    if (status == MINNOW_OK)
        status = settle_distortion(&now, &recorded);
    if (status == MINNOW_OK)
        status = training_config_check(&now.config);
    if (status == MINNOW_OK)
        status = checkpoint_compare(CHECKPOINT_CONFIG, &now, &recorded, "the checkpoint's");
    if (status == MINNOW_OK)
        status = network_check_data(network, dataset);
    if (status != MINNOW_OK)
        return status;

    describe_data(dataset, dataset_crc32(dataset), &now);
    status = checkpoint_compare(CHECKPOINT_DATA, &now, &recorded, "the checkpoint's");
    if (status == MINNOW_OK)
        status = trainer_create(network, dataset, &now.config, threads, &recorded.state, out);
    if (status == MINNOW_OK) {
        (*out)->dataset_crc32 = now.dataset_crc32;
        (*out)->has_dataset_crc32 = true;
    }
    return status;
}

minnow_status minnow_trainer_resume(minnow_network *network, const minnow_dataset *dataset,
                                    const minnow_training_config *config, minnow_trainer **out) {
    if (!CLEARED(out) || !GIVEN(network) || !GIVEN(dataset) || !GIVEN(config))
        return MINNOW_ERROR_ARGUMENT;

    minnow_comm *comm = training_config_comm(config);
    return trainer_agree(comm, trainer_resume(network, dataset, config, 0, out), out);
}
