/* What a page asks of a run. Any program can send it, so everything in it may be wrong. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "cli/train/live.h"

/* One request may not make the rate anything: ten times more or less is a large step already. */
static const double FACTOR_LEAST = 0.01, FACTOR_MOST = 100;

static const struct {
    const char *action, *of; /* of: NULL, for any */
    enum live_kind kind;
} actions[] = {
    {"pause", NULL, LIVE_PAUSE},        {"resume", NULL, LIVE_RESUME}, {"step", "batch", LIVE_STEP_BATCH},
    {"step", "epoch", LIVE_STEP_EPOCH}, {"rate", NULL, LIVE_RATE},     {"stop", NULL, LIVE_STOP},
};

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static minnow_status read_object(const json_t *object, struct live_action *out) {
    const char *action = text_of(object, "action"), *of = text_of(object, "of");
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(actions[i].action, action) != 0 ||
            (actions[i].of != NULL && strcmp(actions[i].of, of) != 0))
            continue;
        out->kind = actions[i].kind;
        out->factor = json_number_value(json_object_get(object, "factor"));
        if (out->kind != LIVE_RATE || (out->factor >= FACTOR_LEAST && out->factor <= FACTOR_MOST))
            return MINNOW_OK;
        return fail(MINNOW_ERROR_INPUT, "\"factor\": expected a number from %g to %g", FACTOR_LEAST,
                    FACTOR_MOST);
    }
    return fail(MINNOW_ERROR_INPUT,
                "expected {\"action\": \"pause\"}, \"resume\", \"stop\", \"step\" with \"of\": \"batch\" "
                "or \"epoch\", or \"rate\" with a \"factor\"");
}

minnow_status live_action_read(const char *bytes, size_t size, struct live_action *out) {
    json_error_t error;
    json_t *object = size > 0 ? json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error) : NULL;
    minnow_status status =
        object != NULL ? read_object(object, out) : fail(MINNOW_ERROR_INPUT, "expected a JSON object");
    json_decref(object);
    return status;
}
