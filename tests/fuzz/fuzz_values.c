/* The reader of the original's CSV values on arbitrary bytes. What it accepts is written again and must read
 * back. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "base/number.h"
#include "model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *write_again(const struct values_table *table, size_t *size) {
    char *text = malloc(table->rows * table->columns * (NUMBER_TEXT + 1) + 1);
    if (text == NULL)
        return NULL;
    *size = 0;
    for (size_t i = 0; i < table->rows * table->columns; i++) {
        *size += number_write_e18((double)table->numbers[i], text + *size);
        text[(*size)++] = (i + 1) % table->columns != 0 ? ',' : '\n';
    }
    return text;
}

static void check(const struct values_table *table) {
    size_t size;
    char *text = write_again(table, &size);
    if (text == NULL)
        return;
    struct values_table again;
    if (values_parse("again", (const uint8_t *)text, size, &again) != MINNOW_OK ||
        again.rows != table->rows || again.columns != table->columns)
        abort();
    for (size_t i = 0; i < table->rows * table->columns; i++)
        if (memcmp(&again.numbers[i], &table->numbers[i], sizeof(float)) != 0 &&
            !(isnan(again.numbers[i]) && isnan(table->numbers[i])))
            abort();
    memory_free(again.numbers);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct values_table table;
    if (values_parse("input", data, size, &table) == MINNOW_OK)
        check(&table);
    else if (table.numbers != NULL || minnow_last_error()[0] == '\0' ||
             strchr(minnow_last_error(), '\n') != NULL)
        abort();
    memory_free(table.numbers);
    return 0;
}
