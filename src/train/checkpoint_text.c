/* What a checkpoint says, as JSON. One table of fields serves writing, reading, checking and comparing. */
#include <float.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/status.h"
#include "data/augmentation/distortion.h"
#include "train/checkpoint.h"
#include "train/config.h"
#include "train/optimizers.h"
#include "train/schedules.h"

enum { CHECKPOINT_VERSION = 1 };

/* ---- Kinds of fields ---- */

enum field_kind {
    FIELD_SIZE,      /* size_t, a JSON integer */
    FIELD_SEED,      /* uint64_t, a string: JSON's integers have 63 bits */
    FIELD_FLAG,      /* bool */
    FIELD_CRC,       /* uint32_t, a string of eight hexadecimal digits */
    FIELD_REAL,      /* double, a string: JSON's reals do not carry it to the last bit */
    FIELD_FLOAT,     /* float, likewise */
    FIELD_OPTIMIZER, /* minnow_optimizer, its name */
    FIELD_SCHEDULE,  /* minnow_schedule, its name */
    FIELD_DROPOUT,   /* the dropout of a minnow_training_config: reals as above, separated by commas */
};

enum { LAYERS_MOST = sizeof((minnow_training_config *)NULL)->dropout / sizeof(double) };
enum { FIELD_TEXT = 40 + LAYERS_MOST * NUMBER_TEXT };
_Static_assert((int)NUMBER_TEXT <= (int)FIELD_TEXT, "a number fits into a field's text");

struct field {
    const char *name; /* of the JSON member */
    enum field_kind kind;
    enum checkpoint_part part;
    size_t offset;    /* in struct checkpoint */
    const char *said; /* what a contradiction is called: "the batch"; NULL: it is not compared */
    double low, high; /* of a real, the latter excluded */
    bool
        unchecked_above; /* also infinity and NaN: a loss on its way to diverge has them, and the configuration's
                             values are checked as a whole afterwards */
    const char *expected; /* of a real, for messages */
    bool optional; /* only there if it is not what a configuration begins with, and the CRC not 0: older
                             checkpoints have no such member */
};

#define AT(member) offsetof(struct checkpoint, member)
#define COUNT(name, part, member, said)                                                                      \
    { name, FIELD_SIZE, CHECKPOINT_##part, AT(member), said, 0, 0, false, NULL, false }
#define OTHER(name, kind, part, member, said)                                                                \
    { name, FIELD_##kind, CHECKPOINT_##part, AT(member), said, 0, 0, false, NULL, false }
#define REAL(name, part, member, said, low, high, infinite, expected)                                        \
    { name, FIELD_REAL, CHECKPOINT_##part, AT(member), said, low, high, infinite, expected, false }
/* Of the configuration, and optional. */
#define CONSTANT(name, member, said)                                                                         \
    {                                                                                                        \
        name, FIELD_REAL, CHECKPOINT_CONFIG, AT(config.member), said, -INFINITY, INFINITY, true, "a number", \
            true                                                                                             \
    }

/* Of the state, and optional. */
#define LATER(name, kind, member)                                                                            \
    { name, FIELD_##kind, CHECKPOINT_STATE, AT(member), NULL, -INFINITY, INFINITY, false, "a number", true }

#define AMOUNT(name, member, said)                                                                           \
    REAL(name, DISTORTION, distortion.member, said, -INFINITY, INFINITY, true, "a number")

/* In the order of the file, in which contradictions are told too. Values of the configuration are checked as those
   of any configuration are. */
static const struct field FIELDS[] = {
    OTHER("optimizer", OPTIMIZER, CONFIG, config.optimizer, "the optimizer"),
    CONSTANT("momentum", momentum, "the momentum"),
    CONSTANT("beta1", beta1, "beta1"),
    CONSTANT("beta2", beta2, "beta2"),
    CONSTANT("epsilon", epsilon, "epsilon"),
    CONSTANT("weight_decay", weight_decay, "the weight decay"),
    CONSTANT("l2", l2, "the L2 penalty"),
    CONSTANT("max_norm", max_norm, "the max norm"),
    CONSTANT("clip_norm", clip_norm, "the clip norm"),
    CONSTANT("ema", ema, "the share that the average keeps"),
    CONSTANT("label_smoothing", label_smoothing, "the label smoothing"),
    CONSTANT("input_dropout", input_dropout, "the dropout of inputs"),
    {"dropout", FIELD_DROPOUT, CHECKPOINT_CONFIG, AT(config), "the dropout", 0, 0, false,
     "shares separated by commas", true},
    CONSTANT("noise", noise, "the noise"),
    CONSTANT("mixup", mixup, "the mixup"),
    COUNT("batch", CONFIG, config.batch, "the batch"),
    {"sub_batches", FIELD_SIZE, CHECKPOINT_CONFIG, AT(config.sub_batches), "the number of sub-batches", 0, 0,
     false, NULL, true},
    COUNT("epochs", CONFIG, config.epochs, "the number of epochs"),
    REAL("learning_rate", CONFIG, config.learning_rate, "the learning rate", -INFINITY, INFINITY, true,
         "a number"),
    OTHER("schedule", SCHEDULE, CONFIG, config.schedule, "the schedule"),
    REAL("warmup_epochs", CONFIG, config.warmup_epochs, "the warm-up, in epochs,", -INFINITY, INFINITY, true,
         "a number"),
    CONSTANT("plateau_factor", plateau_factor, "the plateau factor"),
    {"plateau_patience", FIELD_SIZE, CHECKPOINT_CONFIG, AT(config.plateau_patience), "the plateau patience",
     0, 0, false, NULL, true},
    OTHER("shuffle", FLAG, CONFIG, config.shuffle, "shuffling"),
    OTHER("seed", SEED, CONFIG, config.seed, "the seed"),
    AMOUNT("distortion_shift", shift, "the shift"),
    AMOUNT("distortion_rotation", rotation, "the rotation"),
    AMOUNT("distortion_scale", scale, "the scale of the distortion"),
    AMOUNT("distortion_shear", shear, "the shear"),
    AMOUNT("distortion_elastic_alpha", elastic_alpha, "the elastic distortion's alpha"),
    AMOUNT("distortion_elastic_sigma", elastic_sigma, "the elastic distortion's sigma"),
    COUNT("distortion_elastic_fields", DISTORTION, distortion.elastic_fields, "the number of elastic fields"),
    OTHER("distortion_gentle_classes", SEED, DISTORTION, distortion.gentle_classes,
          "the set of gentle classes"),
    OTHER("params_crc32", CRC, STATE, params_crc32, NULL),
    {"kept_crc32", FIELD_CRC, CHECKPOINT_STATE, AT(kept_crc32), NULL, 0, 0, false, NULL, true},
    COUNT("samples", DATA, samples, "the number of training samples"),
    OTHER("feature_scale", FLOAT, DATA, feature_scale, "the scale of the features"),
    OTHER("dataset_crc32", CRC, DATA, dataset_crc32, "the CRC-32 of the training data"),
    {"weights_crc32", FIELD_CRC, CHECKPOINT_DATA, AT(weights_crc32),
     "the CRC-32 of the weights of samples and classes", 0, 0, false, NULL, true},
    COUNT("epoch", STATE, state.epoch, NULL),
    COUNT("position", STATE, state.position, NULL),
    COUNT("correct", STATE, state.correct, NULL),
    REAL("loss_sum", STATE, state.loss_sum, NULL, -DBL_MAX, INFINITY, true, "a number"),
    REAL("epoch_seconds", STATE, state.seconds, NULL, 0.0, 1e15, false, "a number, at least 0"),
    REAL("rate", STATE, state.last_rate, NULL, -INFINITY, INFINITY, false, "a number"),
    {"first_loss", FIELD_REAL, CHECKPOINT_STATE, AT(state.first_loss), NULL, -INFINITY, INFINITY, false,
     "a number", true},
    {"best_epoch", FIELD_SIZE, CHECKPOINT_STATE, AT(state.best_epoch), NULL, 0, 0, false, NULL, true},
    {"best_score", FIELD_REAL, CHECKPOINT_STATE, AT(state.best_score), NULL, -INFINITY, INFINITY, false,
     "a number", true},
    LATER("plateau_judged", SIZE, state.plateau.judged),
    LATER("plateau_bad", SIZE, state.plateau.bad),
    LATER("plateau_cuts", SIZE, state.plateau.cuts),
    LATER("plateau_best", REAL, state.plateau.best),
    LATER("plateau_told_epoch", SIZE, state.plateau.told_epoch),
    LATER("plateau_told", REAL, state.plateau.told),
};
enum { FIELDS_LENGTH = sizeof FIELDS / sizeof *FIELDS };

static const void *field_of(const struct checkpoint *checkpoint, const struct field *field) {
    return (const char *)checkpoint + field->offset;
}

/* ---- Out ---- */

static void dropout_text(const minnow_training_config *config, char text[FIELD_TEXT]) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < config->dropout_count; i++) {
        char number[NUMBER_TEXT];
        number_write_e18(config->dropout[i], number);
        used += (size_t)snprintf(text + used, FIELD_TEXT - used, "%s%s", i > 0 ? "," : "", number);
    }
}

/* A field as text: the JSON string of those that are strings, and what messages show of all. */
static void field_text(const struct checkpoint *checkpoint, const struct field *field,
                       char text[FIELD_TEXT]) {
    const void *at = field_of(checkpoint, field);
    const char *name = NULL;
    switch (field->kind) {
    case FIELD_SIZE:
        snprintf(text, FIELD_TEXT, "%zu", *(const size_t *)at);
        break;
    case FIELD_SEED:
        snprintf(text, FIELD_TEXT, "%" PRIu64, *(const uint64_t *)at);
        break;
    case FIELD_FLAG:
        name = *(const bool *)at ? "on" : "off";
        break;
    case FIELD_CRC:
        snprintf(text, FIELD_TEXT, "%08" PRIx32, *(const uint32_t *)at);
        break;
    case FIELD_REAL:
        number_write_e18(*(const double *)at, text);
        break;
    case FIELD_FLOAT:
        number_write_e18((double)*(const float *)at, text);
        break;
    case FIELD_OPTIMIZER:
        name = optimizer_rows[*(const minnow_optimizer *)at].name;
        break;
    case FIELD_SCHEDULE:
        name = schedule_rows[*(const minnow_schedule *)at].name;
        break;
    case FIELD_DROPOUT:
        dropout_text(at, text);
        break;
    }
    if (name != NULL)
        snprintf(text, FIELD_TEXT, "%s", name);
}

static json_t *field_json(const struct checkpoint *checkpoint, const struct field *field) {
    char text[FIELD_TEXT];
    if (field->kind == FIELD_SIZE)
        return json_integer((json_int_t) * (const size_t *)field_of(checkpoint, field));
    if (field->kind == FIELD_FLAG)
        return json_boolean(*(const bool *)field_of(checkpoint, field));
    field_text(checkpoint, field, text);
    return json_string(text);
}

/* What an optional field is when it is not there. */
static struct checkpoint blank_checkpoint(void) {
    struct checkpoint blank = {0};
    minnow_training_config_init(&blank.config, sizeof blank.config);
    distortion_config_none(&blank.distortion);
    return blank;
}

static bool is_left_out(const struct checkpoint *checkpoint, const struct field *field) {
    const struct checkpoint blank = blank_checkpoint();
    char text[FIELD_TEXT], blank_text[FIELD_TEXT];
    if (field->part == CHECKPOINT_DISTORTION)
        return distortion_is_none(&checkpoint->distortion);
    if (!field->optional)
        return false;
    field_text(checkpoint, field, text);
    field_text(&blank, field, blank_text);
    return strcmp(text, blank_text) == 0;
}

char *checkpoint_write(const struct checkpoint *checkpoint) {
    json_t *object = json_pack("{s:i}", "version", CHECKPOINT_VERSION);
    bool complete = object != NULL;
    for (size_t i = 0; complete && i < FIELDS_LENGTH; i++)
        complete = is_left_out(checkpoint, &FIELDS[i]) ||
                   json_object_set_new(object, FIELDS[i].name, field_json(checkpoint, &FIELDS[i])) == 0;
    char *text = complete ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    return text;
}

/* ---- In ---- */

static minnow_status bad(const struct field *field, const char *text, const char *expected) {
    return fail(MINNOW_ERROR_INPUT, "the checkpoint's %s is \"%.64s\"; expected %s", field->name, text,
                expected);
}

static minnow_status read_count(const struct field *field, const json_t *json, size_t *out) {
    json_int_t value = json_integer_value(json);
    if (!json_is_integer(json))
        return fail(MINNOW_ERROR_INPUT, "the checkpoint's %s is not an integer", field->name);
    if (value < 0 || (uint64_t)value > SIZE_MAX)
        return fail(MINNOW_ERROR_INPUT, "the checkpoint's %s is %" JSON_INTEGER_FORMAT "; expected 0 or more",
                    field->name, value);
    *out = (size_t)value;
    return MINNOW_OK;
}

static minnow_status read_real(const struct field *field, const char *text, double *out) {
    if (!number_parse_double(text, out))
        return bad(field, text, field->expected);
    if (field->unchecked_above ? *out < field->low
                               : !(*out >= field->low && *out < field->high) || !isfinite(*out))
        return bad(field, text, field->expected);
    return MINNOW_OK;
}

static minnow_status read_float(const struct field *field, const char *text, float *out) {
    double value;
    if (!number_parse_double(text, &value) || !isfinite((float)value) || (double)(float)value != value)
        return bad(field, text, "a number of single precision");
    *out = (float)value;
    return MINNOW_OK;
}

/* Into the configuration, whose values are checked later. */
static minnow_status read_dropout(const struct field *field, const char *text, minnow_training_config *out) {
    for (const char *part = text;; part++) {
        char number[NUMBER_TEXT];
        size_t length = strcspn(part, ",");
        if (length >= sizeof number || out->dropout_count == LAYERS_MOST)
            return bad(field, text, field->expected);
        memcpy(number, part, length);
        number[length] = '\0';
        if (!number_parse_double(number, &out->dropout[out->dropout_count++]))
            return bad(field, text, field->expected);
        part += length;
        if (*part == '\0')
            return MINNOW_OK;
    }
}

static minnow_status read_text(const struct field *field, const char *text, void *out) {
    switch (field->kind) {
    case FIELD_SEED:
        return number_parse_u64(text, out) ? MINNOW_OK : bad(field, text, "a whole number");
    case FIELD_CRC:
        if (strlen(text) != 8 || strspn(text, "0123456789abcdef") != 8)
            return bad(field, text, "eight hexadecimal digits");
        *(uint32_t *)out = (uint32_t)strtoul(text, NULL, 16);
        return MINNOW_OK;
    case FIELD_REAL:
        return read_real(field, text, out);
    case FIELD_FLOAT:
        return read_float(field, text, out);
    case FIELD_OPTIMIZER:
        return optimizer_find(text, out) ? MINNOW_OK : bad(field, text, "one that this version knows");
    case FIELD_SCHEDULE:
        return schedule_find(text, out) ? MINNOW_OK : bad(field, text, "one that this version knows");
    case FIELD_DROPOUT:
        return read_dropout(field, text, out);
    case FIELD_SIZE:
    case FIELD_FLAG:
        break; /* these are no strings */
    }
    return MINNOW_OK;
}

static minnow_status read_field(const struct field *field, const json_t *object,
                                struct checkpoint *checkpoint) {
    const json_t *json = json_object_get(object, field->name);
    void *out = (char *)checkpoint + field->offset;
    if (json == NULL && field->optional)
        return MINNOW_OK;
    if (json == NULL)
        return fail(MINNOW_ERROR_INPUT, "the checkpoint's state lacks \"%s\"", field->name);

    if (field->kind == FIELD_SIZE)
        return read_count(field, json, out);
    if (field->kind == FIELD_FLAG) {
        *(bool *)out = json_is_true(json);
        return json_is_boolean(json)
                   ? MINNOW_OK
                   : fail(MINNOW_ERROR_INPUT, "the checkpoint's %s is not true or false", field->name);
    }
    if (!json_is_string(json))
        return fail(MINNOW_ERROR_INPUT, "the checkpoint's %s is not a string", field->name);
    return read_text(field, json_string_value(json), out);
}

/* ---- Checking what was read ---- */

static minnow_status check_config(const struct checkpoint *checkpoint) {
    if (training_config_check(&checkpoint->config) == MINNOW_OK &&
        distortion_config_check(&checkpoint->distortion) == MINNOW_OK)
        return MINNOW_OK;
    return fail(MINNOW_ERROR_INPUT, "the checkpoint's %s", minnow_last_error());
}

static minnow_status check_state(const struct checkpoint *checkpoint) {
    const struct training_state *state = &checkpoint->state;
    size_t batch = checkpoint->config.batch;
    if (state->epoch >= checkpoint->config.epochs)
        return fail(MINNOW_ERROR_INPUT, "the checkpoint is of epoch %zu, from 0, of %zu", state->epoch,
                    checkpoint->config.epochs);
    if (checkpoint->samples == 0 || state->position > checkpoint->samples ||
        (state->position % batch != 0 && state->position != checkpoint->samples))
        return fail(MINNOW_ERROR_INPUT,
                    "the checkpoint is of sample %zu of %zu, where no mini-batch of %zu ends",
                    state->position, checkpoint->samples, batch);
    if (state->best_epoch > state->epoch + 1)
        return fail(MINNOW_ERROR_INPUT, "the checkpoint's best epoch is %zu, but training is in epoch %zu",
                    state->best_epoch, state->epoch + 1);
    const struct plateau *plateau = &state->plateau;
    if (plateau->judged > state->epoch || plateau->bad > plateau->judged || plateau->cuts > plateau->judged ||
        plateau->told_epoch > state->epoch + 1)
        return fail(MINNOW_ERROR_INPUT, "the checkpoint's plateau is of more epochs than training has had");
    if (state->correct > state->position)
        return fail(MINNOW_ERROR_INPUT, "the checkpoint has %zu of %zu samples correct", state->correct,
                    state->position);
    return MINNOW_OK;
}

static minnow_status check_version(const json_t *object) {
    const json_t *version = json_object_get(object, "version");
    if (!json_is_integer(version))
        return fail(MINNOW_ERROR_INPUT, "the checkpoint does not tell its version");
    if (json_integer_value(version) != CHECKPOINT_VERSION)
        return fail(MINNOW_ERROR_INPUT,
                    "a checkpoint of version %" JSON_INTEGER_FORMAT "; this version of minnow reads only %d",
                    json_integer_value(version), CHECKPOINT_VERSION);
    return MINNOW_OK;
}

/* A member that this version does not know may change what the others mean. */
static minnow_status check_known(const json_t *object) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        bool known = strcmp(key, "version") == 0;
        for (size_t i = 0; i < FIELDS_LENGTH; i++)
            known = known || strcmp(key, FIELDS[i].name) == 0;
        if (!known)
            return fail(MINNOW_ERROR_INPUT, "the checkpoint's state has an unknown member \"%.64s\"", key);
    }
    return MINNOW_OK;
}

/* Whether the object must have the field: those of distortion come together or not at all. */
static bool is_expected(const json_t *object, const struct field *field) {
    bool expected = field->part != CHECKPOINT_DISTORTION;
    for (size_t i = 0; i < FIELDS_LENGTH; i++)
        if (FIELDS[i].part == CHECKPOINT_DISTORTION)
            expected = expected || json_object_get(object, FIELDS[i].name) != NULL;
    return expected;
}

static minnow_status read_object(const json_t *object, struct checkpoint *out) {
    minnow_status status = check_version(object);
    *out = blank_checkpoint();
    for (size_t i = 0; status == MINNOW_OK && i < FIELDS_LENGTH; i++)
        if (is_expected(object, &FIELDS[i]))
            status = read_field(&FIELDS[i], object, out);
    if (status == MINNOW_OK)
        status = check_known(object);
    if (status == MINNOW_OK)
        status = check_config(out);
    if (distortion_is_none(
            &out->distortion)) /* its other members, which then mean nothing, would not be written */
        distortion_config_none(&out->distortion);
    return status == MINNOW_OK ? check_state(out) : status;
}

minnow_status checkpoint_parse(const char *text, struct checkpoint *out) {
    json_error_t error;
    *out = (struct checkpoint){0};
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL)
        return json_error_code(&error) == json_error_out_of_memory
                   ? fail_memory("the state of a checkpoint")
                   : fail(MINNOW_ERROR_INPUT, "the checkpoint's state is not acceptable JSON, byte %d: %s",
                          error.position, error.text);

    minnow_status status = read_object(object, out);
    json_decref(object);
    return status;
}

/* ---- Comparing ---- */

/* As people write it: "0.3", where the file has all digits. */
static void said_text(const struct checkpoint *checkpoint, const struct field *field, char text[FIELD_TEXT]) {
    if (field->kind == FIELD_REAL)
        snprintf(text, FIELD_TEXT, "%.17g", *(const double *)field_of(checkpoint, field));
    else if (field->kind == FIELD_FLOAT)
        snprintf(text, FIELD_TEXT, "%.17g", (double)*(const float *)field_of(checkpoint, field));
    else
        field_text(checkpoint, field, text);
}

minnow_status checkpoint_compare(enum checkpoint_part part, const struct checkpoint *given,
                                 const struct checkpoint *recorded, const char *whose) {
    for (size_t i = 0; i < FIELDS_LENGTH; i++) {
        const struct field *field = &FIELDS[i];
        char now[FIELD_TEXT], before[FIELD_TEXT];
        if (field->part != part || field->said == NULL)
            continue;
        said_text(given, field, now);
        said_text(recorded, field, before);
        if (strcmp(now, before) != 0)
            return fail(MINNOW_ERROR_ARGUMENT, "%s is %s, but %s is %s", field->said, now, whose, before);
    }
    return MINNOW_OK;
}
