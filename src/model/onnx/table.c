/*
 * The features are computed kind by kind, joined, and brought into the network's order:
 *
 *   numbers → Where it is NaN the fill → Sub centre → Div spread → z / sqrt(1 + (z/clip)²)
 *           → IsNaN → Gather the columns with an indicator
 *   texts   → Gather a column → LabelEncoder, the value's place → Equal 0, 1, 2, … → one-hot
 *   hashes  → Gather a column → Equal 0, 1, 2, … → one-hot
 */
#include "model/onnx/table.h"

#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "model/table_encoder.h"

enum { NAME = 64 };

/* The graph, the tensors that are joined in the end, and which of their columns each feature is. */
struct joining {
    struct proto *graph;
    const struct encoder *encoder;
    char (*part)[NAME];
    size_t parts, columns;
    int64_t *order; /* [features] */
    int64_t *list;  /* [features]: for lists of integers */
};

/* The name of a new part, of so many columns. */
static const char *add_part(struct joining *j, const char *kind, size_t number, size_t columns) {
    char *name = j->part[j->parts++];
    snprintf(name, NAME, "%s_%zu", kind, number);
    j->columns += columns;
    return name;
}

static void add_unary(struct proto *graph, const char *op, const char *from, const char *to) {
    graph_add_node(graph, &(struct onnx_step){.op = op}, &from, 1, to);
}

static void add_cast(struct proto *graph, const char *from, const char *to) {
    const struct onnx_step cast = {.op = "Cast", .integer_name = "to", .integer_value = ONNX_FLOAT};
    graph_add_node(graph, &cast, &from, 1, to);
}

/* Columns, which `indices` names, of a tensor. */
static void add_gather(struct proto *graph, const char *from, const char *indices, const char *to) {
    const struct onnx_step gather = {.op = "Gather", .integer_name = "axis", .integer_value = 1};
    graph_add_node(graph, &gather, (const char *const[]){from, indices}, 2, to);
}

/* ---- Numbers ---- */

/* A member of each column of numbers, as a row. */
static void add_members(struct joining *j, const char *name, size_t offset) {
    size_t count = 0, columns = table_encoder_count(j->encoder, ENCODER_NUMBER);
    float *row = memory_allocate(columns, sizeof *row);
    j->graph->failed |= row == NULL;
    for (size_t c = 0; row != NULL && c < j->encoder->column_count; c++)
        if (j->encoder->columns[c].kind == ENCODER_NUMBER)
            row[count++] = *(const float *)((const char *)&j->encoder->columns[c] + offset);
    if (row != NULL)
        graph_add_floats(j->graph, name, row, count);
    memory_free(row);
}

static void add_clip(struct joining *j, const char *scaled) {
    struct proto *graph = j->graph;
    graph_add_number(graph, "clip", j->encoder->clip);
    graph_add_number(graph, "one", 1.0F);
    graph_add_binary(graph, "Div", "unclipped", "clip", "share");
    graph_add_binary(graph, "Mul", "share", "share", "share_squared");
    graph_add_binary(graph, "Add", "share_squared", "one", "clip_squared");
    add_unary(graph, "Sqrt", "clip_squared", "clip_length");
    graph_add_binary(graph, "Div", "unclipped", "clip_length", scaled);
}

static void add_indicators(struct joining *j) {
    size_t number = 0, count = 0;
    for (size_t c = 0; c < j->encoder->column_count; c++) {
        const struct encoder_column *column = &j->encoder->columns[c];
        if (column->kind == ENCODER_NUMBER && column->indicator) {
            j->order[column->first + 1] = (int64_t)(j->columns + count);
            j->list[count++] = (int64_t)number;
        }
        number += column->kind == ENCODER_NUMBER;
    }
    if (count == 0)
        return;

    graph_add_integers(j->graph, "indicated", j->list, count);
    add_cast(j->graph, "gaps", "gap_marks");
    add_gather(j->graph, "gap_marks", "indicated", add_part(j, "indicators", 0, count));
}

static void add_numbers(struct joining *j, const char *input) {
    struct proto *graph = j->graph;
    size_t count = 0;
    for (size_t c = 0; c < j->encoder->column_count; c++)
        if (j->encoder->columns[c].kind == ENCODER_NUMBER)
            j->order[j->encoder->columns[c].first] = (int64_t)(j->columns + count++);
    if (count == 0)
        return;

    const char *scaled = add_part(j, "scaled_numbers", 0, count);
    add_members(j, "number_fill", offsetof(struct encoder_column, fill));
    add_members(j, "number_centre", offsetof(struct encoder_column, centre));
    add_members(j, "number_spread", offsetof(struct encoder_column, spread));
    add_unary(graph, "IsNaN", input, "gaps");
    graph_add_node(graph, &(struct onnx_step){.op = "Where"},
                   (const char *const[]){"gaps", "number_fill", input}, 3, "filled");
    graph_add_binary(graph, "Sub", "filled", "number_centre", "centred");
    graph_add_binary(graph, "Div", "centred", "number_spread", j->encoder->clip > 0 ? "unclipped" : scaled);
    if (j->encoder->clip > 0)
        add_clip(j, scaled);
    add_indicators(j);
}

/* ---- Texts ---- */

/* One-hot, from a column of places: 1 in the feature whose number it is. */
static void add_one_hot(struct joining *j, const struct encoder_column *column, const char *places,
                        const char *kind, size_t number) {
    char range[NAME], equal[NAME];
    snprintf(range, sizeof range, "%s_range_%zu", kind, number);
    snprintf(equal, sizeof equal, "%s_equal_%zu", kind, number);
    for (size_t i = 0; i < column->width; i++) {
        j->order[column->first + i] = (int64_t)(j->columns + i);
        j->list[i] = (int64_t)i;
    }
    graph_add_integers(j->graph, range, j->list, column->width);
    graph_add_binary(j->graph, "Equal", places, range, equal);
    add_cast(j->graph, equal, add_part(j, kind, number, column->width));
}

/* Column `number` of an input, with a name of its own. */
static void add_column(struct joining *j, const char *input, size_t number, char name[NAME]) {
    char index[NAME];
    snprintf(index, sizeof index, "%s_index_%zu", input, number);
    snprintf(name, NAME, "%s_column_%zu", input, number);
    graph_add_integers(j->graph, index, &(int64_t){(int64_t)number}, 1);
    add_gather(j->graph, input, index, name);
}

static void add_texts(struct joining *j) {
    size_t number = 0;
    for (size_t c = 0; c < j->encoder->column_count; c++) {
        const struct encoder_column *column = &j->encoder->columns[c];
        char text[NAME], place[NAME];
        if (column->kind != ENCODER_CATEGORY)
            continue;
        add_column(j, "texts", number, text);
        snprintf(place, sizeof place, "texts_place_%zu", number);
        /* Another value than those of training: the place behind them, which has a feature only if `other`. */
        graph_add_lookup(j->graph, text, place, column->values, column->value_count,
                         (int64_t)column->fill_value, (int64_t)column->value_count);
        add_one_hot(j, column, place, "texts_features", number++);
    }
}

static void add_hashes(struct joining *j) {
    size_t number = 0;
    for (size_t c = 0; c < j->encoder->column_count; c++) {
        char place[NAME];
        if (j->encoder->columns[c].kind != ENCODER_HASHED)
            continue;
        add_column(j, "hashes", number, place);
        add_one_hot(j, &j->encoder->columns[c], place, "hashes_features", number++);
    }
}

/* ---- Inputs ---- */

/* "the columns carat, depth, …", as far as there is room. */
static void add_input(struct joining *j, enum encoder_kind kind, enum onnx_type type, const char *name,
                      const char *gap) {
    enum { ROOM = 1 << 16, LINE = 400 };
    size_t count = 0, length, all = table_encoder_count(j->encoder, kind);
    char *text = all > 0 ? memory_allocate(ROOM, 1) : NULL;
    if (all == 0)
        return;
    j->graph->failed |= text == NULL;
    if (text == NULL)
        return;

    length = (size_t)snprintf(text, ROOM, "columns of the table; %s", gap);
    for (size_t c = 0; c < j->encoder->column_count && length + LINE < ROOM; c++) {
        const struct encoder_column *column = &j->encoder->columns[c];
        if (column->kind != kind)
            continue;
        length += (size_t)snprintf(text + length, ROOM - length, "\n%zu: %.300s", count++, column->name);
        if (kind == ENCODER_HASHED)
            length += (size_t)snprintf(text + length, ROOM - length, ", modulo %zu", column->width);
    }
    graph_add_value(j->graph, GRAPH_INPUT, type, name, text, &all, 1);
    memory_free(text);
}

static void join(struct joining *j, const char *output) {
    const struct onnx_step concat = {.op = "Concat", .integer_name = "axis", .integer_value = 1};
    const char **parts = memory_allocate(j->parts, sizeof *parts);
    j->graph->failed |= parts == NULL;
    if (parts == NULL)
        return;
    for (size_t i = 0; i < j->parts; i++)
        parts[i] = j->part[i];
    graph_add_node(j->graph, &concat, parts, j->parts, "joined");
    graph_add_integers(j->graph, "order", j->order, j->encoder->features);
    add_gather(j->graph, "joined", "order", output);
    memory_free(parts);
}

void onnx_add_table(struct proto *graph, const struct encoder *encoder, const char *output) {
    struct joining j = {
        .graph = graph,
        .encoder = encoder,
        .part = memory_allocate(encoder->column_count + 2, sizeof *j.part),
        .order = memory_allocate(encoder->features, sizeof *j.order),
        .list = memory_allocate(encoder->features, sizeof *j.list),
    };
    bool numbers_alone = table_encoder_count(encoder, ENCODER_NUMBER) == encoder->column_count;
    const char *numbers = numbers_alone ? "input" : "numbers";
    graph->failed |= j.part == NULL || j.order == NULL || j.list == NULL;
    if (!graph->failed) {
        add_input(&j, ENCODER_NUMBER, ONNX_FLOAT, numbers, "NaN where there is no value");
        add_input(&j, ENCODER_CATEGORY, ONNX_STRING, "texts", "empty where there is no value");
        add_input(&j, ENCODER_HASHED, ONNX_INT64, "hashes",
                  "the 32 bits of FNV-1a of a text's UTF-8, modulo a number; -1 where there is no value");
        add_numbers(&j, numbers);
        add_texts(&j);
        add_hashes(&j);
        join(&j, output);
    }
    memory_free(j.part);
    memory_free(j.order);
    memory_free(j.list);
}

void onnx_add_prediction(struct proto *graph, const struct encoder *encoder) {
    graph_add_number(graph, "output_spread", encoder->target_spread);
    graph_add_number(graph, "output_centre", encoder->target_centre);
    graph_add_binary(graph, "Mul", "probabilities", "output_spread", "spread");
    graph_add_binary(graph, "Add", "spread", "output_centre", "prediction");
}
