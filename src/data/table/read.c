/* Reading a table: how it is written, which columns are numbers, then all of its cells. */
#include "data/table/read.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/team.h"
#include "data/table/dates.h"

/* Text that one thread reads in 5 to 10 ms. Waking another takes 50 µs where a core is idle, but several milliseconds
   where all are busy, and the team waits for its last. */
enum { THREAD_TEXT = 4 << 20 };

enum { KIND_ROWS = 200 };

void table_free(struct table *table) {
    if (table == NULL)
        return;
    for (size_t c = 0; table->column != NULL && c < table->columns; c++) {
        free(table->column[c].name);
        free(table->column[c].values);
        free(table->column[c].counts);
        free(table->column[c].memory);
    }
    memory_free(table->column);
    memory_free(table->bytes);
    memory_free(table->cells);
    for (size_t i = 0; i < table->fault_count; i++)
        free(table->faults[i].text);
    free(table->faults);
    free(table->dialect);
    free(table->name);
    free(table);
}

size_t table_find(const struct table *table, const char *name) {
    for (size_t c = 0; c < table->columns; c++)
        if (strcmp(table->column[c].name, name) == 0)
            return c;
    return table->columns;
}

/* ---- Columns ---- */

static minnow_status name_columns(const struct dialect *d, struct table *table) {
    char **names = memory_allocate(d->columns, sizeof *names);
    if (names == NULL)
        return fail_memory(d->name);
    minnow_status status = dialect_names(d, names);
    for (size_t c = 0; c < d->columns; c++)
        table->column[c].name = names[c];
    memory_free(names);
    return status;
}

static minnow_status take_wanted(struct reading *r) {
    const struct table_options *options = r->options;
    struct table *table = r->table;
    bool in_place = !table->header && table->columns == options->wanted_in_place;
    for (size_t i = 0; i < options->wanted_count; i++) {
        const struct table_wanted *wanted = &options->wanted[i];
        size_t c = in_place ? i : table_find(table, wanted->name);
        if (c >= table->columns && wanted->optional)
            continue;
        if (c >= table->columns)
            return fail(MINNOW_ERROR_ARGUMENT, "%s: has no column \"%s\"", table->name, wanted->name);
        table->column[c].kind = wanted->kind;
        r->wanted[c] = true;
    }
    return MINNOW_OK;
}

/* What the first rows say of a column. */
struct first_cells {
    bool texts, not_bytes;
    bool zeros;   /* a whole number has zeros before it */
    bool no_code; /* a cell is no whole number */
};

static void note_cell(const struct dialect *d, const struct field *field, struct first_cells *column) {
    float number = -1.0F;
    enum field_value value = field_read(d, field, &number);
    column->not_bytes |= value != VALUE_NUMBER || !(number >= 0 && number <= 255 && number == rintf(number));
    column->texts |= value == VALUE_TEXT;
    bool digits = true;
    for (const char *p = field->begin; p < field->end && digits; p++)
        digits = *p >= '0' && *p <= '9';
    column->no_code |= !digits;
    column->zeros |= digits && field->end - field->begin > 1 && *field->begin == '0';
}

/* Misplaced quotes and the like are left to the parser, which says what is wrong; the table is then not of bytes. */
static bool look_at_first(const struct reading *r, struct first_cells *columns) {
    const struct dialect *d = r->dialect;
    const char *at = d->rows, *behind;
    for (size_t row = 0; row < KIND_ROWS && at < d->end; row++) {
        enum field_outcome outcome = line_is_blank(d, at, d->end, &behind) ? FIELD_LAST : FIELD_MORE;
        if (outcome == FIELD_LAST)
            at = behind;
        for (size_t c = 0; c < r->table->columns && outcome == FIELD_MORE; c++) {
            struct field field;
            outcome = field_next(d, &at, d->end, &field);
            if (outcome == FIELD_OPEN || outcome == FIELD_STRAY)
                return false;
            note_cell(d, &field, &columns[c]);
        }
        if (outcome == FIELD_MORE)
            break; /* a row too long */
    }
    return true;
}

/* Where half of the columns have zeros before their numbers, that is how the file writes all of them. */
static void find_codes(struct reading *r, const struct first_cells *columns) {
    struct table *table = r->table;
    size_t count = 0;
    for (size_t c = 0; c < table->columns; c++)
        count += columns[c].zeros && !columns[c].no_code;
    for (size_t c = 0; c < table->columns && 2 * count <= table->columns; c++) {
        if (!columns[c].zeros || columns[c].no_code || r->wanted[c])
            continue;
        bool many = r->as_numbers != NULL && r->as_numbers[c];
        table->column[c].codes = many ? CODES_AS_NUMBER : CODES_AS_TEXT;
        table->column[c].kind = many ? TABLE_NUMBER : TABLE_TEXT;
    }
}

/* What is no number in such a column makes its row a bad one. */
static void take_as_numbers(struct reading *r) {
    for (size_t c = 0; c < r->table->columns && r->as_numbers != NULL; c++) {
        if (!r->as_numbers[c])
            continue;
        r->table->column[c].kind = TABLE_NUMBER;
        r->wanted[c] = r->wanted[c] || r->options->find_faults;
    }
}

/* A column with a text among its first rows is one of texts. The table is of bytes until a cell shows otherwise. */
static minnow_status guess_kinds(struct reading *r) {
    struct table *table = r->table;
    struct first_cells *columns = memory_allocate(table->columns, sizeof *columns);
    if (columns == NULL)
        return fail_memory(table->name);
    bool bytes = look_at_first(r, columns);
    for (size_t c = 0; c < table->columns; c++)
        if (columns[c].texts && !r->wanted[c])
            table->column[c].kind = TABLE_TEXT;
    find_codes(r, columns);
    take_as_numbers(r);
    for (size_t c = 0; c < table->columns; c++)
        bytes = bytes && table->column[c].kind == TABLE_NUMBER && !columns[c].not_bytes;
    memory_free(columns);
    table->bytes = bytes ? memory_allocate(1, 1) : NULL; /* a sign for reading_make_room */
    return MINNOW_OK;
}

/* ---- Cells ---- */

struct parsing {
    struct reading *reading;
    atomic_size_t next;
};

static void parse_blocks(struct team_member member, void *context) {
    struct parsing *parsing = context;
    struct reading *r = parsing->reading;
    for (;;) {
        size_t i = atomic_fetch_add(&parsing->next, 1);
        if (i >= r->block_count)
            break;
        r->blocks[i].parser = member.index;
        parser_read(&r->parsers[member.index], &r->blocks[i]);
    }
}

/* Forgets what the parsers have seen. */
static bool begin_parsers(struct reading *r) {
    bool made = true;
    for (unsigned t = 0; t < r->threads; t++) {
        if (r->parsers[t].table != NULL)
            parser_free(&r->parsers[t]);
        made = parser_create(r->dialect, r->table, &r->parsers[t]) && made;
        r->parsers[t].keeps_bad = r->options->keep_bad_rows || r->options->find_faults;
        r->parsers[t].finds_faults = r->options->find_faults;
        r->parsers[t].wanted = r->wanted;
    }
    return made;
}

static bool blocks_join(const struct reading *r) {
    for (size_t i = 0; i < r->block_count; i++) {
        const struct block *block = &r->blocks[i];
        if (block->problem != BLOCK_FINE)
            return block->problem != BLOCK_TOO_MANY; /* all before it is right, so this is what is wrong */
        if (block->stopped != block->end)
            return false;
    }
    return true;
}

static minnow_status parse_once(struct reading *r) {
    minnow_status status = reading_make_room(r);
    if (status == MINNOW_OK && !begin_parsers(r))
        status = fail_memory(r->table->name);
    if (status != MINNOW_OK)
        return status;
    struct parsing parsing = {.reading = r};
    team_run((unsigned)size_min(r->threads, r->block_count), parse_blocks, &parsing);
    return MINNOW_OK;
}

/* A sum of dollars and euros is no number to learn from: a column of several units is one of texts. */
static void take_mixed(struct reading *r, bool *again) {
    struct table *table = r->table;
    for (size_t c = 0; c < table->columns; c++) {
        unsigned units = 0;
        for (unsigned t = 0; t < r->threads; t++)
            units |= r->parsers[t].units[c];
        if ((units & (units - 1)) == 0 || r->wanted[c] || table->column[c].kind == TABLE_TEXT)
            continue;
        table->column[c].kind = TABLE_TEXT;
        table->column[c].mixed_units = true;
        *again = true;
    }
}

/* Whether a column turned out to be of texts, and so the table must be read again. A column that must be of numbers
   is an error. */
static minnow_status take_texts(struct reading *r, bool *again) {
    struct table *table = r->table;
    for (size_t c = 0; c < table->columns; c++) {
        const char *at = NULL;
        for (unsigned t = 0; t < r->threads; t++)
            if (r->parsers[t].text_at[c] != NULL && (at == NULL || r->parsers[t].text_at[c] < at))
                at = r->parsers[t].text_at[c];
        if (at == NULL)
            continue;
        if (r->wanted[c])
            return fail(MINNOW_ERROR_INPUT,
                        "%s: line %zu, column \"%.80s\": expected a number, found \"%.*s\"", table->name,
                        dialect_line(r->dialect, at), table->column[c].name, reading_shown(r->dialect, at),
                        at);
        table->column[c].kind = TABLE_TEXT;
        *again = true;
    }
    take_mixed(r, again);
    for (unsigned t = 0; t < r->threads; t++)
        *again = *again || r->parsers[t].not_bytes;
    if (*again && table->bytes != NULL) {
        memory_free(table->bytes);
        table->bytes = NULL;
    }
    return MINNOW_OK;
}

static minnow_status parse_all(struct reading *r) {
    for (bool again = true; again;) {
        minnow_status status = parse_once(r);
        if (status == MINNOW_OK && !blocks_join(r)) {
            reading_one_block(r);
            status = parse_once(r);
        }
        for (size_t i = 0; i < r->block_count && status == MINNOW_OK; i++)
            status = reading_block_failure(r, &r->blocks[i]);
        again = false;
        if (status == MINNOW_OK)
            status = take_texts(r, &again);
        if (status != MINNOW_OK)
            return status;
    }
    return MINNOW_OK;
}

/* Blank lines and line ends within quotes make fewer rows than there was room for. */
static void close_up(struct reading *r) {
    struct table *table = r->table;
    size_t size = table->bytes != NULL ? 1 : sizeof *table->cells;
    char *cells = table->bytes != NULL ? (char *)table->bytes : (char *)table->cells;
    for (size_t i = 0; i < r->block_count; i++) {
        struct block *block = &r->blocks[i];
        if (block->first_row != table->rows)
            memmove(cells + table->rows * table->columns * size,
                    cells + block->first_row * table->columns * size, block->rows * table->columns * size);
        block->first_row = table->rows;
        table->rows += block->rows;
    }
    for (unsigned t = 0; t < r->threads; t++)
        for (size_t c = 0; c < table->columns; c++) {
            table->column[c].gaps += r->parsers[t].gaps[c];
            table->column[c].inexact |= r->parsers[t].inexact[c];
            table->column[c].units |= r->parsers[t].units[c];
        }
}

static minnow_status read_cells(struct reading *r) {
    minnow_status status = take_wanted(r);
    if (status == MINNOW_OK)
        status = guess_kinds(r);
    if (status == MINNOW_OK)
        status = reading_divide(r);
    if (status == MINNOW_OK)
        status = parse_all(r);
    if (status != MINNOW_OK)
        return status;
    close_up(r);
    if (r->table->rows == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: holds no rows", r->table->name);
    status = reading_keep_faults(r);
    return status == MINNOW_OK ? reading_merge_texts(r) : status;
}

/* As many threads as were asked for; or else of OpenMP's choice no more than have their share of text to read. */
static unsigned reading_threads(const struct table_options *options, size_t size) {
    unsigned threads = team_threads(options->threads);
    return options->threads != 0 ? threads : (unsigned)size_min(threads, 1 + size / THREAD_TEXT);
}

static minnow_status read_columns(const struct dialect *d, const struct table_options *options,
                                  const bool *as_numbers, struct table *table) {
    table->columns = d->columns;
    table->column = memory_allocate(table->columns, sizeof *table->column);
    table->dialect = dialect_describe(d);
    table->header = d->header != NULL;
    table->decimal = d->decimal;
    table->usual_decimal = d->usual_decimal;
    unsigned threads = reading_threads(options, (size_t)(d->end - d->rows));
    struct reading r = {
        .dialect = d,
        .options = options,
        .table = table,
        .threads = threads,
        .as_numbers = as_numbers,
        .wanted = memory_allocate(table->columns, sizeof *r.wanted),
        .parsers = memory_allocate(threads, sizeof *r.parsers),
    };

    minnow_status status = MINNOW_OK;
    if (table->column == NULL || table->dialect == NULL || r.wanted == NULL || r.parsers == NULL)
        status = fail_memory(d->name);
    if (status == MINNOW_OK)
        status = name_columns(d, table);
    if (status == MINNOW_OK)
        status = read_cells(&r);

    for (unsigned t = 0; r.parsers != NULL && t < threads; t++)
        if (r.parsers[t].table != NULL)
            parser_free(&r.parsers[t]);
    memory_free(r.parsers);
    memory_free(r.blocks);
    memory_free(r.wanted);
    return status;
}

static minnow_status read_table(const struct dialect *d, const struct table_options *options,
                                const bool *as_numbers, struct table **out) {
    struct table *table = *out = calloc(1, sizeof *table);
    minnow_status status = table == NULL || (table->name = memory_copy_string(d->name)) == NULL
                               ? fail_memory(d->name)
                               : read_columns(d, options, as_numbers, table);
    if (status != MINNOW_OK) {
        table_free(table);
        *out = NULL;
    }
    return status;
}

/* Whether a column of texts is better one of numbers: codes that are so many that a network could not tell them apart as
   texts or, where faults are looked for, numbers with a few texts among them. */
static bool becomes_numbers(const struct dialect *d, const struct table_options *options,
                            const struct table_column *column) {
    enum { CODES_MOST = 128 }; /* as many as categories, see fit.c */
    size_t odd;
    if (column->kind != TABLE_TEXT)
        return false;
    for (size_t i = 0; i < options->wanted_count; i++)
        if (strcmp(options->wanted[i].name, column->name) == 0)
            return false;
    bool faulty = reading_is_numbers(d, column, &odd), codes = odd == column->value_count;
    return (options->find_faults && faulty) ||
           (column->codes == CODES_AS_TEXT && column->value_count > CODES_MOST && codes);
}

static minnow_status read_again(const struct dialect *d, const struct table_options *options,
                                struct table **table) {
    size_t columns = (*table)->columns;
    bool again = false, *as_numbers = memory_allocate(columns, sizeof *as_numbers);
    if (as_numbers == NULL)
        return fail_memory(d->name);
    for (size_t c = 0; c < columns; c++) {
        as_numbers[c] = becomes_numbers(d, options, &(*table)->column[c]);
        again = again || as_numbers[c];
    }
    minnow_status status = MINNOW_OK;
    if (again) {
        table_free(*table);
        status = read_table(d, options, as_numbers, table);
    }
    memory_free(as_numbers);
    return status;
}

minnow_status reading_table(const struct dialect *d, const struct table_options *options,
                            struct table **out) {
    *out = NULL;
    struct table *table;
    minnow_status status = read_table(d, options, NULL, &table);
    if (status == MINNOW_OK)
        status = read_again(d, options, &table);
    if (status == MINNOW_OK)
        status = table_take_dates(table, options);
    if (status != MINNOW_OK) {
        table_free(table);
        return status;
    }
    *out = table;
    return MINNOW_OK;
}
