#include "model/table_encoder.h"

#include "base/status.h"

minnow_status table_encoder_in(const minnow_network *network, struct encoder **out) {
    *out = NULL;
    const char *text = minnow_network_metadata(network, ENCODER_KEY);
    if (text == NULL)
        return MINNOW_OK;

    struct encoder *encoder;
    minnow_status status = encoder_from_text("the network", text, &encoder);
    size_t inputs = minnow_network_layer_size(network, 0);
    if (status == MINNOW_OK && encoder->features != inputs)
        status = fail(MINNOW_ERROR_INPUT, "the network takes %zu values, but its table has %zu features",
                      inputs, encoder->features);
    if (status == MINNOW_OK && !encoder->bytes)
        *out = encoder;
    else
        encoder_free(encoder);
    return status;
}

size_t table_encoder_count(const struct encoder *encoder, enum encoder_kind kind) {
    size_t count = 0;
    for (size_t c = 0; c < encoder->column_count; c++)
        count += encoder->columns[c].kind == kind;
    return count;
}
