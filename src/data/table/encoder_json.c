/*
 * An encoder as text, which the metadata of a model's file keep under ENCODER_KEY. For example
 *
 *   {"version":1,"task":"classes","label":"species","numeric_label":false,"classes":["Adelie","Gentoo"],
 *    "columns":[{"name":"bill_length_mm","centre":43.9,"spread":5.5,"fill":44.5,"gaps":true},
 *               {"name":"island","values":["Torgersen","Biscoe"],"other":false,"fill":1},
 *               {"name":"street","buckets":128}]}
 *
 * A model's file may come from anyone, so that reading believes nothing: each number is finite and in its range, each
 * list no longer than what a network can have.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/table/encoder.h"

/* Leaves room for the rest of a safetensors header, which may have 4 MiB, and in which quotes take two bytes. */
enum { TEXT_MOST = 3 << 20, VERSION = 1, BUCKETS_MOST = 65536 };

/* ---- Writing ---- */

static json_t *json_texts(char *const *texts, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(texts[i]));
    return array;
}

static json_t *json_column(const struct encoder *encoder, const struct encoder_column *column) {
    if (encoder->bytes)
        return json_pack("{s:s}", "name", column->name);
    switch (column->kind) {
    case ENCODER_NUMBER:
        return json_pack("{s:s, s:f, s:f, s:f, s:b, s:s*}", "name", column->name, "centre",
                         (double)column->centre, "spread", (double)column->spread, "fill",
                         (double)column->fill, "gaps", (int)column->indicator, "unit",
                         column->unit != UNIT_NONE ? table_unit_names[column->unit] : NULL);
    case ENCODER_CATEGORY:
        return json_pack("{s:s, s:o, s:b, s:I}", "name", column->name, "values",
                         json_texts(column->values, column->value_count), "other", (int)column->other, "fill",
                         (json_int_t)column->fill_value);
    case ENCODER_HASHED:
        return json_pack("{s:s, s:I}", "name", column->name, "buckets", (json_int_t)column->width);
    }
    return NULL;
}

static void set_crc32(json_t *object, const char *key, uint32_t crc32) {
    char text[9];
    snprintf(text, sizeof text, "%08x", (unsigned)crc32);
    if (crc32 != 0)
        json_object_set_new(object, key, json_string(text));
}

static json_t *json_split(const struct encoder *encoder) {
    char crc[9], seed[24];
    snprintf(crc, sizeof crc, "%08x", (unsigned)encoder->crc32);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)encoder->split.seed);
    if (!encoder->split.by_share)
        return json_pack("{s:s}", "crc32", crc);
    return json_pack("{s:s, s:f, s:s}", "crc32", crc, "share", encoder->split.share, "seed", seed);
}

static void set_character(json_t *object, const char *key, char character) {
    if (character != 0)
        json_object_set_new(object, key, json_stringn(&character, 1));
}

/* NULL where nothing was said. */
static json_t *json_reading(const struct encoder_reading *reading) {
    json_t *object = json_object();
    set_character(object, "delimiter", reading->delimiter);
    set_character(object, "quote", reading->quote);
    set_character(object, "decimal", reading->decimal);
    set_character(object, "usual_decimal", reading->usual_decimal);
    if (reading->has_header || reading->no_header)
        json_object_set_new(object, "header", json_boolean(reading->has_header));
    if (reading->gaps != NULL)
        json_object_set_new(object, "gaps", json_string(reading->gaps));
    if (json_object_size(object) > 0)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *json_encoder(const struct encoder *encoder) {
    json_t *columns = json_array();
    for (size_t c = 0; c < encoder->column_count; c++)
        json_array_append_new(columns, json_column(encoder, &encoder->columns[c]));
    json_t *object =
        json_pack("{s:i, s:s, s:s}", "version", VERSION, "task",
                  encoder->task == TASK_CLASSES ? "classes" : "regression", "label", encoder->label);
    if (encoder->task == TASK_CLASSES) {
        json_object_set_new(object, "numeric_label", json_boolean(encoder->numeric_label));
        json_object_set_new(object, "classes", json_texts(encoder->classes, encoder->class_count));
    } else {
        json_object_set_new(object, "target_centre", json_real((double)encoder->target_centre));
        json_object_set_new(object, "target_spread", json_real((double)encoder->target_spread));
    }
    if (encoder->bytes)
        json_object_set_new(object, "bytes_scale", json_real((double)encoder->scale));
    if (encoder->clip > 0)
        json_object_set_new(object, "clip", json_real((double)encoder->clip));
    if (encoder->gaps_are_errors)
        json_object_set_new(object, "gaps_are_errors", json_true());
    if (encoder->id != NULL)
        json_object_set_new(object, "id", json_string(encoder->id));
    if (encoder->weight != NULL)
        json_object_set_new(object, "weight", json_string(encoder->weight));
    json_t *reading = json_reading(&encoder->reading);
    if (reading != NULL)
        json_object_set_new(object, "reading", reading);
    if (encoder->crc32 != 0)
        json_object_set_new(object, "split", json_split(encoder));
    set_crc32(object, "whole_crc32", encoder->whole_crc32);
    json_object_set_new(object, "columns", columns);
    return object;
}

minnow_status encoder_to_text(const struct encoder *encoder, char **out) {
    enum { DIGITS = 9 }; /* as many as every float survives */
    json_t *object = json_encoder(encoder);
    *out = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS)) : NULL;
    json_decref(object);
    if (*out == NULL)
        return fail_memory("the description of a table");
    if (strlen(*out) <= TEXT_MOST)
        return MINNOW_OK;
    free(*out);
    *out = NULL;
    return fail(MINNOW_ERROR_ARGUMENT,
                "the names and values of the table's columns take more than %d bytes, which no model file "
                "holds; shorter "
                "names, or --ignore NAME",
                TEXT_MOST);
}

/* ---- Reading ---- */

/* What is wrong, for the message; NULL while nothing is. */
struct reader {
    const char *name, *wrong;
    bool no_memory;
};

static bool is_wrong(struct reader *r, const char *wrong) {
    if (r->wrong == NULL)
        r->wrong = wrong;
    return false;
}

static bool read_float(struct reader *r, const json_t *object, const char *key, float *out) {
    const json_t *value = json_object_get(object, key);
    if (json_is_number(value))
        *out = (float)json_number_value(value);
    return (json_is_number(value) && isfinite(*out)) || is_wrong(r, key);
}

static bool read_spread(struct reader *r, const json_t *object, const char *key, float *out) {
    return read_float(r, object, key, out) && (*out > 0 || is_wrong(r, key));
}

static bool read_text(struct reader *r, const json_t *value, const char *key, char **out) {
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return is_wrong(r, key);
    *out = memory_copy_string(json_string_value(value));
    r->no_memory |= *out == NULL;
    return *out != NULL;
}

static bool read_texts(struct reader *r, const json_t *array, const char *key, size_t most, char ***out,
                       size_t *count) {
    size_t size = json_array_size(array);
    if (!json_is_array(array) || size > most)
        return is_wrong(r, key);
    *out = calloc(size + 1, sizeof **out);
    if (*out == NULL) {
        r->no_memory = true;
        return false;
    }
    for (; *count < size; ++*count)
        if (!read_text(r, json_array_get(array, *count), key, &(*out)[*count]))
            return false;
    return true;
}

static bool read_bool(struct reader *r, const json_t *object, const char *key, bool *out) {
    const json_t *value = json_object_get(object, key);
    *out = json_is_true(value);
    return json_is_boolean(value) || is_wrong(r, key);
}

static bool read_size(struct reader *r, const json_t *object, const char *key, size_t least, size_t most,
                      size_t *out) {
    const json_t *value = json_object_get(object, key);
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < (json_int_t)least || number > (json_int_t)most)
        return is_wrong(r, key);
    *out = (size_t)number;
    return true;
}

static bool read_unit(struct reader *r, const json_t *value, enum table_unit *out) {
    const char *text = json_string_value(value);
    if (value == NULL)
        return true;
    for (enum table_unit unit = UNIT_DOLLAR; text != NULL && table_unit_names[unit] != NULL; unit++)
        if (strcmp(text, table_unit_names[unit]) == 0)
            *out = unit;
    return *out != UNIT_NONE || is_wrong(r, "unit");
}

static bool read_number(struct reader *r, const json_t *object, struct encoder_column *out) {
    out->kind = ENCODER_NUMBER;
    if (!read_float(r, object, "centre", &out->centre) || !read_spread(r, object, "spread", &out->spread) ||
        !read_float(r, object, "fill", &out->fill) || !read_bool(r, object, "gaps", &out->indicator))
        return false;
    out->width = 1 + out->indicator;
    return read_unit(r, json_object_get(object, "unit"), &out->unit);
}

static bool read_category(struct reader *r, const json_t *object, struct encoder_column *out) {
    out->kind = ENCODER_CATEGORY;
    if (!read_texts(r, json_object_get(object, "values"), "values", DATASET_FEATURES_MAX, &out->values,
                    &out->value_count) ||
        !read_bool(r, object, "other", &out->other))
        return false;
    out->width = out->value_count + out->other;
    return (out->width > 0 || is_wrong(r, "values")) &&
           read_size(r, object, "fill", 0, out->width - 1, &out->fill_value);
}

static bool read_column(struct reader *r, const json_t *object, struct encoder *encoder) {
    struct encoder_column *out = &encoder->columns[encoder->column_count++];
    if (!read_text(r, json_object_get(object, "name"), "name", &out->name))
        return false;
    bool read = true;
    if (encoder->bytes) {
        out->width = 1;
    } else if (json_object_get(object, "values") != NULL) {
        read = read_category(r, object, out);
    } else if (json_object_get(object, "buckets") != NULL) {
        out->kind = ENCODER_HASHED;
        read = read_size(r, object, "buckets", 1, BUCKETS_MOST, &out->width);
    } else {
        read = read_number(r, object, out);
    }
    out->first = encoder->features;
    encoder->features += out->width;
    return read && (encoder->features <= DATASET_FEATURES_MAX || is_wrong(r, "columns"));
}

static bool read_columns(struct reader *r, const json_t *object, struct encoder *encoder) {
    const json_t *columns = json_object_get(object, "columns");
    size_t count = json_array_size(columns);
    if (count < 1 || count > DATASET_FEATURES_MAX)
        return is_wrong(r, "columns");
    encoder->columns = calloc(count, sizeof *encoder->columns);
    if (encoder->columns == NULL) {
        r->no_memory = true;
        return false;
    }
    for (size_t c = 0; c < count; c++)
        if (!read_column(r, json_array_get(columns, c), encoder))
            return false;
    return true;
}

static bool read_task(struct reader *r, const json_t *object, struct encoder *encoder) {
    const char *task = json_string_value(json_object_get(object, "task"));
    if (task != NULL && strcmp(task, "classes") == 0) {
        return read_bool(r, object, "numeric_label", &encoder->numeric_label) &&
               read_texts(r, json_object_get(object, "classes"), "classes", DATASET_CLASSES_MAX,
                          &encoder->classes, &encoder->class_count) &&
               (encoder->class_count >= 2 || is_wrong(r, "classes"));
    }
    encoder->task = TASK_REGRESSION;
    return task != NULL && strcmp(task, "regression") == 0
               ? read_float(r, object, "target_centre", &encoder->target_centre) &&
                     read_spread(r, object, "target_spread", &encoder->target_spread)
               : is_wrong(r, "task");
}

static bool read_hex(const json_t *value, uint32_t *out) {
    const char *text = json_string_value(value);
    char *end = NULL;
    if (text == NULL || strlen(text) != 8 || strspn(text, "0123456789abcdef") != 8)
        return false;
    *out = (uint32_t)strtoul(text, &end, 16);
    return true;
}

static bool read_whole(struct reader *r, const json_t *object, struct encoder *encoder) {
    const json_t *crc = json_object_get(object, "whole_crc32");
    return crc == NULL || read_hex(crc, &encoder->whole_crc32) || is_wrong(r, "whole_crc32");
}

static bool read_split(struct reader *r, const json_t *object, struct encoder *encoder) {
    const json_t *split = json_object_get(object, "split"), *share = json_object_get(split, "share");
    const char *seed = json_string_value(json_object_get(split, "seed"));
    if (split == NULL)
        return true;
    if (!read_hex(json_object_get(split, "crc32"), &encoder->crc32))
        return is_wrong(r, "crc32");
    if (share == NULL)
        return true;
    encoder->split.by_share = true;
    encoder->split.share = json_number_value(share);
    if (!(encoder->split.share > 0 && encoder->split.share < 1))
        return is_wrong(r, "share");
    return (seed != NULL && seed[0] != '\0' && seed[strspn(seed, "0123456789")] == '\0' &&
            strlen(seed) <= 20 && (encoder->split.seed = strtoull(seed, NULL, 10), true)) ||
           is_wrong(r, "seed");
}

/* A character of ASCII that is no line end. */
static bool read_character(struct reader *r, const json_t *object, const char *key, char *out) {
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);
    if (value == NULL)
        return true;
    *out = text != NULL ? text[0] : 0;
    return (text != NULL && json_string_length(value) == 1 && *out > 0 && *out != '\n' && *out != '\r') ||
           is_wrong(r, key);
}

static bool read_reading(struct reader *r, const json_t *encoder, struct encoder_reading *out) {
    const json_t *object = json_object_get(encoder, "reading"), *gaps = json_object_get(object, "gaps"),
                 *header = json_object_get(object, "header");
    if (object == NULL)
        return true;
    if (!json_is_object(object))
        return is_wrong(r, "reading");
    out->has_header = json_is_true(header);
    out->no_header = json_is_false(header);
    return read_character(r, object, "delimiter", &out->delimiter) &&
           read_character(r, object, "quote", &out->quote) &&
           read_character(r, object, "decimal", &out->decimal) &&
           read_character(r, object, "usual_decimal", &out->usual_decimal) &&
           (out->usual_decimal == 0 || out->usual_decimal == ',' || is_wrong(r, "usual_decimal")) &&
           (out->decimal == 0 || out->decimal == '.' || out->decimal == ',' || is_wrong(r, "decimal")) &&
           (out->decimal == 0 || out->decimal != out->delimiter || is_wrong(r, "delimiter")) &&
           (header == NULL || json_is_boolean(header) || is_wrong(r, "header")) &&
           (gaps == NULL || read_text(r, gaps, "gaps", &out->gaps));
}

static bool read_encoder(struct reader *r, const json_t *object, struct encoder *encoder) {
    const json_t *id = json_object_get(object, "id"), *weight = json_object_get(object, "weight");
    size_t version;
    encoder->bytes = json_object_get(object, "bytes_scale") != NULL;
    encoder->gaps_are_errors = json_is_true(json_object_get(object, "gaps_are_errors"));
    return read_size(r, object, "version", VERSION, VERSION, &version) && read_task(r, object, encoder) &&
           read_text(r, json_object_get(object, "label"), "label", &encoder->label) &&
           (id == NULL || read_text(r, id, "id", &encoder->id)) &&
           (weight == NULL || read_text(r, weight, "weight", &encoder->weight)) &&
           read_reading(r, object, &encoder->reading) && read_split(r, object, encoder) &&
           read_whole(r, object, encoder) &&
           (!encoder->bytes || read_spread(r, object, "bytes_scale", &encoder->scale)) &&
           (json_object_get(object, "clip") == NULL || read_spread(r, object, "clip", &encoder->clip)) &&
           read_columns(r, object, encoder);
}

minnow_status encoder_from_text(const char *name, const char *text, struct encoder **out) {
    *out = NULL;
    json_error_t error;
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    struct reader r = {.name = name};
    struct encoder *encoder = calloc(1, sizeof *encoder);
    minnow_status status = MINNOW_OK;
    if (object == NULL)
        status = fail(MINNOW_ERROR_INPUT, "%s: metadata \"" ENCODER_KEY "\": not JSON: %s", name, error.text);
    else if (encoder == NULL || (!read_encoder(&r, object, encoder) && r.no_memory))
        status = fail_memory(name);
    else if (r.wrong != NULL)
        status =
            fail(MINNOW_ERROR_INPUT, "%s: metadata \"" ENCODER_KEY "\": \"%s\" is missing or not as expected",
                 name, r.wrong);

    json_decref(object);
    if (status != MINNOW_OK) {
        encoder_free(encoder);
        return status;
    }
    *out = encoder;
    return MINNOW_OK;
}
