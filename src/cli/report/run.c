/* One pass of a network over its data, of which everything is measured on the way. The layers of an ensemble are those of
   its first network; its answers are all of theirs. */
#include "base/memory.h"
#include "base/status.h"
#include "cli/report/report.h"

enum { BLOCK = 64 };

/* Samples on their way through the layers. */
struct pass {
    struct report_model *model;
    size_t features, widest;
    float *x;         /* [BLOCK][features] */
    float *halves[2]; /* [BLOCK][widest]: the layers' outputs, in turn */
    float *outputs;   /* [BLOCK][outputs], of an ensemble; or NULL */
};

static minnow_status pass_open(struct report_model *model, struct pass *pass) {
    pass->model = model;
    pass->features = model->network->layers[0].inputs;
    pass->widest = network_widest(model->network);
    pass->x = memory_allocate_unset(BLOCK * pass->features, sizeof *pass->x);
    pass->halves[0] = memory_allocate(2 * BLOCK * pass->widest, sizeof *pass->halves[0]);
    if (model->network->other_count > 0)
        pass->outputs = memory_allocate(BLOCK * model->evaluation.classes, sizeof *pass->outputs);
    if (pass->x == NULL || pass->halves[0] == NULL ||
        (pass->outputs == NULL && model->network->other_count > 0))
        return fail_memory("a pass over the data");
    pass->halves[1] = pass->halves[0] + BLOCK * pass->widest;
    return MINNOW_OK;
}

static void pass_close(struct pass *pass) {
    memory_free(pass->x);
    memory_free(pass->halves[0]);
    memory_free(pass->outputs);
}

/* What comes out of a layer; of the last one, logits become what minnow_network_predict gives. */
static void take_layer(struct pass *pass, size_t l, size_t m, float *y) {
    struct report_model *model = pass->model;
    struct layer_facts *facts = &model->layers[l];
    size_t units = model->network->layers[l].outputs;
    if (l + 1 == model->network->layer_count)
        network_output_activation(model->network, m, y, pass->widest);
    unit_ranges_add(&facts->ranges, y, m, pass->widest);
    for (size_t i = 0; i < m; i++)
        histogram_add(&facts->activations, y + i * pass->widest, units);
}

static void take_classes(struct pass *pass, size_t first, size_t m, const float *outputs, size_t stride) {
    struct report_model *model = pass->model;
    for (size_t i = 0; i < m; i++) {
        const float *row = outputs + i * stride;
        uint32_t label = minnow_dataset_label(model->data.test, first + i),
                 predicted = model->evaluation.predicted[first + i];
        model->right[first + i] = row[label];
        model->confidence[first + i] = row[predicted];
        calibration_add(&model->calibration, (double)row[predicted], label == predicted);
    }
}

static minnow_status pass_block(struct pass *pass, size_t first, size_t m) {
    const minnow_network *network = pass->model->network;
    for (size_t i = 0; i < m; i++) {
        minnow_status status =
            minnow_dataset_sample(pass->model->data.test, first + i, pass->x + i * pass->features);
        if (status != MINNOW_OK)
            return status;
    }

    const float *x = pass->x;
    size_t stride = pass->features;
    float *y = pass->halves[0];
    for (size_t l = 0; l < network->layer_count; l++) {
        y = pass->halves[l % 2];
        network_forward_layer(network, l, m, x, stride, y, pass->widest);
        take_layer(pass, l, m, y);
        x = y;
        stride = pass->widest;
    }
    if (pass->model->numbers)
        return MINNOW_OK;
    if (pass->outputs == NULL) {
        take_classes(pass, first, m, y, pass->widest);
        return MINNOW_OK;
    }
    minnow_status status = minnow_network_predict(network, pass->x, m, NULL, pass->outputs);
    if (status == MINNOW_OK)
        take_classes(pass, first, m, pass->outputs, pass->model->evaluation.classes);
    return status;
}

static void weigh_layer(const minnow_network *network, size_t l, struct histogram *histogram) {
    struct matrix w = parameters_weights(network->parameters, l);
    for (size_t i = 0; i < network->layers[l].inputs; i++)
        histogram_add(histogram, w.data + i * w.stride, network->layers[l].outputs);
}

static minnow_status allocate(struct report_model *model) {
    const minnow_network *network = model->network;
    size_t count = minnow_dataset_count(model->data.test);
    model->layers = memory_allocate(network->layer_count, sizeof *model->layers);
    model->right = memory_allocate(model->numbers ? 0 : count, sizeof *model->right);
    model->confidence = memory_allocate(model->numbers ? 0 : count, sizeof *model->confidence);
    if (model->layers == NULL || model->right == NULL || model->confidence == NULL)
        return fail_memory("a report");
    for (size_t l = 0; l < network->layer_count; l++) {
        struct layer_facts *facts = &model->layers[l];
        size_t units = network->layers[l].outputs;
        histogram_init(&facts->weights);
        histogram_init(&facts->activations);
        facts->ranges = (struct unit_ranges){
            .units = units, .least = memory_allocate(2 * units, sizeof *facts->ranges.least)};
        if (facts->ranges.least == NULL)
            return fail_memory("a report");
        facts->ranges.most = facts->ranges.least + units;
    }
    return MINNOW_OK;
}

minnow_status report_run(struct report_model *model) {
    struct pass pass = {0};
    size_t count = minnow_dataset_count(model->data.test);
    minnow_status status = allocate(model);
    for (size_t l = 0; status == MINNOW_OK && l < model->network->layer_count; l++)
        weigh_layer(model->network, l, &model->layers[l].weights);
    if (status == MINNOW_OK)
        status = pass_open(model, &pass);
    for (size_t first = 0; status == MINNOW_OK && first < count; first += BLOCK)
        status = pass_block(&pass, first, size_min(BLOCK, count - first));
    pass_close(&pass);
    return status;
}
