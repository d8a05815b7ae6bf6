/* How a table is read that an encoder is to take. */
#include "base/memory.h"
#include "base/status.h"
#include "data/table/encoder.h"

size_t encoder_wanted(const struct encoder *encoder, bool labelled, struct table_wanted *wanted) {
    size_t count = 0;
    for (; count < encoder->column_count; count++) {
        const struct encoder_column *column = &encoder->columns[count];
        enum table_kind kind = column->kind == ENCODER_NUMBER ? TABLE_NUMBER : TABLE_TEXT;
        wanted[count] = (struct table_wanted){column->name, kind, true};
    }
    bool number = encoder->task == TASK_REGRESSION || encoder->numeric_label;
    if (labelled)
        wanted[count++] = (struct table_wanted){encoder->label, number ? TABLE_NUMBER : TABLE_TEXT, true};
    return count;
}

minnow_status encoder_table_from_memory(const struct encoder *encoder, const char *name, const char *text,
                                        size_t size, struct table **out) {
    struct table_wanted *wanted = memory_allocate(encoder->column_count + 1, sizeof *wanted);
    *out = NULL;
    if (wanted == NULL)
        return fail_memory(name);

    struct table_options options = {.wanted = wanted,
                                    .wanted_count = encoder_wanted(encoder, false, wanted),
                                    .wanted_in_place = encoder->column_count,
                                    .threads = 1};
    minnow_status status = table_from_memory(name, text, size, &options, out);
    memory_free(wanted);
    return status;
}
