/* The parts of minnow report: what is measured of each model, and the page's data made of it. */
#ifndef MINNOW_CLI_REPORT_H_
#define MINNOW_CLI_REPORT_H_

#include <jansson.h>

#include "cli/inputs/data_source.h"
#include "cli/inputs/evaluation.h"
#include "cli/inputs/model_file.h"
#include "cli/inputs/numbers.h"
#include "cli/inputs/table_source.h"
#include "cli/report/measure.h"
#include "cli/test/classes.h"
#include "net/network.h"

enum { REPORT_MODELS = 8, REPORT_WORST = 24 }; /* the most models, and mistakes that are shown first */

struct report_settings {
    const char *output, *data, *log;
    uint64_t seed;
    bool transpose;
    struct model_form form;
    struct table_reading reading;
};

/* What a layer's numbers and units look like. */
struct layer_facts {
    struct histogram weights, activations;
    struct unit_ranges ranges;
};

/* How much worse the network is when a column's values are exchanged among the rows. */
struct importance {
    const char *name; /* the encoder's, or NULL: `number` is the feature's */
    size_t number;
    struct mean_and_spread loss; /* of accuracy, 0 to 1; of numbers, the RMSE's rise */
};

/* A sample that the page shows. */
struct shot {
    uint32_t sample, label, predicted;
    uint32_t turn;    /* in which it is chosen */
    float right;      /* the output of its label */
    float confidence; /* the largest output */
};

struct report_model {
    const char *path;
    size_t share; /* one of so many models, which share what room a page has */
    minnow_network *network;
    struct data data;
    struct encoder *encoder;
    json_t *names;                  /* of the classes, or NULL */
    json_t *log;                    /* report_log_read's, or NULL */
    struct picture_recipe pictures; /* height is 0 where samples are no pictures */
    bool numbers;                   /* it predicts numbers, not classes */

    struct layer_facts *layers; /* [layer_count] */

    /* Of classes. */
    bool collapsed; /* no better than guessing */
    struct evaluation evaluation;
    struct class_scores scores;
    struct calibration calibration;
    float *right, *confidence; /* [samples] */
    struct shot *shots;        /* worst first: those that are wrong, then those that are right */
    size_t shot_count;

    /* Of numbers. */
    float *outputs; /* [samples] */
    struct number_scores scored;

    struct importance *importances; /* most first; NULL where there are no columns to tell of */
    size_t importance_count, importance_rows;
};

/* Opens a model, loads its data and measures everything. Returns 0 or, having said why, an exit status; report_close in
   either case. The path and the share are set. */
int report_open(const struct report_settings *settings, const struct command_line *line,
                struct report_model *model);
void report_close(struct report_model *model);

/* ---- Parts of that ---- */

/* One pass over the data: layers, and of classes right, confidence and calibration. Errors: MEMORY. */
minnow_status report_run(struct report_model *model);

/* Which samples are shown: of each cell of the confusion matrix the worst. Errors: MEMORY. */
minnow_status report_choose(struct report_model *model);

/* Importances of columns by permutation (Breiman 2001). Errors: MEMORY. */
minnow_status report_importances(struct report_model *model, uint64_t seed);
/* Whether there are such columns. */
bool report_has_columns(const struct report_model *model);

/* ---- The log of a run (log.c) ---- */

/* Lines of JSON objects, or a CSV file with a head, of which those with an epoch count: an array of objects of numbers,
   "epoch", "train_loss" and so on as train's --json has them, and any other. *out is NULL after a failure. Errors: INPUT
   (naming the line), MEMORY. */
minnow_status report_log_parse(const char *name, const char *text, size_t size, json_t **out);
minnow_status report_log_read(const char *path, json_t **out);

/* ---- The page's data (data.c, layers.c, pictures.c) ---- */

/* Everything of one model; NULL when there is no memory. */
json_t *report_data(const struct report_model *model);
/* The figures of it that `--json` prints. */
json_t *report_figures(const struct report_model *model);
json_t *report_layers(const struct report_model *model);
json_t *report_histogram(const struct histogram *histogram);

/* Text that may be anything: what is not UTF-8 becomes '?'. */
json_t *report_text(const char *text);

/* The shots as one picture, a grid, and the first layer's weights; each {"columns", "width", "height", "uri"}, with the
   latter "units" and "most"; null where there is nothing to draw or this minnow writes no pictures. */
json_t *report_shots_picture(const struct report_model *model);
json_t *report_weights_picture(const struct report_model *model);

#endif
