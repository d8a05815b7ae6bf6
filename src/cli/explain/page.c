/* The walk as a page: its data, behind which walk.html, walk.css and walk.js show them. */
#include "base/memory.h"
#include "base/status.h"
#include "cli/explain/explain.h"
#include "cli/pages/pages.h"

/* So many units of a layer are shown at most, and so many of their weights come along in all. */
enum { UNITS_MOST = 512, WEIGHTS_MOST = 1 << 20, NAMES_MOST = 4096 };

static void write_count(struct output *output, const char *key, size_t value) {
    page_write_key(output, false, key);
    output_printf(output, "%zu", value);
}

static void write_text(struct output *output, const char *key, const char *text) {
    page_write_key(output, false, key);
    page_write_text(output, text);
}

static void write_floats(struct output *output, const char *key, const float *values, size_t count) {
    page_write_key(output, false, key);
    page_write_floats(output, values, count);
}

static void write_number(struct output *output, const char *key, double value) {
    page_write_key(output, false, key);
    page_write_number(output, value);
}

/* ---- Layers ---- */

/* The units that are shown and their weights, a row for each; and f'(z) of each unit of the layer. */
static minnow_status write_units(struct output *output, const struct walk *walk, size_t l) {
    const struct walk_layer *layer = &walk->layers[l];
    size_t share = WEIGHTS_MOST / walk->layer_count / layer->inputs, count;
    size_t *units = explain_units(walk, l, size_min(UNITS_MOST, share > 4 ? share : 4), &count);
    float *weights = memory_allocate(count * layer->inputs, sizeof *weights);
    float *slopes = memory_allocate(layer->outputs, sizeof *slopes);
    minnow_status status =
        units != NULL && weights != NULL && slopes != NULL ? MINNOW_OK : fail_memory("a page");

    page_write_key(output, false, "units");
    for (size_t n = 0; n < count && status == MINNOW_OK; n++) {
        output_printf(output, "%s%zu", n > 0 ? "," : "[", units[n]);
        for (size_t i = 0; i < layer->inputs; i++)
            weights[n * layer->inputs + i] = walk_weight(layer, units[n], i);
    }
    output_printf(output, "]");
    if (status == MINNOW_OK)
        write_floats(output, "weights", weights, count * layer->inputs);
    for (size_t j = 0; j < layer->outputs && status == MINNOW_OK && l + 1 < walk->layer_count; j++)
        slopes[j] = walk_slope(walk, l, j);
    if (status == MINNOW_OK && l + 1 < walk->layer_count)
        write_floats(output, "slopes", slopes, layer->outputs);
    memory_free(units);
    memory_free(weights);
    memory_free(slopes);
    return status;
}

static minnow_status write_layer(struct output *output, const struct walk *walk, size_t l) {
    const struct walk_layer *layer = &walk->layers[l];
    bool last = l + 1 == walk->layer_count;
    minnow_activation activation = minnow_network_activation(walk->network, l);
    output_printf(output, "%s{\"inputs\":%zu,\"outputs\":%zu", l > 0 ? "," : "", layer->inputs,
                  layer->outputs);
    write_text(output, "activation",
               last ? loss_formulas[minnow_network_loss(walk->network)].outputs
                    : activation_row(activation)->name);
    write_text(output, "slope", last ? NULL : activation_formulas[activation].slope);
    write_floats(output, "biases", layer->biases, layer->outputs);
    write_floats(output, "z", layer->sums, layer->outputs);
    write_floats(output, "a", layer->activations, layer->outputs);
    write_floats(output, "delta", layer->deltas, layer->outputs);
    minnow_status status = write_units(output, walk, l);
    output_printf(output, "}");
    return status;
}

/* ---- The rest ---- */

static void write_names(struct output *output, const struct walk *walk) {
    page_write_key(output, false, "names");
    if (walk->names == NULL) {
        page_write_text(output, NULL);
        return;
    }
    for (size_t c = 0; c < json_array_size(walk->names); c++) {
        output_printf(output, "%s", c > 0 ? "," : "[");
        page_write_text(output, json_string_value(json_array_get(walk->names, c)));
    }
    output_printf(output, "]");
}

/* What inputs are called, unless they are pixels. */
static void write_input_names(struct output *output, const struct walk *walk) {
    page_write_key(output, false, "inputNames");
    output_printf(output, "[");
    for (size_t i = 0; walk->height == 0 && i < walk->layers[0].inputs && i < NAMES_MOST; i++) {
        char name[INPUT_NAME];
        explain_input_name(walk, i, name);
        output_printf(output, "%s", i > 0 ? "," : "");
        page_write_text(output, name);
    }
    output_printf(output, "]");
}

static void write_sample(struct output *output, const struct walk *walk) {
    const struct explain_sample *sample = &walk->sample;
    page_write_key(output, true, "model");
    page_write_text(output, walk->model);
    write_text(output, "input", sample->name);
    write_count(output, "index", sample->index);
    write_count(output, "answer", walk->answer);
    write_count(output, "guess", walk->guess);
    page_write_key(output, false, "assumed");
    output_printf(output, "%s", sample->assumed ? "true" : "false");
    write_names(output, walk);
    write_input_names(output, walk);
    if (sample->targets != NULL)
        write_floats(output, "targets", sample->targets, walk_last(walk)->outputs);
    if (walk->encoder != NULL && walk->encoder->task == TASK_REGRESSION) {
        write_number(output, "centre", (double)walk->encoder->target_centre);
        write_number(output, "spread", (double)walk->encoder->target_spread);
    }
    if (walk->height > 0)
        output_printf(output, ",\"shape\":[%zu,%zu,%zu]", walk->height, walk->width, walk->channels);
    write_floats(output, "a0", sample->values, walk->layers[0].inputs);
}

static void write_loss(struct output *output, const struct walk *walk) {
    minnow_loss loss = minnow_network_loss(walk->network);
    write_text(output, "loss", loss_row(loss)->name);
    write_text(output, "lossFormula", loss_formulas[loss].loss);
    write_text(output, "deltaFormula", loss_formulas[loss].delta);
    page_write_key(output, false, "numbers"); /* are predicted, and not classes */
    output_printf(output, "%s", loss_row(loss)->loss == NULL ? "true" : "false");
    write_number(output, "C", (double)walk->loss);
}

static void write_followed(struct output *output, const struct walk *walk) {
    const struct followed *w = &walk->followed;
    output_printf(output, ",\"followed\":{\"layer\":%zu,\"unit\":%zu,\"input\":%zu", w->layer, w->unit,
                  w->input);
    write_number(output, "weight", (double)w->weight);
    write_number(output, "gradient", (double)w->gradient);
    write_number(output, "after", (double)w->after);
    write_number(output, "h", w->step);
    write_number(output, "difference", w->difference);
    write_number(output, "error", w->error);
    output_printf(output, "}");
}

static void write_rest(struct output *output, const struct walk *walk) {
    const struct occlusion *map = &walk->occlusion;
    write_floats(output, "importance", walk->importance, walk->layers[0].inputs);
    output_printf(output, ",\"occlusion\":{\"rows\":%zu,\"columns\":%zu,\"patch\":%zu,\"stride\":%zu",
                  map->rows, map->columns, map->patch, map->stride);
    write_floats(output, "change", map->change, map->count);
    page_write_key(output, false, "names");
    output_printf(output, "[");
    for (size_t c = 0; map->rows == 0 && walk->encoder != NULL && c < map->count; c++) {
        output_printf(output, "%s", c > 0 ? "," : "");
        page_write_text(output, walk->encoder->columns[c].name);
    }
    output_printf(output, "]}");
    write_number(output, "rate", walk->learning_rate);
    write_number(output, "lossAfter", (double)walk->loss_after);
    write_floats(output, "outputsAfter", walk->outputs_after, walk_last(walk)->outputs);
}

minnow_status explain_write_page(const struct walk *walk, const char *path) {
    struct output *output;
    minnow_status status = page_begin(&page_explain, path, &output);
    if (status != MINNOW_OK)
        return status;
    output_printf(output, "{");
    write_sample(output, walk);
    write_loss(output, walk);
    output_printf(output, ",\"layers\":[");
    for (size_t l = 0; l < walk->layer_count && status == MINNOW_OK; l++)
        status = write_layer(output, walk, l);
    output_printf(output, "]");
    write_followed(output, walk);
    write_rest(output, walk);
    output_printf(output, "}");
    if (status == MINNOW_OK)
        return page_end(&page_explain, output);
    output_abort(output);
    return status;
}
