/*
 * Dividing the text of a table into blocks that threads can parse by themselves. A block begins behind a line end; but a
 * line end within quotes ends no row. Whether a place is within quotes, the number of quotes before it tells, if they
 * are all used as they should be: that is a guess. Parsing each block up to where the next one begins shows whether the
 * guess was right: when every block stops exactly at its end, all have begun at rows, because the first has.
 */
#include "base/memory.h"
#include "base/status.h"
#include "base/team.h"
#include "data/dataset.h"
#include "data/table/read.h"

/* A block is short enough for its cells to stay in the L2 cache, and long enough to be worth a thread's while. */
enum { BLOCK_LEAST = 1 << 16, BLOCK_MOST = 1 << 20, BLOCKS_PER_THREAD = 4 };

static size_t block_size(size_t size, unsigned threads) {
    size_t share = size / (threads * BLOCKS_PER_THREAD);
    return share < BLOCK_LEAST ? BLOCK_LEAST : size_min(share, BLOCK_MOST);
}

static size_t count_byte(const char *begin, const char *end, char byte) {
    size_t count = 0;
    for (const char *p = begin; p < end; p++)
        count += *p == byte;
    return count;
}

static void count_slice(struct team_member member, void *context) {
    struct reading *r = context;
    size_t begin, end;
    team_slice(member, r->block_count, 1, &begin, &end);
    for (size_t i = begin; i < end; i++) {
        struct block *block = &r->blocks[i];
        block->line_ends = count_byte(block->begin, block->end, r->dialect->line_end);
        block->quotes = count_byte(block->begin, block->end, r->dialect->quote);
    }
}

/* Behind the first line end from `at` on that is not within quotes. */
static const char *next_row(const struct dialect *d, const char *at, bool quoted) {
    for (; at < d->end; at++) {
        if (*at == d->quote)
            quoted = !quoted;
        else if (*at == d->line_end && !quoted)
            return at + 1;
    }
    return d->end;
}

/* Moves the blocks' beginnings to rows, and keeps line_ends right. */
static void move_to_rows(struct reading *r) {
    const struct dialect *d = r->dialect;
    size_t quotes = 0;
    for (size_t i = 0; i + 1 < r->block_count; i++) {
        struct block *block = &r->blocks[i], *next = &r->blocks[i + 1];
        const char *boundary = next->begin;
        quotes += block->quotes;

        /* A boundary right behind a line end is one already. */
        bool at_row = boundary[-1] == d->line_end && quotes % 2 == 0;
        const char *row = at_row ? boundary : next_row(d, boundary, quotes % 2 != 0);
        if (row > next->end)
            row = next->end;
        size_t moved = count_byte(boundary, row, d->line_end);
        block->end = next->begin = row;
        block->line_ends += moved;
        next->line_ends -= moved;
        size_t moved_quotes = count_byte(boundary, row, d->quote);
        quotes += moved_quotes;
        next->quotes -= moved_quotes;
    }
}

minnow_status reading_divide(struct reading *r) {
    const struct dialect *d = r->dialect;
    size_t size = (size_t)(d->end - d->rows), step = block_size(size, r->threads);
    r->block_count = size / step + 1;
    r->blocks = memory_allocate(r->block_count, sizeof *r->blocks);
    if (r->blocks == NULL)
        return fail_memory(d->name);

    for (size_t i = 0; i < r->block_count; i++) {
        r->blocks[i].begin = d->rows + i * step;
        r->blocks[i].end = d->rows + size_min((i + 1) * step, size);
    }
    team_run((unsigned)size_min(r->threads, r->block_count), count_slice, r);
    move_to_rows(r);
    return MINNOW_OK;
}

void reading_one_block(struct reading *r) {
    for (size_t i = 1; i < r->block_count; i++)
        r->blocks[0].line_ends += r->blocks[i].line_ends;
    r->blocks[0].end = r->dialect->end;
    r->block_count = 1;
}

minnow_status reading_make_room(struct reading *r) {
    struct table *table = r->table;
    size_t rows = 0, cells;
    for (size_t i = 0; i < r->block_count; i++) {
        struct block *block = &r->blocks[i];
        size_t bytes = (size_t)(block->end - block->begin);
        /* Each field takes the byte of its delimiter or line end; blank lines are no rows. */
        block->first_row = rows;
        block->capacity = block->line_ends + 1;
        if (!r->options->keep_bad_rows && !r->options->find_faults) /* which may lack fields */
            block->capacity = size_min(block->capacity, bytes / table->columns + 1);
        if (i + 1 < r->block_count)
            block->capacity = size_min(block->line_ends, block->capacity);
        rows += block->capacity;
    }

    if (rows > DATASET_COUNT_MAX)
        return fail(MINNOW_ERROR_INPUT, "%s: about %zu rows, expected at most %zu", table->name, rows,
                    DATASET_COUNT_MAX);
    bool bytes = table->bytes != NULL;
    memory_free(table->bytes);
    memory_free(table->cells);
    table->bytes = NULL;
    table->cells = NULL;
    if (!size_multiply(rows, table->columns, &cells))
        return fail_memory(table->name);
    if (bytes)
        table->bytes = memory_allocate_unset(cells, 1);
    else
        table->cells = memory_allocate_unset(cells, sizeof *table->cells);
    return table->bytes != NULL || table->cells != NULL ? MINNOW_OK : fail_memory(table->name);
}
