/* What is wrong in the text of a table, in words; and the rows that could not be read. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/table/read.h"

enum { FAULT_TEXT = 1024 };

/* ---- In words ---- */

int reading_shown(const struct dialect *d, const char *at) {
    enum { MOST = 40 };
    int length = 0;
    while (length < MOST && at + length < d->end && strchr(",;\t\r\n\"", at[length]) == NULL)
        length++;
    return length;
}

/* "FILE: line 7, column "age": …"; false for what is not of the text. */
static bool describe(const struct reading *r, const struct bad_row *bad, size_t line, char text[FAULT_TEXT]) {
    const struct dialect *d = r->dialect;
    const char *name = r->table->name;
    char place[160];
    snprintf(place, sizeof place, "line %zu, column \"%.80s\"", line, r->table->column[bad->column].name);
    switch (bad->problem) {
    case BLOCK_ROW_LENGTH:
        snprintf(text, FAULT_TEXT, "%s: line %zu: %zu fields, expected %zu as in %s", name, line, bad->found,
                 r->table->columns, d->header != NULL ? "the line of names" : "the first row");
        return true;
    case BLOCK_OPEN_QUOTE:
        snprintf(text, FAULT_TEXT, "%s: %s: the quote that begins here is never closed", name, place);
        return true;
    case BLOCK_STRAY_TEXT:
        snprintf(text, FAULT_TEXT, "%s: %s: expected a '%c' or the line's end behind a closing quote", name,
                 place, d->delimiter);
        return true;
    case BLOCK_INFINITE:
        snprintf(text, FAULT_TEXT,
                 "%s: %s: found \"%.*s\", expected a finite number; if it stands for a gap: --gaps WORD",
                 name, place, reading_shown(d, bad->at), bad->at);
        return true;
    case BLOCK_NUL:
        snprintf(text, FAULT_TEXT, "%s: %s: holds a byte 0; expected a table as text", name, place);
        return true;
    case BLOCK_NO_NUMBER:
        snprintf(text, FAULT_TEXT, "%s: %s: expected a number, found \"%.*s\"", name, place,
                 reading_shown(d, bad->at), bad->at);
        return true;
    case BLOCK_FINE:
    case BLOCK_TOO_MANY:
    case BLOCK_MEMORY:
        break;
    }
    return false;
}

minnow_status reading_block_failure(const struct reading *r, const struct block *block) {
    struct bad_row bad = {block, block->rows, block->problem, block->at, block->column, block->found};
    char text[FAULT_TEXT];
    if (block->problem == BLOCK_FINE)
        return MINNOW_OK;
    return describe(r, &bad, dialect_line(r->dialect, block->at), text) ? fail(MINNOW_ERROR_INPUT, "%s", text)
                                                                        : fail_memory(r->table->name);
}

/* ---- Bad rows ---- */

static int by_place(const void *a, const void *b) {
    const struct bad_row *x = a, *y = b;
    return x->block != y->block ? (x->block < y->block ? -1 : 1) : x->row < y->row ? -1 : x->row > y->row;
}

/* The bad rows of all parsers, in the order of the text; from malloc, or NULL. */
static struct bad_row *gather(const struct reading *r, size_t count) {
    struct bad_row *all = malloc(count * sizeof *all);
    size_t at = 0;
    for (unsigned t = 0; t < r->threads && all != NULL; t++)
        for (size_t i = 0; i < r->parsers[t].bad_count; i++)
            all[at++] = r->parsers[t].bad[i];
    if (all != NULL)
        qsort(all, count, sizeof *all, by_place);
    return all;
}

minnow_status reading_keep_faults(struct reading *r) {
    struct table *table = r->table;
    size_t count = 0;
    for (unsigned t = 0; t < r->threads; t++)
        count += r->parsers[t].bad_count;
    if (count == 0)
        return MINNOW_OK;

    struct bad_row *bad = gather(r, count);
    table->faults = calloc(count, sizeof *table->faults);
    bool complete = bad != NULL && table->faults != NULL;
    const char *from = r->dialect->text;
    size_t line = 1; /* that `from` is in: lines are counted once for all rows */
    for (size_t i = 0; i < count && complete; i++) {
        for (; from < bad[i].at; from++)
            line += *from == r->dialect->line_end;
        char text[FAULT_TEXT];
        (void)describe(r, &bad[i], line, text);
        table->faults[i] =
            (struct table_fault){bad[i].block->first_row + bad[i].row, memory_copy_string(text)};
        complete = table->faults[i].text != NULL;
        table->fault_count++;
    }
    free(bad);
    return complete ? MINNOW_OK : fail_memory(table->name);
}

static int by_row(const void *key, const void *fault) {
    size_t row = *(const size_t *)key, other = ((const struct table_fault *)fault)->row;
    return row < other ? -1 : row > other;
}

const char *table_row_fault(const struct table *table, size_t row) {
    if (table->fault_count == 0)
        return NULL;
    const struct table_fault *found = bsearch(&row, table->faults, table->fault_count, sizeof *found, by_row);
    return found != NULL ? found->text : NULL;
}
