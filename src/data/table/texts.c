/* The texts of a table's columns, after threads have read parts of them each. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/team.h"
#include "data/table/read.h"

/* What becomes of a column: the texts of all parsers, and for each parser the table's code of each of its own. */
struct merging {
    struct reading *reading;
    struct dictionary *all; /* [columns] */
    uint32_t **codes;       /* [threads · columns], each [count of that parser's texts] */
    bool failed;
};

/* ---- One list from those of all parsers ---- */

static int by_position(const void *a, const void *b) {
    const struct dictionary_entry *x = a, *y = b;
    return (x->position > y->position) - (x->position < y->position);
}

/* Copies the texts into the column, in the order in which they first occur. Two spellings of a text, quoted in
   different ways, are one text. */
static bool gather_texts(struct merging *merging, size_t column, struct dictionary_entry *sorted,
                         size_t count) {
    const struct reading *r = merging->reading;
    struct table_column *out = &r->table->column[column];
    size_t room = 0;
    for (size_t i = 0; i < count; i++)
        room += FIELD_TEXT_ROOM(sorted[i].length);
    out->memory = malloc(room + 1);
    out->values = malloc((count + 1) * sizeof *out->values);
    out->counts = calloc(count + 1, sizeof *out->counts);
    if (out->memory == NULL || out->values == NULL || out->counts == NULL)
        return false;

    char *text = out->memory;
    struct dictionary *all = &merging->all[column];
    for (size_t i = 0; i < count; i++) {
        size_t length = field_text(r->dialect, sorted[i].text, sorted[i].text + sorted[i].length,
                                   sorted[i].escaped, text);
        uint32_t code = dictionary_add(all, text, length, false, sorted[i].position, r->parsers[0].seed);
        if (code == UINT32_MAX)
            return false;
        if (all->count > out->value_count) {
            out->values[out->value_count++] = text;
            text += length + 1;
        }
    }
    return true;
}

/* For each parser, what its texts are in the column's list; `text` is room for the longest. */
static bool map_codes(struct merging *merging, size_t column, char *text) {
    const struct reading *r = merging->reading;
    for (unsigned t = 0; t < r->threads; t++) {
        const struct dictionary *own = &r->parsers[t].texts[column];
        uint32_t *codes = malloc((own->count + 1) * sizeof *codes);
        merging->codes[t * r->table->columns + column] = codes;
        if (codes == NULL)
            return false;
        for (size_t i = 0; i < own->count; i++) {
            const struct dictionary_entry *entry = &own->entries[i];
            size_t length =
                field_text(r->dialect, entry->text, entry->text + entry->length, entry->escaped, text);
            codes[i] = dictionary_add(&merging->all[column], text, length, false, entry->position,
                                      r->parsers[0].seed);
        }
    }
    return true;
}

static bool merge_column(struct merging *merging, size_t column) {
    const struct reading *r = merging->reading;
    size_t count = 0, longest = 0;
    for (unsigned t = 0; t < r->threads; t++)
        count += r->parsers[t].texts[column].count;
    struct dictionary_entry *sorted = malloc((count + 1) * sizeof *sorted);
    if (sorted == NULL)
        return false;

    count = 0;
    for (unsigned t = 0; t < r->threads; t++) {
        const struct dictionary *own = &r->parsers[t].texts[column];
        for (size_t i = 0; i < own->count; i++) {
            longest = own->entries[i].length > longest ? own->entries[i].length : longest;
            sorted[count++] = own->entries[i];
        }
    }
    qsort(sorted, count, sizeof *sorted, by_position);

    char *text = malloc(FIELD_TEXT_ROOM(longest));
    bool merged =
        text != NULL && gather_texts(merging, column, sorted, count) && map_codes(merging, column, text);
    free(text);
    free(sorted);
    return merged;
}

/* ---- Codes ---- */

static void recode_block(const struct merging *merging, const struct block *block, size_t column) {
    const struct reading *r = merging->reading;
    struct table *table = r->table;
    const uint32_t *codes = merging->codes[block->parser * table->columns + column];
    for (size_t row = block->first_row; row < block->first_row + block->rows; row++) {
        union table_cell *cell = &table->cells[row * table->columns + column];
        if (cell->code != TABLE_GAP) {
            cell->code = codes[cell->code];
            table->column[column].counts[cell->code]++;
        }
    }
}

static void merge_slice(struct team_member member, void *context) {
    struct merging *merging = context;
    struct reading *r = merging->reading;
    for (size_t c = member.index; c < r->table->columns; c += member.count) {
        if (r->table->column[c].kind != TABLE_TEXT)
            continue;
        if (!merge_column(merging, c)) {
            __atomic_store_n(&merging->failed, true, __ATOMIC_RELAXED);
            break;
        }
        for (size_t i = 0; i < r->block_count; i++)
            recode_block(merging, &r->blocks[i], c);
    }
}

/* ---- Columns of numbers with a few texts ---- */

bool reading_is_numbers(const struct dialect *dialect, const struct table_column *column, size_t *odd) {
    enum { FEW = 10 };
    size_t numbers = 0, distinct = 0, total = 0;
    *odd = column->value_count;
    for (size_t v = 0; v < column->value_count; v++) {
        const char *text = column->values[v];
        struct field field = {.begin = text, .end = text + strlen(text)};
        float number;
        bool is_number = field_read(dialect, &field, &number) == VALUE_NUMBER;
        numbers += is_number ? column->counts[v] : 0;
        distinct += is_number;
        total += column->counts[v];
        if (!is_number && *odd == column->value_count)
            *odd = v;
    }
    return *odd < column->value_count && distinct > FEW && numbers >= total / 10 * 9;
}

/* Where nine of ten cells are numbers, the others are mistakes, or words for a gap; as a column of texts it would
   have as many categories as it has numbers. */
static minnow_status check_column(const struct merging *merging, size_t c) {
    const struct reading *r = merging->reading;
    const struct table_column *column = &r->table->column[c];
    size_t odd;
    if (!reading_is_numbers(r->dialect, column, &odd))
        return MINNOW_OK;
    return fail(MINNOW_ERROR_INPUT,
                "%s: line %zu, column \"%.80s\": found \"%.40s\" in a column of numbers; if it stands for a "
                "gap: --gaps "
                "WORD, and if these are names: --text COLUMN",
                r->table->name, dialect_line(r->dialect, merging->all[c].entries[odd].position), column->name,
                column->values[odd]);
}

minnow_status reading_merge_texts(struct reading *r) {
    size_t columns = r->table->columns, texts = 0;
    for (size_t c = 0; c < columns; c++)
        texts += r->table->column[c].kind == TABLE_TEXT;
    if (texts == 0)
        return MINNOW_OK;

    struct merging merging = {
        .reading = r,
        .all = memory_allocate(columns, sizeof *merging.all),
        .codes = memory_allocate(columns * r->threads, sizeof *merging.codes),
    };
    minnow_status status = MINNOW_OK;
    if (merging.all != NULL && merging.codes != NULL)
        team_run(r->threads, merge_slice, &merging);
    if (merging.all == NULL || merging.codes == NULL || merging.failed)
        status = fail_memory(r->table->name);

    /* Where bad rows are kept, columns that nobody wants may hold anything. */
    bool keeps = r->options->keep_bad_rows || r->options->find_faults;
    for (size_t c = 0; c < columns && status == MINNOW_OK && !keeps; c++)
        if (r->table->column[c].kind == TABLE_TEXT && !r->wanted[c])
            status = check_column(&merging, c);

    for (size_t c = 0; merging.all != NULL && c < columns; c++)
        dictionary_free(&merging.all[c]);
    for (size_t i = 0; merging.codes != NULL && i < columns * r->threads; i++)
        free(merging.codes[i]);
    memory_free(merging.all);
    memory_free(merging.codes);
    return status;
}
