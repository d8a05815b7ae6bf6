/* The rows of the original program's CSV files, as its converter wrote them with Python. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/formats/csv.h"
#include "data/formats/pair.h"

/* The most characters of a feature, with its comma. */
enum { FIELD = NUMBER_TEXT + 1 };

/* The text of every byte · scale. */
struct byte_texts {
    char text[256][FIELD];
    size_t length[256];
};

/* byte / 256 as Python's repr of a float, which is its exact value: at least one digit and at most eight. */
static size_t write_256th(unsigned byte, char text[FIELD]) {
    size_t length = (size_t)snprintf(text, FIELD, "0.%08u", byte * 390625U);
    while (length > 3 && text[length - 1] == '0')
        length--;
    return length;
}

static void fill_byte_texts(float scale, struct byte_texts *texts) {
    for (unsigned byte = 0; byte < 256; byte++) {
        char *text = texts->text[byte];
        size_t length =
            scale == PIXEL_SCALE ? write_256th(byte, text) : number_write_shortest((float)byte * scale, text);
        text[length] = ',';
        texts->length[byte] = length + 1;
    }
}

static void write_byte_rows(const minnow_dataset *dataset, const struct byte_texts *texts, char *line,
                            struct output *output) {
    for (size_t row = 0; row < dataset->count; row++) {
        const uint8_t *bytes = dataset->bytes + row * dataset->features;
        char *end = line;
        for (size_t i = 0; i < dataset->features; i++) {
            /* A copy of constant length compiles to one or two moves. What it copies beyond the text is
               overwritten by the next feature, or lies behind the line's end. */
            memcpy(end, texts->text[bytes[i]], FIELD);
            end += texts->length[bytes[i]];
        }

        end[-1] = '\n';
        output_write(output, line, (size_t)(end - line));
    }
}

static void write_value_rows(const minnow_dataset *dataset, char *line, struct output *output) {
    for (size_t row = 0; row < dataset->count; row++) {
        const float *values = dataset->values + row * dataset->features;
        char *end = line;
        for (size_t i = 0; i < dataset->features; i++) {
            end += number_write_shortest(values[i], end);
            *end++ = ',';
        }

        end[-1] = '\n';
        output_write(output, line, (size_t)(end - line));
    }
}

static void write_one_hot_rows(const minnow_dataset *dataset, char *line, struct output *output) {
    size_t length = 4 * dataset->classes;
    for (size_t i = 0; i < dataset->classes; i++)
        memcpy(line + 4 * i, "0.0,", 4);
    line[length - 1] = '\n';

    for (size_t row = 0; row < dataset->count; row++) {
        char *digit = line + (size_t)4 * dataset->labels[row];
        *digit = '1';
        output_write(output, line, length);
        *digit = '0';
    }
}

minnow_status csv_write_rows(const minnow_dataset *dataset, const struct pair_outputs *outputs) {
    char *line = memory_allocate(dataset->features + 1, FIELD);
    char *one_hot = memory_allocate(dataset->classes, 4);
    struct byte_texts *texts = memory_allocate(1, sizeof *texts);
    minnow_status status = MINNOW_OK;

    if (line == NULL || one_hot == NULL || texts == NULL) {
        status = fail_memory("a line of CSV");
    } else {
        if (dataset->bytes != NULL) {
            fill_byte_texts(dataset->scale, texts);
            write_byte_rows(dataset, texts, line, outputs->images);
        } else {
            write_value_rows(dataset, line, outputs->images);
        }
        write_one_hot_rows(dataset, one_hot, outputs->labels);
    }

    memory_free(texts);
    memory_free(one_hot);
    memory_free(line);
    return status;
}
