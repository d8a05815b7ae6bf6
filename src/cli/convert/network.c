#include "cli/convert/convert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/data_source.h"
#include "cli/inputs/evaluation.h"
#include "data/dataset.h"
#include "data/table/notes.h"
#include "model/quantize.h"
#include "model/table_encoder.h"

bool convert_is_network(const char *from) {
    return model_format_of(from, false) != NULL && (is_folder(from) || strcmp(from, "digits") != 0);
}

const struct model_format *convert_network_format(const char *from, const char *target) {
    const struct model_format *format = model_format_for_target(target);
    if (format != NULL)
        return format;

    /* As data do, a network becomes the first of the table's formats that it is not in. */
    return model_formats[model_format_of(from, false) == model_formats[0] ? 1 : 0];
}

static void tell(const minnow_network *network, const struct model_format *to, const char *target,
                 const struct common_options *common) {
    unsigned long long parameters = minnow_network_parameter_count(network);
    if (common->json)
        print_json(json_pack("{s:s, s:s, s:s, s:I}", "event", "wrote", "path", target, "form", to->name,
                             "parameters", (json_int_t)parameters));
    else
        note("wrote: %s, %llu parameters as %s", target, parameters, to->name);
}

/* Columns that a program with the ONNX model has to hash itself. */
static minnow_status tell_hashes(const minnow_network *network) {
    struct encoder *encoder;
    struct listing names = {.count = 0};
    minnow_status status = table_encoder_in(network, &encoder);
    for (size_t c = 0; encoder != NULL && c < encoder->column_count; c++)
        if (encoder->columns[c].kind == ENCODER_HASHED)
            listing_add(&names, encoder->columns[c].name);
    if (names.count > 0)
        note("%s: has to be given as a hash, FNV-1a's 32 bits modulo the number of features, as ONNX cannot "
             "hash "
             "texts; the C source can",
             listing_end(&names));
    encoder_free(encoder);
    return status;
}

/* ---- What 8 bits cost ---- */

struct measurement {
    size_t total, right, right_int8, changed; /* samples; labels that are other ones with 8 bits */
};

static minnow_status compare(const minnow_network *network, const minnow_dataset *dataset, uint32_t *labels,
                             uint32_t *labels_int8, unsigned threads, struct measurement *out) {
    struct minnow_evaluation evaluation;
    minnow_evaluation_init(&evaluation, sizeof evaluation);
    struct quantized quantized;
    minnow_status status = minnow_network_evaluate(network, dataset, threads, &evaluation, labels);
    if (status == MINNOW_OK)
        status = quantize(network, &quantized);
    if (status != MINNOW_OK)
        return status;
    status = quantized_predict(&quantized, dataset, labels_int8);
    quantized_free(&quantized);
    *out = (struct measurement){.total = evaluation.total, .right = evaluation.correct};
    for (size_t i = 0; status == MINNOW_OK && i < out->total; i++) {
        out->right_int8 += labels_int8[i] == minnow_dataset_label(dataset, i);
        out->changed += labels_int8[i] != labels[i];
    }
    return status;
}

static void print_measurement(const struct measurement *m, const char *data,
                              const struct common_options *common) {
    double total = (double)m->total, accuracy = (double)m->right / total;
    double accuracy_int8 = (double)m->right_int8 / total;
    if (common->json)
        print_json(json_pack("{s:s, s:o, s:o, s:I, s:I, s:s}", "event", "int8", "accuracy_float",
                             json_number(accuracy), "accuracy_int8", json_number(accuracy_int8),
                             "labels_changed", (json_int_t)m->changed, "total", (json_int_t)m->total, "data",
                             data));
    else
        print("int8: accuracy %.2f %% instead of %.2f %%, %zu of %zu labels changed\n", 100 * accuracy_int8,
              100 * accuracy, m->changed, m->total);
}

static int measure_on(const minnow_network *network, struct data *data, const struct common_options *common) {
    size_t count = minnow_dataset_count(data->test);
    struct measurement measurement;
    uint32_t *labels = memory_allocate(2 * count, sizeof *labels);
    if (labels == NULL)
        return problem(STATUS_FAILURE, "not enough memory for the labels of %zu samples", count);
    dataset_scale(data->test, minnow_network_input_scaling(network));
    minnow_status status =
        compare(network, data->test, labels, labels + count, common->threads, &measurement);
    if (status == MINNOW_OK)
        print_measurement(&measurement, data_source_name(&data->source), common);
    if (status == MINNOW_OK && measurement.right < 2 * count / minnow_dataset_classes(data->test))
        note("hardly better than guessing: name the data that the network is for with --data FOLDER");
    memory_free(labels);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

/* ---- The data to measure on ---- */

static minnow_status open_test(const struct data_source *source, size_t classes, minnow_dataset **out) {
    return source->digits ? data_source_digits(MINNOW_SUBSET_TEST, out)
                          : minnow_dataset_open(source->folder, MINNOW_SUBSET_TEST, classes, out);
}

/* What 8 bits cost is not known, which is no failure. As JSON, that too is a line. */
static void tell_unmeasured(const char *data, const char *why, const struct common_options *common) {
    note("not measured what 8 bits cost: %s; name the network's data with --data FOLDER", why);
    if (common->json)
        print_json(json_pack("{s:s, s:n, s:n, s:n, s:i, s:s, s:s}", "event", "int8", "accuracy_float",
                             "accuracy_int8", "labels_changed", "total", 0, "data", data, "reason", why));
}

/* Data that happen to be found need not be the network's. */
static int find_fitting(const minnow_network *network, const struct common_options *common,
                        struct data *data) {
    size_t inputs = minnow_network_layer_size(network, 0);
    size_t outputs = minnow_network_layer_size(network, minnow_network_layer_count(network));
    const char *name = data_source_name(&data->source), *found = data->source.why;
    char *why = NULL;
    int length;
    minnow_status status = open_test(&data->source, outputs, &data->test);

    if (status != MINNOW_OK)
        length = asprintf(&why, "%s (%s)", minnow_last_error(), found);
    else if (minnow_dataset_features(data->test) != inputs || minnow_dataset_classes(data->test) != outputs)
        length = asprintf(&why,
                          "%s (%s) has %zu values a sample and %zu classes, the network takes %zu and tells "
                          "%zu apart",
                          name, found, minnow_dataset_features(data->test),
                          minnow_dataset_classes(data->test), inputs, outputs);
    else
        return STATUS_SUCCESS;
    if (length < 0)
        return problem(STATUS_FAILURE, "not enough memory for a message");
    tell_unmeasured(name, why, common);
    free(why);
    data_free(data);
    return STATUS_SUCCESS;
}

/* data->test stays NULL where nothing fits. Data that --data names must. */
static int find_data(const struct convert_settings *settings, const char *from, const minnow_network *network,
                     const struct common_options *common, struct data *data) {
    size_t classes = minnow_network_layer_size(network, minnow_network_layer_count(network));
    if (settings->data != NULL) {
        int status = data_load(settings->data, false, classes, common->threads, data);
        return status == STATUS_SUCCESS
                   ? evaluation_check(network, from, data->test, data_source_name(&data->source))
                   : status;
    }
    int status = data_source_find(NULL, false, &data->source);
    return status == STATUS_SUCCESS ? find_fitting(network, common, data) : status;
}

static int write_and_measure(const struct convert_settings *settings, const struct model_format *to,
                             const char *target, const minnow_network *network, struct data *data,
                             const struct common_options *common) {
    minnow_status status = to->save(network, target, &settings->save);
    if (status != MINNOW_OK)
        return report(status);
    tell(network, to, target, common);
    if (to == &model_format_onnx && !settings->save.scaled_input)
        status = tell_hashes(network);
    if (status != MINNOW_OK)
        return report(status);
    return data->test != NULL ? measure_on(network, data, common) : STATUS_SUCCESS;
}

int convert_network(const struct convert_settings *settings, const struct model_format *to, const char *from,
                    const char *target, const struct common_options *common) {
    struct data data = {0};
    minnow_network *network;
    int status = model_open_form(from, common->kernels->name, &settings->form, &network);
    if (status == STATUS_SUCCESS && settings->save.int8)
        status = find_data(settings, from, network, common, &data);
    if (status == STATUS_SUCCESS)
        status = write_and_measure(settings, to, target, network, &data, common);
    data_free(&data);
    minnow_network_free(network);
    return status;
}
