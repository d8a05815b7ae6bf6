#include "cli/inputs/provenance.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/status.h"
#include "cli/command.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/choices.h"
#include "cli/inputs/feature_scale.h"
#include "cli/inputs/preprocessing.h"
#include "data/augmentation/distortion.h"
#include "data/dataset.h"
#include "data/table/encoder.h"

/* Without names of their own, classes are called by their numbers; not so many that the file's header, which
   readers limit, fills up with them. */
enum { MAX_NUMBERED_CLASSES = 1000 };

int provenance_check_names(const char *class_names, size_t classes) {
    json_t *text = class_names != NULL ? json_string(class_names) : NULL;
    if (class_names != NULL && text == NULL)
        return problem(STATUS_USAGE, "--class-names: not valid UTF-8");
    json_decref(text);
    size_t count = 1;
    for (const char *c = class_names; c != NULL && *c != '\0'; c++)
        count += *c == ',';
    if (class_names == NULL || count == classes)
        return STATUS_SUCCESS;
    return problem(STATUS_USAGE, "--class-names: %zu name%s for %zu classes", count, count == 1 ? "" : "s",
                   classes);
}

/* Sets a key to the text of a JSON value, of which it takes ownership; NULL counts as one that lacked memory.
 */
static minnow_status set_json(minnow_network *network, const char *key, json_t *value) {
    enum { DIGITS = 15 }; /* as many as every decimal survives in a double */
    char *text = value != NULL ? json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS)) : NULL;
    json_decref(value);
    minnow_status status = text != NULL ? minnow_network_set_metadata(network, key, text) : fail_memory(key);
    free(text);
    return status;
}

static minnow_status set_scaling(minnow_network *network, const minnow_dataset *dataset) {
    char text[NUMBER_TEXT];
    number_write_shortest(dataset->bytes != NULL ? dataset->scale : PIXEL_SCALE, text);
    return minnow_network_set_metadata(network, "input_scaling", text);
}

static json_t *input_shape(const minnow_dataset *dataset) {
    if (dataset->height != 0)
        return json_pack("[I, I]", (json_int_t)dataset->height, (json_int_t)dataset->width);
    return json_pack("[I]", (json_int_t)dataset->features);
}

static json_t *give_up(json_t *value) {
    json_decref(value);
    return NULL;
}

/* From 0, or from the 1 that the labels of the data begin at. */
static json_t *numbered_classes(size_t classes, size_t first) {
    json_t *array = json_array();
    for (size_t i = first; i < first + classes; i++)
        if (json_array_append_new(array, json_sprintf("%zu", i)) != 0)
            return give_up(array);
    return array;
}

/* The names that the data give them. */
static json_t *data_classes(const minnow_dataset *dataset) {
    json_t *array = json_array();
    for (size_t i = 0; i < dataset->classes; i++)
        if (json_array_append_new(array, json_string(dataset->class_names[i])) != 0)
            return give_up(array);
    return array;
}

static json_t *named_classes(const char *names) {
    json_t *array = json_array();
    for (;;) {
        size_t length = strcspn(names, ",");
        if (json_array_append_new(array, json_stringn(names, length)) != 0)
            return give_up(array);
        if (names[length] == '\0')
            return array;
        names += length + 1;
    }
}

static minnow_status set_class_names(minnow_network *network, const char *names,
                                     const minnow_dataset *dataset) {
    if (names != NULL)
        return set_json(network, "class_names", named_classes(names));
    bool named = minnow_network_metadata(network, "class_names") != NULL; /* by the file it came from */
    if (!named && dataset->class_names != NULL)
        return set_json(network, "class_names", data_classes(dataset));
    if (!named && dataset->classes <= MAX_NUMBERED_CLASSES)
        return set_json(network, "class_names", numbered_classes(dataset->classes, dataset->from_one));
    return MINNOW_OK;
}

/* jansson's integers end at 2^63 - 1; larger ones are written as strings. */
static json_t *json_u64(uint64_t value) {
    if (value <= INT64_MAX)
        return json_integer((json_int_t)value);
    return json_sprintf("%llu", (unsigned long long)value);
}

/* Constants that are not 0: those of the optimiser, and what regularises. */
static json_t *add_constants(json_t *object, const minnow_training_config *config) {
    const struct {
        const char *key;
        double value;
    } constants[] = {
        {"momentum", config->momentum},
        {"beta1", config->beta1},
        {"beta2", config->beta2},
        {"epsilon", config->epsilon},
        {"weight_decay", config->weight_decay},
        {"l2", config->l2},
        {"max_norm", config->max_norm},
        {"clip_norm", config->clip_norm},
        {"ema", config->ema},
        {"label_smoothing", config->label_smoothing},
        {"input_dropout", config->input_dropout},
        {"noise", config->noise},
        {"mixup", config->mixup},
    };
    for (size_t i = 0; object != NULL && i < sizeof constants / sizeof *constants; i++)
        if (constants[i].value != 0.0 &&
            json_object_set_new(object, constants[i].key, json_real(constants[i].value)) != 0)
            return give_up(object);
    return object;
}

/* NULL, which leaves it out, where there is none. */
static json_t *distortion(const minnow_distortion_config *config) {
    if (config == NULL || distortion_is_none(config))
        return NULL;
    return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:o}", "shift", config->shift, "rotation",
                     config->rotation, "scale", config->scale, "shear", config->shear, "elastic_alpha",
                     config->elastic_alpha, "elastic_sigma", config->elastic_sigma, "elastic_fields",
                     (json_int_t)config->elastic_fields, "gentle_classes", json_u64(config->gentle_classes));
}

/* NULL, which leaves it out, where no layer has any. */
static json_t *dropout(const minnow_training_config *config) {
    json_t *array = config->dropout_count > 0 ? json_array() : NULL;
    for (size_t i = 0; array != NULL && i < config->dropout_count; i++)
        if (json_array_append_new(array, json_real(config->dropout[i])) != 0)
            return give_up(array);
    return array;
}

/* NULL, which leaves it out, where all classes weigh the same, or there are too many to list. */
static json_t *class_weights(const minnow_dataset *dataset) {
    const float *weights = dataset->class_weights;
    json_t *array = weights != NULL && dataset->classes <= MAX_NUMBERED_CLASSES ? json_array() : NULL;
    for (size_t c = 0; array != NULL && c < dataset->classes; c++)
        if (json_array_append_new(array, json_real((double)weights[c])) != 0)
            return give_up(array);
    return array;
}

static json_t *training(const struct provenance *provenance) {
    const minnow_training_config *config = provenance->config;
    return add_constants(
        json_pack("{s:s, s:f, s:s, s:f, s:I, s:I, s:I, s:o, s:b, s:o*, s:o*, s:o*, s:o*}", "optimizer",
                  choice_optimizer((size_t)config->optimizer), "learning_rate", config->learning_rate,
                  "schedule", choice_schedule((size_t)config->schedule), "warmup_epochs",
                  config->warmup_epochs, "batch", (json_int_t)config->batch, "epochs",
                  (json_int_t)config->epochs, "epochs_done", (json_int_t)provenance->epochs, "seed",
                  json_u64(config->seed), "shuffle", (int)config->shuffle, "distortion",
                  distortion(config->distortion), "dropout", dropout(config), "class_weights",
                  class_weights(provenance->dataset), "sub_batches",
                  config->sub_batches > 1 ? json_integer((json_int_t)config->sub_batches) : NULL),
        config);
}

/* The same images have the same facts, whichever of the formats of MNIST's kind they are in. */
static json_t *dataset_facts(const minnow_dataset *dataset, uint32_t fingerprint) {
    char crc[9];
    const struct data_format *format = dataset->format != NULL ? data_format_find(dataset->format) : NULL;
    snprintf(crc, sizeof crc, "%08x", (unsigned)fingerprint);
    return json_pack("{s:s, s:I, s:I, s:I, s:s*}", "crc32", crc, "samples", (json_int_t)dataset->count,
                     "features", (json_int_t)dataset->features, "classes", (json_int_t)dataset->classes,
                     "format", format != NULL && !format->is_default ? format->name : NULL);
}

const struct data_format *provenance_format(const minnow_network *network) {
    const char *text = minnow_network_metadata(network, "dataset");
    json_t *facts = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *name = json_string_value(json_object_get(facts, "format"));
    const struct data_format *format = name != NULL ? data_format_find(name) : NULL;
    json_decref(facts);
    return format;
}

minnow_status provenance_record(minnow_network *network, const struct provenance *provenance) {
    const minnow_dataset *dataset = provenance->dataset;
    minnow_status status = set_scaling(network, dataset);
    if (status == MINNOW_OK)
        status = set_json(network, "input_shape", input_shape(dataset));
    if (status == MINNOW_OK)
        status = preprocessing_record(network, dataset);
    bool table =
        minnow_network_metadata(network, ENCODER_KEY) != NULL; /* which brings features to one size */
    if (status == MINNOW_OK && !table)
        status = input_range_record(network, dataset);
    if (status == MINNOW_OK)
        status = set_class_names(network, provenance->class_names, dataset);
    if (status == MINNOW_OK)
        status = set_json(network, "training", training(provenance));
    if (status == MINNOW_OK)
        status = set_json(network, "dataset", dataset_facts(dataset, provenance->fingerprint));
    return status;
}
