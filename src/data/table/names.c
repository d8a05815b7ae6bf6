/* The names of a table's columns. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/table/dialect.h"

/* A name that the header does not give. */
static char *numbered(size_t column) {
    char *name;
    return asprintf(&name, "column %zu", column + 1) < 0 ? NULL : name;
}

static char *copy_field(const struct dialect *d, const struct field *field) {
    char *name = malloc(FIELD_TEXT_ROOM(field->end - field->begin));
    if (name != NULL)
        (void)field_text(d, field->begin, field->end, field->escaped, name);
    return name;
}

static minnow_status read_header(const struct dialect *d, char **names) {
    const char *at = d->header;
    enum field_outcome outcome = FIELD_MORE;
    for (size_t c = d->row_names; c < d->columns && outcome == FIELD_MORE; c++) {
        struct field field;
        outcome = field_next(d, &at, d->end, &field);
        if (outcome == FIELD_OPEN || outcome == FIELD_STRAY)
            return fail(MINNOW_ERROR_INPUT, "%s: line %zu: a quote in the line of names is never closed",
                        d->name, dialect_line(d, d->header));
        if (field.begin < field.end && (names[c] = copy_field(d, &field)) == NULL)
            return fail_memory(d->name);
    }
    return MINNOW_OK;
}

struct named {
    char **name; /* in names */
    size_t column;
};

static int by_name(const void *a, const void *b) {
    const struct named *x = a, *y = b;
    int order = strcmp(*x->name, *y->name);
    return order != 0 ? order : (x->column > y->column) - (x->column < y->column);
}

/* The second "x" becomes "x.2", the third "x.3". Returns how many were renamed; SIZE_MAX when there is no memory. */
static size_t rename_equal(const struct dialect *d, struct named *sorted) {
    size_t same = 1, renamed = 0;
    const char *first = *sorted[0].name;
    for (size_t i = 1; i < d->columns; i++) {
        if (strcmp(first, *sorted[i].name) != 0) {
            first = *sorted[i].name;
            same = 1;
            continue;
        }
        char *unique;
        if (asprintf(&unique, "%s.%zu", first, ++same) < 0)
            return SIZE_MAX;
        free(*sorted[i].name);
        *sorted[i].name = unique;
        renamed++;
    }
    return renamed;
}

/* The header may have an "x.2" already, so that it takes another time. */
static minnow_status make_unique(const struct dialect *d, char **names) {
    enum { TIMES = 8 };
    struct named *sorted = memory_allocate(d->columns, sizeof *sorted);
    if (sorted == NULL)
        return fail_memory(d->name);

    size_t renamed = 1;
    for (int i = 0; i < TIMES && renamed > 0 && renamed != SIZE_MAX; i++) {
        for (size_t c = 0; c < d->columns; c++)
            sorted[c] = (struct named){&names[c], c};
        qsort(sorted, d->columns, sizeof *sorted, by_name);
        renamed = rename_equal(d, sorted);
    }
    memory_free(sorted);
    if (renamed == SIZE_MAX)
        return fail_memory(d->name);
    return renamed == 0 ? MINNOW_OK
                        : fail(MINNOW_ERROR_INPUT, "%s: many columns have the same name", d->name);
}

minnow_status dialect_names(const struct dialect *d, char **names) {
    minnow_status status = d->header != NULL ? read_header(d, names) : MINNOW_OK;
    for (size_t c = 0; c < d->columns && status == MINNOW_OK; c++)
        if (names[c] == NULL && (names[c] = numbered(c)) == NULL)
            status = fail_memory(d->name);
    return status == MINNOW_OK ? make_unique(d, names) : status;
}
