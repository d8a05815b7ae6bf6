/* minnow predict: what a network takes samples for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/team.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_names.h"
#include "cli/inputs/feature_scale.h"
#include "cli/inputs/sample_source.h"
#include "cli/predict/predict.h"
#include "data/formats/pictures.h"

/* Samples of a batch: enough for several threads, and of at most so many values. GRAIN: of a thread's
   share. */
enum { BATCH_MOST = 1024, BATCH_VALUES = 1 << 22, GRAIN = 64 };

static const char *choice_format(size_t index) {
    static const char *const names[] = {[FORMAT_TEXT] = "text", [FORMAT_CSV] = "csv"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const struct option options[] = {
    MODEL_OPTION(struct predict_settings, model),
    MODEL_FORM_OPTIONS(struct predict_settings, form),
    {.name = "id",
     .value = "COLUMN",
     .help = "of a table: what names its rows in the results [the one that\ntraining left out as a key, or "
             "the row's number]",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct predict_settings, id)},
    {.name = "strict",
     .help = "end at the first bad sample or file",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct predict_settings, strict)},
    {.name = "format",
     .value = "NAME",
     .help = "of the results: {}; csv has a line of names, and then id,\nprediction and probabilities",
     .show_default = true,
     .kind = OPTION_CHOICE,
     .offset = offsetof(struct predict_settings, format),
     .choice = choice_format},
    {.name = "show",
     .help = "draw in the terminal what the network sees",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct predict_settings, show)},
    NO_NORMALISE_OPTION(struct predict_settings, no_normalise),
    TABLE_READING_OPTIONS(struct predict_settings, reading),
};

/* ---- Predicting ---- */

static void predict_slice(struct team_member member, void *context) {
    struct prediction *p = context;
    size_t begin, end;
    team_slice(member, p->count, GRAIN, &begin, &end);
    minnow_status status = minnow_network_predict(p->network, p->values + begin * p->features, end - begin,
                                                  p->labels + begin, p->probabilities + begin * p->classes);
    if (status != MINNOW_OK)
        atomic_store(&p->failed, true);
}

static int predict_batch(struct prediction *p) {
    unsigned threads = team_threads(p->common->threads);
    size_t grains = (p->count + GRAIN - 1) / GRAIN;
    team_run((unsigned)size_min(threads, grains), predict_slice, p);
    if (atomic_load(&p->failed))
        return problem(STATUS_FAILURE, "not enough memory for %zu predictions", p->count);
    return STATUS_SUCCESS;
}

/* ---- Inputs ---- */

/* Predicts the samples that have been read, and says the results. */
static int predict_and_tell(struct prediction *p, struct prediction_source *source) {
    int status = p->count > 0 ? predict_batch(p) : STATUS_SUCCESS;
    if (status == STATUS_SUCCESS && p->count > 0)
        status = tell_batch(p, source);
    source->next += p->count;
    return status;
}

/* A bad sample among others: a line among the results, and reading goes on. */
static int tell_bad(struct prediction *p, struct prediction_source *source, char *fault) {
    if (p->common->json)
        tell_fault_as_json(p, source, &source->next, fault);
    else if (p->settings->format == FORMAT_CSV)
        tell_fault_as_csv(p, source, fault);
    else
        tell_fault_as_text(p, source, fault);
    if (source->bad++ == 0)
        source->first_fault = memory_copy_string(fault);
    source->next++;
    return print_flush() ? STATUS_SUCCESS : STATUS_FAILURE;
}

/* A failure that ends the reading of an input: among the results too if they go on with another. */
static int tell_end(struct prediction *p, const struct prediction_source *source, minnow_status status,
                    const char *fault) {
    bool goes_on = !p->settings->strict && status == MINNOW_ERROR_INPUT;
    if (p->common->json && goes_on)
        tell_fault_as_json(p, source, NULL, fault);
    if (p->settings->format == FORMAT_CSV && goes_on && source->picture)
        tell_no_picture_as_csv(p, source);
    return report_message(status, fault);
}

/* What was read before a failure is told before it. */
static int predict_some(struct prediction *p, struct prediction_source *source, bool *more) {
    minnow_status read = inputs_read(source->inputs, p->batch, p->values, &p->count);
    char *fault = read != MINNOW_OK ? memory_copy_string(minnow_last_error()) : NULL;
    int status = STATUS_SUCCESS;
    if (p->settings->form.scaling != NULL && inputs_have_features(source->inputs))
        status =
            command_refuse(&command_predict, "input-scaling",
                           "has no effect: %s holds features, which are taken as they are", source->name);
    if (status == STATUS_SUCCESS && !source->range_told && p->encoder == NULL) {
        struct extent extent = EXTENT_NONE;
        extent_add(&extent, p->values, p->count * p->features, 0);
        source->range_told = input_range_warn(p->network, &extent, source->name);
    }
    if (status == STATUS_SUCCESS)
        status = predict_and_tell(p, source);

    *more = p->count > 0;
    if (status == STATUS_SUCCESS && read != MINNOW_OK) {
        *more = fault != NULL && !p->settings->strict && inputs_sample_is_bad(source->inputs);
        status = *more ? tell_bad(p, source, fault)
                       : tell_end(p, source, read, fault != NULL ? fault : source->name);
    }
    free(fault);
    return status;
}

static int predict_inputs(struct prediction *p, struct prediction_source *source) {
    int status = STATUS_SUCCESS;
    for (bool more = true; status == STATUS_SUCCESS && more;)
        status = predict_some(p, source, &more);
    if (status == STATUS_SUCCESS && source->bad > 0)
        status = problem(STATUS_INPUT, "%s: %zu of %zu samples bad%s%s", source->name, source->bad,
                         source->next, source->first_fault != NULL ? ", the first: " : "",
                         source->first_fault != NULL ? source->first_fault : "");
    return status;
}

/* Which column names the rows: the one of --id, which must be there, or the one that training left out as a key. One
   that the network takes as numbers was read as such, and has lost the last digits of long ones. */
static int find_id(const struct prediction *p, struct prediction_source *source) {
    const char *said = p->settings->id, *id = said != NULL ? said : p->encoder->id;
    source->id = id != NULL ? table_find(source->table, id) : source->table->columns;
    bool found = source->id < source->table->columns;
    if (said != NULL && found && source->table->column[source->id].inexact)
        return problem(
            STATUS_USAGE,
            "predict: --id %s: the network takes that column of %s as 32-bit numbers, which lack digits of "
            "some of its values: name another, or a copy of it under another name",
            said, source->name);
    if (said == NULL || found)
        return STATUS_SUCCESS;
    return problem(STATUS_USAGE, "predict: --id %s: %s has no column of that name", said, source->name);
}

/* Rows that were predicted, though not all of what they hold is known. */
static void tell_oddities(const struct prediction_source *source) {
    const struct table_oddities *odd = table_samples_oddities(source->rows);
    const struct table *table = source->table;
    if (odd->unknown > 0)
        note(
            "%s: %zu of %zu rows hold a text that training did not know, and count as rare there; the first: "
            "number %zu, \"%.80s\": \"%.80s\"",
            source->name, odd->unknown, source->next, odd->first_unknown, table->column[odd->column].name,
            table->column[odd->column].values[table_code(table, odd->first_unknown, odd->column)]);
    if (odd->empty > 0)
        note("%s: %zu of %zu rows are empty, and predicted from what is usual; the first: number %zu",
             source->name, odd->empty, source->next, odd->first_empty);
}

/* A table, of which the network's file says how its rows become samples. */
static int predict_table(struct prediction *p, struct prediction_source *source) {
    const char *id = p->settings->id != NULL ? p->settings->id : p->encoder->id;
    int status = table_open_to_predict(source->name, &p->settings->reading, p->encoder, id,
                                       p->common->threads, &source->table);
    if (status == STATUS_SUCCESS)
        status = find_id(p, source);
    if (status != STATUS_SUCCESS)
        return status;
    struct sample_stream *samples;
    minnow_status opened = table_samples_open(p->encoder, source->table, &samples);
    source->rows = opened == MINNOW_OK ? samples : NULL;
    if (opened == MINNOW_OK)
        opened = inputs_from_samples(source->name, p->features, samples, &source->inputs);
    if (opened != MINNOW_OK)
        return report(opened);
    status = predict_inputs(p, source);
    if (status == STATUS_SUCCESS || status == STATUS_INPUT)
        tell_oddities(source);
    return status;
}

static minnow_status open_samples(struct prediction *p, struct prediction_source *source) {
    minnow_status status = source->bytes != NULL
                               ? inputs_open_form(source->bytes, &p->form, &source->inputs)
                               : sample_source_open(source->name, &p->form, &source->inputs);
    if (status != MINNOW_OK)
        return status;
    bool picture = inputs_are_picture(source->inputs);
    if (source->from_set && !picture)
        return fail(MINNOW_ERROR_INPUT, "%s: expected a PNG, JPEG, PGM or PPM picture", source->name);
    source->picture = source->from_set || (picture && strcmp(source->name, "-") != 0);
    return MINNOW_OK;
}

static int open_and_predict(struct prediction *p, struct prediction_source *source) {
    if (!source->from_set && sample_source_is_table(p->encoder, source->name))
        return predict_table(p, source);
    if (p->settings->id != NULL)
        return command_refuse(&command_predict, "id", "has no effect: %s is no table with columns",
                              source->name);
    minnow_status status = open_samples(p, source);
    if (status == MINNOW_OK)
        return predict_inputs(p, source);
    char *fault = memory_copy_string(minnow_last_error());
    int result = tell_end(p, source, status, fault != NULL ? fault : source->name);
    free(fault);
    return result;
}

static int predict_and_close(struct prediction *p, struct prediction_source *source) {
    source->quoted = tell_quote(source->name);
    if (source->quoted == NULL)
        return problem(STATUS_FAILURE, "not enough memory for the name of a file");
    int status = open_and_predict(p, source);
    inputs_close(source->inputs);
    table_free(source->table);
    free(source->quoted);
    free(source->first_fault);
    return status;
}

int predict_file(struct prediction *p, const char *path) {
    return predict_and_close(p, &(struct prediction_source){.name = path, .picture = picture_is_file(path)});
}

int predict_picture(struct prediction *p, const char *name, struct byte_stream *bytes) {
    return predict_and_close(
        p, &(struct prediction_source){.name = name, .bytes = bytes, .picture = true, .from_set = true});
}

/* ---- The command ---- */

static int prepare(struct prediction *p) {
    size_t layers = minnow_network_layer_count(p->network);
    p->features = minnow_network_layer_size(p->network, 0);
    p->classes = minnow_network_layer_size(p->network, layers);
    size_t widest = p->features > p->classes ? p->features : p->classes;
    p->batch = size_min(BATCH_MOST, BATCH_VALUES / widest);
    p->names = class_names_read(p->network);
    int status = table_encoder_of(p->network, p->settings->model, &p->encoder);
    p->predicts_number = p->encoder != NULL && p->encoder->task == TASK_REGRESSION;
    if (status != STATUS_SUCCESS)
        return status;
    p->values = memory_allocate(p->batch * p->features, sizeof *p->values);
    p->labels = memory_allocate(p->batch, sizeof *p->labels);
    p->probabilities = memory_allocate(p->batch * p->classes, sizeof *p->probabilities);
    if (p->values == NULL || p->labels == NULL || p->probabilities == NULL)
        return problem(STATUS_FAILURE, "not enough memory for a batch of %zu samples", p->batch);
    return STATUS_SUCCESS;
}

/* What inputs become, and whether they can be shown. */
static int settle_form(struct prediction *p) {
    const struct predict_settings *settings = p->settings;
    int status =
        sample_source_form(&command_predict, p->network, settings->model, settings->no_normalise, &p->form);
    if (status != STATUS_SUCCESS)
        return status;
    if (settings->show && p->form.pictures.height == 0)
        return command_refuse(&command_predict, "show",
                              "%s does not say how its %zu values are rows and columns", settings->model,
                              p->features);
    if (settings->show && (p->common->json || settings->format == FORMAT_CSV))
        return command_refuse(&command_predict, "show",
                              "has no place in the output of --json or --format csv");
    return STATUS_SUCCESS;
}

static int predict_all(const minnow_network *network, const struct predict_settings *settings,
                       const struct command_line *line) {
    struct prediction prediction = {.network = network, .common = &line->common, .settings = settings};
    int status = prepare(&prediction);
    if (status == STATUS_SUCCESS)
        status = settle_form(&prediction);
    if (status == STATUS_SUCCESS)
        status = predict_operands(&prediction, &line->operands);
    json_decref(prediction.names);
    encoder_free(prediction.encoder);
    memory_free(prediction.values);
    memory_free(prediction.labels);
    memory_free(prediction.probabilities);
    return status;
}

static int run_predict(const struct command *command, int argc, char **argv) {
    struct predict_settings settings = {.form = MODEL_FORM_UNSET, .reading = TABLE_READING_UNSET};
    struct command_line line;
    int status = command_begin(command, argc, argv, &settings, &line);
    if (status != BEGUN)
        return status;
    if (settings.format == FORMAT_CSV && line.common.json)
        return command_refuse(command, "format", "csv has no effect with --json");
    if (line.operands.count == 0 && isatty(STDIN_FILENO))
        return problem(STATUS_USAGE, "predict: of what? a file of images or of rows of numbers, or '-'");
    minnow_network *network;
    status = model_open_first(command, settings.model, line.common.kernels->name, &settings.form, &network);
    if (status != STATUS_SUCCESS)
        return status;
    status = predict_all(network, &settings, &line);
    minnow_network_free(network);
    return status;
}

static const struct option_answer answers[] = {
    {"data images image input i",
     "the images are named without an option: minnow predict --model FILE IMAGES"},
    {"save output out o", "predictions go to standard output: minnow predict … >FILE"},
    {NULL, NULL},
};

const struct command command_predict = {
    .name = "predict",
    .words = "infer inference classify run",
    .summary = "tells what a saved network takes images or rows for",
    .usage = "--model PATH [IMAGES...] [OPTIONS]",
    .about =
        "Prints a line per image: its file, if there are several, its number there, from 0, the class\n"
        "with the largest output, and the two that come next. IMAGES are IDX files of images, NumPy's\n"
        ".npy, CSV files with a sample's values on a line or LIBSVM's INDEX:VALUE lines, gzip-compressed or\n"
        "not, and without labels, which LIBSVM's lines may have;\n"
        "without any, or for '-', standard input. PNG, JPEG, PGM and PPM pictures are brought to what\n"
        "the network was trained on; those of a folder, or of a zip or tar archive, one after the other,\n"
        "each with its name; for digits like MNIST's the drawing is found, dark on light or\n"
        "light on dark, and cropped, fitted and centred as MNIST's makers did. Bytes are multiplied by\n"
        "the network's input scaling. So are rows of CSV that hold nothing but bytes / 256, as the\n"
        "original program's files do; all others are features as they are. A network that was trained on\n"
        "a table takes tables with the same columns, in any order, with or without the label. Results\n"
        "come as soon as their images are there, those of a table once it has been read to the end, and\n"
        "each is the same, to the last bit, alone or among others. A bad row has a line that says what is\n"
        "wrong with it, {\"error\": ...} with --json, no prediction in CSV, and the others go on; the exit\n"
        "status is 3 then.\n"
        "Percentages are probabilities; a network of a quadratic loss has activations instead.\n",
    .examples = "  minnow predict --model digits.safetensors ~/mnist/t10k-images-idx3-ubyte.gz\n"
                "  minnow predict --model digits.safetensors DATA/test_images.csv --json | jq .label\n"
                "  head -n 5 DATA/test_images.csv | minnow predict --model digits.safetensors\n"
                "  minnow predict --model digits.safetensors --show photo.jpg\n"
                "  minnow predict --model cats.safetensors PHOTOS --format csv     a folder of pictures\n"
                "  minnow predict --model houses.safetensors new.csv --id Address --format csv\n"
                "  minnow predict --model torch.safetensors --activation relu --loss softmax images\n",
    .common = true,
    .options = options,
    .answers = answers,
    .option_count = sizeof options / sizeof options[0],
    .max_operands = ANY_OPERANDS,
    .run = run_predict,
};
