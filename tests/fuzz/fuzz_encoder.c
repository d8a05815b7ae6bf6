/* What a model's file says of its table, as arbitrary text: whatever is accepted must be written and read back to the
 * same, and encode a table of its columns. */
#include <stdlib.h>
#include <string.h>

#include "data/table/encoder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

static void encode(const struct encoder *encoder) {
    static const char text[] = "x,class,c\n1,a,u\n2,b,v\n,a,w\n1,b,\n";
    struct table *table;
    struct encoding *encoding;
    uint32_t row = 2;
    check(table_from_memory("t", text, sizeof text - 1, &(struct table_options){.threads = 1}, &table) ==
          MINNOW_OK);
    if (encoding_open(encoder, table, &encoding) == MINNOW_OK) {
        float *values = malloc(encoder->features * sizeof *values);
        check(values != NULL);
        encoding_rows(encoding, &row, 1, values);
        free(values);
        encoding_close(encoding);
    }
    table_free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1), *first, *second;
    struct encoder *encoder, *again;
    check(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (encoder_from_text("input", text, &encoder) == MINNOW_OK) {
        size_t features = 0;
        for (size_t c = 0; c < encoder->column_count; c++) {
            check(encoder->columns[c].first == features);
            features += encoder->columns[c].width;
        }
        check(features == encoder->features && features >= 1 && features <= DATASET_FEATURES_MAX);
        check(encoder_to_text(encoder, &first) == MINNOW_OK);
        check(encoder_from_text("input", first, &again) == MINNOW_OK);
        check(encoder_to_text(again, &second) == MINNOW_OK && strcmp(first, second) == 0);
        encode(encoder);
        free(first);
        free(second);
        encoder_free(again);
    }
    encoder_free(encoder);
    free(text);
    return 0;
}
