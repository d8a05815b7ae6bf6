#include "data/table/split.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"

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

/* A row with what it is sorted by: its class or its number to predict, and at random among equals. */
struct ranked {
    double key;
    uint32_t random;
    size_t index; /* in the list of rows */
};

static int by_key(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->random != y->random)
        return x->random < y->random ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static double key_of(const struct encoder *encoder, uint32_t label) {
    float number;
    if (encoder->task == TASK_CLASSES)
        return label;
    memcpy(&number, &label, sizeof number);
    return (double)number;
}

/* Sorted by what is to be learned, the rows are passed through once, and one is taken whenever the share of those that
   were passed has grown by a whole row: so each class gives its share, but for less than a row. */
static minnow_status mark_share(const struct encoder *encoder, const struct encoder_split *split,
                                const uint32_t *labels, const struct row_list *rows, bool *taken) {
    struct ranked *ranked = memory_allocate(rows->count, sizeof *ranked);
    if (ranked == NULL)
        return fail_memory("the division of the rows");
    for (size_t i = 0; i < rows->count; i++) {
        uint32_t word = random_draw(split->seed, RANDOM_SPLIT, 0, 0, rows->row[i]).word[0];
        ranked[i] = (struct ranked){key_of(encoder, labels[rows->row[i]]), word, i};
    }
    qsort(ranked, rows->count, sizeof *ranked, by_key);

    for (size_t i = 0; i < rows->count; i++)
        taken[ranked[i].index] =
            floor((double)(i + 1) * split->share + 0.5) > floor((double)i * split->share + 0.5);
    memory_free(ranked);
    return MINNOW_OK;
}

/* A class must not be in the other part alone, where it could never be learned. */
static minnow_status return_lone_classes(const struct encoder *encoder, const uint32_t *labels,
                                         const struct row_list *rows, bool *taken) {
    if (encoder->task != TASK_CLASSES)
        return MINNOW_OK;
    bool *stays = memory_allocate(encoder->class_count, sizeof *stays);
    if (stays == NULL)
        return fail_memory("the division of the rows");
    for (size_t i = 0; i < rows->count; i++)
        stays[labels[rows->row[i]]] |= !taken[i];
    for (size_t i = 0; i < rows->count; i++) {
        uint32_t class = labels[rows->row[i]];
        if (!stays[class])
            taken[i] = false;
        stays[class] = true;
    }
    memory_free(stays);
    return MINNOW_OK;
}

static minnow_status move_taken(struct row_list *rows, const bool *taken, struct row_list *out) {
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

minnow_status rows_divide(const struct encoder *encoder, const struct encoder_split *split,
                          const uint32_t *labels, struct row_list *rows, struct row_list *out) {
    *out = (struct row_list){0};
    bool *taken = memory_allocate(rows->count, sizeof *taken);
    if (taken == NULL)
        return fail_memory("the division of the rows");

    minnow_status status = MINNOW_OK;
    if (split->by_share)
        status = mark_share(encoder, split, labels, rows, taken);
    for (size_t i = 0; i < rows->count && !split->by_share; i++)
        taken[i] = rows->row[i] % SPLIT_EVERY == SPLIT_EVERY - 1;
    if (status == MINNOW_OK)
        status = return_lone_classes(encoder, labels, rows, taken);
    if (status == MINNOW_OK)
        status = move_taken(rows, taken, out);
    memory_free(taken);
    return status;
}
