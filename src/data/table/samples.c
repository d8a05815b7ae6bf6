/* The rows of a table one after the other, as samples to predict from. */
#include <stdlib.h>

#include "base/status.h"
#include "data/table/encoder.h"

struct table_samples {
    struct sample_stream base;
    struct encoding *encoding;
    size_t rows, next;
};

static minnow_status next_row(struct sample_stream *stream, bool wait, float *values, bool *got) {
    struct table_samples *samples = (struct table_samples *)stream;
    (void)wait; /* a table is there as a whole */
    *got = samples->next < samples->rows;
    if (*got) {
        uint32_t row = (uint32_t)samples->next++;
        encoding_rows(samples->encoding, &row, 1, values);
    }
    return MINNOW_OK;
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
    samples->rows = table->rows;
    minnow_status status = encoding_open(encoder, table, &samples->encoding);
    if (status == MINNOW_OK)
        status = encoding_check_gaps(samples->encoding);
    if (status != MINNOW_OK) {
        close_samples(&samples->base);
        return status;
    }
    *out = &samples->base;
    return MINNOW_OK;
}
