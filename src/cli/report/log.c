/* The log of a training run: a file of its --log, what it printed with --json, or a CSV file of the same columns. */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"
#include "base/status.h"
#include "cli/report/report.h"

enum { LOG_BYTES_MOST = 64 << 20, ROWS_MOST = 100000, COLUMNS_MOST = 64, NAME_MOST = 64, NUMBER_MOST = 64 };

struct log_reader {
    const char *name; /* of the file */
    size_t line;      /* from 1 */
    json_t *rows;
    char columns[COLUMNS_MOST][NAME_MOST]; /* of CSV */
    size_t column_count;
};

/* A line without its end. */
struct line {
    const char *text;
    size_t length;
};

static minnow_status no_memory(void) {
    return fail_memory("the log of a run");
}

/* Behind the others; a run that was resumed tells some epochs again, and then the last word counts. Takes ownership. */
static minnow_status add_row(struct log_reader *reader, json_t *row) {
    double epoch = json_number_value(json_object_get(row, "epoch"));
    size_t count = json_array_size(reader->rows);
    while (count > 0 &&
           json_number_value(json_object_get(json_array_get(reader->rows, count - 1), "epoch")) >= epoch)
        json_array_remove(reader->rows, --count);
    if (count == ROWS_MOST) {
        json_decref(row);
        return fail(MINNOW_ERROR_INPUT, "%s: line %zu: expected at most %d epochs, found more", reader->name,
                    reader->line, ROWS_MOST);
    }
    return json_array_append_new(reader->rows, row) == 0 ? MINNOW_OK : no_memory();
}

/* ---- JSON ---- */

/* Whether a line tells of an epoch, by its "event", which lines of steps have too; without one, a line of steps has a "step". */
static bool is_of_epoch(const char *event, size_t length, bool has_step) {
    static const char epoch[] = "epoch";
    return event != NULL ? length == sizeof epoch - 1 && memcmp(event, epoch, length) == 0 : !has_step;
}

/* The numbers of it; NULL in *row where it tells of no epoch. */
static minnow_status numbers_of(const json_t *object, json_t **row) {
    const char *key;
    json_t *value;
    *row = NULL;
    const char *event = json_string_value(json_object_get(object, "event"));
    bool step = json_object_get(object, "step") != NULL;
    if (!json_is_number(json_object_get(object, "epoch")) ||
        !is_of_epoch(event, event != NULL ? strlen(event) : 0, step))
        return MINNOW_OK;
    json_t *made = json_object();
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        if (json_is_number(value) && json_object_set(made, key, value) != 0) {
            json_decref(made);
            return no_memory();
        }
    }
    *row = made;
    return made != NULL ? MINNOW_OK : no_memory();
}

static minnow_status take_json(struct log_reader *reader, struct line line) {
    json_error_t error;
    json_t *object = json_loadb(line.text, line.length, 0, &error), *row = NULL;
    if (!json_is_object(object)) {
        json_decref(object);
        return fail(MINNOW_ERROR_INPUT,
                    "%s: line %zu: expected a JSON object, as 'minnow train --json' prints them",
                    reader->name, reader->line);
    }
    minnow_status status = numbers_of(object, &row);
    json_decref(object);
    return status == MINNOW_OK && row != NULL ? add_row(reader, row) : status;
}

/* ---- CSV ---- */

/* The next field of a line, without the blanks and quotes around it; false behind the last one. */
static bool next_field(struct line *line, struct line *field) {
    if (line->text == NULL)
        return false;
    const char *comma = memchr(line->text, ',', line->length);
    *field = (struct line){line->text, comma != NULL ? (size_t)(comma - line->text) : line->length};
    *line =
        comma != NULL ? (struct line){comma + 1, line->length - field->length - 1} : (struct line){NULL, 0};
    while (field->length > 0 && strchr(" \t\"", field->text[0]) != NULL && field->text[0] != '\0') {
        field->text++;
        field->length--;
    }
    while (field->length > 0 && strchr(" \t\"", field->text[field->length - 1]) != NULL &&
           field->text[field->length - 1] != '\0')
        field->length--;
    return true;
}

static minnow_status take_head(struct log_reader *reader, struct line line) {
    struct line field;
    bool epoch = false;
    while (next_field(&line, &field)) {
        if (reader->column_count == COLUMNS_MOST)
            return fail(MINNOW_ERROR_INPUT, "%s: line %zu: expected at most %d columns, found more",
                        reader->name, reader->line, COLUMNS_MOST);
        char *name = reader->columns[reader->column_count++];
        size_t length = field.length < NAME_MOST ? field.length : NAME_MOST - 1;
        memcpy(name, field.text, length);
        name[length] = '\0';
        epoch = epoch || strcmp(name, "epoch") == 0;
    }
    if (epoch)
        return MINNOW_OK;
    return fail(
        MINNOW_ERROR_INPUT,
        "%s: line %zu: expected the names of columns, 'epoch' among them, or JSON objects, as 'minnow train "
        "--json' prints them",
        reader->name, reader->line);
}

/* Empty fields, and those that are no numbers, are left out. */
static minnow_status take_row(struct log_reader *reader, struct line line) {
    struct line field, event = {NULL, 0};
    json_t *row = json_object();
    bool step = false;
    for (size_t column = 0; column < reader->column_count && next_field(&line, &field); column++) {
        char text[NUMBER_MOST];
        double value;
        if (strcmp(reader->columns[column], "event") == 0)
            event = field;
        if (field.length == 0 || field.length >= NUMBER_MOST)
            continue;
        memcpy(text, field.text, field.length);
        text[field.length] = '\0';
        if (!number_parse_double(text, &value) || !isfinite(value))
            continue;
        step = step || strcmp(reader->columns[column], "step") == 0;
        json_object_set_new(row, reader->columns[column], json_real(value));
    }
    if (row == NULL)
        return no_memory();
    if (is_of_epoch(event.text, event.length, step) && json_object_get(row, "epoch") != NULL)
        return add_row(reader, row);
    json_decref(row);
    return MINNOW_OK;
}

/* ---- Both ---- */

static minnow_status take_line(struct log_reader *reader, struct line line) {
    while (line.length > 0 && strchr(" \t\r", line.text[line.length - 1]) != NULL &&
           line.text[line.length - 1] != '\0')
        line.length--;
    if (line.length == 0)
        return MINNOW_OK;
    if (reader->column_count > 0)
        return take_row(reader, line);
    return line.text[0] == '{' ? take_json(reader, line) : take_head(reader, line);
}

minnow_status report_log_parse(const char *name, const char *text, size_t size, json_t **out) {
    struct log_reader reader = {.name = name, .rows = json_array()};
    minnow_status status = reader.rows != NULL ? MINNOW_OK : no_memory();
    *out = NULL;
    for (size_t at = 0; at < size && status == MINNOW_OK; reader.line++) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end != NULL ? (size_t)(end - text) - at : size - at;
        reader.line += at == 0;
        status = take_line(&reader, (struct line){text + at, length});
        at += length + 1;
    }
    if (status == MINNOW_OK && json_array_size(reader.rows) == 0)
        status = fail(MINNOW_ERROR_INPUT, "%s: expected the log of a run, a line an epoch; found none", name);
    if (status == MINNOW_OK)
        *out = reader.rows;
    else
        json_decref(reader.rows);
    return status;
}

minnow_status report_log_read(const char *path, json_t **out) {
    struct file_bytes bytes;
    *out = NULL;
    minnow_status status = file_read(path, LOG_BYTES_MOST, &bytes);
    if (status != MINNOW_OK)
        return status;
    status = report_log_parse(path, (const char *)bytes.data, bytes.size, out);
    file_bytes_free(&bytes);
    return status;
}
