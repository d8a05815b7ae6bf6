/* The parts of minnow explain: one sample's walk forward and backward through a network. */
#ifndef MINNOW_CLI_EXPLAIN_EXPLAIN_H
#define MINNOW_CLI_EXPLAIN_EXPLAIN_H

#include <jansson.h>

#include "cli/command.h"
#include "cli/inputs/model_file.h"
#include "cli/inputs/table_source.h"
#include "data/table/encoder.h"
#include "data/table/table.h"
#include "net/network.h"

struct explain_settings {
    const char *model, *data, *label, *weight, *output;
    struct model_form form;
    bool transpose, no_normalise;
    uint64_t index;
    double learning_rate;
    struct table_reading reading;
};

/* The sample that is walked through. */
struct explain_sample {
    char *name;          /* of where it comes from, for people */
    size_t index;        /* its number there, from 0 */
    float *values;       /* [inputs] */
    uint32_t label;      /* MINNOW_NO_LABEL: it has targets */
    float *targets;      /* [outputs], or NULL */
    bool assumed;        /* the label is what the network takes the sample for, as nobody said another */
    struct table *table; /* of which it is row `index`; or NULL */
};

/* A layer of weights, and what the sample does in it; as minnow_network_get_layer() and minnow_trace have them. */
struct walk_layer {
    size_t inputs, outputs;
    enum activation activation;             /* as the kernels call it */
    float *weights, *biases;                /* [inputs][outputs], [outputs] */
    float *sums, *activations, *deltas;     /* [outputs] each */
    float *weight_gradient, *bias_gradient; /* [inputs][outputs], [outputs] */
};

/* One weight that is followed. */
struct followed {
    size_t layer, unit, input; /* all from 0 */
    float weight, gradient, after;
    double step, difference,
        error; /* h, (C(w + h) - C(w - h)) / 2h, and how far the gradient is off, relatively */
};

/* How much the right output falls (or, of numbers, how far outputs move) when a part of the input is 0. */
struct occlusion {
    size_t rows,
        columns;  /* of the map; 0: the sample is no picture, and the map has a value for each column of a
                             table or each input */
    size_t count; /* of its values */
    size_t patch, stride; /* pixels a side, and from one to the next */
    float *change;        /* [count] */
};

struct walk {
    const minnow_network *network;
    const char *model;
    struct encoder *encoder; /* of a network that was trained on a table; or NULL */
    json_t *names;           /* of classes, or NULL */
    struct explain_sample sample;
    size_t height, width, channels; /* of the sample as a picture; 0: it is none */

    size_t layer_count;
    struct walk_layer layers[NETWORK_MAX_LAYERS];
    float loss;
    float *input_gradient, *importance; /* [inputs]; the second is minus input times gradient */
    size_t answer; /* the output that is looked at: the label's or, of targets, the largest one's */
    size_t guess;  /* the largest output */

    struct followed followed;
    struct occlusion occlusion;

    double learning_rate;
    float loss_after, *outputs_after; /* after one step of gradient descent on this sample; [outputs] */
};

/* ---- sample.c ---- */

/* Reads the sample. Returns 0 or, having said why, an exit status. */
int explain_sample_read(const struct explain_settings *settings, const struct command_line *line,
                        struct walk *walk);
void explain_sample_free(struct explain_sample *sample);
/* What an input is: "age", "job = clerk" or "row 3, column 5". */
enum { INPUT_NAME = 256 };
void explain_input_name(const struct walk *walk, size_t input, char text[INPUT_NAME]);

/* ---- walk.c ---- */

/* Walks forward and backward, follows a weight and takes a step, all by the engine. The network is changed by the
   step, behind which `walk` has what it was. Returns 0 or, having said why, an exit status. */
int walk_make(struct walk *walk, minnow_network *network, const struct explain_settings *settings);
void walk_free(struct walk *walk);
static inline const struct walk_layer *walk_last(const struct walk *walk) {
    return &walk->layers[walk->layer_count - 1];
}
/* What goes into a layer: the sample, or what the layer before it gives. */
static inline const float *walk_into(const struct walk *walk, size_t layer) {
    return layer == 0 ? walk->sample.values : walk->layers[layer - 1].activations;
}
/* Its weight from an input to a unit. */
static inline float walk_weight(const struct walk_layer *layer, size_t unit, size_t input) {
    return layer->weights[input * layer->outputs + unit];
}
/* f'(z) of a hidden unit, as the way back multiplies it. */
float walk_slope(const struct walk *walk, size_t layer, size_t unit);
/* What of a layer's output the layer behind it asks for, before f'(z): the sum over k of w[k, unit] delta[k]. */
float walk_asked(const struct walk *walk, size_t layer, size_t unit);

/* ---- difference.c ---- */

/* Checks the gradient of the weight that is followed by a central difference in double precision. Errors: MEMORY. */
minnow_status difference_check(struct walk *walk);

/* ---- occlusion.c ---- */

/* Errors: MEMORY. */
minnow_status occlusion_make(struct walk *walk);

/* ---- formulas.c ---- */

struct activation_formula {
    double (*value)(double z);
    const char *slope;  /* f'(z) in the notation of the book, UTF-8 */
    const char *simple; /* the same in ASCII */
    bool kinked;        /* the slope jumps at 0 */
};
extern const struct activation_formula activation_formulas[]; /* by minnow_activation */

struct loss_formula {
    const char *outputs;              /* what the output layer's activation is called */
    const char *loss, *simple_loss;   /* C, UTF-8 and ASCII; a and y stand for the last layer's */
    const char *delta, *simple_delta; /* dC/dz */
    /* From logits z[n], and targets y[n], which a label has as 1 among zeros. */
    double (*value)(size_t n, const double *z, const double *y);
    bool kinked; /* its slope jumps where z = y */
};
extern const struct loss_formula loss_formulas[]; /* by minnow_loss */

/* ---- units.c ---- */

/* Units of a layer to show, ascending: all of them, or those that the loss asks most of, with the answer, what was taken
   for it and the one that is followed. *count of them, at most `most`; released by memory_free. NULL without memory. */
size_t *explain_units(const struct walk *walk, size_t l, size_t most, size_t *count);

/* What a connection stands for: w a, on the way forward; w delta, backward; or the weight's gradient. */
enum product { PRODUCT_FORWARD, PRODUCT_BACKWARD, PRODUCT_GRADIENT };
struct connection {
    size_t input, unit;
    float value;
};
float explain_product(const struct walk *walk, size_t l, enum product product, size_t input, size_t unit);
/* The `most` largest between these inputs (NULL: all) and units of a layer, the largest first. Returns how many. */
size_t explain_connections(const struct walk *walk, size_t l, enum product product, const size_t *inputs,
                           size_t input_count, const size_t *units, size_t unit_count, size_t most,
                           struct connection *found);

/* ---- What it is written as ---- */

void explain_print_text(const struct walk *walk);
void explain_print_json(const struct walk *walk);
minnow_status explain_write_page(const struct walk *walk, const char *path);
minnow_status explain_write_svg(const struct walk *walk, const char *path);

#endif
