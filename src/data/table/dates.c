/*
 * Columns of dates. A network can learn little from a date as a text that is another one in each row, or as one large
 * number: what matters is mostly the season, the day of the week, or the hour. So the column stays as it is, for --id and
 * --text, and others stand behind the table's own, "date_year", "date_month", and so on, that are numbers as any.
 */
#include "data/table/dates.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"

/* ---- One date ---- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* From `least` to `most` digits at *p, which moves behind them. */
static bool take_number(const char **p, size_t least, size_t most, unsigned *out) {
    size_t count = 0;
    *out = 0;
    for (; count < most && is_digit(**p); count++)
        *out = *out * 10 + (unsigned)(*(*p)++ - '0');
    return count >= least && !is_digit(**p);
}

static bool take_character(const char **p, char c) {
    *p += **p == c;
    return (*p)[-1] == c;
}

/* "12:30", "12:30:59.5", and behind either "Z" or "+01:00", which do not change what the clock there said. */
static bool take_time(const char *p, float *hour) {
    unsigned h, m, s = 0, zone;
    if (!take_number(&p, 1, 2, &h) || !take_character(&p, ':') || !take_number(&p, 2, 2, &m))
        return false;
    if (*p == ':' && (p++, !take_number(&p, 2, 2, &s)))
        return false;
    if (*p == '.' || *p == ',')
        for (p++; is_digit(*p); p++)
            continue;
    if (*p == 'Z') {
        p++;
    } else if (*p == '+' || *p == '-') {
        p++;
        for (int i = 0; i < 2; i++) {
            for (zone = 0; zone < 2 && is_digit(*p); zone++)
                p++;
            p += i == 0 && *p == ':';
        }
    }
    *hour = (float)h + (float)m / 60 + (float)s / 3600;
    return *p == '\0' && h < 24 && m < 60 && s <= 60;
}

static bool is_leap(unsigned year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* 1 for Monday to 7 for Sunday, by Sakamoto's method: each month's first day is so many days further in the week than
   January's, in years that begin in March. */
static unsigned weekday(unsigned year, unsigned month, unsigned day) {
    static const unsigned shift[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    unsigned y = year - (month < 3);
    unsigned sunday_is_0 = (y + y / 4 - y / 100 + y / 400 + shift[month - 1] + day) % 7;
    return sunday_is_0 == 0 ? 7 : sunday_is_0;
}

bool date_parse(const char *text, struct date *out) {
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const char *p = text;
    unsigned first, month, last;
    *out = (struct date){.form = DATE_NONE};
    if (!take_number(&p, 1, 4, &first))
        return false;
    bool iso = p - text == 4;
    char mark = *p;
    bool known = iso ? mark == '-' || mark == '/' : mark == '.';
    if (!known || p - text == 3 || !take_character(&p, mark) || !take_number(&p, 1, 2, &month) ||
        !take_character(&p, mark) || !take_number(&p, iso ? 1 : 4, iso ? 2 : 4, &last))
        return false;
    unsigned year = iso ? first : last, day = iso ? last : first;
    if (year == 0 || month < 1 || month > 12 || day < 1 ||
        day > days[month - 1] + (month == 2 && is_leap(year)))
        return false;

    float hour = 0;
    bool timed = *p != '\0';
    if (timed && ((*p != 'T' && *p != ' ') || !take_time(p + 1, &hour)))
        return false;
    *out = (struct date){
        .form = iso ? DATE_ISO : DATE_GERMAN,
        .timed = timed,
        .part = {(float)year, (float)month, (float)day, (float)weekday(year, month, day), hour}};
    return true;
}

/* ---- Columns ---- */

static const char *const endings[DATE_PARTS] = {"_year", "_month", "_day", "_weekday", "_hour"};

/* A column that is to be taken apart. */
struct dated {
    size_t column;
    size_t parts;        /* DATE_PARTS, or one less without a time of day */
    struct date *values; /* [value_count]: of its texts; form DATE_NONE: no date */
};

static char *part_name(const char *column, size_t part) {
    char *name;
    return asprintf(&name, "%s%s", column, endings[part]) < 0 ? NULL : name;
}

/* Whether the caller wants this part of the column, and so wants the column taken apart. A column of that name in the
   file is what is wanted then: "model_year" says nothing of "model" where both are there. */
static bool is_wanted(const struct table *table, const struct table_options *options, const char *column,
                      const char *ending) {
    size_t length = strlen(column);
    for (size_t i = 0; i < options->wanted_count; i++) {
        const char *name = options->wanted[i].name;
        if (strncmp(name, column, length) == 0 && strcmp(name + length, ending) == 0)
            return table_find(table, name) == table->columns;
    }
    return false;
}

static bool any_part_wanted(const struct table *table, const struct table_options *options,
                            const char *column) {
    bool wanted = false;
    for (size_t part = 0; part < DATE_PARTS; part++)
        wanted = wanted || is_wanted(table, options, column, endings[part]);
    return wanted;
}

/* Parses the column's texts. Whether they are all dates, written alike, and none of the parts' names is taken. */
static bool parse_values(const struct table *table, const struct table_options *options, struct dated *out) {
    const struct table_column *column = &table->column[out->column];
    bool dates = column->value_count > 0;
    out->parts = DATE_PARTS - !is_wanted(table, options, column->name, endings[DATE_PARTS - 1]);
    for (size_t v = 0; v < column->value_count; v++) {
        dates = date_parse(column->values[v], &out->values[v]) && dates;
        dates = dates && out->values[v].form == out->values[0].form;
        out->parts = out->values[v].timed ? DATE_PARTS : out->parts;
        if (!dates && !any_part_wanted(table, options, column->name))
            return false;
    }
    for (size_t part = 0; part < DATE_PARTS; part++) {
        char *name = part_name(column->name, part);
        dates = dates && name != NULL && table_find(table, name) == table->columns;
        free(name);
    }
    return dates;
}

static minnow_status fail_no_date(const struct table *table, size_t column, const char *found) {
    return fail(MINNOW_ERROR_INPUT,
                "%s: column \"%.80s\": expected dates as in training, 2024-03-01 or 01.03.2024, found %s",
                table->name, table->column[column].name, found);
}

/* A row that has no date where one is wanted is a fault, or an error. */
static minnow_status add_fault(struct table *table, const struct table_options *options,
                               const struct dated *dated, size_t row) {
    const struct table_column *column = &table->column[dated->column];
    char *text;
    const char *found = column->values[table_code(table, row, dated->column)];
    if (asprintf(&text,
                 "%s: row %zu, column \"%.80s\": expected a date as in training, 2024-03-01 or 01.03.2024, "
                 "found \"%.40s\"",
                 table->name, row + 1, column->name, found) < 0)
        return fail_memory(table->name);
    minnow_status status = options->keep_bad_rows ? MINNOW_OK : fail(MINNOW_ERROR_INPUT, "%s", text);
    struct table_fault *more = status == MINNOW_OK && table_row_fault(table, row) == NULL
                                   ? realloc(table->faults, (table->fault_count + 1) * sizeof *more)
                                   : NULL;
    if (more == NULL) {
        free(text);
        return status;
    }
    size_t at = table->fault_count++;
    table->faults = more;
    for (; at > 0 && more[at - 1].row > row; at--)
        more[at] = more[at - 1];
    more[at] = (struct table_fault){row, text};
    return MINNOW_OK;
}

static minnow_status check_values(struct table *table, const struct table_options *options,
                                  const struct dated *dated) {
    minnow_status status = MINNOW_OK;
    for (size_t row = 0; row < table->rows && status == MINNOW_OK; row++) {
        uint32_t code = table_code(table, row, dated->column);
        if (code != TABLE_GAP && dated->values[code].form == DATE_NONE)
            status = add_fault(table, options, dated, row);
    }
    return status;
}

/* ---- The table ---- */

/* The names and facts of the columns, of which those of parts are new. */
static minnow_status add_columns(struct table *table, const struct dated *dated, size_t count,
                                 size_t columns) {
    struct table_column *column = memory_allocate(columns, sizeof *column);
    if (column == NULL)
        return fail_memory(table->name);
    memcpy(column, table->column, table->columns * sizeof *column);
    memory_free(table->column);
    table->column = column;
    for (size_t i = 0, c = table->columns; i < count; i++) {
        struct table_column *from = &column[dated[i].column];
        from->dates = true;
        for (size_t part = 0; part < dated[i].parts; part++, c++)
            column[c] = (struct table_column){.name = part_name(from->name, part),
                                              .kind = TABLE_NUMBER,
                                              .gaps = from->gaps,
                                              .part_of = dated[i].column + 1};
        for (size_t part = 0; part < dated[i].parts; part++)
            if (column[c - 1 - part].name == NULL)
                return fail_memory(table->name);
    }
    return MINNOW_OK;
}

static void fill_row(const struct table *table, const struct dated *dated, size_t count, size_t row,
                     union table_cell *cells) {
    for (size_t c = 0; c < table->columns; c++) {
        cells[c].code = table_code(table, row, c);
        if (table->bytes != NULL)
            cells[c].number = table_number(table, row, c);
    }
    cells += table->columns;
    for (size_t i = 0; i < count; i++) {
        bool texts = table->column[dated[i].column].kind == TABLE_TEXT;
        uint32_t code = texts ? table_code(table, row, dated[i].column) : TABLE_GAP;
        for (size_t part = 0; part < dated[i].parts; part++, cells++)
            if (code == TABLE_GAP || dated[i].values[code].form == DATE_NONE)
                cells->code = TABLE_GAP;
            else
                cells->number = dated[i].values[code].part[part];
    }
}

static minnow_status append(struct table *table, const struct dated *dated, size_t count) {
    size_t columns = table->columns, cells;
    for (size_t i = 0; i < count; i++)
        columns += dated[i].parts;
    if (columns > TABLE_COLUMNS_MAX)
        return fail(MINNOW_ERROR_INPUT, "%s: %zu columns with the parts of dates, expected at most %d",
                    table->name, columns, TABLE_COLUMNS_MAX);
    union table_cell *more =
        size_multiply(table->rows, columns, &cells) ? memory_allocate_unset(cells, sizeof *more) : NULL;
    if (more == NULL)
        return fail_memory(table->name);
    for (size_t row = 0; row < table->rows; row++)
        fill_row(table, dated, count, row, more + row * columns);
    memory_free(table->cells);
    memory_free(table->bytes);
    table->cells = more;
    table->bytes = NULL;

    minnow_status status = add_columns(table, dated, count, columns);
    table->columns = status == MINNOW_OK ? columns : table->columns;
    return status;
}

static minnow_status consider(struct table *table, const struct table_options *options, size_t c,
                              struct dated *out, bool *dates) {
    const struct table_column *column = &table->column[c];
    bool wanted = any_part_wanted(table, options, column->name);
    *dates = false;
    for (size_t i = 0; i < options->wanted_count; i++)
        if (strcmp(options->wanted[i].name, column->name) == 0 && !options->wanted[i].optional)
            return MINNOW_OK; /* it is to be what it is */
    if (column->kind == TABLE_NUMBER && (!wanted || column->gaps < table->rows))
        return wanted ? fail_no_date(table, c, "numbers") : MINNOW_OK;

    *out = (struct dated){.column = c, .values = calloc(column->value_count + 1, sizeof *out->values)};
    if (out->values == NULL)
        return fail_memory(table->name);
    *dates = parse_values(table, options, out) || wanted;
    minnow_status status =
        wanted && column->kind == TABLE_TEXT ? check_values(table, options, out) : MINNOW_OK;
    if (!*dates || status != MINNOW_OK)
        free(out->values);
    *dates = *dates && status == MINNOW_OK;
    return status;
}

minnow_status table_take_dates(struct table *table, const struct table_options *options) {
    struct dated *dated = memory_allocate(table->columns, sizeof *dated);
    size_t count = 0;
    table->own_columns = table->columns;
    minnow_status status = dated != NULL ? MINNOW_OK : fail_memory(table->name);
    for (size_t c = 0; c < table->columns && status == MINNOW_OK; c++) {
        bool dates;
        status = consider(table, options, c, &dated[count], &dates);
        count += dates;
    }
    if (status == MINNOW_OK && count > 0)
        status = append(table, dated, count);
    for (size_t i = 0; i < count; i++)
        free(dated[i].values);
    memory_free(dated);
    return status;
}
