/* The gradients that training uses, against central differences of the loss in double precision. */
#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/networks.h"
#include "base/memory.h"
#include "base/random.h"
#include "definitions.h"
#include "samples.h"
#include "train/trainer.h"

enum { LAYERS = 3, SAMPLES = 7, WIDEST = 12 };
static const size_t sizes[LAYERS + 1] = {9, 12, 5, 4};

/* Parameters in double, beside the network's own. */
struct doubles {
    double weights[LAYERS][WIDEST][WIDEST];
    double biases[LAYERS][WIDEST];
};

/* ---- What the trainer has found; the only lines that know how it keeps it ---- */

static struct minibatch batch_of(const minnow_trainer *trainer) {
    struct minibatch batch = {.count = SAMPLES, .loss_scale = 1.0f / SAMPLES};
    batch.mixing = mixing_draw(trainer->config.mixup, trainer->config.seed, &batch);
    batch.weighing = answers_weighing(&trainer->plan->answers, &batch);
    return batch;
}

/* One mini-batch of all samples: forward, loss and backward, but no update. */
static void propagate(minnow_trainer *trainer) {
    struct minibatch batch = batch_of(trainer);
    plan_refresh(trainer->plan);
    struct plan *plan = trainer->plan;
    plan->phases[0].run(plan, &plan->phases[0], &batch, 0);
}

/* A layer's inputs, a row for each sample. */
static struct matrix inputs_of(const minnow_trainer *trainer, size_t l) {
    return trainer->plan->stages[l].input;
}

/* The gradients of the loss by a layer's weighted sums, likewise. */
static struct matrix deltas_of(const minnow_trainer *trainer, size_t l) {
    return trainer->plan->stages[l].delta;
}

/* ---- The loss of what is trained, in double precision ---- */

/* What dropout multiplies the output of unit j of a layer by, for sample s: 0, or the reciprocal of the share that is
   kept. */
static double kept_share(const minnow_trainer *trainer, size_t l, size_t s, size_t j) {
    const struct dropout *dropout = &trainer->plan->stages[l].dropout;
    double share = dropout_share(&trainer->config, l + 1);
    if (share == 0.0)
        return 1.0;
    return dropout->kept[s * dropout->stride + j] != 0 ? 1.0 / (1.0 - share) : 0.0;
}

/* The answer of a sample where samples are mixed: its own targets or label, and its partner's. */
static const float *mixed_target(const minnow_trainer *trainer, size_t s, float target[WIDEST]) {
    const minnow_dataset *dataset = trainer->dataset;
    struct minibatch batch = batch_of(trainer);
    size_t partner = (s + batch.mixing.shift) % SAMPLES;
    double share = (double)batch.mixing.share;
    for (size_t j = 0; j < sizes[LAYERS]; j++) {
        const float *own = minnow_dataset_targets(dataset, s),
                    *other = minnow_dataset_targets(dataset, partner);
        double t = own != NULL ? (double)own[j] : (double)(j == dataset->labels[s]);
        double u = other != NULL ? (double)other[j] : (double)(j == dataset->labels[partner]);
        target[j] = (float)(share * t + (1.0 - share) * u);
    }
    return target;
}

/* The targets of a sample where they are smoothed: NULL where its label, or its own targets, are all there is. */
static const float *smoothed_target(const minnow_trainer *trainer, size_t s, float target[WIDEST]) {
    const minnow_network *network = trainer->network;
    const minnow_dataset *dataset = trainer->dataset;
    double smoothing = trainer->config.label_smoothing;
    const float *own = minnow_dataset_targets(dataset, s);
    float mixed[WIDEST];
    if (trainer->config.mixup > 0.0)
        own = mixed_target(trainer, s, smoothing == 0.0 ? target : mixed);
    size_t n = sizes[LAYERS];
    if (smoothing == 0.0)
        return own;
    for (size_t j = 0; j < n; j++) {
        double t = own != NULL ? (double)own[j] : (double)(j == dataset->labels[s]);
        double share = network->loss == MINNOW_LOSS_SOFTMAX ? smoothing / (double)n : smoothing / 2.0;
        target[j] = (float)((1.0 - smoothing) * t + share);
    }
    return target;
}

/* What multiplies a sample's loss: its weight, or where samples are mixed those of both, and that of its class unless it
   multiplies targets instead. */
static double sample_weight(const minnow_trainer *trainer, size_t s, bool in_targets) {
    const minnow_dataset *dataset = trainer->dataset;
    double own = dataset->weights != NULL ? (double)dataset->weights[s] : 1.0;
    if (in_targets || dataset->class_weights == NULL)
        return own;
    return own * (double)dataset->class_weights[dataset->labels[s]];
}

static double mixed_weight(const minnow_trainer *trainer, size_t s, bool in_targets) {
    struct mixing mixing = batch_of(trainer).mixing;
    double share = (double)mixing.share;
    return share * sample_weight(trainer, s, in_targets) +
           (1.0 - share) * sample_weight(trainer, (s + mixing.shift) % SAMPLES, in_targets);
}

/* The weight of a sample, by which the sum of all losses is divided. */
static double whole_weight(const minnow_dataset *dataset, size_t s) {
    double own = dataset->weights != NULL ? (double)dataset->weights[s] : 1.0, shares = 0.0;
    if (dataset->class_weights == NULL)
        return own;
    for (size_t c = 0; c < sizes[LAYERS]; c++) {
        double t = dataset->targets != NULL ? (double)dataset->targets[s * sizes[LAYERS] + c]
                                            : (double)(c == dataset->labels[s]);
        shares += t * (double)dataset->class_weights[c];
    }
    return own * shares;
}

/* The loss of a sample from its logits, weighted. */
static double weighted_loss(const minnow_trainer *trainer, size_t s, const double *z) {
    const minnow_dataset *dataset = trainer->dataset;
    minnow_loss loss = trainer->network->loss;
    float smoothed[WIDEST], weighted[WIDEST];
    const float *target = smoothed_target(trainer, s, smoothed);
    bool in_targets = dataset->class_weights != NULL && loss == MINNOW_LOSS_SOFTMAX && target != NULL;
    for (size_t c = 0; c < sizes[LAYERS] && in_targets; c++)
        weighted[c] = target[c] * dataset->class_weights[c];
    return mixed_weight(trainer, s, in_targets) *
           defined_loss(loss, z, sizes[LAYERS], dataset->labels[s], in_targets ? weighted : target);
}

static double penalty(const minnow_trainer *trainer, const struct doubles *p) {
    double sum = 0.0;
    for (size_t l = 0; l < LAYERS; l++)
        for (size_t i = 0; i < sizes[l]; i++)
            for (size_t j = 0; j < sizes[l + 1]; j++)
                sum += p->weights[l][i][j] * p->weights[l][i][j];
    return 0.5 * trainer->config.l2 * sum;
}

/* Mean loss over the samples, in double from end to end, and the penalty on weights. */
static double mean_loss(const minnow_trainer *trainer, const struct doubles *p) {
    const minnow_network *network = trainer->network;
    double total = 0.0, weight = 0.0;
    for (size_t s = 0; s < SAMPLES; s++) {
        double x[WIDEST], y[WIDEST];
        struct matrix loaded = inputs_of(trainer, 0);
        for (size_t i = 0; i < sizes[0]; i++)
            x[i] = (double)loaded.data[s * loaded.stride + i];
        for (size_t l = 0; l < LAYERS; l++) {
            for (size_t j = 0; j < sizes[l + 1]; j++) {
                y[j] = p->biases[l][j];
                for (size_t i = 0; i < sizes[l]; i++)
                    y[j] += x[i] * p->weights[l][i][j];
            }
            for (size_t j = 0; j < sizes[l + 1]; j++)
                x[j] = l + 1 < LAYERS ? defined_activation(network->layers[l].activation, y[j]) *
                                            kept_share(trainer, l, s, j)
                                      : y[j];
        }
        total += weighted_loss(trainer, s, x);
        weight += whole_weight(trainer->dataset, s);
    }
    return total / weight + penalty(trainer, p);
}

static minnow_dataset *make_dataset(bool targets) {
    float values[SAMPLES * 9];
    uint32_t labels[SAMPLES];
    for (uint32_t i = 0; i < SAMPLES * 9; i++)
        values[i] = (float)random_unit(random_draw(7, RANDOM_INIT, 1, 0, i).word[0]);
    for (uint32_t s = 0; s < SAMPLES; s++)
        labels[s] = s % 4;
    minnow_dataset *dataset;
    cr_assert_eq(minnow_dataset_from_floats(values, labels, SAMPLES, 9, 4, &dataset), MINNOW_OK);
    if (targets) {
        float target[SAMPLES * 4];
        for (uint32_t i = 0; i < SAMPLES * 4; i++)
            target[i] = (float)random_unit(random_draw(7, RANDOM_INIT, 2, 0, i).word[0]);
        cr_assert_eq(minnow_dataset_set_targets(dataset, target, 4), MINNOW_OK);
    }
    return dataset;
}

static minnow_network *make_network(const minnow_activation *hidden, minnow_loss loss, struct doubles *p) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = LAYERS;
    config.activations = hidden;
    config.loss = loss;
    config.init = MINNOW_INIT_SCALED;
    config.seed = 3;
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    for (size_t l = 0; l < LAYERS; l++) {
        const struct layer *layer = &network->layers[l];
        for (size_t j = 0; j < layer->outputs; j++) {
            p->biases[l][j] = (double)*bias_at(network, l, j);
            for (size_t i = 0; i < layer->inputs; i++)
                p->weights[l][i][j] = (double)*weight_at(network, l, i, j);
        }
    }
    return network;
}

static double central_difference(const minnow_trainer *trainer, struct doubles *p, double *at) {
    const double h = 1e-5, before = *at;
    *at = before + h;
    double above = mean_loss(trainer, p);
    *at = before - h;
    double below = mean_loss(trainer, p);
    *at = before;
    return (above - below) / (2.0 * h);
}

/* The gradients of a layer, for the worst |analytic − numeric|. Each is relative to the numeric gradient, or to a
   hundredth of the layer's largest where that is more: an element that cancels to nearly 0 still carries the
   rounding of the sum it came from. */
struct comparison {
    double difference[WIDEST * (WIDEST + 1)], size[WIDEST * (WIDEST + 1)], largest;
    size_t count;
};

static void compare(struct comparison *c, double analytic, double numeric) {
    c->difference[c->count] = fabs(analytic - numeric);
    c->size[c->count++] = fabs(numeric);
    c->largest = fmax(c->largest, fabs(numeric));
}

static double worst(const struct comparison *c) {
    double result = 0.0;
    for (size_t i = 0; i < c->count; i++)
        result = samples_worse(result, c->difference[i] / fmax(c->size[i], 0.01 * c->largest));
    return result;
}

/* From the deltas of a mini-batch that was propagated. */
static void gradient_of_deltas(const minnow_trainer *trainer, size_t l, float *weights, float *biases) {
    const struct layer *layer = &trainer->network->layers[l];
    const struct kernels *kernels = trainer->network->kernels;
    struct matrix x = inputs_of(trainer, l), delta = deltas_of(trainer, l);
    kernels->weight_gradient(SAMPLES, layer->inputs, layer->outputs, x.data, x.stride, delta.data,
                             delta.stride, weights, layer->outputs);
    kernels->bias_gradient(SAMPLES, layer->outputs, delta.data, delta.stride, biases);
}

/* From how far a step of plain gradient descent went. The rate is so high that little of it is lost in rounding. */
#define STEP_RATE 64.0
static void gradient_of_step(const minnow_trainer *trainer, const struct doubles *before, size_t l,
                             float *weights, float *biases) {
    const struct layer *layer = &trainer->network->layers[l];
    for (size_t j = 0; j < layer->outputs; j++) {
        biases[j] = (float)((before->biases[l][j] - (double)*bias_at(trainer->network, l, j)) / STEP_RATE);
        for (size_t i = 0; i < layer->inputs; i++)
            weights[i * layer->outputs + j] =
                (float)((before->weights[l][i][j] - (double)*weight_at(trainer->network, l, i, j)) /
                        STEP_RATE);
    }
}

static double layer_error(const minnow_trainer *trainer, struct doubles *p, size_t l, bool stepped) {
    const struct layer *layer = &trainer->network->layers[l];
    float weights[WIDEST * WIDEST], biases[WIDEST];
    if (stepped)
        gradient_of_step(trainer, p, l, weights, biases);
    else
        gradient_of_deltas(trainer, l, weights, biases);

    struct comparison c = {.count = 0};
    for (size_t j = 0; j < layer->outputs; j++) {
        compare(&c, (double)biases[j], central_difference(trainer, p, &p->biases[l][j]));
        for (size_t i = 0; i < layer->inputs; i++)
            compare(&c, (double)weights[i * layer->outputs + j],
                    central_difference(trainer, p, &p->weights[l][i][j]));
    }
    return worst(&c);
}

/* What regularises the training whose gradients are compared. */
struct regular {
    const char *name;
    double label_smoothing, input_dropout, dropout[LAYERS - 1], noise, mixup, l2;
    bool weights, class_weights;
    bool stepped; /* the gradient is that of a whole step, and not of its deltas */
};

static void weigh(minnow_dataset *dataset, const struct regular *regular) {
    static const float weights[SAMPLES] = {1, 0.5f, 3, 0, 2, 1.5f, 0.25f}, of_classes[4] = {0.4f, 2, 1, 5};
    if (regular->weights)
        cr_assert_eq(minnow_dataset_set_weights(dataset, weights, SAMPLES), MINNOW_OK);
    if (regular->class_weights)
        cr_assert_eq(minnow_dataset_set_class_weights(dataset, of_classes, 4), MINNOW_OK);
}

static void set_regular(minnow_training_config *config, const struct regular *regular) {
    config->label_smoothing = regular->label_smoothing;
    config->input_dropout = regular->input_dropout;
    config->dropout_count = LAYERS - 1;
    memcpy(config->dropout, regular->dropout, sizeof regular->dropout);
    config->noise = regular->noise;
    config->mixup = regular->mixup;
    config->l2 = regular->l2;
}

static double network_error(const minnow_activation hidden[LAYERS - 1], minnow_loss loss, bool targets,
                            const struct regular *regular) {
    struct doubles *p = calloc(1, sizeof *p);
    cr_assert_not_null(p);
    minnow_dataset *dataset = make_dataset(targets);
    weigh(dataset, regular);
    minnow_network *network = make_network(hidden, loss, p);
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = SAMPLES;
    config.shuffle = false;
    config.threads = 1;
    config.schedule = MINNOW_SCHEDULE_CONSTANT;
    config.learning_rate = STEP_RATE;
    set_regular(&config, regular);
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK, "%s",
                 minnow_last_error());
    if (regular->stepped)
        cr_assert_eq(minnow_trainer_advance(trainer, SAMPLES, NULL), MINNOW_OK, "%s", minnow_last_error());
    else
        propagate(trainer);

    double error = 0.0;
    for (size_t l = 0; l < LAYERS; l++)
        error = samples_worse(error, layer_error(trainer, p, l, regular->stepped));
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
    free(p);
    return error;
}

static const struct regular plain = {.name = "plain"};

/* Every activation with every loss, of labels and of targets, alone and with another one in the layer behind it. */
Test(gradients, match_central_differences) {
    double largest = 0.0;
    for (size_t first = 0; first < activation_row_count; first++)
        for (size_t second = 0; second < activation_row_count; second++)
            for (size_t loss = 0; loss < loss_row_count; loss++) {
                if (second != first && second != (first + 1) % activation_row_count)
                    continue;
                const minnow_activation hidden[] = {(minnow_activation)first, (minnow_activation)second};
                for (int targets = 0; targets < 2; targets++) {
                    if (targets ? loss_rows[loss].target_loss == NULL : loss_rows[loss].loss == NULL)
                        continue;
                    double error = network_error(hidden, (minnow_loss)loss, targets, &plain);
                    largest = samples_worse(largest, error);
                    cr_expect_lt(error, 1e-4, "%s,%s, %s of %s: relative error %g",
                                 activation_rows[first].name, activation_rows[second].name,
                                 loss_rows[loss].name, targets ? "targets" : "labels", error);
                }
            }
    cr_log_info("worst relative error of a gradient: %.3g", largest);
}

static const struct regular regulars[] = {
    {.name = "smoothed", .label_smoothing = 0.1},
    {.name = "smoothed much", .label_smoothing = 0.7},
    {.name = "dropout", .dropout = {0.5, 0.5}},
    {.name = "dropout of some", .input_dropout = 0.2, .dropout = {0.0, 0.3}},
    {.name = "noise", .noise = 0.3},
    {.name = "mixup", .mixup = 0.4},
    {.name = "weights", .weights = true},
    {.name = "class weights", .class_weights = true},
    {.name = "smoothed, weights", .label_smoothing = 0.2, .weights = true, .class_weights = true},
    {.name = "mixup, weights", .mixup = 0.4, .weights = true, .class_weights = true},
    {.name = "a step", .stepped = true},
    {.name = "l2", .l2 = 0.1, .stepped = true},
    {.name = "l2, dropout, weights",
     .dropout = {0.3, 0.2},
     .l2 = 0.02,
     .weights = true,
     .class_weights = true,
     .stepped = true},
    {.name = "all",
     .label_smoothing = 0.1,
     .input_dropout = 0.1,
     .dropout = {0.4, 0.2},
     .noise = 0.1,
     .mixup = 2.0,
     .l2 = 0.01,
     .weights = true,
     .class_weights = true,
     .stepped = true},
    {.name = "all but weights",
     .label_smoothing = 0.1,
     .input_dropout = 0.1,
     .dropout = {0.4, 0.2},
     .noise = 0.1,
     .mixup = 2.0},
};

/* Whether the loss, of labels or of targets, can be trained so. */
static bool is_possible(const struct regular *regular, const struct loss_row *row, bool targets) {
    return (targets ? row->target_loss != NULL : row->loss != NULL) &&
           (regular->label_smoothing == 0.0 || row->smoothed_share != NULL) &&
           (regular->mixup == 0.0 || row->target_loss != NULL) &&
           !(regular->class_weights && targets && !row->weighs_targets);
}

/* Every regulariser with every activation and loss, of labels and of targets. */
Test(gradients, of_regularised_training_match_central_differences) {
    for (size_t r = 0; r < sizeof regulars / sizeof *regulars; r++)
        for (size_t a = 0; a < activation_row_count; a++)
            for (size_t loss = 0; loss < loss_row_count; loss++)
                for (int targets = 0; targets < 2; targets++) {
                    const minnow_activation hidden[] = {(minnow_activation)a, MINNOW_ACTIVATION_TANH};
                    if (!is_possible(&regulars[r], &loss_rows[loss], targets))
                        continue;
                    double error = network_error(hidden, (minnow_loss)loss, targets, &regulars[r]);
                    cr_expect_lt(error, 1e-4, "%s, %s, %s of %s: relative error %g", regulars[r].name,
                                 activation_rows[a].name, loss_rows[loss].name,
                                 targets ? "targets" : "labels", error);
                }
}
