#include "data/table/values.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

size_t value_set_find(const struct value_set *values, float number) {
    const float *found = bsearch(&number, values->value, values->count, sizeof number, by_value);
    return found != NULL ? (size_t)(found - values->value) : values->count;
}

/* Sorts and removes what is there twice. Returns how many are left. */
static size_t make_distinct(float *value, size_t count) {
    size_t kept = 0;
    qsort(value, count, sizeof *value, by_value);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || value[i] != value[kept - 1])
            value[kept++] = value[i];
    return kept;
}

minnow_status value_set_of(const struct table *table, size_t column, size_t most, struct value_set *out) {
    *out = (struct value_set){.whole = true};
    out->value = memory_allocate_unset(table->rows, sizeof *out->value);
    if (out->value == NULL)
        return fail_memory(table->name);

    size_t count = 0;
    for (size_t row = 0; row < table->rows; row++) {
        float number = table_number(table, row, column);
        if (isnan(number))
            continue;
        out->whole = out->whole && number == rintf(number);
        out->value[count++] = number == 0.0F ? 0.0F : number; /* not -0 */
    }
    out->count = make_distinct(out->value, count);
    out->more = out->count > most;
    out->count = size_min(out->count, most);
    return MINNOW_OK;
}

minnow_status value_set_parse(char *const *texts, size_t count, struct value_set *out) {
    *out = (struct value_set){.value = memory_allocate(count, sizeof *out->value)};
    if (out->value == NULL)
        return fail_memory("the classes");
    for (size_t i = 0; i < count; i++) {
        const char *p = texts[i], *end = p + strlen(p);
        float *value = &out->value[i];
        if (!number_read_float(&p, end, value) || p != end || !isfinite(*value) ||
            (i > 0 && *value <= value[-1]))
            return fail(MINNOW_ERROR_INPUT, "class \"%.40s\": expected numbers in ascending order", texts[i]);
    }
    out->count = count;
    return MINNOW_OK;
}

void value_set_free(struct value_set *values) {
    memory_free(values->value);
    *values = (struct value_set){0};
}

/* Hoare's quickselect with the middle element as pivot: what is less moves to the left of it. */
float select_rank(float *x, size_t count, size_t rank) {
    size_t low = 0, high = count - 1;
    while (low < high) {
        float pivot = x[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (x[i] < pivot)
                i++;
            while (x[j] > pivot)
                j--;
            if (i >= j)
                break;
            float swap = x[i];
            x[i++] = x[j];
            x[j--] = swap;
        }
        if (rank <= j)
            high = j;
        else
            low = j + 1;
    }
    return x[rank];
}
