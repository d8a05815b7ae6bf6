/* Which columns a network needs: how much worse it gets when the values of one are exchanged among the rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "cli/report/report.h"

/* Columns without an encoder that are told of; how often each is exchanged; and the rows and products that a report has
   the time for. */
enum { COLUMNS_MOST = 64, TIMES = 5, ROWS_MOST = 4000, ROWS_LEAST = 200 };
static const double PRODUCTS_MOST = 4e9;

struct trial {
    const struct report_model *model;
    size_t rows, features;
    float *samples, *exchanged; /* [rows][features] */
    float *outputs;             /* [rows], of numbers */
    uint32_t *labels, *order;   /* [rows] */
};

static size_t column_count(const struct report_model *model) {
    return model->encoder != NULL ? model->encoder->column_count : model->network->layers[0].inputs;
}

bool report_has_columns(const struct report_model *model) {
    return model->pictures.height == 0 && (model->encoder != NULL || column_count(model) <= COLUMNS_MOST) &&
           minnow_dataset_count(model->data.test) > 1;
}

static size_t rows_for(const struct report_model *model) {
    size_t count = minnow_dataset_count(model->data.test);
    double products =
        (double)minnow_network_parameter_count(model->network) * (double)column_count(model) * TIMES;
    double affordable = fmax(PRODUCTS_MOST / products, ROWS_LEAST);
    return size_min(count, affordable < ROWS_MOST ? (size_t)affordable : ROWS_MOST);
}

static minnow_status trial_open(const struct report_model *model, struct trial *trial) {
    size_t rows = rows_for(model), features = model->network->layers[0].inputs;
    *trial = (struct trial){.model = model, .rows = rows, .features = features};
    size_t values;
    if (!size_multiply(rows, features, &values))
        return fail_memory("the importance of columns");
    trial->samples = memory_allocate(values, sizeof *trial->samples);
    trial->exchanged = memory_allocate(values, sizeof *trial->exchanged);
    trial->outputs = memory_allocate(rows, sizeof *trial->outputs);
    trial->labels = memory_allocate(rows, sizeof *trial->labels);
    trial->order = memory_allocate(rows, sizeof *trial->order);
    if (trial->samples == NULL || trial->exchanged == NULL || trial->outputs == NULL ||
        trial->labels == NULL || trial->order == NULL)
        return fail_memory("the importance of columns");

    minnow_status status = MINNOW_OK;
    for (size_t i = 0; status == MINNOW_OK && i < rows; i++)
        status = minnow_dataset_sample(model->data.test, i, trial->samples + i * features);
    return status;
}

static void trial_close(struct trial *trial) {
    memory_free(trial->samples);
    memory_free(trial->exchanged);
    memory_free(trial->outputs);
    memory_free(trial->labels);
    memory_free(trial->order);
}

/* The share of wrong answers, or the root mean squared error: more is worse. */
static minnow_status trial_run(struct trial *trial, const float *samples, double *badness) {
    const struct report_model *model = trial->model;
    const minnow_dataset *dataset = model->data.test;
    minnow_status status =
        minnow_network_predict(model->network, samples, trial->rows, model->numbers ? NULL : trial->labels,
                               model->numbers ? trial->outputs : NULL);
    double sum = 0.0;
    for (size_t i = 0; status == MINNOW_OK && i < trial->rows; i++) {
        double error = model->numbers ? ((double)trial->outputs[i] - (double)dataset->targets[i]) *
                                            (double)model->encoder->target_spread
                                      : (double)(trial->labels[i] != minnow_dataset_label(dataset, i));
        sum += error * error;
    }
    sum /= (double)trial->rows;
    *badness = model->numbers ? sqrt(sum) : sum;
    return status;
}

static minnow_status trial_column(struct trial *trial, uint64_t seed, size_t column, double whole,
                                  struct importance *out) {
    const struct encoder *encoder = trial->model->encoder;
    size_t first = encoder != NULL ? encoder->columns[column].first : column;
    size_t width = encoder != NULL ? encoder->columns[column].width : 1;
    double rise[TIMES];
    minnow_status status = MINNOW_OK;
    for (uint32_t time = 0; time < TIMES && status == MINNOW_OK; time++) {
        const struct random_sequence draws = {
            .seed = seed, .purpose = RANDOM_PERMUTE, .a = (uint32_t)column, .b = time, .words = 4};
        random_shuffle(trial->order, trial->rows, &draws);
        permute_columns(trial->samples, trial->exchanged, trial->rows, trial->features, first, width,
                        trial->order);
        status = trial_run(trial, trial->exchanged, &rise[time]);
        rise[time] -= whole;
    }
    for (size_t i = 0; i < trial->rows; i++)
        memcpy(trial->exchanged + i * trial->features + first, trial->samples + i * trial->features + first,
               width * sizeof *trial->samples);
    *out = (struct importance){encoder != NULL ? encoder->columns[column].name : NULL, column,
                               mean_and_spread_of(rise, TIMES)};
    return status;
}

static int most_first(const void *a, const void *b) {
    const struct importance *x = a, *y = b;
    if (x->loss.mean != y->loss.mean)
        return x->loss.mean > y->loss.mean ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

minnow_status report_importances(struct report_model *model, uint64_t seed) {
    struct trial trial;
    size_t columns = column_count(model);
    double whole;
    minnow_status status = trial_open(model, &trial);
    model->importances = memory_allocate(columns, sizeof *model->importances);
    if (status == MINNOW_OK && model->importances == NULL)
        status = fail_memory("the importance of columns");
    if (status == MINNOW_OK)
        status = trial_run(&trial, trial.samples, &whole);
    if (status == MINNOW_OK)
        memcpy(trial.exchanged, trial.samples, trial.rows * trial.features * sizeof *trial.samples);
    for (size_t c = 0; c < columns && status == MINNOW_OK; c++)
        status = trial_column(&trial, seed, c, whole, &model->importances[c]);

    if (status == MINNOW_OK) {
        model->importance_count = columns;
        model->importance_rows = trial.rows;
        qsort(model->importances, columns, sizeof *model->importances, most_first);
    }
    trial_close(&trial);
    return status;
}
