/* Finding out how a table is written. Only its beginning is looked at, the sample; what does not fit further on is an
   error there, with its line. */
#include "data/table/dialect.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file_kind.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/table/sample.h"

enum { SAMPLE_BYTES = 1 << 18 };

/* ---- Gaps ---- */

static minnow_status add_gap(struct gap_words *gaps, const char *text, size_t length) {
    if (length == 0)
        return MINNOW_OK;
    if (gaps->count == GAP_WORDS_MOST)
        return fail(MINNOW_ERROR_ARGUMENT, "more than %d words that stand for a gap", GAP_WORDS_MOST);
    gaps->word[gaps->count++] = (struct gap_word){text, length};
    gaps->begins[(unsigned char)text[0]] = true;
    gaps->numbers = gaps->numbers || strchr("0123456789+-.", text[0]) != NULL;
    if (length > gaps->longest)
        gaps->longest = length;
    return MINNOW_OK;
}

static minnow_status fill_gaps(struct gap_words *gaps, const char *more) {
    static const char *const usual[] = {"NA",  "N/A", "n/a",  "#N/A", "NaN", "nan",
                                        "NAN", "?",   "null", "NULL", "NaT"};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        (void)add_gap(gaps, usual[i], strlen(usual[i]));

    minnow_status status = MINNOW_OK;
    while (more != NULL && *more != '\0' && status == MINNOW_OK) {
        size_t length = strcspn(more, ",");
        status = add_gap(gaps, more, length);
        more += length + (more[length] == ',');
    }
    return status;
}

/* ---- Before the first row ---- */

static minnow_status check_text(const struct dialect *d, size_t size) {
    const uint8_t *bytes = (const uint8_t *)d->text;
    minnow_status status = file_kind_check(d->name, bytes, size, FILE_KIND_CSV, FILE_AS_DATA);
    if (status != MINNOW_OK)
        return status;
    if (memchr(bytes, 0, size_min(size, SAMPLE_BYTES)) != NULL)
        return fail(MINNOW_ERROR_INPUT, "%s: holds a byte 0; expected a table as text", d->name);
    return MINNOW_OK;
}

static void skip_blank_lines(struct dialect *d) {
    const char *behind;
    while (line_is_blank(d, d->rows, d->end, &behind))
        d->rows = behind;
}

static const char *line_behind(const struct dialect *d, const char *at) {
    const char *newline = memchr(at, d->line_end, (size_t)(d->end - at));
    return newline != NULL ? newline + 1 : d->end;
}

/* "sep=;", which Excel reads and writes, and lines that begin with '#'. The last of these may be the header, as
   numpy.savetxt writes it; it is returned, or NULL. */
static const char *skip_preamble(struct dialect *d) {
    const char *comment = NULL;
    skip_blank_lines(d);
    if (d->end - d->rows > 5 && memcmp(d->rows, "sep=", 4) == 0) {
        if (d->delimiter == 0)
            d->delimiter = d->rows[4];
        d->rows = line_behind(d, d->rows);
    }
    while (d->rows < d->end && *d->rows == '#') {
        comment = d->rows + 1;
        d->rows = line_behind(d, d->rows);
        skip_blank_lines(d);
    }
    return comment;
}

/* The end of the sample: whole lines, if there is a line end in it at all. */
static const char *sample_end(const struct dialect *d) {
    if (d->end - d->rows <= SAMPLE_BYTES)
        return d->end;
    const char *last = memrchr(d->rows, d->line_end, SAMPLE_BYTES);
    return last != NULL ? last + 1 : d->end;
}

/* ---- All together ---- */

static void begin(struct dialect *d, const struct table_options *options) {
    static const char mark[] = "\xef\xbb\xbf";
    if (d->end - d->text >= 3 && memcmp(d->text, mark, 3) == 0)
        d->text += 3;
    d->rows = d->text;
    size_t look = size_min((size_t)(d->end - d->text), SAMPLE_BYTES);
    bool newline = memchr(d->text, '\n', look) != NULL, old_mac = memchr(d->text, '\r', look) != NULL;
    d->line_end = !newline && old_mac ? '\r' : '\n';
    d->delimiter = options->delimiter;
    d->decimal = options->decimal != 0 ? options->decimal : '.';
    d->quote = options->quote != 0 ? options->quote : '"';
}

static minnow_status check_empty(const struct dialect *d) {
    const char *behind, *at = d->rows;
    while (line_is_blank(d, at, d->end, &behind))
        at = behind;
    if (at < d->end)
        return MINNOW_OK;
    if (d->header != NULL)
        return fail(MINNOW_ERROR_INPUT, "%s: holds a line of names and no rows", d->name);
    return fail(MINNOW_ERROR_INPUT, "%s: is empty, expected a table of rows", d->name);
}

/* The line of names is the first, or was a comment, or is missing. */
static void settle_header(struct dialect *d, const struct sample *sample, const struct table_options *options,
                          const char *comment) {
    size_t first = sample->rows > 0 ? sample->row[0].count : 0;
    bool by_comment = comment != NULL && sample_count_fields(d, comment, line_behind(d, comment)) == first;
    bool header = options->has_header || (!options->no_header && sample_has_header(d, sample));
    if (header) {
        d->header = d->rows;
        d->rows = sample->rows > 0 ? sample->row[0].behind : d->end;
    } else if (by_comment && !options->no_header) {
        d->header = comment;
    }
    d->columns = sample_columns(sample);
    d->row_names = header && sample->rows > 1 && d->columns == first + 1;
}

minnow_status dialect_find(const char *name, const char *text, size_t size,
                           const struct table_options *options, struct dialect *out) {
    struct dialect *d = out;
    *d = (struct dialect){.name = name, .text = text, .end = text + size};
    minnow_status status = fill_gaps(&d->gaps, options->gaps);
    if (status == MINNOW_OK && size > 0)
        status = check_text(d, size);
    if (status != MINNOW_OK)
        return status;

    begin(d, options);
    const char *comment = skip_preamble(d);
    status = check_empty(d);
    struct sample *sample = status == MINNOW_OK ? memory_allocate(1, sizeof *sample) : NULL;
    if (status == MINNOW_OK && sample == NULL)
        status = fail_memory(name);
    if (status != MINNOW_OK)
        return status;

    const char *end = sample_end(d);
    if (d->delimiter == 0)
        d->delimiter = sample_delimiter(d, sample, end);
    sample_take(d, end, sample);
    if (options->decimal == 0)
        d->decimal = sample_decimal(d, sample, options->usual_decimal, &d->usual_decimal);
    settle_header(d, sample, options, comment);
    memory_free(sample);
    if (d->columns > TABLE_COLUMNS_MAX)
        return fail(MINNOW_ERROR_INPUT, "%s: %zu columns, expected at most %d", name, d->columns,
                    TABLE_COLUMNS_MAX);
    return check_empty(d);
}

/* ---- For people ---- */

char *dialect_describe(const struct dialect *d) {
    const char *how = d->delimiter == ','    ? "comma-separated"
                      : d->delimiter == ';'  ? "semicolon-separated"
                      : d->delimiter == '\t' ? "tab-separated"
                      : d->delimiter == ' '  ? "separated by blanks"
                                             : NULL;
    char other[32], *text;
    snprintf(other, sizeof other, "separated by '%c'", d->delimiter);
    int length = asprintf(&text, "%s, %s header%s", how != NULL ? how : other,
                          d->header != NULL ? "with a" : "no", d->decimal == ',' ? ", decimal commas" : "");
    return length < 0 ? NULL : text;
}

size_t dialect_line(const struct dialect *d, const char *at) {
    size_t line = 1;
    for (const char *p = d->text; p < at; p++)
        line += *p == d->line_end;
    return line;
}
