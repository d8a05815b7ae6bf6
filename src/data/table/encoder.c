#include "data/table/encoder.h"

#include <stdlib.h>

#include "base/memory.h"

const char *const encoder_scale_names[] = {
    [SCALE_STANDARD] = "standard",
    [SCALE_ROBUST] = "robust",
    [SCALE_MINMAX] = "minmax",
    [SCALE_NONE] = "none",
    NULL,
};

static void free_texts(char **texts, size_t count) {
    for (size_t i = 0; texts != NULL && i < count; i++)
        free(texts[i]);
    free(texts);
}

void encoder_free(struct encoder *encoder) {
    if (encoder == NULL)
        return;
    for (size_t c = 0; c < encoder->column_count; c++) {
        free(encoder->columns[c].name);
        free_texts(encoder->columns[c].values, encoder->columns[c].value_count);
    }
    free(encoder->columns);
    free_texts(encoder->classes, encoder->class_count);
    free(encoder->label);
    free(encoder->id);
    free(encoder->weight);
    free(encoder->reading.gaps);
    free(encoder);
}
