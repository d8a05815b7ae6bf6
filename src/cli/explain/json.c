/* The walk as one object of JSON, with every number of it. */
#include <stdlib.h>

#include "cli/explain/explain.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_names.h"

static void print_text(const char *key, const char *text) {
    json_t *string = json_string(text);
    char *quoted = string != NULL ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
    print("\"%s\":%s,", key, quoted != NULL ? quoted : "null"); /* a name need not be UTF-8 */
    free(quoted);
    json_decref(string);
}

static void print_number(const char *key, float value) {
    print(",\"%s\":", key);
    print_json_float(value);
}

static void print_array(const char *key, const float *values, size_t count) {
    print(",\"%s\":", key);
    print_json_floats(values, count, 1);
}

/* A row for each unit, of what goes into it, as the book has W; in memory it is a column. */
static void print_matrix(const char *key, const float *matrix, const struct walk_layer *layer) {
    print(",\"%s\":[", key);
    for (size_t j = 0; j < layer->outputs; j++) {
        print("%s", j > 0 ? "," : "");
        print_json_floats(matrix + j, layer->inputs, layer->outputs);
    }
    print("]");
}

static void print_layer(const struct walk *walk, size_t l) {
    const struct walk_layer *layer = &walk->layers[l];
    const char *activation = l + 1 == walk->layer_count
                                 ? loss_formulas[minnow_network_loss(walk->network)].outputs
                                 : activation_row(minnow_network_activation(walk->network, l))->name;
    print("%s{\"layer\":%zu,\"inputs\":%zu,\"outputs\":%zu,\"activation\":\"%s\"", l > 0 ? "," : "", l + 1,
          layer->inputs, layer->outputs, activation);
    print_matrix("weights", layer->weights, layer);
    print_array("biases", layer->biases, layer->outputs);
    print_array("z", layer->sums, layer->outputs);
    print_array("a", layer->activations, layer->outputs);
    print_array("delta", layer->deltas, layer->outputs);
    print_matrix("weight_gradient", layer->weight_gradient, layer);
    print_array("bias_gradient", layer->bias_gradient, layer->outputs);
    print("}");
}

static void print_double(const char *key, double value) {
    print(",\"%s\":", key);
    print_json_double(value);
}

static void print_followed(const struct walk *walk) {
    const struct followed *followed = &walk->followed;
    print(",\"weight\":{\"layer\":%zu,\"unit\":%zu,\"input\":%zu", followed->layer + 1, followed->unit,
          followed->input);
    print_number("value", followed->weight);
    print_number("gradient", followed->gradient);
    print_double("h", followed->step);
    print_double("central_difference", followed->difference);
    print_double("relative_error", followed->error);
    print_number("after_step", followed->after);
    print("}");
}

static void print_step(const struct walk *walk) {
    print(",\"step\":{\"rate\":");
    print_json_double(walk->learning_rate);
    print_number("loss", walk->loss_after);
    print_array("a", walk->outputs_after, walk_last(walk)->outputs);
    print("}");
}

/* Of a picture, rows and columns of the map; else one value for each column of a table, or for each input. */
static void print_occlusion(const struct walk *walk) {
    const struct occlusion *map = &walk->occlusion;
    print(",\"occlusion\":{\"output\":%zu", walk->answer);
    if (map->rows > 0)
        print(",\"rows\":%zu,\"columns\":%zu,\"patch\":%zu,\"stride\":%zu", map->rows, map->columns,
              map->patch, map->stride);
    print_array("change", map->change, map->count);
    print("}");
}

static void print_sample(const struct walk *walk) {
    const struct explain_sample *sample = &walk->sample;
    char number[CLASS_NUMBER_TEXT];
    print_text("model", walk->model);
    print_text("input", sample->name);
    print("\"index\":%zu,", sample->index);
    if (sample->targets == NULL) {
        print("\"label\":%u,", (unsigned)sample->label);
        print_text("class", class_name(walk->names, sample->label, number));
    }
    print("\"assumed\":%s", sample->assumed ? "true" : "false");
    if (sample->targets != NULL)
        print_array("targets", sample->targets, walk_last(walk)->outputs);
    if (walk->height > 0)
        print(",\"shape\":[%zu,%zu,%zu]", walk->height, walk->width, walk->channels);
}

void explain_print_json(const struct walk *walk) {
    size_t inputs = walk->layers[0].inputs;
    print("{");
    print_sample(walk);
    print(",\"loss\":\"%s\",\"isa\":\"%s\"", loss_row(minnow_network_loss(walk->network))->name,
          minnow_network_isa(walk->network));
    print_array("a0", walk->sample.values, inputs);
    print(",\"layers\":[");
    for (size_t l = 0; l < walk->layer_count; l++)
        print_layer(walk, l);
    print("]");
    print_number("C", walk->loss);
    print(",\"predicted\":%zu", walk->guess);
    print_array("input_gradient", walk->input_gradient, inputs);
    print_array("gradient_times_input", walk->importance, inputs);
    print_followed(walk);
    print_step(walk);
    print_occlusion(walk);
    print("}\n");
}
