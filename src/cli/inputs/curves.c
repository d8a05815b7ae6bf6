#include "cli/inputs/curves.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/frame/json.h"

static const char *const names[CURVE_COUNT] = {
    [TRAIN_LOSS] = "train_loss",           [TRAIN_ACCURACY] = "train_accuracy",
    [VALIDATION_LOSS] = "validation_loss", [VALIDATION_ACCURACY] = "validation_accuracy",
    [VALIDATION_RMSE] = "validation_rmse", [LEARNING_RATE] = "learning_rate",
};

/* ---- Adding ---- */

static void move(struct curves *curves, size_t from, size_t to) {
    curves->epoch[to] = curves->epoch[from];
    for (size_t c = 0; c < CURVE_COUNT; c++)
        curves->value[c][to] = curves->value[c][from];
}

/* Keeps the multiples of twice the stride. */
static void thin(struct curves *curves) {
    size_t stride = 2 * curves->epoch[0], kept = 0;
    for (size_t i = 0; i < curves->count; i++)
        if (curves->epoch[i] % stride == 0)
            move(curves, i, kept++);
    curves->count = kept;
}

void curves_add(struct curves *curves, size_t epoch, const float value[CURVE_COUNT]) {
    size_t stride = curves->count > 0 ? curves->epoch[0] : 1, last = curves->count - 1;
    if (curves->count > 0 && epoch <= curves->epoch[last])
        return;
    if (curves->count > 1 && curves->epoch[last] % stride != 0)
        curves->count = last; /* it was kept as the last one only */
    if (curves->count >= CURVES_MOST)
        thin(curves);
    size_t at = curves->count++;
    curves->epoch[at] = epoch;
    for (size_t c = 0; c < CURVE_COUNT; c++)
        curves->value[c][at] = value[c];
}

/* ---- Reading ---- */

static bool read_epochs(const json_t *list, struct curves *out) {
    size_t count = json_array_size(list);
    if (count > CURVES_MOST + 1)
        return false;
    for (size_t i = 0; i < count; i++) {
        json_int_t epoch = json_integer_value(json_array_get(list, i));
        if (epoch < 1 || epoch > 1000000000 || (i > 0 && (size_t)epoch <= out->epoch[i - 1]))
            return false;
        out->epoch[i] = (size_t)epoch;
    }
    out->count = count;
    return true;
}

/* A column that is not there, or has another length, is unknown. */
static void read_column(const json_t *list, size_t count, float *out) {
    bool whole = json_array_size(list) == count;
    for (size_t i = 0; i < count; i++) {
        const json_t *value = whole ? json_array_get(list, i) : NULL;
        double number = json_is_number(value) ? json_number_value(value) : (double)NAN;
        out[i] = fabs(number) <= (double)FLT_MAX ? (float)number : NAN;
    }
}

void curves_parse(const char *text, struct curves *out) {
    json_t *object = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    out->count = 0;
    if (!read_epochs(json_object_get(object, "epoch"), out))
        out->count = 0;
    for (size_t c = 0; c < CURVE_COUNT; c++)
        read_column(json_object_get(object, names[c]), out->count, out->value[c]);
    json_decref(object);
}

/* ---- Writing ---- */

static json_t *column(const struct curves *curves, size_t c) {
    json_t *list = json_array();
    bool any = false;
    for (size_t i = 0; i < curves->count; i++) {
        any = any || isfinite(curves->value[c][i]);
        json_array_append_new(list, json_float(curves->value[c][i]));
    }
    if (any)
        return list;
    json_decref(list);
    return NULL;
}

minnow_status curves_record(const struct curves *curves, minnow_network *network) {
    enum { DIGITS = 9 };
    if (curves->count == 0)
        return minnow_network_set_metadata(network, CURVES_KEY, NULL);
    json_t *epochs = json_array(), *object = json_object();
    for (size_t i = 0; i < curves->count; i++)
        json_array_append_new(epochs, json_integer((json_int_t)curves->epoch[i]));
    json_object_set_new(object, "epoch", epochs);
    for (size_t c = 0; c < CURVE_COUNT; c++) {
        json_t *list = column(curves, c);
        if (list != NULL)
            json_object_set_new(object, names[c], list);
    }
    char *text = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS)) : NULL;
    json_decref(object);
    minnow_status status = text != NULL ? minnow_network_set_metadata(network, CURVES_KEY, text)
                                        : fail_memory("the curves of a run");
    free(text);
    return status;
}

json_t *curves_rows(const struct curves *curves) {
    json_t *rows = curves->count > 0 ? json_array() : NULL;
    for (size_t i = 0; rows != NULL && i < curves->count; i++) {
        json_t *row = json_pack("{s:I}", "epoch", (json_int_t)curves->epoch[i]);
        for (size_t c = 0; c < CURVE_COUNT; c++)
            if (isfinite(curves->value[c][i]))
                json_object_set_new(row, names[c], json_real((double)curves->value[c][i]));
        json_array_append_new(rows, row);
    }
    return rows;
}
