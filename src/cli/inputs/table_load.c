/* The datasets that a table becomes, to train on and to test on. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "cli/frame/clock.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/data_check.h"
#include "cli/inputs/table_source.h"
#include "data/table/split.h"

static void print_notes(struct notes *notes) {
    for (size_t i = 0; i < notes->count; i++)
        note("%s", notes->line[i]);
    notes_free(notes);
}

/* A table with the labels of its rows, and the rows that have one. */
struct labelled {
    struct table *table;
    uint32_t *labels;
    struct row_list rows;
};

static void labelled_free(struct labelled *labelled) {
    row_list_free(&labelled->rows);
    memory_free(labelled->labels);
    table_free(labelled->table);
    *labelled = (struct labelled){0};
}

static minnow_status take_labels(const struct encoder *encoder, struct labelled *out) {
    out->labels = memory_allocate(out->table->rows, sizeof *out->labels);
    if (out->labels == NULL)
        return fail_memory(out->table->name);
    minnow_status status = encoder_labels(encoder, out->table, out->labels);
    if (status == MINNOW_OK)
        status = rows_with_label(out->table, out->labels, &out->rows);
    if (status != MINNOW_OK)
        return status;
    if (out->rows.count == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: no row has a label in column \"%s\"", out->table->name,
                    encoder->label);
    if (out->rows.count < out->table->rows)
        note("%s: %zu of %zu rows have no label, and are left out", out->table->name,
             out->table->rows - out->rows.count, out->table->rows);
    return MINNOW_OK;
}

static minnow_status make_dataset(const struct encoder *encoder, const struct labelled *from,
                                  const struct row_list *rows, unsigned threads, minnow_dataset **out) {
    struct encoding *encoding;
    minnow_status status = encoding_open(encoder, from->table, &encoding);
    if (status == MINNOW_OK)
        status = encoding_dataset(encoding, rows->row, rows->count, from->labels, threads, out);
    encoding_close(encoding);
    return status;
}

/* ---- Training ---- */

/* All that one call of table_load_training has to do with. */
struct loading {
    const struct table_request *request;
    struct labelled main;
    struct labelled test, validation;       /* of files of their own */
    struct row_list held, held_to_validate; /* rows of the first */
    struct encoder *encoder;
    struct encoder_options options;
    struct notes notes;
    bool fitted; /* the encoder is a network's */
};

static void loading_free(struct loading *l) {
    row_list_free(&l->held_to_validate);
    row_list_free(&l->held);
    labelled_free(&l->main);
    labelled_free(&l->test);
    labelled_free(&l->validation);
    notes_free(&l->notes);
}

/* --test: a share, a file, or neither. */
static int take_test(const char *test, uint64_t seed, struct encoder_split *split, const char **file) {
    double share;
    *split = (struct encoder_split){0};
    *file = NULL;
    if (test == NULL)
        return STATUS_SUCCESS;
    if (!number_parse_double(test, &share)) {
        *file = test;
        return STATUS_SUCCESS;
    }
    if (!(share > 0 && share < 1))
        return problem(STATUS_USAGE,
                       "--test %s: expected a share of the rows, above 0 and below 1, or a file", test);
    *split = (struct encoder_split){true, share, seed};
    return STATUS_SUCCESS;
}

bool table_test_none(const struct table_learning *learning) {
    return learning->test != NULL && strcmp(learning->test, "none") == 0;
}

static int begin_encoder(struct loading *l) {
    l->options = table_encoder_options(l->request->learning);
    minnow_status status = encoder_begin(l->main.table, &l->options, &l->notes, &l->encoder);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

/* Rows of a file of their own. */
static int open_own(const struct loading *l, const char *file, struct labelled *out) {
    int status = table_open_for(file, l->request->reading, l->fitted ? l->encoder : NULL, l->request->threads,
                                &out->table);
    if (status != STATUS_SUCCESS)
        return status;
    minnow_status taken = take_labels(l->encoder, out);
    return taken == MINNOW_OK ? STATUS_SUCCESS : report(taken);
}

/* No row of the table is kept out; 'minnow test' is to know it again, as what the network gets right of it is no test. */
static void keep_whole(struct loading *l) {
    l->encoder->crc32 = 0;
    l->encoder->whole_crc32 = l->main.table->crc32;
}

/* The rows to test on, from a file of their own or from the table: then the same as before, if the network was trained
   on this table already. */
static int hold_test(struct loading *l) {
    struct encoder *encoder = l->encoder;
    struct encoder_split split;
    const char *file;
    if (table_test_none(l->request->learning)) {
        keep_whole(l);
        return STATUS_SUCCESS;
    }
    int status = take_test(l->request->learning->test, l->request->seed, &split, &file);
    if (status != STATUS_SUCCESS)
        return status;
    if (file != NULL) {
        keep_whole(l);
        return open_own(l, file, &l->test);
    }

    bool again = l->fitted && encoder->crc32 == l->main.table->crc32 && l->request->learning->test == NULL;
    if (!again)
        encoder->split = split;
    encoder->crc32 = l->main.table->crc32;
    minnow_status divided = rows_divide(encoder, &encoder->split, l->main.labels, &l->main.rows, &l->held);
    return divided == MINNOW_OK ? STATUS_SUCCESS : report(divided);
}

/* The last `wanted` rows as they lie in the table. */
static minnow_status hold_last(struct loading *l, size_t wanted) {
    size_t rows = l->main.rows.count;
    bool *taken = memory_allocate(rows, sizeof *taken);
    if (taken == NULL)
        return fail_memory("the division of the rows");
    for (size_t i = rows - wanted; i < rows; i++)
        taken[i] = true;
    minnow_status status = rows_move(&l->main.rows, taken, &l->held_to_validate);
    memory_free(taken);
    return status;
}

static int hold_validation(struct loading *l) {
    const struct validation_request *request = l->request->validation;
    size_t wanted, rows = l->main.rows.count;
    if (request->kind == VALIDATION_NONE)
        return STATUS_SUCCESS;
    if (request->kind == VALIDATION_PATH)
        return open_own(l, request->path, &l->validation);
    int status = validation_wanted(request, rows, "rows", &wanted);
    if (status != STATUS_SUCCESS)
        return status;

    struct encoder_split split = {true, (double)wanted / (double)rows, l->request->seed};
    minnow_status held = request->kind == VALIDATION_LAST ? hold_last(l, wanted)
                                                          : rows_divide(l->encoder, &split, l->main.labels,
                                                                        &l->main.rows, &l->held_to_validate);
    return held == MINNOW_OK ? STATUS_SUCCESS : report(held);
}

/* Rows of a file of their own, or of the main one; *out stays as it is where there are none. */
static minnow_status make_held(const struct loading *l, const struct labelled *own,
                               const struct row_list *held, minnow_dataset **out) {
    if (own->table != NULL)
        return make_dataset(l->encoder, own, &own->rows, l->request->threads, out);
    return held->count == 0 ? MINNOW_OK : make_dataset(l->encoder, &l->main, held, l->request->threads, out);
}

/* What the rows weigh, as one line. */
static void say_weights(const struct encoder *encoder, const minnow_dataset *train, struct notes *notes) {
    if (encoder->weight != NULL && train->weights == NULL)
        notes_add(notes,
                  "weights: the network's training had some in \"%s\", and here all rows count the same",
                  encoder->weight);
    if (encoder->weight == NULL || train->weights == NULL)
        return;
    float least = train->weights[0], most = train->weights[0];
    size_t none = 0;
    for (size_t i = 0; i < train->count; i++) {
        least = fminf(least, train->weights[i]);
        most = fmaxf(most, train->weights[i]);
        none += train->weights[i] == 0.0F;
    }
    char without[64] = "";
    if (none > 0)
        snprintf(without, sizeof without, "; %zu rows of weight 0 teach nothing", none);
    if (least == most)
        notes_add(notes, "weights: \"%s\" says how much a training row counts: %.6g each", encoder->weight,
                  (double)least);
    else
        notes_add(notes, "weights: \"%s\" says how much a training row counts: %.6g to %.6g%s",
                  encoder->weight, (double)least, (double)most, without);
}

static minnow_status make_datasets(struct loading *l, struct data *data, minnow_dataset **validation) {
    unsigned threads = l->request->threads;
    minnow_status status = MINNOW_OK;
    if (!l->fitted)
        status = encoder_fit(l->encoder, l->main.table, l->main.rows.row, l->main.rows.count, &l->options,
                             &l->notes);
    if (status == MINNOW_OK)
        status = make_dataset(l->encoder, &l->main, &l->main.rows, threads, &data->train);
    if (status == MINNOW_OK)
        status = encoder_weigh(l->encoder, l->main.table, l->main.rows.row, l->main.rows.count, data->train);
    if (status == MINNOW_OK)
        say_weights(l->encoder, data->train, &l->notes);
    if (status == MINNOW_OK)
        status = make_held(l, &l->test, &l->held, &data->test);
    if (status == MINNOW_OK)
        status = make_held(l, &l->validation, &l->held_to_validate, validation);
    return status;
}

static int load_training(struct loading *l, const char *path, struct data *data,
                         minnow_dataset **validation) {
    int status = table_open_for(path, l->request->reading, l->encoder, l->request->threads, &l->main.table);
    if (status == STATUS_SUCCESS && !l->fitted)
        status = begin_encoder(l);
    if (status == STATUS_SUCCESS)
        status = table_reading_remember(l->request->reading, l->encoder);
    if (status == STATUS_SUCCESS && !l->fitted && l->main.table->decimal == ',')
        l->encoder->reading.usual_decimal = ',';
    if (status != STATUS_SUCCESS)
        return status;

    minnow_status taken = take_labels(l->encoder, &l->main);
    if (taken != MINNOW_OK)
        return report(taken);
    status = hold_test(l);
    if (status == STATUS_SUCCESS)
        status = hold_validation(l);
    if (status != STATUS_SUCCESS)
        return status;
    minnow_status made = make_datasets(l, data, validation);
    return made == MINNOW_OK ? STATUS_SUCCESS : report(made);
}

static void describe_test(const struct loading *l, const struct data *data, char *text, size_t size) {
    const struct encoder_split *split = &l->encoder->split;
    if (data->test == NULL) {
        snprintf(text, size, "no test rows");
        return;
    }
    size_t length = (size_t)snprintf(text, size, "%zu test rows", data->test->count);
    if (l->test.table != NULL)
        snprintf(text + length, size - length, " of %s", l->test.table->name);
    else if (split->by_share)
        snprintf(text + length, size - length, " drawn by seed %llu", (unsigned long long)split->seed);
    else
        snprintf(text + length, size - length, ", each fifth");
}

int table_load_training(const struct data_source *source, const struct table_request *request,
                        const minnow_network *network, struct data *data, minnow_dataset **validation,
                        struct encoder **encoder) {
    double start = clock_seconds();
    struct loading l = {.request = request, .fitted = network != NULL};
    *data = (struct data){.source = *source};
    *validation = NULL;
    *encoder = NULL;

    int status = STATUS_SUCCESS;
    if (network != NULL)
        status = table_encoder_of(network, "the network", &l.encoder);
    if (status == STATUS_SUCCESS && network != NULL && l.encoder == NULL)
        status = problem(STATUS_USAGE, "%s is a table, but the network was trained on data of another kind",
                         source->folder);
    if (status == STATUS_SUCCESS)
        status = load_training(&l, source->folder, data, validation);
    if (status == STATUS_SUCCESS) {
        char test[PATH_MAX + 48];
        describe_test(&l, data, test, sizeof test);
        note("data: %s (%s), %s: %zu training rows, %s; %zu columns become %zu features; loaded in %.2f s",
             data_source_name(source), source->why, l.main.table->dialect, data->train->count, test,
             l.encoder->column_count, l.encoder->features, clock_seconds() - start);
        print_notes(&l.notes);
        if (data->test != NULL)
            status = data_check_sets(data, l.encoder->classes, request->threads);
    }
    if (status == STATUS_SUCCESS) {
        *encoder = l.encoder;
    } else {
        encoder_free(l.encoder);
        minnow_dataset_free(*validation);
        *validation = NULL;
        data_free(data);
    }
    loading_free(&l);
    return status;
}

/* ---- Testing ---- */

static minnow_status load_test(struct encoder *encoder, struct labelled *from, unsigned threads,
                               struct data *data, bool *held_out) {
    struct row_list held = {0};
    minnow_status status = take_labels(encoder, from);
    *held_out = encoder->crc32 != 0 && encoder->crc32 == from->table->crc32;
    if (status == MINNOW_OK && *held_out)
        status = rows_divide(encoder, &encoder->split, from->labels, &from->rows, &held);
    if (status == MINNOW_OK)
        status = make_dataset(encoder, from, *held_out ? &held : &from->rows, threads, &data->test);
    struct row_list *tested = *held_out ? &held : &from->rows;
    if (status == MINNOW_OK) {
        data->rows = tested->row;
        tested->row = NULL;
    }
    row_list_free(&held);
    return status;
}

static int test_on_table(const struct data_source *source, const struct table_reading *reading,
                         unsigned threads, struct encoder *encoder, struct data *data) {
    double start = clock_seconds();
    struct labelled from = {0};
    bool held_out = false;
    *data = (struct data){.source = *source};
    data_watch_files(source);
    int status = table_open_for(source->folder, reading, encoder, threads, &from.table);
    if (status == STATUS_SUCCESS) {
        minnow_status loaded = load_test(encoder, &from, threads, data, &held_out);
        status = loaded == MINNOW_OK ? STATUS_SUCCESS : report(loaded);
    }
    if (status == STATUS_SUCCESS)
        note("data: %s (%s), %s: %zu rows%s, loaded in %.2f s", data_source_name(source), source->why,
             from.table->dialect, data->test->count,
             held_out ? ", those of the training table that were kept out of training" : "",
             clock_seconds() - start);
    if (status == STATUS_SUCCESS && encoder->whole_crc32 != 0 && encoder->whole_crc32 == from.table->crc32)
        note("%s: the network was trained on these rows: what it gets right of them is no test",
             data_source_name(source));
    labelled_free(&from);
    return status;
}

int table_load_test(const char *option, const struct table_reading *reading, const struct command_line *line,
                    const minnow_network *network, const char *model, struct data *data,
                    struct encoder **encoder, bool *loaded) {
    struct data_source source;
    *encoder = NULL;
    int status = data_source_find(option, false, &source);
    *loaded = status == STATUS_SUCCESS && table_source_is(&source);
    if (status == STATUS_SUCCESS)
        status = table_encoder_of(network, model, encoder);
    if (status == STATUS_SUCCESS && !*loaded)
        status = table_refuse_options(line, true, "has no effect: the data are no table");
    if (status != STATUS_SUCCESS)
        return status;

    if (*loaded && *encoder == NULL)
        return problem(STATUS_USAGE, "%s is a table, but %s was not trained on one",
                       data_source_name(&source), model);
    if (!*loaded && *encoder != NULL && option == NULL && !(source.demanded && (*encoder)->bytes))
        return problem(STATUS_USAGE,
                       "%s was trained on a table: on which one is it to be tested? --data FILE", model);
    if (!*loaded && *encoder != NULL && !(*encoder)->bytes)
        return problem(STATUS_USAGE,
                       "%s was trained on a table: --data FILE, a table of the same columns; found %s", model,
                       data_source_name(&source));
    return *loaded ? test_on_table(&source, reading, line->common.threads, *encoder, data) : STATUS_SUCCESS;
}
