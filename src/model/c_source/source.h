/* The header of C that is being written, for the parts of its writer. */
#ifndef MINNOW_MODEL_C_SOURCE_SOURCE_H
#define MINNOW_MODEL_C_SOURCE_SOURCE_H

#include "base/number.h"
#include "base/output.h"
#include "data/table/encoder.h"
#include "minnow/minnow.h"
#include "model/quantize.h"

enum { SOURCE_NAME = 64, FLOAT_LITERAL = NUMBER_TEXT + 3 };

/* The file being written, and what its names begin with. */
struct source {
    struct output *output;
    const minnow_network *network; /* the whole */
    const minnow_network
        *member; /* the network of it that is being written: itself, unless it is an ensemble */
    const struct quantized *quantized; /* NULL: weights are floats */
    struct encoder *encoder;           /* of a network that was trained on a table; or NULL */
    char name[SOURCE_NAME], upper[SOURCE_NAME];
    char part[SOURCE_NAME + 32]; /* what names of the member begin with: the name, or NAME_member_3 */
};

/* "$" stands for the name, "@" for it in capitals. */
void source_write(const struct source *source, const char *text);

/* A literal of type float that reads back to the same bits. */
void source_float(float value, char text[FLOAT_LITERAL]);

/* A literal of a text. */
void source_literal(const struct source *source, const char *text);

/* Functions that give the names of classes and of columns, where the network has them: names.c. */
void source_write_names(const struct source *source);

/* The struct of a table's row, and the functions that take it: table.c. */
void source_write_table(const struct source *source);

#endif
