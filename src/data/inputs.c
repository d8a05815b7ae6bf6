#include "data/inputs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "data/formats/format.h"
#include "data/formats/gzip.h"

enum { COMPRESSED_MAX = 1 << 30, EXPANDED_MAX = INT_MAX };

struct inputs {
    const char *name;
    size_t features;
    uint8_t *expanded; /* what the samples are read from, if it was compressed; or NULL */
    bool picture;
    struct sample_stream *samples;
};

/* ---- Opening ---- */

/* Replaces a compressed stream by one of what it expands to. */
static minnow_status expand(struct inputs *inputs, struct byte_stream *stream) {
    minnow_status status = stream_gather(stream, COMPRESSED_MAX + 1);
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

/* The format that the first bytes fit. Reads on only as long as none can tell, because whoever writes to a
   pipe may be waiting for the first answer before sending more. */
static minnow_status recognise(struct byte_stream *stream, const struct data_format **out) {
    minnow_status status = MINNOW_OK;
    *out = NULL;
    while (status == MINNOW_OK) {
        size_t size = stream->end - stream->begin;
        *out = data_format_recognise(stream->bytes + stream->begin, size);
        if (*out != NULL || stream->at_end || size >= DATA_FORMAT_PEEK)
            break;
        status = stream_more(stream);
    }
    return status;
}

static minnow_status open_content(struct inputs *inputs, struct byte_stream *stream,
                                  const struct sample_form *form) {
    minnow_status status = stream_gather(stream, 2);
    if (status == MINNOW_OK && gzip_detect(stream->bytes + stream->begin, stream->end - stream->begin))
        status = expand(inputs, stream);
    if (status != MINNOW_OK)
        return status;

    if (stream->begin == stream->end)
        return fail(MINNOW_ERROR_INPUT, "%s: is empty, expected an IDX file of images or rows of numbers",
                    stream->name);

    const struct data_format *format;
    status = recognise(stream, &format);
    if (status == MINNOW_OK && format == NULL)
        status =
            fail(MINNOW_ERROR_INPUT, "%s: expected an IDX file of images or rows of numbers", stream->name);
    if (status == MINNOW_OK)
        status = format->stream(stream, form, &inputs->samples);
    inputs->picture = format == &pictures_format;
    return status;
}

minnow_status inputs_open_form(struct byte_stream *stream, const struct sample_form *form,
                               struct inputs **out) {
    *out = NULL;
    struct byte_stream taken = *stream;
    *stream = (struct byte_stream){0};

    struct inputs *inputs = calloc(1, sizeof *inputs);
    minnow_status status;
    if (inputs == NULL) {
        status = fail_memory(taken.name);
    } else {
        inputs->name = taken.name;
        inputs->features = form->features;
        status = open_content(inputs, &taken, form);
    }

    stream_close(&taken); /* empty if the format has taken it over */
    if (status == MINNOW_OK)
        *out = inputs;
    else
        inputs_close(inputs);
    return status;
}

minnow_status inputs_open(struct byte_stream *stream, size_t features, float scale, struct inputs **out) {
    return inputs_open_form(stream, &(struct sample_form){.features = features, .scale = scale}, out);
}

minnow_status inputs_from_samples(const char *name, size_t features, struct sample_stream *samples,
                                  struct inputs **out) {
    *out = calloc(1, sizeof **out);
    if (*out == NULL) {
        samples->close(samples);
        return fail_memory(name);
    }
    **out = (struct inputs){.name = name, .features = features, .samples = samples};
    return MINNOW_OK;
}

void inputs_close(struct inputs *inputs) {
    if (inputs == NULL)
        return;
    if (inputs->samples != NULL)
        inputs->samples->close(inputs->samples);
    free(inputs->expanded);
    free(inputs);
}

/* ---- Reading ---- */

minnow_status inputs_read(struct inputs *inputs, size_t most, float *values, size_t *count) {
    struct sample_stream *samples = inputs->samples;
    minnow_status status = MINNOW_OK;
    for (*count = 0; *count < most; ++*count) {
        /* Only the first sample is waited for, so that answers are not held back. */
        bool wait = *count == 0, got = false;
        status = samples->next(samples, wait, values + *count * inputs->features, &got);
        if (status != MINNOW_OK || !got)
            break;
    }
    return status;
}

bool inputs_sample_is_bad(const struct inputs *inputs) {
    return inputs->samples->bad_sample;
}

bool inputs_are_picture(const struct inputs *inputs) {
    return inputs->picture;
}

bool inputs_have_features(const struct inputs *inputs) {
    return inputs->samples->has_features;
}
