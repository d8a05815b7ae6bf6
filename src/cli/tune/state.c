/* The state of a tuning: what its trials have shown so far, so that a run that was ended goes on. It is a JSON object in
   a file of its own, written anew after each trial, and never half. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"
#include "base/output.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/tune/tune.h"
#include "data/dataset.h"

enum { STATE_BYTES = 64 << 20, KEY_TEXT = 4096 };

/* All that decides what a trial of given options shows: the command line's options of training, the seed, the data. */
static void write_key(const struct tuning *tuning, char text[KEY_TEXT]) {
    const struct command *command = tuning->line->command;
    size_t length = (size_t)snprintf(text, KEY_TEXT, "data %08x, %llu epochs",
                                     (unsigned)dataset_crc32(tuning->base->data.train),
                                     (unsigned long long)tuning->base->settings.epochs);
    for (size_t i = command->option_count; i < command_option_count(command); i++) {
        const struct option *option = command_option(command, i);
        char value[OPTION_VALUE_TEXT];
        if (!tuning->line->given[i] || !option->fixed || length >= KEY_TEXT - 1)
            continue;
        option_value(option, tuning->given, value);
        length += (size_t)snprintf(text + length, KEY_TEXT - length, ", --%s %.200s", option->name, value);
    }
}

/* Numbers as texts, which read back to the same bits. */
static json_t *exact(double value) {
    char text[NUMBER_TEXT];
    if (isnan(value))
        return json_null();
    number_write_shortest_double(value, text);
    return json_string(text);
}

static bool take_exact(const json_t *value, double *out) {
    *out = NAN;
    return json_is_null(value) ||
           (json_is_string(value) && number_parse_double(json_string_value(value), out));
}

/* ---- In ---- */

struct recalled {
    json_t *trials; /* an array of objects */
};

static int refuse(const struct tuning *tuning, const char *what) {
    return problem(STATUS_INPUT, "tune: --state %s: %s", tuning->state, what);
}

static int check(const struct tuning *tuning, json_t *root) {
    char key[KEY_TEXT];
    const char *found = json_string_value(json_object_get(root, "key"));
    if (!json_is_integer(json_object_get(root, "minnow_tune")) || found == NULL ||
        !json_is_array(json_object_get(root, "trials")))
        return refuse(tuning, "no state of minnow tune");
    if (json_integer_value(json_object_get(root, "minnow_tune")) != 1)
        return refuse(tuning, "of a later version of minnow");
    write_key(tuning, key);
    if (strcmp(found, key) == 0)
        return STATUS_SUCCESS;
    return problem(STATUS_USAGE, "tune: --state %s: of another tuning, with %.300s; this one has %.300s",
                   tuning->state, found, key);
}

int state_read(struct tuning *tuning) {
    if (tuning->state == NULL || !file_may_exist(tuning->state))
        return STATUS_SUCCESS;
    struct file_bytes bytes;
    minnow_status read = file_read(tuning->state, STATE_BYTES, &bytes);
    if (read != MINNOW_OK)
        return report(read);

    json_t *root = json_loadb((const char *)bytes.data, bytes.size, 0, NULL);
    file_bytes_free(&bytes);
    int status =
        root != NULL ? check(tuning, root) : refuse(tuning, "no JSON, and so no state of minnow tune");
    if (status == STATUS_SUCCESS) {
        tuning->recalled = malloc(sizeof *tuning->recalled);
        if (tuning->recalled != NULL)
            tuning->recalled->trials = json_incref(json_object_get(root, "trials"));
        else
            status = problem(STATUS_FAILURE, "tune: not enough memory for the state");
    }
    json_decref(root);
    return status;
}

bool state_recall(const struct tuning *tuning, struct trial *trial) {
    const json_t *trials = tuning->recalled != NULL ? tuning->recalled->trials : NULL;
    for (size_t i = 0; i < json_array_size(trials); i++) {
        const json_t *row = json_array_get(trials, i);
        const char *options = json_string_value(json_object_get(row, "options"));
        json_int_t number = json_integer_value(json_object_get(row, "number"));
        json_int_t epochs = json_integer_value(json_object_get(row, "epochs"));
        if (options == NULL || number != (json_int_t)trial->number + 1 ||
            strcmp(options, trial->options) != 0 || epochs != (json_int_t)trial->epochs)
            continue;
        trial->done = trial->recalled = take_exact(json_object_get(row, "figure"), &trial->figure) &&
                                        take_exact(json_object_get(row, "loss"), &trial->loss) &&
                                        take_exact(json_object_get(row, "seconds"), &trial->seconds);
        return trial->done;
    }
    return false;
}

void state_free(struct tuning *tuning) {
    if (tuning->recalled != NULL)
        json_decref(tuning->recalled->trials);
    free(tuning->recalled);
    tuning->recalled = NULL;
}

/* ---- Out ---- */

static json_t *describe(const struct trial *trial) {
    return json_pack("{s:I, s:s, s:I, s:o, s:o, s:o}", "number", (json_int_t)trial->number + 1, "options",
                     trial->options, "epochs", (json_int_t)trial->epochs, "figure", exact(trial->figure),
                     "loss", exact(trial->loss), "seconds", exact(trial->seconds));
}

/* All that is known: what an earlier run has found, and this one has not come to yet, is kept. */
static json_t *all_trials(const struct tuning *tuning) {
    json_t *trials = json_array();
    size_t known = 0;
    for (size_t i = 0; i < tuning->count; i++) {
        if (tuning->trials[i].done)
            json_array_append_new(trials, describe(&tuning->trials[i]));
        known = i + 1;
    }
    const json_t *earlier = tuning->recalled != NULL ? tuning->recalled->trials : NULL;
    for (size_t i = 0; i < json_array_size(earlier); i++) {
        json_t *row = json_array_get(earlier, i);
        if (json_integer_value(json_object_get(row, "number")) > (json_int_t)known)
            json_array_append(trials, row);
    }
    return trials;
}

int state_write(const struct tuning *tuning) {
    if (tuning->state == NULL)
        return STATUS_SUCCESS;
    char key[KEY_TEXT];
    write_key(tuning, key);
    json_t *root = json_pack("{s:i, s:s, s:o}", "minnow_tune", 1, "key", key, "trials", all_trials(tuning));
    char *text = root != NULL ? json_dumps(root, JSON_INDENT(1)) : NULL;
    json_decref(root);
    if (text == NULL)
        return problem(STATUS_FAILURE, "tune: not enough memory for the state");

    struct output *output;
    minnow_status status = output_open(tuning->state, &output);
    if (status == MINNOW_OK) {
        output_write(output, text, strlen(text));
        output_write(output, "\n", 1);
        status = output_commit(output);
    }
    free(text);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}
