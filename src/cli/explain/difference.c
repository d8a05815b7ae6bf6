/* A central difference in double precision: the one thing here that the engine does not compute, so that the gradient
   is checked by something else. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "cli/explain/explain.h"

/* A forward pass in double, from a layer on, with one weight changed. */
struct pass {
    const struct walk *walk;
    double *from, *to; /* [widest] of the network: the values between layers */
    double *targets;   /* [outputs] */
    bool *side;        /* [sides]: on which side of each kink the pass was */
    size_t sides;
};

/* The sums of a layer, each in the order of its inputs. */
static void pass_layer(struct pass *pass, size_t l, double change) {
    const struct walk_layer *layer = &pass->walk->layers[l];
    const struct followed *followed = &pass->walk->followed;
    for (size_t j = 0; j < layer->outputs; j++)
        pass->to[j] = (double)layer->biases[j];
    for (size_t i = 0; i < layer->inputs; i++) {
        const float *weights = layer->weights + i * layer->outputs;
        for (size_t j = 0; pass->from[i] != 0.0 && j < layer->outputs; j++)
            pass->to[j] = fma(pass->from[i], (double)weights[j], pass->to[j]);
    }
    if (l == followed->layer)
        pass->to[followed->unit] = fma(pass->from[followed->input], change, pass->to[followed->unit]);
}

static void pass_activate(struct pass *pass, size_t l) {
    const struct walk_layer *layer = &pass->walk->layers[l];
    const struct activation_formula *formula =
        &activation_formulas[minnow_network_activation(pass->walk->network, l)];
    for (size_t j = 0; j < layer->outputs; j++) {
        if (formula->kinked)
            pass->side[pass->sides++] = pass->to[j] > 0.0;
        pass->from[j] = formula->value(pass->to[j]);
    }
}

/* The loss when the weight has changed by so much. */
static double pass_run(struct pass *pass, double change) {
    const struct walk *walk = pass->walk;
    size_t outputs = walk_last(walk)->outputs;
    const struct loss_formula *formula = &loss_formulas[minnow_network_loss(walk->network)];
    pass->sides = 0;
    for (size_t i = 0; i < walk->layers[0].inputs; i++)
        pass->from[i] = (double)walk->sample.values[i];

    for (size_t l = 0; l < walk->layer_count; l++) {
        pass_layer(pass, l, change);
        if (l + 1 < walk->layer_count)
            pass_activate(pass, l);
    }
    for (size_t j = 0; formula->kinked && j < outputs; j++)
        pass->side[pass->sides++] = pass->to[j] > pass->targets[j];
    return formula->value(outputs, pass->to, pass->targets);
}

/* h: an eight-thousandth where the unit's sum moves by as much or less, else as much less as it moves more; and so much
   less again that no unit gets to the other side of its kink, where there is no slope to compare with. */
static void pass_difference(struct pass *pass, bool *below, struct followed *followed) {
    enum { HALVINGS = 30 };
    double input = fabs((double)walk_into(pass->walk, followed->layer)[followed->input]);
    followed->step = ldexp(1.0, -13) / fmax(1.0, input);
    for (int i = 0; i < HALVINGS; i++, followed->step /= 2.0) {
        double before = pass_run(pass, -followed->step);
        memcpy(below, pass->side, pass->sides * sizeof *below);
        double after = pass_run(pass, followed->step);
        followed->difference = (after - before) / (2.0 * followed->step);
        if (memcmp(below, pass->side, pass->sides * sizeof *below) == 0)
            return;
    }
}

static minnow_status pass_open(const struct walk *walk, struct pass *pass) {
    size_t widest = walk->layers[0].inputs, units = 0, outputs = walk_last(walk)->outputs;
    for (size_t l = 0; l < walk->layer_count; l++) {
        widest = walk->layers[l].outputs > widest ? walk->layers[l].outputs : widest;
        units += walk->layers[l].outputs;
    }
    *pass = (struct pass){.walk = walk,
                          .from = memory_allocate(widest, sizeof *pass->from),
                          .to = memory_allocate(widest, sizeof *pass->to),
                          .targets = memory_allocate(outputs, sizeof *pass->targets),
                          .side = memory_allocate(2 * units, sizeof *pass->side)};
    if (pass->from == NULL || pass->to == NULL || pass->targets == NULL || pass->side == NULL)
        return fail_memory("a central difference");
    for (size_t j = 0; j < outputs; j++)
        pass->targets[j] = walk->sample.targets != NULL ? (double)walk->sample.targets[j]
                                                        : (j == walk->sample.label ? 1.0 : 0.0);
    pass->sides = units;
    return MINNOW_OK;
}

static void pass_close(struct pass *pass) {
    memory_free(pass->from);
    memory_free(pass->to);
    memory_free(pass->targets);
    memory_free(pass->side);
}

minnow_status difference_check(struct walk *walk) {
    struct pass pass;
    minnow_status status = pass_open(walk, &pass);
    struct followed *followed = &walk->followed;
    if (status == MINNOW_OK) {
        pass_difference(&pass, pass.side + pass.sides, followed);
        double gradient = (double)followed->gradient;
        double size = fmax(fabs(gradient), fabs(followed->difference));
        followed->error = size > 0.0 ? fabs(gradient - followed->difference) / size : 0.0;
    }
    pass_close(&pass);
    return status;
}
