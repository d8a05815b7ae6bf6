#include "data/formats/arff.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/status.h"

struct arff {
    const char *name; /* of the file, for messages */
    const char *at, *end;
    const char *cursor, *line_end; /* of the line being read, without its line end */
    size_t line;                   /* its number, from 1 */
    size_t attributes;
    char *out; /* the CSV; there is room for all that the text can become */
    size_t used;
};

/* ---- Lines ---- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct arff *arff) {
    while (arff->cursor < arff->line_end && is_blank(*arff->cursor))
        arff->cursor++;
}

/* To the next line that is neither blank nor a comment. False at the end. */
static bool next_line(struct arff *arff) {
    while (arff->at < arff->end) {
        const char *newline = memchr(arff->at, '\n', (size_t)(arff->end - arff->at));
        arff->cursor = arff->at;
        arff->line_end = newline != NULL ? newline : arff->end;
        arff->at = newline != NULL ? newline + 1 : arff->end;
        arff->line++;
        while (arff->line_end > arff->cursor && is_blank(arff->line_end[-1]))
            arff->line_end--;
        skip_blanks(arff);
        if (arff->cursor < arff->line_end && *arff->cursor != '%')
            return true;
    }
    return false;
}

static bool take_word(struct arff *arff, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(arff->line_end - arff->cursor) < length || strncasecmp(arff->cursor, word, length) != 0)
        return false;
    if (arff->cursor + length < arff->line_end && !is_blank(arff->cursor[length]))
        return false;
    arff->cursor += length;
    skip_blanks(arff);
    return true;
}

static minnow_status unexpected(const struct arff *arff, const char *expected) {
    int left = (int)size_min((size_t)(arff->line_end - arff->cursor), 24);
    return fail(MINNOW_ERROR_INPUT, "%s: line %zu: expected %s, found \"%.*s\"", arff->name, arff->line,
                expected, left, arff->cursor);
}

/* ---- Values ---- */

/* In CSV's quotes a quote is written twice. */
static void put(struct arff *arff, char c) {
    if (c == '"')
        arff->out[arff->used++] = '"';
    arff->out[arff->used++] = c;
}

/* A value between quotes, where a backslash stands before characters that would end it. */
static bool copy_quoted(struct arff *arff) {
    char quote = *arff->cursor++;
    arff->out[arff->used++] = '"';
    while (arff->cursor < arff->line_end && *arff->cursor != quote) {
        if (*arff->cursor == '\\' && arff->cursor + 1 < arff->line_end)
            arff->cursor++;
        put(arff, *arff->cursor++);
    }
    arff->out[arff->used++] = '"';
    return arff->cursor++ < arff->line_end;
}

/* A value as it stands, to one of the characters that end it. Names and texts with quotes in them are put in quotes. */
static void copy_plain(struct arff *arff, const char *ends, bool quoted) {
    const char *first = arff->cursor;
    while (arff->cursor < arff->line_end && strchr(ends, *arff->cursor) == NULL)
        arff->cursor++;
    const char *last = arff->cursor;
    while (last > first && is_blank(last[-1]))
        last--;
    quoted = quoted || memchr(first, '"', (size_t)(last - first)) != NULL;
    if (quoted)
        arff->out[arff->used++] = '"';
    for (; first < last; first++)
        put(arff, *first);
    if (quoted)
        arff->out[arff->used++] = '"';
}

static bool at_quote(const struct arff *arff) {
    return arff->cursor < arff->line_end && (*arff->cursor == '\'' || *arff->cursor == '"');
}

/* ---- The header and the rows ---- */

static minnow_status read_attribute(struct arff *arff) {
    if (arff->attributes++ > 0)
        arff->out[arff->used++] = ',';
    if (arff->cursor == arff->line_end)
        return unexpected(arff, "the name of an attribute");
    if (!at_quote(arff))
        copy_plain(arff, " \t{", true);
    else if (!copy_quoted(arff))
        return unexpected(arff, "a quote behind the name of an attribute");

    skip_blanks(arff);
    static const char *const types[] = {"numeric", "real", "integer", "string", "date"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (take_word(arff, types[i]))
            return MINNOW_OK;
    bool nominal = arff->cursor < arff->line_end && *arff->cursor == '{' && arff->line_end[-1] == '}';
    return nominal ? MINNOW_OK
                   : unexpected(arff, "numeric, string, date or {its values} behind the attribute's name");
}

static minnow_status read_header(struct arff *arff) {
    while (next_line(arff)) {
        minnow_status status = MINNOW_OK;
        if (take_word(arff, "@data"))
            return arff->attributes > 0 ? MINNOW_OK
                                        : fail(MINNOW_ERROR_INPUT, "%s: no attributes", arff->name);
        if (take_word(arff, "@attribute"))
            status = read_attribute(arff);
        else if (!take_word(arff, "@relation"))
            status = unexpected(arff, "@attribute or @data");
        if (status != MINNOW_OK)
            return status;
    }
    return fail(MINNOW_ERROR_INPUT, "%s: ends before @data; the file is cut short, get it again", arff->name);
}

static minnow_status read_row(struct arff *arff) {
    size_t values = 0;
    if (*arff->cursor == '{')
        return fail(MINNOW_ERROR_INPUT,
                    "%s: line %zu: a row of the sparse form, {INDEX VALUE, ...}; write all values of a row, "
                    "or LIBSVM's "
                    "format",
                    arff->name, arff->line);
    for (;;) {
        skip_blanks(arff);
        if (values++ > 0)
            arff->out[arff->used++] = ',';
        if (!at_quote(arff))
            copy_plain(arff, ",", false);
        else if (!copy_quoted(arff))
            return unexpected(arff, "a quote at the end of a value");
        skip_blanks(arff);
        if (arff->cursor == arff->line_end)
            break;
        if (*arff->cursor++ != ',')
            return unexpected(arff, "a comma behind a value");
    }
    if (values != arff->attributes)
        return fail(MINNOW_ERROR_INPUT, "%s: line %zu: %zu values, expected %zu, one of each attribute",
                    arff->name, arff->line, values, arff->attributes);
    return MINNOW_OK;
}

bool arff_detect(const uint8_t *bytes, size_t size) {
    struct arff arff = {.at = (const char *)bytes, .end = (const char *)bytes + size};
    return next_line(&arff) && take_word(&arff, "@relation");
}

minnow_status arff_to_csv(const char *name, const uint8_t *bytes, size_t size, struct file_bytes *out) {
    *out = (struct file_bytes){0};
    struct arff arff = {.name = name, .at = (const char *)bytes, .end = (const char *)bytes + size};

    /* A character becomes two at most; a value has two quotes more, and a comma or line end beside it. */
    size_t room;
    if (!size_multiply(size, 4, &room) || !size_add(room, 64, &room) || (arff.out = malloc(room)) == NULL)
        return fail_memory(name);

    minnow_status status = read_header(&arff);
    while (status == MINNOW_OK) {
        arff.out[arff.used++] = '\n';
        if (!next_line(&arff))
            break;
        status = read_row(&arff);
    }
    if (status != MINNOW_OK) {
        free(arff.out);
        return status;
    }
    *out = (struct file_bytes){(uint8_t *)arff.out, arff.used, false};
    return MINNOW_OK;
}
