/* A table's row in C: a struct with a member a column, and a function that makes the network's inputs of it. */
#include <stdio.h>
#include <string.h>

#include "model/c_source/source.h"
#include "model/table_encoder.h"

/* ---- Names and texts ---- */

enum { MEMBER = 64 };

static bool is_keyword(const char *name) {
    static const char *const words[] = {
        "alignas", "alignof",   "and",      "asm",      "auto",     "bool",     "break",    "case",
        "catch",   "char",      "class",    "compl",    "const",    "continue", "default",  "delete",
        "do",      "double",    "else",     "enum",     "explicit", "export",   "extern",   "false",
        "float",   "for",       "friend",   "goto",     "if",       "inline",   "int",      "long",
        "mutable", "namespace", "new",      "noexcept", "not",      "nullptr",  "operator", "or",
        "private", "protected", "public",   "register", "restrict", "return",   "short",    "signed",
        "sizeof",  "static",    "struct",   "switch",   "template", "this",     "throw",    "true",
        "try",     "typedef",   "typename", "typeof",   "union",    "unsigned", "using",    "virtual",
        "void",    "volatile",  "while",    "xor",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(name, words[i]) == 0)
            return true;
    return false;
}

static bool is_of_names(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A column's name as that of a member: as it is where C can take it, and otherwise with the column's number, from 1, so
   that no two are the same: "bill length" of column 2 as column_2_bill_length. */
static void member_name(const struct encoder *encoder, size_t column, char name[MEMBER]) {
    static const char numbered[] = "column_";
    const char *from = encoder->columns[column].name;
    char letters[MEMBER - 24];
    size_t length = strlen(from), used = 0;
    bool plain = length > 0 && length < sizeof letters && !(from[0] >= '0' && from[0] <= '9') &&
                 strncmp(from, numbered, sizeof numbered - 1) != 0;
    for (size_t i = 0; i < length && used + 1 < sizeof letters; i++) {
        plain = plain && (is_of_names(from[i]) || (from[i] == '_' && i > 0));
        letters[used++] = is_of_names(from[i]) ? from[i] : '_';
    }
    letters[used] = '\0';

    if (plain && !is_keyword(letters))
        snprintf(name, MEMBER, "%s", letters);
    else
        snprintf(name, MEMBER, "%s%zu_%s", numbered, column + 1, letters);
}

/* As a literal: what is not ASCII as octal numbers of three digits, which end by themselves. */
void source_literal(const struct source *source, const char *text) {
    output_printf(source->output, "\"");
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c >= 0x7f || c == '?')
            output_printf(source->output, "\\%03o", c);
        else
            output_printf(source->output, "%s%c", c == '"' || c == '\\' ? "\\" : "", c);
    }
    output_printf(source->output, "\"");
}

/* Within a comment: without control characters and its end. */
static void write_harmless(const struct source *source, const char *text) {
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        bool harmful = c < 0x20 || c == 0x7f || c == '\\' || (text[0] == '*' && text[1] == '/');
        output_printf(source->output, "%c", harmful ? '_' : c);
    }
}

/* ---- The parts ---- */

static void write_struct(const struct source *source) {
    source_write(
        source,
        "\n/* A row of the table. A number is NaN where there is none; a text, in UTF-8, is empty or 0 "
        "then. */\nstruct $_row {\n");
    for (size_t c = 0; c < source->encoder->column_count; c++) {
        const struct encoder_column *column = &source->encoder->columns[c];
        char name[MEMBER];
        member_name(source->encoder, c, name);
        output_printf(source->output, "    %s%s; /* ",
                      column->kind == ENCODER_NUMBER ? "float " : "const char *", name);
        write_harmless(source, column->name);
        output_printf(source->output, " */\n");
    }
    source_write(source, "};\n");
}

static void write_values(const struct source *source) {
    for (size_t c = 0; c < source->encoder->column_count; c++) {
        const struct encoder_column *column = &source->encoder->columns[c];
        if (column->value_count == 0)
            continue;
        output_printf(source->output, "\nstatic const char *const %s_values_%zu[%zu] = {\n", source->name, c,
                      column->value_count);
        for (size_t v = 0; v < column->value_count; v++) {
            output_printf(source->output, "    ");
            source_literal(source, column->values[v]);
            output_printf(source->output, ",\n");
        }
        output_printf(source->output, "};\n");
    }
}

/* By Newton's method: from x >= 1, y ends at the square root, as it only falls until it is there. */
static const char sqrt_text[] = "\n/* The square root of x >= 1. */\n"
                                "static inline float $_sqrt(float x) {\n"
                                "    float y = x, next = 0.5f * (x + 1.0f);\n"
                                "    while (next < y) {\n"
                                "        y = next;\n"
                                "        next = 0.5f * (y + x / y);\n"
                                "    }\n"
                                "    return y;\n"
                                "}\n";

static const char number_text[] =
    "\nstatic inline int $_is_number(float x) {\n"
    "    return x <= 0.0f || x > 0.0f;\n"
    "}\n"
    "\nstatic inline float $_scaled(float x, float fill, float centre, float spread) {\n"
    "    float z = (($_is_number(x) ? x : fill) - centre) / spread;\n";

static const char category_text[] = "\n/* The feature of the value that the text is, of a gap the one "
                                    "numbered `fill`, of another value the one behind\n"
                                    "   those of the values, if there are more features than values. */\n"
                                    "static inline void $_category(const char *text, const char *const "
                                    "*values, int32_t count, int32_t fill,\n"
                                    "                              int32_t features, float *inputs) {\n"
                                    "    int32_t place = fill;\n"
                                    "    if (text != 0 && text[0] != '\\0')\n"
                                    "        for (place = 0; place < count; place++) {\n"
                                    "            const char *a = text, *b = values[place];\n"
                                    "            while (*a != '\\0' && *a == *b) {\n"
                                    "                a++;\n"
                                    "                b++;\n"
                                    "            }\n"
                                    "            if (*a == *b)\n"
                                    "                break;\n"
                                    "        }\n"
                                    "    if (place < features)\n"
                                    "        inputs[place] = 1.0f;\n"
                                    "}\n";

static const char hashed_text[] =
    "\n/* The feature that the text's hash, FNV-1a, falls upon. */\n"
    "static inline void $_hashed(const char *text, uint32_t features, float *inputs) {\n"
    "    uint32_t hash = 2166136261u;\n"
    "    if (text == 0 || text[0] == '\\0')\n"
    "        return;\n"
    "    for (; *text != '\\0'; text++)\n"
    "        hash = (hash ^ (unsigned char)*text) * 16777619u;\n"
    "    inputs[hash % features] = 1.0f;\n"
    "}\n";

static void write_helpers(const struct source *source) {
    const struct encoder *encoder = source->encoder;
    if (table_encoder_count(encoder, ENCODER_NUMBER) > 0) {
        char clip[FLOAT_LITERAL];
        source_float(encoder->clip, clip);
        if (encoder->clip > 0)
            source_write(source, sqrt_text);
        source_write(source, number_text);
        if (encoder->clip > 0)
            output_printf(source->output, "    return z / %s_sqrt(1.0f + z / %s * (z / %s));\n}\n",
                          source->name, clip, clip);
        else
            output_printf(source->output, "    return z;\n}\n");
    }
    if (table_encoder_count(encoder, ENCODER_CATEGORY) > 0)
        source_write(source, category_text);
    if (table_encoder_count(encoder, ENCODER_HASHED) > 0)
        source_write(source, hashed_text);
}

static void write_column(const struct source *source, size_t c) {
    const struct encoder_column *column = &source->encoder->columns[c];
    char member[MEMBER], fill[FLOAT_LITERAL], centre[FLOAT_LITERAL], spread[FLOAT_LITERAL], values[128] = "0";
    member_name(source->encoder, c, member);
    source_float(column->fill, fill);
    source_float(column->centre, centre);
    source_float(column->spread, spread);
    if (column->value_count > 0)
        snprintf(values, sizeof values, "%s_values_%zu", source->name, c);

    switch (column->kind) {
    case ENCODER_NUMBER:
        output_printf(source->output, "    inputs[%zu] = %s_scaled(row->%s, %s, %s, %s);\n", column->first,
                      source->name, member, fill, centre, spread);
        if (column->indicator)
            output_printf(source->output, "    inputs[%zu] = %s_is_number(row->%s) ? 0.0f : 1.0f;\n",
                          column->first + 1, source->name, member);
        break;
    case ENCODER_CATEGORY:
        output_printf(source->output, "    %s_category(row->%s, %s, %zu, %zu, %zu, inputs + %zu);\n",
                      source->name, member, values, column->value_count, column->fill_value, column->width,
                      column->first);
        break;
    case ENCODER_HASHED:
        output_printf(source->output, "    %s_hashed(row->%s, %zu, inputs + %zu);\n", source->name, member,
                      column->width, column->first);
        break;
    }
}

static void write_predict(const struct source *source) {
    const struct encoder *encoder = source->encoder;
    source_write(source, "\n/* Runs a row through the network, as $_predict does with its inputs. */\n"
                         "static inline unsigned $_predict_row(const struct $_row *row, float *outputs) {\n"
                         "    float inputs[@_INPUTS];\n"
                         "    $_encode(row, inputs);\n"
                         "    unsigned label = $_predict(inputs, outputs);\n");
    if (encoder->task == TASK_REGRESSION) {
        char centre[FLOAT_LITERAL], spread[FLOAT_LITERAL];
        source_float(encoder->target_centre, centre);
        source_float(encoder->target_spread, spread);
        output_printf(source->output,
                      "    outputs[0] = outputs[0] * %s + (%s); /* the number that is predicted */\n", spread,
                      centre);
    }
    source_write(source, "    return label;\n}\n");
}

void source_write_table(const struct source *source) {
    write_struct(source);
    write_values(source);
    write_helpers(source);
    source_write(source, "\n/* From a row to inputs[@_INPUTS] of the network. */\n"
                         "static inline void $_encode(const struct $_row *row, float *inputs) {\n"
                         "    for (int32_t i = 0; i < @_INPUTS; i++)\n"
                         "        inputs[i] = 0.0f;\n");
    for (size_t c = 0; c < source->encoder->column_count; c++)
        write_column(source, c);
    source_write(source, "}\n");
    write_predict(source);
}
