/* How much each row of a table counts in training. */
#include <math.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "data/table/encoder.h"

/* What minnow_dataset_set_weights takes. */
static const float MOST = 1e30F;

static minnow_status fail_weight(const struct encoder *encoder, const struct table *table, size_t row,
                                 float found) {
    char text[NUMBER_TEXT] = "no value";
    if (!isnan(found))
        number_write_shortest(found, text);
    return fail(MINNOW_ERROR_INPUT, "%s: row %zu, column \"%s\": expected a weight from 0 to 1e30, found %s",
                table->name, row + 1, encoder->weight, text);
}

static minnow_status read_weights(const struct encoder *encoder, const struct table *table, size_t column,
                                  const uint32_t *rows, size_t count, float *weights) {
    bool some = false;
    for (size_t i = 0; i < count; i++) {
        weights[i] = table_number(table, rows[i], column);
        if (!(weights[i] >= 0.0F && weights[i] <= MOST))
            return fail_weight(encoder, table, rows[i], weights[i]);
        some = some || weights[i] > 0.0F;
    }
    if (some)
        return MINNOW_OK;
    return fail(MINNOW_ERROR_INPUT,
                "%s: column \"%s\": all %zu rows to train on weigh 0, so that there is nothing to learn",
                table->name, encoder->weight, count);
}

minnow_status encoder_weigh(const struct encoder *encoder, const struct table *table, const uint32_t *rows,
                            size_t count, minnow_dataset *dataset) {
    size_t column = encoder->weight != NULL ? table_find(table, encoder->weight) : table->columns;
    if (column == table->columns)
        return MINNOW_OK;
    if (table->column[column].kind != TABLE_NUMBER)
        return fail(MINNOW_ERROR_INPUT, "%s: column \"%s\": expected numbers, as the weights in training",
                    table->name, encoder->weight);

    float *weights = memory_allocate_unset(count, sizeof *weights);
    if (weights == NULL)
        return fail_memory(table->name);
    minnow_status status = read_weights(encoder, table, column, rows, count, weights);
    if (status == MINNOW_OK)
        status = minnow_dataset_set_weights(dataset, weights, count);
    memory_free(weights);
    return status;
}
