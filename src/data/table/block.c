#include "data/table/block.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"

/* ---- A thread's parser ---- */

bool parser_create(const struct dialect *dialect, struct table *table, struct parser *out) {
    size_t columns = table->columns;
    *out = (struct parser){
        .dialect = dialect,
        .table = table,
        .text_at = memory_allocate(columns, sizeof *out->text_at),
        .gaps = memory_allocate(columns, sizeof *out->gaps),
        .inexact = memory_allocate(columns, sizeof *out->inexact),
        .units = memory_allocate(columns, sizeof *out->units),
        .texts = memory_allocate(columns, sizeof *out->texts),
    };
    out->seed = (uint64_t)(uintptr_t)out->texts; /* where memory lies is not for the file's author to know */
    return out->text_at != NULL && out->gaps != NULL && out->inexact != NULL && out->units != NULL &&
           out->texts != NULL;
}

void parser_free(struct parser *parser) {
    for (size_t c = 0; parser->texts != NULL && c < parser->table->columns; c++)
        dictionary_free(&parser->texts[c]);
    memory_free(parser->text_at);
    memory_free(parser->gaps);
    memory_free(parser->inexact);
    memory_free(parser->units);
    memory_free(parser->texts);
    free(parser->bad);
    *parser = (struct parser){0};
}

static bool stop(struct block *block, enum block_problem problem, const char *at, size_t column) {
    block->problem = problem;
    block->at = at;
    block->column = column;
    return false;
}

/* ---- Cells of any kind ---- */

/* A cell that makes its row a bad one, of which the others are still read: one of them may be the row's name. */
static bool note_bad(struct block *block, enum block_problem problem, const struct field *field,
                     size_t column, union table_cell *cell) {
    if (block->problem == BLOCK_FINE)
        (void)stop(block, problem, field->begin, column);
    cell->code = TABLE_GAP;
    return true;
}

static bool read_number(struct parser *parser, struct block *block, const struct field *field, size_t column,
                        union table_cell *cell) {
    switch (field_read_unit(parser->dialect, field, &cell->number, &parser->units[column])) {
    case VALUE_NUMBER:
        parser->inexact[column] |= number_text_is_rounded(field->begin, field->end, cell->number);
        return true;
    case VALUE_GAP:
        cell->code = TABLE_GAP;
        parser->gaps[column]++;
        return true;
    case VALUE_TEXT:
        if (parser->keeps_bad && parser->wanted[column])
            return note_bad(block, BLOCK_NO_NUMBER, field, column, cell);
        if (parser->text_at[column] == NULL || field->begin < parser->text_at[column])
            parser->text_at[column] = field->begin;
        cell->code = TABLE_GAP;
        return true;
    case VALUE_INFINITE:
        if (!parser->keeps_bad)
            return stop(block, BLOCK_INFINITE, field->begin, column);
        if (parser->wanted[column] || parser->finds_faults)
            return note_bad(block, BLOCK_INFINITE, field, column, cell);
        cell->code = TABLE_GAP;
        return true;
    }
    return false;
}

static bool read_text(struct parser *parser, struct block *block, const struct field *field, size_t column,
                      union table_cell *cell) {
    size_t length = (size_t)(field->end - field->begin);
    if (field_is_gap(parser->dialect, field)) {
        cell->code = TABLE_GAP;
        parser->gaps[column]++;
        return true;
    }
    size_t before = parser->texts[column].count;
    cell->code = dictionary_add(&parser->texts[column], field->begin, length, field->escaped, field->begin,
                                parser->seed);
    if (cell->code == UINT32_MAX)
        return stop(block, BLOCK_MEMORY, field->begin, column);
    if (parser->texts[column].count > before && memchr(field->begin, 0, length) != NULL)
        return stop(block, BLOCK_NUL, field->begin, column);
    return true;
}

static bool read_field(struct parser *parser, struct block *block, const struct field *field, size_t column,
                       union table_cell *cell) {
    return parser->table->column[column].kind == TABLE_TEXT ? read_text(parser, block, field, column, cell)
                                                            : read_number(parser, block, field, column, cell);
}

/* ---- Rows ---- */

/* The row that begins at `row` has another number of fields than `columns`, of which `count` end at *at. */
static bool stop_length(struct parser *parser, struct block *block, const char *row, const char *at,
                        size_t count, bool more) {
    struct field field;
    while (more) {
        enum field_outcome outcome = field_next(parser->dialect, &at, parser->dialect->end, &field);
        count++;
        more = outcome == FIELD_MORE;
    }
    block->found = count;
    return stop(block, BLOCK_ROW_LENGTH, row, 0);
}

/* The field at *at, by the slow way that knows all of the dialect; false where reading ends. */
static bool next_field(struct parser *parser, struct block *block, const char *row, const char **at,
                       size_t column, struct field *field) {
    size_t columns = parser->table->columns;
    switch (field_next(parser->dialect, at, parser->dialect->end, field)) {
    case FIELD_MORE:
        return column + 1 < columns || stop_length(parser, block, row, *at, columns, true);
    case FIELD_LAST:
        return column + 1 == columns || stop_length(parser, block, row, *at, column + 1, false);
    case FIELD_OPEN:
        return stop(block, BLOCK_OPEN_QUOTE, *at, column);
    case FIELD_STRAY:
        return stop(block, BLOCK_STRAY_TEXT, *at, column);
    }
    return false;
}

/* Numbers that nothing but the delimiter follows, which most are, need no look at where their field ends. */
static bool read_cells(struct parser *parser, struct block *block, const char **at, union table_cell *cells) {
    const struct dialect *d = parser->dialect;
    const struct table_column *column = parser->table->column;
    size_t columns = parser->table->columns;
    const char *p = *at, *end = d->end;
    bool plain = d->decimal == '.' && d->delimiter != ' ' && !d->gaps.numbers;

    for (size_t c = 0; c < columns; c++) {
        const char *behind = p;
        float number;
        if (plain && column[c].kind == TABLE_NUMBER && c + 1 < columns && p < end &&
            (*p <= '9' && *p >= '-') && number_read_float(&behind, end, &number) && behind < end &&
            *behind == d->delimiter && number < 0x1p24F && number > -0x1p24F) {
            cells[c].number = number;
            p = behind + 1;
            continue;
        }

        struct field field;
        if (!next_field(parser, block, *at, &p, c, &field) ||
            !read_field(parser, block, &field, c, &cells[c]))
            return false;
    }
    *at = p;
    return true;
}

/* ---- Rows of bytes ---- */

static bool read_byte(struct parser *parser, struct block *block, const char *row, const char **at,
                      size_t column, uint8_t *byte) {
    struct field field;
    union table_cell cell;
    if (!next_field(parser, block, row, at, column, &field) ||
        !read_number(parser, block, &field, column, &cell))
        return false;
    bool fits = cell.number >= 0.0F && cell.number <= 255.0F && cell.number == rintf(cell.number);
    *byte = (uint8_t)(fits ? cell.number : 0.0F);
    parser->not_bytes |= !fits;
    return true;
}

/* A field is a digit, or up to three, and a delimiter, so that as long as eight bytes follow, no end needs to be looked
   for; four zeros, of which pictures are full, are taken at once. Everything else goes the slow way. */
static bool read_bytes(struct parser *parser, struct block *block, const char **at, uint8_t *bytes) {
    const struct dialect *d = parser->dialect;
    const char *p = *at, *end = d->end, delimiter = d->delimiter;
    const char zeros[8] = {'0', delimiter, '0', delimiter, '0', delimiter, '0', delimiter};
    size_t columns = parser->table->columns;

    for (size_t c = 0; c < columns; c++) {
        if (end - p >= 8 && c + 1 < columns && !d->gaps.numbers) {
            if (c + 4 < columns && memcmp(p, zeros, 8) == 0) {
                memset(bytes + c, 0, 4);
                p += 8;
                c += 3;
                continue;
            }

            unsigned first = (unsigned char)p[0] - (unsigned)'0', next = (unsigned char)p[1] - (unsigned)'0';
            unsigned value = first;
            size_t digits = 1;
            if (value <= 9 && next <= 9) {
                value = 10 * value + next;
                next = (unsigned char)p[2] - (unsigned)'0';
                digits = 2;
                if (next <= 9) {
                    value = 10 * value + next;
                    digits = 3;
                }
            }
            if (first <= 9 && value <= 255 && p[digits] == delimiter) {
                bytes[c] = (uint8_t)value;
                p += digits + 1;
                continue;
            }
        }
        if (!read_byte(parser, block, *at, &p, c, &bytes[c]))
            return false;
    }
    *at = p;
    return true;
}

/* ---- Bad rows ---- */

/* Behind the row at `at`; where its quotes are not as they should be, behind its first line. */
static const char *behind_row(const struct dialect *d, const char *at) {
    const char *row = at;
    struct field field;
    enum field_outcome outcome = FIELD_MORE;
    while (outcome == FIELD_MORE)
        outcome = field_next(d, &at, d->end, &field);
    if (outcome == FIELD_LAST)
        return at;
    const char *newline = memchr(row, d->line_end, (size_t)(d->end - row));
    return newline != NULL ? newline + 1 : d->end;
}

/* Collects a bad row, whose cells begin at `first`; if reading stopped in it, at *at, they become gaps, and *at moves
   behind it. False if the row is not what is wrong. */
static bool keep_bad_row(struct parser *parser, struct block *block, size_t first, bool read,
                         const char **at) {
    struct table *table = parser->table;
    if (!parser->keeps_bad || block->problem == BLOCK_MEMORY)
        return false;
    if (parser->bad_count == parser->bad_room) {
        size_t room = 2 * parser->bad_room + 16;
        struct bad_row *bad = realloc(parser->bad, room * sizeof *bad);
        if (bad == NULL)
            return stop(block, BLOCK_MEMORY, *at, 0);
        parser->bad = bad;
        parser->bad_room = room;
    }

    /* A quote that is not closed in its row may end anywhere. */
    const char *behind = read ? NULL : behind_row(parser->dialect, *at);
    if (!read && block->at >= behind)
        block->at = *at;
    parser->bad[parser->bad_count++] =
        (struct bad_row){block, block->rows, block->problem, block->at, block->column, block->found};
    block->problem = BLOCK_FINE;
    for (size_t c = 0; c < table->columns && !read; c++) {
        if (table->bytes != NULL)
            table->bytes[first + c] = 0;
        else
            table->cells[first + c].code = TABLE_GAP;
    }
    if (!read)
        *at = behind;
    return true;
}

/* ---- Blocks ---- */

void parser_read(struct parser *parser, struct block *block) {
    struct table *table = parser->table;
    const char *at = block->begin, *behind;
    block->rows = 0;
    block->problem = BLOCK_FINE;
    block->stopped = block->begin;

    while (at < block->end) {
        if (line_is_blank(parser->dialect, at, parser->dialect->end, &behind)) {
            at = behind;
            continue;
        }
        if (block->rows == block->capacity) {
            (void)stop(block, BLOCK_TOO_MANY, at, 0);
            break;
        }

        size_t first = (block->first_row + block->rows) * table->columns;
        bool read = table->bytes != NULL ? read_bytes(parser, block, &at, table->bytes + first)
                                         : read_cells(parser, block, &at, table->cells + first);
        bool fine = read && block->problem == BLOCK_FINE;
        if (!fine && !keep_bad_row(parser, block, first, read, &at))
            break;
        block->rows++;
    }
    block->stopped = at;
}
