/* How a network that was trained on a table takes its columns, for formats that hold it. */
#ifndef MINNOW_MODEL_TABLE_ENCODER_H
#define MINNOW_MODEL_TABLE_ENCODER_H

#include "data/table/encoder.h"
#include "minnow/minnow.h"

/* The encoder in the network's metadata; NULL in *out if there is none, or one of pixels, which need none. Errors: INPUT
   (the metadata are not as expected, or of another network), MEMORY. */
minnow_status table_encoder_in(const minnow_network *network, struct encoder **out);

/* How many of its columns are of a kind. */
size_t table_encoder_count(const struct encoder *encoder, enum encoder_kind kind);

#endif
