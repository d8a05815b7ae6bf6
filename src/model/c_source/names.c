/* The names of a network's classes, and of the columns of a table, in C: functions, which no compiler misses when nobody
   calls them, as it may an array. */
#include <jansson.h>

#include "model/c_source/source.h"

enum { NAME_LINE = 100 };

/* The elements of an array that is being written. */
static void write_name(const struct source *source, const char *name, size_t *column) {
    size_t length = strlen(name) + 4;
    bool breaks = *column == 0 || *column + length > NAME_LINE;
    output_printf(source->output, breaks ? "\n        " : " ");
    *column = (breaks ? 8 : *column + 1) + length;
    source_literal(source, name);
    output_printf(source->output, ",");
}

static void begin_names(const struct source *source, const char *of, const char *parameter, size_t count) {
    output_printf(source->output,
                  "\n/* The name of a %s, in UTF-8; 0 if there is no such %s. */\n"
                  "static inline const char *%s_%s_name(unsigned %s) {\n"
                  "    static const char *const names[%zu] = {",
                  of, of, source->name, of, parameter, count);
}

static void end_names(const struct source *source, const char *parameter, size_t count) {
    output_printf(source->output,
                  "\n    };\n"
                  "    return %s < %zu ? names[%s] : 0;\n"
                  "}\n",
                  parameter, count, parameter);
}

/* Those of the metadata, if there is one for each output. */
static json_t *class_names(const minnow_network *network) {
    const char *text = minnow_network_metadata(network, "class_names");
    size_t classes = minnow_network_layer_size(network, network->layer_count);
    json_t *names = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    bool usable = classes > 1 && json_array_size(names) == classes;
    for (size_t c = 0; c < classes && usable; c++)
        usable = json_is_string(json_array_get(names, c));
    if (usable)
        return names;
    json_decref(names);
    return NULL;
}

static void write_classes(const struct source *source) {
    json_t *names = class_names(source->network);
    size_t count = json_array_size(names), column = 0;
    if (names == NULL)
        return;
    begin_names(source, "class", "label", count);
    for (size_t c = 0; c < count; c++)
        write_name(source, json_string_value(json_array_get(names, c)), &column);
    end_names(source, "label", count);
    json_decref(names);
}

void source_write_names(const struct source *source) {
    write_classes(source);
    if (source->encoder == NULL)
        return;
    size_t count = source->encoder->column_count, column = 0;
    begin_names(source, "column", "column", count);
    for (size_t c = 0; c < count; c++)
        write_name(source, source->encoder->columns[c].name, &column);
    end_names(source, "column", count);
}
