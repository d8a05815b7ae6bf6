#include "data/table/sample.h"

#include "base/memory.h"

/* ---- Rows ---- */

static struct sample_row take_row(const struct dialect *d, const char *at, const char *end) {
    struct sample_row row = {.begin = at, .behind = at};
    struct field field;
    for (;;)
        switch (field_next(d, &row.behind, end, &field)) {
        case FIELD_MORE:
            row.count++;
            break;
        case FIELD_LAST:
            row.count++;
            return row;
        case FIELD_OPEN:
        case FIELD_STRAY: {
            const char *newline = memchr(at, d->line_end, (size_t)(end - at));
            row.behind = newline != NULL ? newline + 1 : end;
            row.count = 0;
            return row;
        }
        }
}

size_t sample_count_fields(const struct dialect *d, const char *at, const char *end) {
    return take_row(d, at, end).count;
}

void sample_take(const struct dialect *d, const char *end, struct sample *out) {
    const char *at = d->rows;
    out->rows = 0;
    while (at < end && out->rows < SAMPLE_ROWS) {
        const char *behind;
        if (line_is_blank(d, at, end, &behind)) {
            at = behind;
            continue;
        }
        out->row[out->rows] = take_row(d, at, end);
        at = out->row[out->rows++].behind;
    }
}

/* ---- The delimiter ---- */

size_t sample_columns(const struct sample *sample) {
    size_t best = sample->rows > 0 && sample->row[0].count > 0 ? sample->row[0].count : 1, most = 0;
    for (size_t i = 1; i < sample->rows; i++) {
        size_t alike = 0;
        for (size_t k = i; k < sample->rows; k++)
            alike += sample->row[k].count == sample->row[i].count;
        if (sample->row[i].count > 0 && alike > most) {
            most = alike;
            best = sample->row[i].count;
        }
    }
    return best;
}

/* How many rows have that many fields, if they are at least two; the first may have one less, as it lacks the name of
   R's row names. */
static size_t agreeing_rows(const struct sample *sample) {
    size_t columns = sample_columns(sample), agreeing = 0;
    if (columns < 2)
        return 0;
    for (size_t i = 0; i < sample->rows; i++)
        agreeing += sample->row[i].count == columns || (i == 0 && sample->row[i].count + 1 == columns);
    return agreeing;
}

char sample_delimiter(const struct dialect *dialect, struct sample *scratch, const char *end) {
    /* In this order of preference: commas are also decimal signs, and blanks stand beside other delimiters. */
    static const char candidates[] = {'\t', ';', '|', ',', ' '};
    struct dialect d = *dialect;
    size_t most = 0;
    char best = ',';
    for (size_t i = 0; i < sizeof candidates; i++) {
        d.delimiter = candidates[i];
        sample_take(&d, end, scratch);
        size_t agreeing = agreeing_rows(scratch);
        if (agreeing > most) {
            most = agreeing;
            best = candidates[i];
        }
    }
    return best;
}

/* ---- Decimal commas ---- */

/* How a number's digits are grouped, without its sign and its unit. */
struct groups {
    size_t points, commas; /* how many of each there are */
    size_t first;          /* digits before the first of them */
    bool zero;             /* the first of which is a 0 */
    size_t last;           /* digits behind the last of them */
    bool comma_last;       /* which is a comma */
    bool regular;          /* all groups between the first and the last mark have three digits */
};

/* False for what is no number of digits and marks. */
static bool take_groups(const struct field *field, struct groups *out) {
    const char *p = field->begin, *end = field->end;
    p += p < end && (*p == '-' || *p == '+');
    (void)field_strip_unit(&p, &end);
    *out = (struct groups){.regular = true};
    size_t digits = 0;
    for (const char *begin = p; p < end; p++) {
        bool comma = *p == ',', point = *p == '.';
        if (!comma && !point && (*p < '0' || *p > '9'))
            return false;
        if (!comma && !point) {
            digits++;
            continue;
        }
        if (out->points + out->commas == 0) {
            out->first = digits;
            out->zero = *begin == '0';
        }
        out->regular =
            out->regular && (out->points + out->commas == 0 ? digits >= 1 && digits <= 3 : digits == 3);
        out->points += point;
        out->commas += comma;
        out->comma_last = comma;
        digits = 0;
    }
    out->last = digits;
    return digits > 0;
}

/* What the numbers of a table say of their decimal sign. "1.234" is a decimal more often than it is 1234; "0.123",
   ".123" and "1234.567" are decimals for sure, as thousands are not grouped so. */
struct signs {
    size_t commas, points;             /* for sure */
    size_t maybe_commas, maybe_points; /* three digits follow, which could be a group of thousands */
};

/* Whether the only mark of a number could stand between groups of thousands. */
static bool may_group(const struct groups *g) {
    bool lone_zero = g->zero && g->first == 1;
    return g->last == 3 && g->first >= 1 && g->first <= 3 && !lone_zero;
}

static void judge_sign(const struct groups *g, struct signs *signs) {
    if (g->points > 0 && g->commas > 0) { /* both: 1.006,02 */
        signs->commas += g->comma_last && g->commas == 1 && g->regular;
        signs->points += !g->comma_last && g->points == 1 && g->regular;
    } else if (g->points + g->commas > 1) { /* 1.234.567 */
        signs->commas += g->points > 0 && g->regular && g->last == 3;
        signs->points += g->commas > 0 && g->regular && g->last == 3;
    } else if (g->points + g->commas == 1) {
        bool grouped = may_group(g);
        signs->commas += g->comma_last && !grouped;
        signs->points += !g->comma_last && !grouped;
        signs->maybe_commas += g->comma_last && grouped;
        signs->maybe_points += !g->comma_last && grouped;
    }
}

char sample_decimal(const struct dialect *d, const struct sample *sample, char usual, bool *by_usual) {
    struct signs signs = {0};
    for (size_t i = 0; i < sample->rows; i++) {
        const char *at = sample->row[i].begin;
        for (size_t c = 0; c < sample->row[i].count; c++) {
            struct field field;
            struct groups groups;
            (void)field_next(d, &at, sample->row[i].behind, &field);
            if (take_groups(&field, &groups))
                judge_sign(&groups, &signs);
        }
    }
    /* Where commas stand between the fields they are hardly within numbers too, whatever another table had. */
    *by_usual = usual != 0 && d->delimiter != ',' && signs.commas == 0 && signs.points == 0;
    if (*by_usual)
        return usual;
    /* Within a comma-separated table, "1,234" in quotes has a thousands separator. */
    size_t commas = signs.commas + (d->delimiter != ',' ? signs.maybe_commas : 0);
    return commas > signs.points + signs.maybe_points ? ',' : '.';
}

/* ---- The header ---- */

/* The field `column` of a row. */
static struct field field_of(const struct dialect *d, const struct sample_row *row, size_t column) {
    const char *at = row->begin;
    struct field field = {.begin = at, .end = at};
    for (size_t c = 0; c <= column && c < row->count; c++)
        (void)field_next(d, &at, row->behind, &field);
    return field;
}

static bool same_text(const struct field *a, const struct field *b) {
    size_t length = (size_t)(a->end - a->begin);
    return length == (size_t)(b->end - b->begin) && memcmp(a->begin, b->begin, length) == 0;
}

/* What a field of the first row says: a text above numbers is a name, a number above numbers is none, and a text that
   comes again below is none either. */
enum verdict { IS_NAME, IS_VALUE, UNDECIDED };

static enum verdict judge(const struct dialect *d, const struct sample *sample, const struct field *first,
                          size_t column) {
    /* A row is scanned once for each of its fields, so that of wide ones fewer are looked at. */
    size_t rows = size_min(sample->rows, 8 + SAMPLE_ROWS * 8 / (sample->row[0].count + 1));
    float number;
    enum field_value value = field_read(d, first, &number);
    size_t numbers = 0, others = 0;
    for (size_t i = 1; i < rows; i++) {
        struct field field = field_of(d, &sample->row[i], column);
        enum field_value below = field_read(d, &field, &number);
        numbers += below == VALUE_NUMBER;
        others += below == VALUE_TEXT;
        if (value == VALUE_TEXT && same_text(&field, first))
            return IS_VALUE;
    }
    if (numbers == 0 || others > 0)
        return UNDECIDED;
    return value == VALUE_TEXT ? IS_NAME : value == VALUE_NUMBER ? IS_VALUE : UNDECIDED;
}

/* 0, 1, 2, … or 1, 2, 3, …, perhaps behind an empty name: as pandas names columns that have no names. */
static bool counts_columns(const struct dialect *d, const struct sample_row *row) {
    const char *at = row->begin;
    float expected = -1.0F, number;
    size_t counted = 0;
    for (size_t c = 0; c < row->count; c++) {
        struct field field;
        (void)field_next(d, &at, row->behind, &field);
        if (c == 0 && field.begin == field.end)
            continue;
        if (field_read(d, &field, &number) != VALUE_NUMBER || (expected >= 0 && number != expected) ||
            (expected < 0 && number != 0 && number != 1))
            return false;
        expected = number + 1;
        counted++;
    }
    return counted >= 3;
}

static bool has_empty_or_equal_fields(const struct dialect *d, const struct sample_row *row) {
    enum { COMPARED = 64 };
    struct field field[COMPARED];
    const char *at = row->begin;
    size_t count = row->count < COMPARED ? row->count : COMPARED;
    for (size_t c = 0; c < count; c++) {
        (void)field_next(d, &at, row->behind, &field[c]);
        if (field[c].begin == field[c].end && c > 0)
            return true;
        for (size_t b = 0; b < c; b++)
            if (same_text(&field[b], &field[c]))
                return true;
    }
    return false;
}

bool sample_has_header(const struct dialect *d, const struct sample *sample) {
    const struct sample_row *first = &sample->row[0];
    if (sample->rows == 0 || first->count == 0)
        return false;
    if (counts_columns(d, first) && (sample->rows < 2 || !counts_columns(d, &sample->row[1])))
        return true;

    size_t names = 0, values = 0, texts = 0;
    const char *at = first->begin;
    enum { JUDGED = 100 };
    size_t count = first->count < JUDGED ? first->count : JUDGED;
    for (size_t c = 0; c < count; c++) {
        struct field field;
        float number;
        (void)field_next(d, &at, first->behind, &field);
        texts += field_read(d, &field, &number) == VALUE_TEXT;
        enum verdict verdict = judge(d, sample, &field, c);
        names += verdict == IS_NAME;
        values += verdict == IS_VALUE;
    }
    if (names != values)
        return names > values;
    /* Texts alone: those that are all different, and none of which comes again, are names. */
    return texts + 1 >= count && texts > 0 && names == 0 && !has_empty_or_equal_fields(d, first);
}
