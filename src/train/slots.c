#include "train/slots.h"

#include "base/byte_order.h"
#include "base/crc32.h"
#include "base/status.h"
#include "train/optimizers.h"

bool slot_needed(const minnow_training_config *config, enum training_slot slot) {
    enum update_rule rule = optimizer_rows[config->optimizer].rule;
    switch (slot) {
    case SLOT_FIRST:
        return update_keeps_first(rule);
    case SLOT_SECOND:
        return update_keeps_second(rule);
    case SLOT_AVERAGE:
        return config->ema > 0.0;
    case SLOT_GRADIENT:
        return config->clip_norm > 0.0;
    case SLOT_BEST: /* once somebody has found any to be */
    case SLOT_COUNT:
        break;
    }
    return false;
}

minnow_status slots_create(const minnow_network *network, const minnow_training_config *config,
                           struct slots *out) {
    *out = (struct slots){0};
    minnow_status status = MINNOW_OK;
    for (enum training_slot slot = 0; status == MINNOW_OK && slot < SLOT_COUNT; slot++)
        if (slot_needed(config, slot))
            status = parameters_create_beside(network->parameters, &out->of[slot]);
    if (status != MINNOW_OK)
        slots_free(out);
    return status;
}

void slots_free(struct slots *slots) {
    for (enum training_slot slot = 0; slot < SLOT_COUNT; slot++)
        parameters_free(slots->of[slot]);
    *slots = (struct slots){0};
}

minnow_status slots_keep_best(struct slots *slots, const struct parameters *parameters) {
    struct parameters **best = &slots->of[SLOT_BEST];
    minnow_status status = *best == NULL ? parameters_create_beside(parameters, best) : MINNOW_OK;
    if (status == MINNOW_OK)
        parameters_copy(parameters, *best);
    return status;
}

minnow_status slots_copy_kept(struct slots *slots, const minnow_network *network) {
    if (network->kept[SLOT_BEST] != NULL) {
        minnow_status status = slots_keep_best(slots, network->kept[SLOT_BEST]);
        if (status != MINNOW_OK)
            return status;
    }
    for (size_t i = 0; i < NETWORK_KEPT; i++) {
        if ((slots->of[i] != NULL) != (network->kept[i] != NULL))
            return fail(MINNOW_ERROR_INPUT, "the checkpoint %s tensors \"%s…\", which its run %s",
                        network->kept[i] != NULL ? "has" : "lacks", network_kept_names[i],
                        slots->of[i] != NULL ? "needs" : "does not need");
        if (slots->of[i] != NULL)
            parameters_copy(network->kept[i], slots->of[i]);
    }
    return MINNOW_OK;
}

uint32_t slots_crc32(struct parameters *const kept[NETWORK_KEPT]) {
    uint32_t crc = 0;
    for (size_t i = 0; i < NETWORK_KEPT; i++) {
        uint8_t bytes[4];
        if (kept[i] == NULL)
            continue;
        store_le32(bytes, parameters_crc32(kept[i]));
        crc = crc32_bytes(crc, bytes, sizeof bytes);
    }
    return crc;
}

static float *weights_of(const struct parameters *parameters, size_t layer) {
    return parameters != NULL ? parameters_weights(parameters, layer).data : NULL;
}

static float *biases_of(const struct parameters *parameters, size_t layer) {
    return parameters != NULL ? parameters_biases(parameters, layer) : NULL;
}

struct trained slots_weights(const struct slots *slots, const minnow_network *network, size_t layer) {
    return (struct trained){
        .w = weights_of(network->parameters, layer),
        .first = weights_of(slots->of[SLOT_FIRST], layer),
        .second = weights_of(slots->of[SLOT_SECOND], layer),
        .average = weights_of(slots->of[SLOT_AVERAGE], layer),
        .ld = parameters_weights(network->parameters, layer).stride,
    };
}

struct trained slots_biases(const struct slots *slots, const minnow_network *network, size_t layer) {
    return (struct trained){
        .w = biases_of(network->parameters, layer),
        .first = biases_of(slots->of[SLOT_FIRST], layer),
        .second = biases_of(slots->of[SLOT_SECOND], layer),
        .average = biases_of(slots->of[SLOT_AVERAGE], layer),
        .ld = network->layers[layer].outputs,
    };
}
