/* What is answered, as JSON. Numbers are written without the JSON library, which is slow for many of them. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "cli/serve/serve.h"
#include "net/losses.h"

static void write_number(FILE *text, float value) {
    char number[NUMBER_TEXT];
    if (isfinite(value))
        number_write_shortest(value, number);
    fputs(isfinite(value) ? number : "null", text);
}

static void write_list(FILE *text, const float *values, size_t count) {
    fputc('[', text);
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? "," : "", text);
        write_number(text, values[i]);
    }
    fputc(']', text);
}

/* ---- Predictions ---- */

static void write_class(const struct served *served, uint32_t label, const float *output, FILE *text) {
    bool probabilities = loss_rows[minnow_network_loss(served->network)].probabilities;
    fprintf(text, "{\"label\":%u", (unsigned)label);
    if (served->names != NULL) {
        char *name = json_dumps(json_array_get(served->names, label), JSON_ENCODE_ANY);
        fprintf(text, ",\"class\":%s", name != NULL ? name : "null");
        free(name);
    }
    fputs(probabilities ? ",\"probabilities\":" : ",\"outputs\":", text);
    write_list(text, output, served->outputs);
    fputc('}', text);
}

static void write_predictions(const struct served *served, const struct samples *samples, FILE *text) {
    fputs("{\"predictions\":[", text);
    for (size_t i = 0; i < samples->count; i++) {
        const float *output = samples->output + i * served->outputs;
        fputs(i > 0 ? "," : "", text);
        if (served_numbers(served)) {
            fputs("{\"prediction\":", text);
            write_number(text, output[0] * served->encoder->target_spread + served->encoder->target_centre);
            fputc('}', text);
        } else {
            write_class(served, samples->label[i], output, text);
        }
    }
    fputc(']', text);
}

/* ---- Detail ---- */

/* The activations of every layer of weights for one sample; the arrays are one allocation. */
static minnow_status write_activations(const struct served *served, const float *input, FILE *text) {
    size_t total = 0;
    for (size_t i = 1; i <= served->layers; i++)
        total += minnow_network_layer_size(served->network, i);
    float **layer = memory_allocate(served->layers, sizeof *layer);
    float *all = memory_allocate(total, sizeof *all);
    minnow_status status = layer != NULL && all != NULL ? MINNOW_OK : fail_memory("the activations");
    if (status == MINNOW_OK) {
        size_t at = 0;
        for (size_t i = 0; i < served->layers; i++) {
            layer[i] = all + at;
            at += minnow_network_layer_size(served->network, i + 1);
        }
        minnow_trace trace;
        minnow_trace_init(&trace, sizeof trace);
        trace.activations = layer;
        status = minnow_network_trace(served->network, input, &trace);
    }

    if (status == MINNOW_OK) {
        fputs(",\"activations\":[", text);
        for (size_t i = 0; i < served->layers; i++) {
            fputs(i > 0 ? "," : "", text);
            write_list(text, layer[i], minnow_network_layer_size(served->network, i + 1));
        }
        fputc(']', text);
    }
    memory_free(layer);
    memory_free(all);
    return status;
}

/* What the network sees, as bytes: a picture's pixels before they are scaled. */
static void write_seen(const struct served *served, const float *input, FILE *text) {
    const struct picture_recipe *pictures = &served->form.pictures;
    if (pictures->height == 0 || !(served->form.scale > 0))
        return;
    fprintf(text, ",\"seen\":{\"height\":%zu,\"width\":%zu,\"channels\":%zu,\"pixels\":[", pictures->height,
            pictures->width, pictures->channels);
    for (size_t i = 0; i < served->features; i++) {
        float byte = fminf(fmaxf(roundf(input[i] / served->form.scale), 0.0f), 255.0f);
        fprintf(text, "%s%d", i > 0 ? "," : "", (int)byte);
    }
    fputs("]}", text);
}

/* ---- Whole answers ---- */

static minnow_status end_text(FILE *stream, minnow_status status, struct text *text) {
    bool whole = ferror(stream) == 0;
    if ((fclose(stream) != 0 || !whole) && status == MINNOW_OK)
        status = fail_memory("an answer");
    if (status != MINNOW_OK) {
        free(text->data);
        *text = (struct text){0};
    }
    return status;
}

minnow_status answer_predictions(const struct served *served, const struct samples *samples, bool detail,
                                 struct text *out) {
    *out = (struct text){0};
    FILE *stream = open_memstream(&out->data, &out->size);
    if (stream == NULL)
        return fail_memory("an answer");
    minnow_status status = MINNOW_OK;
    write_predictions(served, samples, stream);
    if (detail) {
        write_seen(served, samples->values, stream);
        if (minnow_network_member_count(served->network) == 1)
            status = write_activations(served, samples->values, stream);
    }
    fputs("}\n", stream);
    return end_text(stream, status, out);
}

minnow_status answer_error(const char *message, struct text *out) {
    *out = (struct text){0};
    FILE *stream = open_memstream(&out->data, &out->size);
    if (stream == NULL)
        return fail_memory("an answer");
    json_t *text = json_string(message);
    char *quoted = text != NULL ? json_dumps(text, JSON_ENCODE_ANY) : NULL; /* NULL: it is no UTF-8 */
    fprintf(stream, "{\"error\":%s}\n", quoted != NULL ? quoted : "\"bad request\"");
    free(quoted);
    json_decref(text);
    return end_text(stream, MINNOW_OK, out);
}
