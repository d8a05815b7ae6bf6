#include "net/ensemble.h"

#include <stdio.h>
#include <string.h>

#include "base/argument.h"
#include "base/memory.h"
#include "base/status.h"

/* ---- Making one ---- */

static minnow_status create_like(const minnow_network *network, minnow_network **out) {
    size_t sizes[NETWORK_MAX_LAYERS + 1];
    minnow_activation activations[NETWORK_MAX_LAYERS];
    sizes[0] = network->layers[0].inputs;
    for (size_t l = 0; l < network->layer_count; l++) {
        sizes[l + 1] = network->layers[l].outputs;
        activations[l] = network->layers[l].activation;
    }

    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = network->layer_count;
    config.activations = activations;
    config.loss = network->loss;
    config.isa = network->kernels->name;
    return network_create_zero(&config, out);
}

minnow_status network_add_members(minnow_network *network, size_t members) {
    network->others = memory_allocate(members - 1, sizeof *network->others);
    if (network->others == NULL)
        return fail_memory("an ensemble");
    while (network->other_count < members - 1) {
        minnow_status status = create_like(network, &network->others[network->other_count]);
        if (status != MINNOW_OK)
            return status;
        network->other_count++;
    }
    return MINNOW_OK;
}

static minnow_status copy_parameters(const minnow_network *from, minnow_network *to) {
    size_t widest = 0;
    for (size_t l = 0; l < from->layer_count; l++)
        widest = from->layers[l].outputs > widest ? from->layers[l].outputs : widest;
    float *row = memory_allocate(widest, sizeof *row);
    if (row == NULL)
        return fail_memory("an ensemble");

    for (size_t l = 0; l < from->layer_count; l++) {
        for (size_t i = 0; i < from->layers[l].inputs; i++) {
            parameters_read_row(from->parameters, l, i, row);
            parameters_write_row(to->parameters, l, i, row);
        }
        parameters_read_biases(from->parameters, l, row);
        parameters_write_biases(to->parameters, l, row);
    }
    parameters_changed(to->parameters);
    memory_free(row);
    return MINNOW_OK;
}

static bool same_shape(const minnow_network *a, const minnow_network *b) {
    bool same = a->layer_count == b->layer_count && a->loss == b->loss;
    for (size_t l = 0; same && l < a->layer_count; l++)
        same = a->layers[l].inputs == b->layers[l].inputs && a->layers[l].outputs == b->layers[l].outputs &&
               a->layers[l].activation == b->layers[l].activation;
    return same;
}

/* What the first network is known by, but for where its training stands. */
static minnow_status copy_metadata(const minnow_network *from, minnow_network *to) {
    minnow_status status = MINNOW_OK;
    for (size_t i = 0; status == MINNOW_OK && i < from->metadata.count; i++) {
        const struct metadata_entry *entry = &from->metadata.entries[i];
        if (strcmp(entry->key, CHECKPOINT_KEY) != 0 && strcmp(entry->key, CHECKPOINT_CRC_KEY) != 0)
            status = metadata_append(&to->metadata, entry->key, entry->value);
    }
    return status;
}

static minnow_status check_networks(const minnow_network *const *networks, size_t count) {
    if (count < 2 || count > ENSEMBLE_MOST)
        return fail(MINNOW_ERROR_ARGUMENT, "an ensemble of %zu networks, expected 2 to %d", count,
                    ENSEMBLE_MOST);
    for (size_t i = 0; i < count; i++) {
        if (networks[i] == NULL)
            return fail(MINNOW_ERROR_ARGUMENT, "minnow_ensemble_create: network %zu is NULL", i);
        if (networks[i]->other_count > 0)
            return fail(MINNOW_ERROR_ARGUMENT, "network %zu of the ensemble is an ensemble itself", i);
        if (!same_shape(networks[0], networks[i]))
            return fail(
                MINNOW_ERROR_ARGUMENT,
                "network %zu of the ensemble has other sizes, activations or another loss than the first", i);
    }
    return MINNOW_OK;
}

minnow_status minnow_ensemble_create(const minnow_network *const *networks, size_t count,
                                     minnow_network **out) {
    if (!CLEARED(out) || !GIVEN(networks))
        return MINNOW_ERROR_ARGUMENT;
    minnow_status status = check_networks(networks, count);
    minnow_network *made = NULL;
    if (status == MINNOW_OK)
        status = create_like(networks[0], &made);
    if (status == MINNOW_OK)
        status = network_add_members(made, count);
    if (status == MINNOW_OK)
        status = copy_metadata(networks[0], made);
    if (status == MINNOW_OK)
        status = copy_parameters(networks[0], made);
    for (size_t i = 1; status == MINNOW_OK && i < count; i++)
        status = copy_parameters(networks[i], made->others[i - 1]);

    if (status == MINNOW_OK)
        *out = made;
    else
        minnow_network_free(made);
    return status;
}

/* ---- Looking at it ---- */

size_t minnow_network_member_count(const minnow_network *network) {
    return GIVEN(network) ? network_members(network) : 0;
}

const minnow_network *minnow_network_member(const minnow_network *network, size_t index) {
    if (!GIVEN(network))
        return NULL;
    if (index < network_members(network))
        return network_member(network, index);
    fail(MINNOW_ERROR_ARGUMENT, "minnow_network_member: index is %zu, expected 0 to %zu", index,
         network->other_count);
    return NULL;
}

minnow_status network_check_single(const minnow_network *network, const char *what) {
    if (network->other_count == 0)
        return MINNOW_OK;
    return fail(MINNOW_ERROR_ARGUMENT, "%s takes one network; this is an ensemble of %zu", what,
                network_members(network));
}

void network_member_prefix(const minnow_network *network, size_t index, char text[ENSEMBLE_PREFIX]) {
    text[0] = '\0';
    if (network->other_count > 0)
        snprintf(text, ENSEMBLE_PREFIX, "members.%zu.", index);
}

/* ---- Running it ---- */

float *network_ensemble_logits(const minnow_network *network, size_t m, float *sum,
                               float *(*run)(const minnow_network *member, size_t m, const void *input,
                                             float *scratch),
                               const void *input, float *scratch) {
    size_t widest = network_widest(network), outputs = network_last_layer(network)->outputs;
    size_t members = network_members(network);
    for (size_t k = 0; k < members; k++) {
        const minnow_network *member = network_member(network, k);
        float *z = run(member, m, input, scratch);
        network_output_activation(member, m, z, widest);
        for (size_t i = 0; i < m; i++)
            for (size_t o = 0; o < outputs; o++)
                sum[i * widest + o] = (k > 0 ? sum[i * widest + o] : 0.0f) + z[i * widest + o];
    }

    for (size_t i = 0; i < m; i++)
        for (size_t o = 0; o < outputs; o++)
            sum[i * widest + o] /= (float)members;
    loss_rows[network->loss].logits(network->kernels, m, outputs, sum, widest);
    return sum;
}
