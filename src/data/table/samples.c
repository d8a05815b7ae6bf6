/* The rows of a table one after the other, as samples to predict from. */
#include <stdlib.h>

#include "base/status.h"
#include "data/table/encoder.h"

struct table_samples {
    struct sample_stream base;
    struct encoding *encoding;
    const struct table *table;
    size_t next;
    struct table_oddities oddities;
};

static minnow_status check_row(const struct table_samples *samples, size_t row) {
    const char *fault = table_row_fault(samples->table, row);
    return fault != NULL ? fail(MINNOW_ERROR_INPUT, "%s", fault) : encoding_check_row(samples->encoding, row);
}

static void note_oddities(struct table_samples *samples, size_t row) {
    struct table_oddities *oddities = &samples->oddities;
    size_t column = encoding_unknown_text(samples->encoding, row);
    if (column < samples->table->columns && oddities->unknown++ == 0) {
        oddities->first_unknown = row;
        oddities->column = column;
    }
    if (encoding_row_is_empty(samples->encoding, row) && oddities->empty++ == 0)
        oddities->first_empty = row;
}

const struct table_oddities *table_samples_oddities(const struct sample_stream *samples) {
    return &((const struct table_samples *)samples)->oddities;
}

static minnow_status next_row(struct sample_stream *stream, bool wait, float *values, bool *got) {
    struct table_samples *samples = (struct table_samples *)stream;
    (void)wait; /* a table is there as a whole */
    *got = samples->next < samples->table->rows;
    if (!*got)
        return MINNOW_OK;

    uint32_t row = (uint32_t)samples->next++;
    minnow_status status = check_row(samples, row);
    *got = status == MINNOW_OK;
    stream->bad_sample = status != MINNOW_OK;
    if (*got) {
        encoding_rows(samples->encoding, &row, 1, values);
        note_oddities(samples, row);
    }
    return status;
}

static void close_samples(struct sample_stream *stream) {
    struct table_samples *samples = (struct table_samples *)stream;
    encoding_close(samples->encoding);
    free(samples);
}

minnow_status table_samples_open(const struct encoder *encoder, const struct table *table,
                                 struct sample_stream **out) {
    *out = NULL;
    struct table_samples *samples = calloc(1, sizeof *samples);
    if (samples == NULL)
        return fail_memory(table->name);
    samples->base = (struct sample_stream){.next = next_row, .close = close_samples};
    samples->table = table;
    minnow_status status = encoding_open(encoder, table, &samples->encoding);
    if (status != MINNOW_OK) {
        close_samples(&samples->base);
        return status;
    }
    *out = &samples->base;
    return MINNOW_OK;
}
