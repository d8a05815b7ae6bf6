#include "data/table/split.h"

#include "base/memory.h"
#include "base/status.h"
#include "data/split.h"

void row_list_free(struct row_list *list) {
    memory_free(list->row);
    *list = (struct row_list){0};
}

minnow_status rows_with_label(const struct table *table, const uint32_t *labels, struct row_list *out) {
    *out = (struct row_list){.row = memory_allocate_unset(table->rows, sizeof *out->row)};
    if (out->row == NULL)
        return fail_memory(table->name);
    for (size_t row = 0; row < table->rows; row++)
        if (labels == NULL || labels[row] != TABLE_GAP)
            out->row[out->count++] = (uint32_t)row;
    return MINNOW_OK;
}

/* What the division of the rows is to be even in. The arrays are the caller's to free. */
static minnow_status describe_rows(const struct encoder *encoder, const uint32_t *labels,
                                   const struct row_list *rows, uint32_t **own, struct split *out) {
    *own = memory_allocate_unset(rows->count, sizeof **own);
    if (*own == NULL)
        return fail_memory("the division of the rows");
    for (size_t i = 0; i < rows->count; i++)
        (*own)[i] = labels[rows->row[i]];

    *out = (struct split){.count = rows->count, .samples = rows->row};
    if (encoder->task == TASK_CLASSES) {
        out->labels = *own;
        out->classes = encoder->class_count;
    } else {
        out->numbers = (const float *)(const void *)*own; /* regression: the bits of floats */
    }
    return MINNOW_OK;
}

minnow_status rows_move(struct row_list *rows, const bool *taken, struct row_list *out) {
    size_t stay = 0;
    for (size_t i = 0; i < rows->count; i++)
        out->count += taken[i];
    if (out->count == 0 || out->count == rows->count)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "%zu rows with a label cannot be divided so: %zu would be kept out of training",
                    rows->count, out->count);
    out->row = memory_allocate_unset(out->count, sizeof *out->row);
    if (out->row == NULL)
        return fail_memory("the division of the rows");

    size_t moved = 0;
    for (size_t i = 0; i < rows->count; i++)
        if (taken[i])
            out->row[moved++] = rows->row[i];
        else
            rows->row[stay++] = rows->row[i];
    rows->count = stay;
    return MINNOW_OK;
}

static minnow_status mark(const struct encoder_split *division, struct split *split, bool *taken) {
    split->seed = division->seed;
    if (division->by_share)
        return split_mark(split, division->share, taken);
    for (size_t i = 0; i < split->count; i++)
        taken[i] = split->samples[i] % SPLIT_EVERY == SPLIT_EVERY - 1;
    return split_return_lone(split, taken);
}

minnow_status rows_divide(const struct encoder *encoder, const struct encoder_split *division,
                          const uint32_t *labels, struct row_list *rows, struct row_list *out) {
    *out = (struct row_list){0};
    struct split split;
    uint32_t *own;
    bool *taken = memory_allocate(rows->count, sizeof *taken);
    minnow_status status = describe_rows(encoder, labels, rows, &own, &split);
    if (status == MINNOW_OK && taken == NULL)
        status = fail_memory("the division of the rows");
    if (status == MINNOW_OK)
        status = mark(division, &split, taken);
    if (status == MINNOW_OK)
        status = rows_move(rows, taken, out);
    memory_free(own);
    memory_free(taken);
    return status;
}
