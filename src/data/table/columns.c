#include "data/table/columns.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/table/values.h"

/* ---- Lists of names ---- */

/* Marks the columns of a list of names, separated by commas; a name may itself hold commas, if it is the whole list. */
static minnow_status mark(const struct table *table, const char *option, const char *list, bool *marked) {
    size_t whole = list != NULL ? table_find(table, list) : table->columns;
    if (whole < table->columns) {
        marked[whole] = true;
        return MINNOW_OK;
    }
    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, ",");
        char name[256];
        if (length >= sizeof name)
            return fail(MINNOW_ERROR_ARGUMENT, "--%s: a name of more than %zu bytes", option,
                        sizeof name - 1);
        memcpy(name, list, length);
        name[length] = '\0';
        size_t column = table_find(table, name);
        if (column == table->columns)
            return fail(MINNOW_ERROR_ARGUMENT, "%s: has no column \"%s\" for --%s", table->name, name,
                        option);
        marked[column] = true;
        list += length + (list[length] == ',');
    }
    return MINNOW_OK;
}

static minnow_status weights_are_numbers(const struct table *table, size_t column) {
    const struct table_column *found = &table->column[column];
    if (found->kind == TABLE_NUMBER)
        return MINNOW_OK;
    return fail(MINNOW_ERROR_INPUT, "%s: column \"%s\": --weight needs numbers, found texts as \"%.40s\"",
                table->name, found->name, found->value_count > 0 ? found->values[0] : "");
}

minnow_status columns_missing(const struct table *table, const char *name, const char *option) {
    struct listing names = {.count = 0};
    for (size_t c = 0; c < table->own_columns; c++)
        listing_add(&names, table->column[c].name);
    return fail(MINNOW_ERROR_ARGUMENT, "%s: has no column \"%s\" for --%s; the columns are %s", table->name,
                name, option, listing_end(&names));
}

minnow_status columns_find_weight(const struct table *table, const char *label,
                                  const struct encoder_options *options, size_t *column) {
    const char *name = options->weight;
    *column = table->columns;
    if (name == NULL)
        return MINNOW_OK;
    *column = table_find(table, name);
    if (*column == table->columns)
        return columns_missing(table, name, "weight");
    if (label != NULL && strcmp(name, label) == 0)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "%s: column \"%s\" is the label, and cannot be --weight too; --label NAME says another",
                    table->name, name);

    bool *kept = memory_allocate(table->columns, sizeof *kept);
    if (kept == NULL)
        return fail_memory(table->name);
    minnow_status status = mark(table, "keep", options->keep, kept);
    bool both = kept[*column];
    memory_free(kept);
    if (status == MINNOW_OK && both)
        status =
            fail(MINNOW_ERROR_ARGUMENT,
                 "%s: column \"%s\" is --weight, and no feature: leave it out of --keep", table->name, name);
    return status == MINNOW_OK ? weights_are_numbers(table, *column) : status;
}

/* ---- What a column holds ---- */

static bool is_constant(const struct table *table, size_t column) {
    if (table->column[column].gaps == table->rows)
        return true;
    if (table->column[column].gaps > 0)
        return false; /* that there is a value at all may tell something */
    if (table->column[column].kind == TABLE_TEXT)
        return table->column[column].value_count <= 1;
    float first = table_number(table, 0, column);
    for (size_t row = 1; row < table->rows; row++)
        if (table_number(table, row, column) != first)
            return false;
    return true;
}

/* Whole numbers that go up by one from row to row. */
static bool counts_rows(const struct table *table, size_t column) {
    float first = table_number(table, 0, column);
    if (table->column[column].kind != TABLE_NUMBER || table->rows < 10 || first != rintf(first))
        return false;
    for (size_t row = 1; row < table->rows; row++)
        if (table_number(table, row, column) != first + (float)row)
            return false;
    return true;
}

/* "id", "customerID", "order_id", "Id", … */
static bool is_called_id(const char *name) {
    size_t length = strlen(name);
    if (length < 2 || tolower((unsigned char)name[length - 2]) != 'i' ||
        tolower((unsigned char)name[length - 1]) != 'd')
        return false;
    return length == 2 || name[length - 2] == 'I' || strchr("_-. ", name[length - 3]) != NULL;
}

/* A text that is another one in most rows, or a number with the name of a key that is. */
static bool names_rows(const struct table *table, size_t column) {
    enum { FEW = 20 };
    size_t present = table->rows - table->column[column].gaps;
    if (present <= FEW)
        return false;
    if (table->column[column].kind == TABLE_TEXT)
        return table->column[column].value_count > present / 2;
    if (!is_called_id(table->column[column].name))
        return false;
    struct value_set values;
    if (value_set_of(table, column, SIZE_MAX, &values) != MINNOW_OK)
        return false;
    bool distinct = values.whole && values.count > present / 20 * 19;
    value_set_free(&values);
    return distinct;
}

/* ---- Choosing ---- */

static const char *const use_texts[] = {
    [COLUMN_USED] = "",
    [COLUMN_LABEL] = "the label",
    [COLUMN_WEIGHT] = "the weight",
    [COLUMN_IGNORED] = "ignored",
    [COLUMN_CONSTANT] = "constant",
    [COLUMN_COUNTS] = "numbers the rows",
    [COLUMN_DATES] = "dates, see their parts",
    [COLUMN_NAMES] = "another value in nearly each row",
};

const char *column_use_text(enum column_use use) {
    return use_texts[use];
}

static enum column_use judge(const struct table *table, size_t column) {
    if (table->column[column].dates)
        return COLUMN_DATES;
    if (is_constant(table, column))
        return COLUMN_CONSTANT;
    if (counts_rows(table, column))
        return COLUMN_COUNTS;
    return names_rows(table, column) ? COLUMN_NAMES : COLUMN_USED;
}

static void say_units(const struct table *table, const enum column_use *use, struct notes *notes) {
    struct listing mixed = {.count = 0};
    for (enum table_unit unit = UNIT_DOLLAR; table_unit_names[unit] != NULL; unit++) {
        struct listing names = {.count = 0};
        for (size_t c = 0; c < table->columns; c++)
            if (table->column[c].units == 1u << unit && use[c] <= COLUMN_LABEL)
                listing_add(&names, table->column[c].name);
        if (names.count > 0)
            notes_add(notes, "numbers in %s: %s", table_unit_names[unit], listing_end(&names));
    }
    for (size_t c = 0; c < table->columns; c++)
        if (table->column[c].mixed_units && use[c] != COLUMN_IGNORED)
            listing_add(&mixed, table->column[c].name);
    if (mixed.count > 0)
        notes_add(notes, "numbers of several units, taken as texts: %s", listing_end(&mixed));
}

static void say_codes(const struct table *table, const enum column_use *use, struct notes *notes) {
    struct listing texts = {.count = 0}, numbers = {.count = 0};
    for (size_t c = 0; c < table->columns; c++) {
        const struct table_column *column = &table->column[c];
        if (column->codes == CODES_NONE || use[c] > COLUMN_LABEL)
            continue;
        listing_add(column->kind == TABLE_TEXT ? &texts : &numbers, column->name);
    }
    if (texts.count > 0)
        notes_add(notes, "codes, as their zeros before other digits tell, and so texts: %s",
                  listing_end(&texts));
    if (numbers.count > 0)
        notes_add(notes, "numbers, although some have zeros before other digits: %s; --text NAME takes codes",
                  listing_end(&numbers));
}

static void say(const struct table *table, const enum column_use *use, struct notes *notes) {
    for (enum column_use why = COLUMN_CONSTANT; why <= COLUMN_NAMES; why++) {
        struct listing names = {.count = 0};
        for (size_t c = 0; c < table->columns; c++)
            if (use[c] == why)
                listing_add(&names, table->column[c].name);
        if (names.count > 0 && why == COLUMN_DATES)
            notes_add(notes,
                      "dates: %s; learned as year, month, day, weekday and hour, as far as they differ",
                      listing_end(&names));
        else if (names.count > 0)
            notes_add(notes, "left out: %s (%s; --keep NAME takes it)", listing_end(&names), use_texts[why]);
    }

    say_units(table, use, notes);
    say_codes(table, use, notes);
    struct listing inexact = {.count = 0};
    for (size_t c = 0; c < table->columns; c++)
        if (table->column[c].inexact && use[c] <= COLUMN_LABEL)
            listing_add(&inexact, table->column[c].name);
    if (inexact.count > 0)
        notes_add(notes,
                  "%s: whole numbers beyond 16,777,216, whose last digits single precision does not hold",
                  listing_end(&inexact));
}

/* With a column of dates goes what was made of it; of a label, that would give it away. */
static bool is_ignored(const struct table *table, const bool *ignored, size_t label, size_t column) {
    size_t part_of = table->column[column].part_of;
    return ignored[column] || (part_of > 0 && (ignored[part_of - 1] || part_of - 1 == label));
}

minnow_status columns_choose(const struct table *table, const char *label,
                             const struct encoder_options *options, struct notes *notes,
                             enum column_use *use) {
    bool *ignored = memory_allocate(2 * table->columns, sizeof *ignored), *kept = ignored + table->columns;
    if (ignored == NULL)
        return fail_memory(table->name);
    minnow_status status = mark(table, "ignore", options->ignore, ignored);
    if (status == MINNOW_OK)
        status = mark(table, "keep", options->keep, kept);

    size_t label_column = label != NULL ? table_find(table, label) : table->columns, weight = table->columns;
    if (status == MINNOW_OK)
        status = columns_find_weight(table, label, options, &weight);
    for (size_t c = 0; c < table->columns; c++)
        use[c] = c == label_column                             ? COLUMN_LABEL
                 : c == weight                                 ? COLUMN_WEIGHT
                 : is_ignored(table, ignored, label_column, c) ? COLUMN_IGNORED
                                                               : COLUMN_USED;

    /* Pixels at the edge of all pictures are constant, and still pixels. */
    if (status == MINNOW_OK && !columns_are_pixels(table, use)) {
        for (size_t c = 0; c < table->columns; c++)
            if (use[c] == COLUMN_USED && !kept[c])
                use[c] = judge(table, c);
    }
    if (status == MINNOW_OK)
        say(table, use, notes);
    memory_free(ignored);
    return status;
}

bool columns_are_pixels(const struct table *table, const enum column_use *use) {
    enum { FEWEST_PIXELS = 64 };
    size_t count = 0;
    for (size_t c = 0; c < table->columns; c++) {
        count += use[c] == COLUMN_USED;
        if (use[c] == COLUMN_USED && (table->column[c].kind != TABLE_NUMBER || table->column[c].gaps > 0))
            return false;
    }
    if (count < FEWEST_PIXELS || table->bytes != NULL)
        return count >= FEWEST_PIXELS;

    for (size_t row = 0; row < table->rows; row++)
        for (size_t c = 0; c < table->columns; c++) {
            float number = table->cells[row * table->columns + c].number;
            if (use[c] == COLUMN_USED && !(number >= 0 && number <= 255 && number == rintf(number)))
                return false;
        }
    return true;
}
