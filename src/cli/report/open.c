/* A model of a report: opened, given its data, and measured. */
#include <math.h>

#include "base/memory.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_names.h"
#include "cli/inputs/curves.h"
#include "cli/inputs/preprocessing.h"
#include "cli/inputs/test_data.h"
#include "cli/report/report.h"

static int measure_numbers(struct report_model *model, unsigned threads) {
    model->outputs = memory_allocate(model->data.test->count, sizeof *model->outputs);
    if (model->outputs == NULL)
        return problem(STATUS_FAILURE, "not enough memory for %zu predictions", model->data.test->count);
    return number_scores_of(model->network, model->data.test, model->encoder, threads, model->outputs,
                            &model->scored);
}

static int measure_classes(struct report_model *model, unsigned threads) {
    struct guess guess;
    int status = evaluation_run(model->network, model->data.test, threads, &model->evaluation);
    if (status == STATUS_SUCCESS)
        status = class_scores_of(model->network, model->data.test, &model->evaluation, &model->scores);
    if (status == STATUS_SUCCESS)
        status = guess_on(model->network, model->data.test, &guess);
    if (status != STATUS_SUCCESS)
        return status;

    model->collapsed = evaluation_accuracy(&model->evaluation) <= guess.accuracy &&
                       guess_is_as_good(&guess, model->evaluation.totals.loss);
    if (model->collapsed)
        note("%s: no better than guessing, which gets %.2f %% right", model->path, 100 * guess.accuracy);
    return STATUS_SUCCESS;
}

static int measure(struct report_model *model, uint64_t seed, unsigned threads) {
    int failed = model->numbers ? measure_numbers(model, threads) : measure_classes(model, threads);
    if (failed != STATUS_SUCCESS)
        return failed;
    minnow_status status = report_run(model);
    if (status == MINNOW_OK && !model->numbers)
        status = report_choose(model);
    if (status == MINNOW_OK && report_has_columns(model))
        status = report_importances(model, seed);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

/* The curves that the file holds; or where a log was given, that, which is compared with them. */
static void take_curves(struct report_model *model) {
    struct curves curves;
    curves_parse(minnow_network_metadata(model->network, CURVES_KEY), &curves);
    for (size_t i = 0; model->log != NULL && i < curves.count; i++) {
        size_t index;
        json_t *row;
        json_array_foreach(model->log, index, row) {
            double epoch = json_number_value(json_object_get(row, "epoch")),
                   own = (double)curves.value[TRAIN_LOSS][i];
            const json_t *value = json_object_get(row, "train_loss");
            double told = json_number_value(value);
            if (epoch != (double)curves.epoch[i] || !json_is_number(value) ||
                !(fabs(told - own) > 1e-5 * fabs(own)))
                continue;
            note("minnow: %s: the log is of another run: its training loss after epoch %zu is %g, the "
                 "model's %g",
                 model->path, curves.epoch[i], told, own);
            return;
        }
    }
    if (model->log == NULL)
        model->log = curves_rows(&curves);
}

int report_open(const struct report_settings *settings, const struct command_line *line,
                struct report_model *model) {
    int status = model_open_form(model->path, line->common.kernels->name, &settings->form, &model->network);
    if (status != STATUS_SUCCESS)
        return status;
    if (minnow_network_nonfinite_count(model->network) > 0)
        return problem(STATUS_INPUT, "report: %s: its training diverged, and there is nothing to report",
                       model->path);

    const struct test_data_request request = {
        line, model->path, settings->data, settings->transpose, &settings->form, &settings->reading};
    status = test_data_load(&request, model->network, &model->data, &model->encoder);
    if (status != STATUS_SUCCESS)
        return status;
    model->numbers = model->data.test->targets != NULL;
    model->names = class_names_read(model->network);
    take_curves(model);
    model->pictures = preprocessing_read(model->network);
    if (model->pictures.height * model->pictures.width * model->pictures.channels !=
            model->data.test->features ||
        (model->encoder != NULL && !model->encoder->bytes))
        model->pictures.height = 0;
    return measure(model, settings->seed, line->common.threads);
}

void report_close(struct report_model *model) {
    for (size_t l = 0; model->layers != NULL && l < model->network->layer_count; l++)
        memory_free(model->layers[l].ranges.least);
    memory_free(model->layers);
    evaluation_free(&model->evaluation);
    class_scores_free(&model->scores);
    memory_free(model->right);
    memory_free(model->confidence);
    memory_free(model->shots);
    memory_free(model->outputs);
    memory_free(model->importances);
    json_decref(model->names);
    json_decref(model->log);
    encoder_free(model->encoder);
    data_free(&model->data);
    minnow_network_free(model->network);
    *model = (struct report_model){0};
}
