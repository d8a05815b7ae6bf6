/* The inputs of a network that was trained on a table, for formats that hold how they are scaled. */
#ifndef MINNOW_MODEL_TABLE_INPUTS_H
#define MINNOW_MODEL_TABLE_INPUTS_H

#include "data/table/encoder.h"
#include "minnow/minnow.h"

/* Feature i is (value - centre[i]) / spread[i], and with a clip z / sqrt(1 + (z/clip)²) of that. A number's value is
   what its column holds, or its median where it holds nothing; all others are 1 or 0. */
struct table_inputs {
    size_t count;
    float *centre, *spread;             /* [count]; NULL: the network takes no table, or one of pixels */
    bool *is_number;                    /* [count] */
    float clip;                         /* 0: none */
    float output_centre, output_spread; /* of a number to predict; a spread of 0: the network tells classes */
    struct encoder *encoder;
};

/* Errors: INPUT (the metadata are not as expected, or of another network), MEMORY. */
minnow_status table_inputs_of(const minnow_network *network, struct table_inputs *out);
void table_inputs_free(struct table_inputs *inputs);

/* What the value of feature i is: "carat", "carat is missing, 1 or 0", "cut is Ideal". Control characters, and what
   would end a comment of C, are replaced. */
enum { TABLE_INPUT_TEXT = 256 };
void table_input_text(const struct table_inputs *inputs, size_t i, char text[TABLE_INPUT_TEXT]);

#endif
