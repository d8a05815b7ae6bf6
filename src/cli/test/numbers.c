#include "cli/test/numbers.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "cli/frame/json.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/numbers.h"
#include "cli/test/mistakes.h"
#include "data/dataset.h"

enum { WORST = 10 };

/* A sample and how wrong the network is about it. */
struct error {
    double size;
    size_t sample;
};

static int by_size(const void *a, const void *b) {
    const struct error *x = a, *y = b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return (x->sample > y->sample) - (x->sample < y->sample);
}

static struct error *sort_errors(const minnow_dataset *dataset, const float *outputs) {
    struct error *errors = memory_allocate(dataset->count, sizeof *errors);
    if (errors == NULL)
        return NULL;
    for (size_t i = 0; i < dataset->count; i++)
        errors[i] = (struct error){fabs((double)outputs[i] - (double)dataset->targets[i]), i};
    qsort(errors, dataset->count, sizeof *errors, by_size);
    return errors;
}

static size_t row_of(const struct data *data, size_t sample) {
    return data->rows != NULL ? data->rows[sample] : sample;
}

static void print_as_json(const struct data *data, const struct encoder *encoder,
                          const struct number_scores *scores, const float *outputs,
                          const struct error *errors, size_t worst_count, const minnow_network *network) {
    const minnow_dataset *dataset = data->test;
    json_t *worst = json_array();
    for (size_t i = 0; i < worst_count && i < dataset->count; i++) {
        size_t sample = errors[i].sample;
        json_array_append_new(worst,
                              json_pack("{s:I, s:o, s:o}", "row", (json_int_t)row_of(data, sample), "label",
                                        json_number(number_of(encoder, dataset->targets[sample])),
                                        "prediction", json_number(number_of(encoder, outputs[sample]))));
    }
    print_json(json_pack("{s:o, s:o, s:o, s:I, s:o, s:s, s:s}", "rmse", json_number(scores->rmse), "mae",
                         json_number(scores->mae), "r2", json_number(scores->r2), "total",
                         (json_int_t)dataset->count, "worst", worst, "isa", minnow_network_isa(network),
                         "data", data_source_name(&data->source)));
}

/* worst_count: how many rows are listed; `columns`: with what they hold. */
static int print_as_text(const struct data *data, const struct encoder *encoder,
                         const struct number_scores *scores, const float *outputs, const struct error *errors,
                         size_t worst_count, bool columns) {
    int status = STATUS_SUCCESS;
    const struct colours *colour = output_colours();
    const minnow_dataset *dataset = data->test;
    print("RMSE %s%.6g%s, MAE %.6g, R² %.4f over %zu rows\n", colour->bold, scores->rmse, colour->plain,
          scores->mae, scores->r2, dataset->count);
    print("\n%sworst rows%s      label  predicted\n", colour->bold, colour->plain);
    for (size_t i = 0; i < worst_count && i < dataset->count; i++) {
        size_t sample = errors[i].sample;
        print("%9zu %12.6g %10.6g\n", row_of(data, sample), number_of(encoder, dataset->targets[sample]),
              number_of(encoder, outputs[sample]));
        if (columns && status == STATUS_SUCCESS)
            status = mistakes_print_columns(data, encoder, sample);
    }
    if (!(scores->r2 > 0))
        note("no better than always predicting the mean");
    return status;
}

int test_numbers(const minnow_network *network, const struct data *data, const struct encoder *encoder,
                 size_t mistakes, const struct common_options *common) {
    size_t worst_count = mistakes > 0 ? mistakes : WORST;
    float *outputs = memory_allocate(data->test->count, sizeof *outputs);
    if (outputs == NULL)
        return problem(STATUS_FAILURE, "not enough memory for %zu predictions", data->test->count);
    struct number_scores scores;
    int status = number_scores_of(network, data->test, encoder, common->threads, outputs, &scores);
    struct error *errors = status == STATUS_SUCCESS ? sort_errors(data->test, outputs) : NULL;
    if (status == STATUS_SUCCESS && errors == NULL)
        status = problem(STATUS_FAILURE, "not enough memory to sort %zu errors", data->test->count);
    if (status == STATUS_SUCCESS && common->json)
        print_as_json(data, encoder, &scores, outputs, errors, worst_count, network);
    else if (status == STATUS_SUCCESS)
        status = print_as_text(data, encoder, &scores, outputs, errors, worst_count, mistakes > 0);
    memory_free(errors);
    memory_free(outputs);
    return status;
}
