/* One thread's part of reading a table: blocks of text into rows of cells. */
#ifndef MINNOW_DATA_TABLE_BLOCK_H
#define MINNOW_DATA_TABLE_BLOCK_H

#include "data/table/dialect.h"
#include "data/table/dictionary.h"

enum block_problem {
    BLOCK_FINE,
    BLOCK_ROW_LENGTH, /* a row has `found` fields */
    BLOCK_OPEN_QUOTE, /* as FIELD_OPEN */
    BLOCK_STRAY_TEXT, /* as FIELD_STRAY */
    BLOCK_INFINITE,   /* a number too large for a float, in `column` */
    BLOCK_NUL,        /* a byte 0 in a text */
    BLOCK_NO_NUMBER,  /* a text in a wanted column of numbers, where bad rows are kept */
    BLOCK_TOO_MANY,   /* more rows than there is room for: the block did not begin at a row */
    BLOCK_MEMORY
};

/* Text that begins at a row, as far as was guessed, and ends at another's beginning. */
struct block {
    const char *begin, *end;
    size_t line_ends, quotes; /* counted before parsing */
    size_t first_row, capacity, rows;
    const char *stopped; /* behind the last row; not `end` if a quoted field crosses it */
    unsigned parser;     /* which one read it, and so knows its codes */

    enum block_problem problem;
    const char *at; /* where */
    size_t column, found;
};

/* A row that could not be read. */
struct bad_row {
    const struct block *block;
    size_t row; /* of the block's */
    enum block_problem problem;
    const char *at;
    size_t column, found;
};

/* What a thread reads with, and what it has seen. */
struct parser {
    const struct dialect *dialect;
    struct table *table;
    uint64_t seed;
    bool not_bytes;           /* a cell is no byte, in a table that was to be of bytes */
    const char **text_at;     /* [columns]: the first text in a column of numbers, or NULL */
    size_t *gaps;             /* [columns] */
    bool *inexact;            /* [columns] */
    unsigned *units;          /* [columns]: as table_column has them */
    struct dictionary *texts; /* [columns], in use in columns of text */

    bool keeps_bad;      /* bad rows are collected, and reading goes on behind them */
    bool finds_faults;   /* a number beyond a float makes a row bad in any column */
    const bool *wanted;  /* [columns]: the caller says what kind it is; read only where bad rows are kept */
    struct bad_row *bad; /* [bad_room], of which bad_count are filled */
    size_t bad_count, bad_room;
};

/* False when there is no memory; parser_free in either case. */
bool parser_create(const struct dialect *dialect, struct table *table, struct parser *out);
void parser_free(struct parser *parser);

/* Parses the block into the table's cells, or bytes, from first_row on. A text in a column of numbers is noted, and
   its cell is unspecified. */
void parser_read(struct parser *parser, struct block *block);

#endif
