#include "data/inputs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/formats/csv.h"

enum { IMAGE_RANK = 3, COMPRESSED_MAX = 1 << 30, EXPANDED_MAX = INT_MAX };

struct inputs {
    const char *name;
    struct byte_stream stream; /* of images; empty for CSV */
    struct csv_source *csv;    /* or NULL: images */
    uint8_t *expanded;         /* what the stream is of, if it was compressed */
    size_t features;
    float scale;
    size_t data_size, data_used; /* bytes of images: announced by the header, returned */
    size_t columns;              /* of the CSV rows, once there was one */
    uint8_t *bytes;              /* [features]: a row's, if it is one of bytes */
};

/* Reads on until `size` bytes are there, or the end is. */
static minnow_status gather(struct byte_stream *stream, size_t size) {
    minnow_status status = MINNOW_OK;
    while (status == MINNOW_OK && stream->end - stream->begin < size && !stream->at_end)
        status = stream_more(stream);
    return status;
}

/* ---- Opening ---- */

/* Replaces a compressed stream by one of what it expands to. */
static minnow_status expand(struct inputs *inputs) {
    struct byte_stream *stream = &inputs->stream;
    minnow_status status = gather(stream, COMPRESSED_MAX + 1);
    if (status == MINNOW_OK && !stream->at_end)
        status = fail(MINNOW_ERROR_INPUT, "%s: more than %d bytes of gzip; expand them first: gzip -d",
                      inputs->name, COMPRESSED_MAX);
    struct file_bytes expanded;
    if (status == MINNOW_OK)
        status = gzip_expand(stream->name, stream->bytes + stream->begin, stream->end - stream->begin,
                             EXPANDED_MAX, &expanded);
    if (status != MINNOW_OK)
        return status;
    stream_close(stream);
    stream_from_memory(inputs->name, expanded.data, expanded.size, stream);
    inputs->expanded = expanded.data;
    return MINNOW_OK;
}

static minnow_status open_images(struct inputs *inputs) {
    struct byte_stream *stream = &inputs->stream;
    size_t header = idx_header_size(IMAGE_RANK), features;
    struct idx idx;
    minnow_status status = gather(stream, header);
    if (status == MINNOW_OK)
        status = idx_parse_header(stream->name, stream->bytes + stream->begin, stream->end - stream->begin,
                                  IMAGE_RANK, &idx, &inputs->data_size);
    if (status != MINNOW_OK)
        return status;
    if (!size_multiply(idx.size[1], idx.size[2], &features) || features != inputs->features)
        return fail(MINNOW_ERROR_INPUT, "%s: images of %zu × %zu pixels, but the network takes %zu values",
                    stream->name, idx.size[1], idx.size[2], inputs->features);
    stream->begin += header;
    /* Of a pipe, the end will tell. */
    return stream->total == STREAM_UNKNOWN
               ? MINNOW_OK
               : idx_check_length(stream->name, inputs->data_size, stream->total - header);
}

static minnow_status open_rows(struct inputs *inputs) {
    inputs->bytes = malloc(inputs->features);
    if (inputs->bytes == NULL)
        return fail_memory(inputs->stream.name);
    return csv_from_stream(&inputs->stream, &inputs->csv);
}

static minnow_status open_content(struct inputs *inputs) {
    struct byte_stream *stream = &inputs->stream;
    minnow_status status = gather(stream, 2);
    if (status == MINNOW_OK && gzip_detect(stream->bytes + stream->begin, stream->end - stream->begin))
        status = expand(inputs);
    if (status != MINNOW_OK)
        return status;
    if (stream->begin == stream->end)
        return fail(MINNOW_ERROR_INPUT, "%s: is empty, expected an IDX file of images or rows of numbers",
                    stream->name);
    return stream->bytes[stream->begin] == 0 ? open_images(inputs) : open_rows(inputs);
}

minnow_status inputs_open(struct byte_stream *stream, size_t features, float scale, struct inputs **out) {
    *out = NULL;
    struct inputs *inputs = calloc(1, sizeof *inputs);
    if (inputs == NULL) {
        const char *name = stream->name;
        stream_close(stream);
        return fail_memory(name);
    }
    inputs->name = stream->name;
    inputs->stream = *stream;
    *stream = (struct byte_stream){0};
    inputs->features = features;
    inputs->scale = scale;
    minnow_status status = open_content(inputs);
    if (status == MINNOW_OK)
        *out = inputs;
    else
        inputs_close(inputs);
    return status;
}

void inputs_close(struct inputs *inputs) {
    if (inputs == NULL)
        return;
    csv_close(inputs->csv);
    stream_close(&inputs->stream);
    free(inputs->expanded);
    free(inputs->bytes);
    free(inputs);
}

/* ---- Reading ---- */

static void scale_bytes(const struct inputs *inputs, const uint8_t *bytes, float *values) {
    for (size_t i = 0; i < inputs->features; i++)
        values[i] = (float)bytes[i] * inputs->scale;
}

/* What a pipe delivered in all, once its end is there. */
static minnow_status check_end(struct inputs *inputs) {
    struct byte_stream *stream = &inputs->stream;
    minnow_status status = gather(stream, 1);
    if (status == MINNOW_OK)
        status = idx_check_length(stream->name, inputs->data_size,
                                  inputs->data_used + (stream->end - stream->begin));
    return status;
}

static minnow_status read_image(struct inputs *inputs, bool wait, float *values, bool *got) {
    struct byte_stream *stream = &inputs->stream;
    size_t size = inputs->features;
    minnow_status status = MINNOW_OK;
    if (inputs->data_used == inputs->data_size)
        return wait ? check_end(inputs) : MINNOW_OK;
    while (status == MINNOW_OK && stream->end - stream->begin < size && !stream->at_end &&
           (wait || !stream_waits(stream)))
        status = stream_more(stream);
    if (status != MINNOW_OK)
        return status;
    if (stream->end - stream->begin < size)
        return stream->at_end ? check_end(inputs) : MINNOW_OK;
    scale_bytes(inputs, stream->bytes + stream->begin, values);
    stream->begin += size;
    inputs->data_used += size;
    *got = true;
    return MINNOW_OK;
}

static minnow_status read_row(struct inputs *inputs, bool wait, float *values, bool *got) {
    bool ready = true;
    const float *row = NULL;
    bool first = inputs->columns == 0;
    minnow_status status = wait ? MINNOW_OK : csv_ready(inputs->csv, &ready);
    if (status == MINNOW_OK && ready)
        status = csv_read_row(inputs->csv, &inputs->columns, &row);
    if (status != MINNOW_OK || row == NULL)
        return status;
    if (first && inputs->columns != inputs->features)
        return fail(MINNOW_ERROR_INPUT, "%s: rows of %zu values, but the network takes %zu%s", inputs->name,
                    inputs->columns, inputs->features,
                    inputs->columns == inputs->features + 1 ? ", and no label" : "");
    if (csv_row_bytes(row, inputs->features, inputs->bytes))
        scale_bytes(inputs, inputs->bytes, values);
    else
        memcpy(values, row, inputs->features * sizeof *values);
    *got = true;
    return MINNOW_OK;
}

minnow_status inputs_read(struct inputs *inputs, size_t most, float *values, size_t *count) {
    minnow_status status = MINNOW_OK;
    bool got = true;
    for (*count = 0; *count < most; ++*count) {
        float *sample = values + *count * inputs->features;
        bool wait = *count == 0;
        got = false;
        status = inputs->csv != NULL ? read_row(inputs, wait, sample, &got)
                                     : read_image(inputs, wait, sample, &got);
        if (!got)
            break;
    }
    return status;
}
