/* The walk: everything is asked of the engine, whose floats are those of training on this sample alone. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "cli/explain/explain.h"
#include "cli/frame/terminal.h"

/* ---- Memory ---- */

static float *floats(size_t count) {
    return memory_allocate(count, sizeof(float));
}

static bool layer_open(const minnow_network *network, size_t l, struct walk_layer *layer) {
    size_t inputs = minnow_network_layer_size(network, l),
           outputs = minnow_network_layer_size(network, l + 1);
    *layer = (struct walk_layer){.inputs = inputs,
                                 .outputs = outputs,
                                 .activation = network_kernel_activation(network, l),
                                 .weights = floats(inputs * outputs),
                                 .biases = floats(outputs),
                                 .sums = floats(outputs),
                                 .activations = floats(outputs),
                                 .deltas = floats(outputs),
                                 .weight_gradient = floats(inputs * outputs),
                                 .bias_gradient = floats(outputs)};
    return layer->weights != NULL && layer->biases != NULL && layer->sums != NULL &&
           layer->activations != NULL && layer->deltas != NULL && layer->weight_gradient != NULL &&
           layer->bias_gradient != NULL;
}

static minnow_status walk_open(struct walk *walk) {
    bool there = true;
    walk->layer_count = minnow_network_layer_count(walk->network);
    for (size_t l = 0; l < walk->layer_count && there; l++)
        there = layer_open(walk->network, l, &walk->layers[l]);
    size_t inputs = walk->layers[0].inputs;
    walk->input_gradient = floats(inputs);
    walk->importance = floats(inputs);
    walk->outputs_after = floats(minnow_network_layer_size(walk->network, walk->layer_count));
    there = there && walk->input_gradient != NULL && walk->importance != NULL && walk->outputs_after != NULL;
    return there ? MINNOW_OK : fail_memory(walk->model);
}

void walk_free(struct walk *walk) {
    for (size_t l = 0; l < walk->layer_count; l++) {
        struct walk_layer *layer = &walk->layers[l];
        float *parts[] = {layer->weights, layer->biases,          layer->sums,         layer->activations,
                          layer->deltas,  layer->weight_gradient, layer->bias_gradient};
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            memory_free(parts[i]);
    }
    memory_free(walk->input_gradient);
    memory_free(walk->importance);
    memory_free(walk->outputs_after);
    memory_free(walk->occlusion.change);
    explain_sample_free(&walk->sample);
    encoder_free(walk->encoder);
    json_decref(walk->names);
}

/* ---- Forward and backward ---- */

static minnow_status run_trace(struct walk *walk) {
    float *to[5][NETWORK_MAX_LAYERS];
    for (size_t l = 0; l < walk->layer_count; l++) {
        struct walk_layer *layer = &walk->layers[l];
        to[0][l] = layer->sums;
        to[1][l] = layer->activations;
        to[2][l] = layer->deltas;
        to[3][l] = layer->weight_gradient;
        to[4][l] = layer->bias_gradient;
    }

    minnow_trace trace;
    minnow_trace_init(&trace, sizeof trace);
    trace.label = walk->sample.label;
    trace.targets = walk->sample.targets;
    trace.sums = to[0];
    trace.activations = to[1];
    trace.deltas = to[2];
    trace.weight_gradients = to[3];
    trace.bias_gradients = to[4];
    trace.input_gradient = walk->input_gradient;
    minnow_status status = minnow_network_trace(walk->network, walk->sample.values, &trace);
    walk->loss = trace.loss;
    return status;
}

static minnow_status run_forward(struct walk *walk) {
    minnow_status status = MINNOW_OK;
    for (size_t l = 0; l < walk->layer_count && status == MINNOW_OK; l++)
        status = minnow_network_get_layer(walk->network, l, walk->layers[l].weights, walk->layers[l].biases);
    if (status == MINNOW_OK)
        status = run_trace(walk);
    for (size_t i = 0; i < walk->layers[0].inputs; i++)
        walk->importance[i] = -walk->sample.values[i] * walk->input_gradient[i];
    return status;
}

float walk_slope(const struct walk *walk, size_t layer, size_t unit) {
    const struct walk_layer *of = &walk->layers[layer];
    bool needs_sums = activation_derivative_needs_input(of->activation);
    float one = 1.0F, slope;
    walk->network->kernels->input_gradient_one(1, 1, &one, &one, 1, of->activation,
                                               needs_sums ? &of->sums[unit] : &of->activations[unit], &slope);
    return slope;
}

float walk_asked(const struct walk *walk, size_t layer, size_t unit) {
    const struct walk_layer *next = &walk->layers[layer + 1];
    float asked;
    walk->network->kernels->input_gradient_one(next->outputs, 1, next->deltas,
                                               next->weights + unit * next->outputs, 1, ACTIVATION_IDENTITY,
                                               NULL, &asked);
    return asked;
}

/* ---- The weight that is followed ---- */

static size_t largest(const float *values, size_t count, size_t but) {
    size_t found = but == 0 && count > 1 ? 1 : 0;
    for (size_t i = 0; i < count; i++)
        if (i != but && fabsf(values[i]) > fabsf(values[found]))
            found = i;
    return found;
}

/* The one of the first layer with the largest gradient, as its way back is the longest. But where a network is nearly
   sure of the right class, that output's delta, a - y, is a difference of two floats that are nearly equal, and has lost
   most of its digits; and so has all that follows from it, of which no difference could be compared. Then it is one that
   leads to another class, whose delta, a - 0, is exact. */
static void choose_weight(struct walk *walk) {
    const float fewest_digits = 3e-3F;
    const struct walk_layer *last = walk_last(walk);
    bool sure = walk->sample.targets == NULL && last->outputs > 1 &&
                fabsf(last->deltas[walk->answer]) < fewest_digits;
    size_t l = sure ? walk->layer_count - 1 : 0;
    walk->followed = (struct followed){
        .layer = l,
        .unit = largest(walk->layers[l].deltas, walk->layers[l].outputs, sure ? walk->answer : SIZE_MAX),
        .input = largest(walk_into(walk, l), walk->layers[l].inputs, SIZE_MAX)};
}

/* "LAYER,UNIT,INPUT", the layer from 1 as in the book's notation, the others from 0. */
static int take_weight(struct walk *walk, const char *text) {
    uint64_t number[3] = {0};
    const char *at = text;
    size_t count = 0;
    for (; count < 3 && *at != '\0'; count++) {
        char part[24];
        size_t length = strcspn(at, ",");
        snprintf(part, sizeof part, "%.*s", (int)size_min(length, sizeof part - 1), at);
        if (!number_parse_u64(part, &number[count]))
            break;
        at += length;
        at += *at == ',' && count < 2 ? 1 : 0;
    }
    size_t l = (size_t)number[0] - 1;
    if (count != 3 || *at != '\0' || number[0] < 1 || number[0] > walk->layer_count ||
        number[1] >= walk->layers[l].outputs || number[2] >= walk->layers[l].inputs)
        return problem(
            STATUS_USAGE,
            "explain: --weight %s: expected LAYER,UNIT,INPUT: a layer from 1 to %zu, and a unit of it "
            "and what it takes, both from 0",
            text, walk->layer_count);
    walk->followed = (struct followed){.layer = l, .unit = (size_t)number[1], .input = (size_t)number[2]};
    return STATUS_SUCCESS;
}

static int follow_weight(struct walk *walk, const char *given) {
    int status = STATUS_SUCCESS;
    if (given != NULL)
        status = take_weight(walk, given);
    else
        choose_weight(walk);
    if (status != STATUS_SUCCESS)
        return status;

    struct followed *followed = &walk->followed;
    const struct walk_layer *layer = &walk->layers[followed->layer];
    followed->weight = walk_weight(layer, followed->unit, followed->input);
    followed->gradient = layer->weight_gradient[followed->input * layer->outputs + followed->unit];
    minnow_status checked = difference_check(walk);
    return checked == MINNOW_OK ? STATUS_SUCCESS : report(checked);
}

/* ---- One step ---- */

static minnow_status make_dataset(const struct walk *walk, minnow_dataset **out) {
    const struct explain_sample *sample = &walk->sample;
    size_t classes = walk_last(walk)->outputs;
    uint32_t label = sample->targets == NULL ? sample->label : 0;
    minnow_status status =
        minnow_dataset_from_floats(sample->values, &label, 1, walk->layers[0].inputs, classes, out);
    if (status == MINNOW_OK && sample->targets != NULL)
        status = minnow_dataset_set_targets(*out, sample->targets, classes);
    return status;
}

/* A mini-batch of the sample alone, by the trainer. A rate that is much too large is the user's to see. */
static minnow_status train(struct walk *walk, minnow_network *network, const minnow_dataset *dataset) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = config.epochs = 1;
    config.learning_rate = walk->learning_rate;
    config.schedule = MINNOW_SCHEDULE_CONSTANT;
    config.shuffle = false;
    config.threads = 1;
    minnow_trainer *trainer;
    minnow_status status = minnow_trainer_create(network, dataset, &config, &trainer);
    if (status == MINNOW_OK)
        status = minnow_trainer_advance(trainer, 0, NULL);
    minnow_trainer_free(trainer);
    return status == MINNOW_ERROR_DIVERGED ? MINNOW_OK : status;
}

static minnow_status take_step(struct walk *walk, minnow_network *network) {
    minnow_dataset *dataset;
    minnow_status status = make_dataset(walk, &dataset);
    if (status == MINNOW_OK)
        status = train(walk, network, dataset);
    minnow_dataset_free(dataset);
    if (status != MINNOW_OK)
        return status;

    float *outputs[NETWORK_MAX_LAYERS] = {0};
    outputs[walk->layer_count - 1] = walk->outputs_after;
    minnow_trace trace;
    minnow_trace_init(&trace, sizeof trace);
    trace.label = walk->sample.label;
    trace.targets = walk->sample.targets;
    trace.activations = outputs;
    status = minnow_network_trace(network, walk->sample.values, &trace);
    walk->loss_after = trace.loss;

    struct followed *followed = &walk->followed;
    struct matrix weights = parameters_weights(network->parameters, followed->layer);
    followed->after = weights.data[followed->input * weights.stride + followed->unit];
    return status;
}

/* ---- All of it ---- */

/* The output to look at: the label's, or the one that is to be the largest. */
static size_t find_answer(const struct walk *walk) {
    const struct explain_sample *sample = &walk->sample;
    size_t answer = 0;
    if (sample->targets == NULL)
        return sample->label;
    for (size_t j = 1; j < walk_last(walk)->outputs; j++)
        answer = sample->targets[j] > sample->targets[answer] ? j : answer;
    return answer;
}

int walk_make(struct walk *walk, minnow_network *network, const struct explain_settings *settings) {
    walk->network = network;
    walk->learning_rate = settings->learning_rate;
    minnow_status status = walk_open(walk);
    if (status == MINNOW_OK)
        status = run_forward(walk);
    if (status != MINNOW_OK)
        return report(status);

    walk->answer = find_answer(walk);
    for (size_t j = 1; j < walk_last(walk)->outputs; j++)
        walk->guess =
            walk_last(walk)->activations[j] > walk_last(walk)->activations[walk->guess] ? j : walk->guess;
    int exit_status = follow_weight(walk, settings->weight);
    if (exit_status != STATUS_SUCCESS)
        return exit_status;

    status = occlusion_make(walk);
    if (status == MINNOW_OK)
        status = take_step(walk, network);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}
