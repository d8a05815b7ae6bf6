#include "model/table_inputs.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/status.h"

void table_inputs_free(struct table_inputs *inputs) {
    memory_free(inputs->centre);
    memory_free(inputs->spread);
    memory_free(inputs->is_number);
    encoder_free(inputs->encoder);
    *inputs = (struct table_inputs){0};
}

static minnow_status fill(struct table_inputs *out) {
    const struct encoder *encoder = out->encoder;
    out->count = encoder->features;
    out->clip = encoder->clip;
    out->centre = memory_allocate(out->count, sizeof *out->centre);
    out->spread = memory_allocate(out->count, sizeof *out->spread);
    out->is_number = memory_allocate(out->count, sizeof *out->is_number);
    if (out->centre == NULL || out->spread == NULL || out->is_number == NULL)
        return fail_memory("the inputs of a network");

    for (size_t i = 0; i < out->count; i++)
        out->spread[i] = 1.0F;
    for (size_t c = 0; c < encoder->column_count; c++) {
        const struct encoder_column *column = &encoder->columns[c];
        if (column->kind != ENCODER_NUMBER)
            continue;
        out->centre[column->first] = column->centre;
        out->spread[column->first] = column->spread;
        out->is_number[column->first] = true;
    }
    if (encoder->task == TASK_REGRESSION) {
        out->output_centre = encoder->target_centre;
        out->output_spread = encoder->target_spread;
    }
    return MINNOW_OK;
}

minnow_status table_inputs_of(const minnow_network *network, struct table_inputs *out) {
    *out = (struct table_inputs){0};
    const char *text = minnow_network_metadata(network, ENCODER_KEY);
    if (text == NULL)
        return MINNOW_OK;
    minnow_status status = encoder_from_text("the network", text, &out->encoder);
    size_t inputs = minnow_network_layer_size(network, 0);
    if (status == MINNOW_OK && out->encoder->features != inputs)
        status = fail(MINNOW_ERROR_INPUT, "the network takes %zu values, but its table has %zu features",
                      inputs, out->encoder->features);
    if (status == MINNOW_OK && !out->encoder->bytes)
        status = fill(out);
    if (status != MINNOW_OK)
        table_inputs_free(out);
    return status;
}

static void make_harmless(char *text) {
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f || *c == '\\' || (c[0] == '*' && c[1] == '/'))
            *c = '_';
}

void table_input_text(const struct table_inputs *inputs, size_t i, char text[TABLE_INPUT_TEXT]) {
    const struct encoder *encoder = inputs->encoder;
    size_t c = 0;
    while (c + 1 < encoder->column_count && encoder->columns[c + 1].first <= i)
        c++;
    const struct encoder_column *column = &encoder->columns[c];
    size_t place = i - column->first;
    if (column->kind == ENCODER_HASHED)
        snprintf(text, TABLE_INPUT_TEXT, "%.100s: its FNV-1a hash modulo %zu is %zu, 1 or 0", column->name,
                 column->width, place);
    else if (column->kind == ENCODER_NUMBER && place == 0)
        snprintf(text, TABLE_INPUT_TEXT, "%.100s; %.9g if it is missing", column->name, (double)column->fill);
    else if (column->kind == ENCODER_NUMBER)
        snprintf(text, TABLE_INPUT_TEXT, "%.100s is missing, 1 or 0", column->name);
    else if (place < column->value_count)
        snprintf(text, TABLE_INPUT_TEXT, "%.100s is %.100s, 1 or 0", column->name, column->values[place]);
    else
        snprintf(text, TABLE_INPUT_TEXT, "%.100s is another value, 1 or 0", column->name);
    make_harmless(text);
}
