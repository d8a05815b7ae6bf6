/* The sample to explain: from a data set, a table, or whatever else 'predict' takes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "cli/explain/explain.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_names.h"
#include "cli/inputs/evaluation.h"
#include "cli/inputs/sample_source.h"
#include "data/dataset.h"

/* Where the sample comes from, of which each takes options of its own. */
enum origin { ORIGIN_DATASET, ORIGIN_TABLE, ORIGIN_STREAM };

struct reading {
    const struct explain_settings *settings;
    const struct command_line *line;
    struct walk *walk;
    struct data_source source;
    size_t inputs, outputs;
};

static minnow_status make_room(struct reading *r) {
    r->walk->sample.values = memory_allocate(r->inputs, sizeof(float));
    return r->walk->sample.values != NULL ? MINNOW_OK : fail_memory("a sample");
}

static int no_such_index(const struct reading *r, size_t count) {
    return problem(STATUS_USAGE, "explain: --index %llu: %s has %zu sample%s, counted from 0",
                   (unsigned long long)r->settings->index, data_source_name(&r->source), count,
                   count == 1 ? "" : "s");
}

/* ---- Data sets ---- */

static int keep_targets(struct reading *r, const float *targets) {
    struct explain_sample *sample = &r->walk->sample;
    sample->label = MINNOW_NO_LABEL;
    sample->targets = memory_allocate(r->outputs, sizeof *sample->targets);
    if (sample->targets == NULL)
        return problem(STATUS_FAILURE, "not enough memory for %zu targets", r->outputs);
    memcpy(sample->targets, targets, r->outputs * sizeof *targets);
    return STATUS_SUCCESS;
}

static int copy_sample(struct reading *r, minnow_dataset *dataset) {
    struct explain_sample *sample = &r->walk->sample;
    int status =
        evaluation_check(r->walk->network, r->settings->model, dataset, data_source_name(&r->source));
    if (status != STATUS_SUCCESS)
        return status;
    if (r->settings->form.scaling != NULL && dataset->bytes == NULL)
        return command_refuse(r->line->command, "input-scaling",
                              "has no effect: %s holds features, which are taken as they are",
                              data_source_name(&r->source));
    if (sample->index >= dataset->count)
        return no_such_index(r, dataset->count);

    dataset_scale(dataset, minnow_network_input_scaling(r->walk->network));
    minnow_status made = make_room(r);
    if (made == MINNOW_OK)
        made = minnow_dataset_sample(dataset, sample->index, sample->values);
    if (made != MINNOW_OK)
        return report(made);
    const float *targets = minnow_dataset_targets(dataset, sample->index);
    sample->label = dataset->labels[sample->index];
    return targets != NULL ? keep_targets(r, targets) : STATUS_SUCCESS;
}

static int from_dataset(struct reading *r) {
    struct data data = {0};
    struct data_request request = data_request_of(r->walk->network);
    request.transpose = r->settings->transpose;
    int status = data_load_request(r->settings->data, false, &request, r->line->common.threads, &data);
    if (status == STATUS_SUCCESS)
        status = copy_sample(r, data.test);
    data_free(&data);
    return status;
}

/* ---- Tables ---- */

/* The row's label, if the table has that column and the row a value in it. */
static minnow_status take_label(struct reading *r, const struct table *table) {
    const struct encoder *encoder = r->walk->encoder;
    struct explain_sample *sample = &r->walk->sample;
    if (r->settings->label != NULL || encoder->label == NULL ||
        table_find(table, encoder->label) == table->columns)
        return MINNOW_OK;

    uint32_t *labels = memory_allocate(table->rows, sizeof *labels);
    minnow_status status =
        labels != NULL ? encoder_labels(encoder, table, labels) : fail_memory("the labels of a table");
    uint32_t label = status == MINNOW_OK ? labels[sample->index] : TABLE_GAP;
    if (label != TABLE_GAP && encoder->task == TASK_CLASSES) {
        sample->label = label;
    } else if (label != TABLE_GAP) {
        float number;
        memcpy(&number, &label, sizeof number);
        number = (number - encoder->target_centre) / encoder->target_spread;
        if (keep_targets(r, &number) != STATUS_SUCCESS)
            status = fail_memory("a target");
    }
    memory_free(labels);
    return status;
}

static minnow_status encode_row(struct reading *r, const struct table *table) {
    struct encoding *encoding;
    minnow_status status = make_room(r);
    if (status != MINNOW_OK)
        return status;
    status = encoding_open(r->walk->encoder, table, &encoding);
    uint32_t row = (uint32_t)r->walk->sample.index;
    if (status == MINNOW_OK)
        status = encoding_check_row(encoding, row);
    if (status == MINNOW_OK)
        encoding_rows(encoding, &row, 1, r->walk->sample.values);
    encoding_close(encoding);
    return status == MINNOW_OK ? take_label(r, table) : status;
}

static int from_table(struct reading *r) {
    struct explain_sample *sample = &r->walk->sample;
    int status = table_open_for(r->source.folder, &r->settings->reading, r->walk->encoder,
                                r->line->common.threads, &sample->table);
    if (status != STATUS_SUCCESS)
        return status;
    if (sample->index >= sample->table->rows)
        return no_such_index(r, sample->table->rows);
    minnow_status encoded = encode_row(r, sample->table);
    return encoded == MINNOW_OK ? STATUS_SUCCESS : report(encoded);
}

/* ---- Files without labels ---- */

/* Reads on to the sample. Bad ones before it do not matter. */
static int read_to_index(struct reading *r, struct inputs *inputs) {
    struct explain_sample *sample = &r->walk->sample;
    for (size_t i = 0; i <= sample->index; i++) {
        size_t count;
        minnow_status read = inputs_read(inputs, 1, sample->values, &count);
        if (read != MINNOW_OK && (i == sample->index || !inputs_sample_is_bad(inputs)))
            return report(read);
        if (read == MINNOW_OK && count == 0)
            return no_such_index(r, i);
    }
    if (r->settings->form.scaling != NULL && inputs_have_features(inputs))
        return command_refuse(r->line->command, "input-scaling",
                              "has no effect: %s holds features, which are taken as they are",
                              data_source_name(&r->source));
    return STATUS_SUCCESS;
}

static int from_stream(struct reading *r) {
    struct sample_form form;
    struct inputs *inputs = NULL;
    int status = sample_source_form(r->line->command, r->walk->network, r->settings->model,
                                    r->settings->no_normalise, &form);
    if (status != STATUS_SUCCESS)
        return status;
    minnow_status opened = make_room(r);
    if (opened == MINNOW_OK)
        opened = sample_source_open(r->source.folder, &form, &inputs);
    status = opened == MINNOW_OK ? read_to_index(r, inputs) : report(opened);
    inputs_close(inputs);
    return status;
}

/* ---- Which of them ---- */

static bool is_file(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static enum origin find_origin(const struct reading *r) {
    const char *path = r->source.folder;
    if (r->source.digits || is_folder(path))
        return ORIGIN_DATASET;
    if (sample_source_is_table(r->walk->encoder, path))
        return ORIGIN_TABLE;
    return is_file(path) && dataset_folder_has(path, MINNOW_SUBSET_TEST) ? ORIGIN_DATASET : ORIGIN_STREAM;
}

/* What there is to read has no use for the options of other kinds. */
static int check_origin(const struct reading *r, enum origin origin) {
    static const char *const of_tables[] = {"delimiter", "header", "quote", "decimal", "gaps", NULL},
                             *const of_datasets[] = {"transpose", NULL},
                             *const of_streams[] = {"no-normalise", NULL};
    const char *name = data_source_name(&r->source);
    const struct encoder *encoder = r->walk->encoder;
    if (encoder != NULL && !encoder->bytes && origin != ORIGIN_TABLE)
        return problem(STATUS_USAGE,
                       "explain: %s was trained on a table, and explains rows of one with the same columns; "
                       "found %s",
                       r->settings->model, name);
    int status = STATUS_SUCCESS;
    if (origin != ORIGIN_TABLE)
        status =
            command_refuse_any(r->line->command, r->line, of_tables, "has no effect: %s is no table", name);
    if (status == STATUS_SUCCESS && origin != ORIGIN_DATASET)
        status = command_refuse_any(r->line->command, r->line, of_datasets,
                                    "has no effect: %s is no data set of images with labels", name);
    if (status == STATUS_SUCCESS && origin != ORIGIN_STREAM)
        status = command_refuse_any(r->line->command, r->line, of_streams,
                                    "has no effect: the samples of %s are taken as they are", name);
    return status;
}

static int read_values(struct reading *r) {
    int status = data_source_find(r->settings->data, false, &r->source);
    if (status != STATUS_SUCCESS)
        return status;
    r->walk->sample.name = memory_copy_string(
        strcmp(r->source.folder, "-") == 0 ? "standard input" : data_source_name(&r->source));
    if (r->walk->sample.name == NULL)
        return problem(STATUS_FAILURE, "not enough memory for the name of a file");
    enum origin origin = find_origin(r);
    status = check_origin(r, origin);
    if (status != STATUS_SUCCESS)
        return status;
    switch (origin) {
    case ORIGIN_DATASET:
        return from_dataset(r);
    case ORIGIN_TABLE:
        return from_table(r);
    case ORIGIN_STREAM:
        return from_stream(r);
    }
    return STATUS_FAILURE;
}

/* ---- The right answer ---- */

static int take_class(struct reading *r, const char *text) {
    char number[CLASS_NUMBER_TEXT];
    for (size_t c = 0; c < r->outputs; c++)
        if (strcmp(text, class_name(r->walk->names, c, number)) == 0) {
            r->walk->sample.label = (uint32_t)c;
            return STATUS_SUCCESS;
        }
    uint64_t label;
    if (!number_parse_u64(text, &label) || label >= r->outputs)
        return problem(STATUS_USAGE, "explain: --label %s: expected a class of %s: %sa number from 0 to %zu",
                       text, r->settings->model, r->walk->names != NULL ? "its name, or " : "",
                       r->outputs - 1);
    r->walk->sample.label = (uint32_t)label;
    return STATUS_SUCCESS;
}

/* One number for each output; of a table, in the label's own unit. */
static int take_numbers(struct reading *r, const char *text) {
    const char *at = text, *end = text + strlen(text);
    const struct encoder *encoder = r->walk->encoder;
    float *targets = memory_allocate(r->outputs, sizeof *targets);
    bool good = targets != NULL;
    for (size_t j = 0; j < r->outputs && good; j++) {
        good = number_read_float(&at, end, &targets[j]) && isfinite(targets[j]) &&
               *at == (j + 1 < r->outputs ? ',' : '\0');
        at += good && *at == ',';
        if (good && encoder != NULL)
            targets[j] = (targets[j] - encoder->target_centre) / encoder->target_spread;
    }
    int status = good
                     ? keep_targets(r, targets)
                     : problem(STATUS_USAGE, "explain: --label %s: expected %zu number%s%s", text, r->outputs,
                               r->outputs == 1 ? "" : "s", r->outputs == 1 ? "" : " with commas between");
    memory_free(targets);
    return status;
}

/* What --label says goes before what the data say. Without either, the class that the network takes it for. */
static int settle_label(struct reading *r) {
    struct explain_sample *sample = &r->walk->sample;
    const struct loss_row *loss = loss_row(minnow_network_loss(r->walk->network));
    if (r->settings->label != NULL) {
        memory_free(sample->targets);
        sample->targets = NULL;
        return loss->loss != NULL ? take_class(r, r->settings->label) : take_numbers(r, r->settings->label);
    }
    if (sample->label != MINNOW_NO_LABEL || sample->targets != NULL)
        return STATUS_SUCCESS;
    if (loss->loss == NULL)
        return problem(STATUS_USAGE,
                       "explain: what is right for this sample? %s does not say; give --label NUMBER",
                       sample->name);
    sample->assumed = true;
    minnow_status status = minnow_network_predict(r->walk->network, sample->values, 1, &sample->label, NULL);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

int explain_sample_read(const struct explain_settings *settings, const struct command_line *line,
                        struct walk *walk) {
    size_t layers = minnow_network_layer_count(walk->network);
    struct reading r = {.settings = settings,
                        .line = line,
                        .walk = walk,
                        .inputs = minnow_network_layer_size(walk->network, 0),
                        .outputs = minnow_network_layer_size(walk->network, layers)};
    walk->sample.index = settings->index;
    walk->sample.label = MINNOW_NO_LABEL;
    int status = read_values(&r);
    return status == STATUS_SUCCESS ? settle_label(&r) : status;
}

void explain_sample_free(struct explain_sample *sample) {
    free(sample->name);
    memory_free(sample->values);
    memory_free(sample->targets);
    table_free(sample->table);
}

/* ---- Names ---- */

static void name_feature(const struct encoder_column *column, size_t feature, char text[INPUT_NAME]) {
    switch (column->kind) {
    case ENCODER_NUMBER:
        snprintf(text, INPUT_NAME, "%s%s", column->name, feature > 0 ? " is missing" : "");
        break;
    case ENCODER_CATEGORY:
        snprintf(text, INPUT_NAME, "%s = %s", column->name,
                 feature < column->value_count ? column->values[feature] : "any other");
        break;
    case ENCODER_HASHED:
        snprintf(text, INPUT_NAME, "%s, bucket %zu", column->name, feature);
        break;
    }
}

void explain_input_name(const struct walk *walk, size_t input, char text[INPUT_NAME]) {
    static const char *const colours[] = {"red", "green", "blue"};
    if (walk->height > 0) {
        size_t pixel = input / walk->channels;
        snprintf(text, INPUT_NAME, "row %zu, column %zu%s%s", pixel / walk->width, pixel % walk->width,
                 walk->channels == 3 ? ", " : "", walk->channels == 3 ? colours[input % 3] : "");
        return;
    }
    for (size_t c = 0; walk->encoder != NULL && c < walk->encoder->column_count; c++) {
        const struct encoder_column *column = &walk->encoder->columns[c];
        if (input >= column->first && input < column->first + column->width) {
            name_feature(column, input - column->first, text);
            return;
        }
    }
    snprintf(text, INPUT_NAME, "input %zu", input);
}
