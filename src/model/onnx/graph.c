#include "model/onnx/graph.h"

#include "base/byte_order.h"

enum node_field {
    NODE_INPUT = 1,
    NODE_OUTPUT = 2,
    NODE_NAME = 3,
    NODE_OP_TYPE = 4,
    NODE_ATTRIBUTE = 5,
    NODE_DOMAIN = 7
};
enum attribute_field {
    ATTRIBUTE_NAME = 1,
    ATTRIBUTE_FLOAT = 2,
    ATTRIBUTE_INT = 3,
    ATTRIBUTE_INTS = 8,
    ATTRIBUTE_STRINGS = 9,
    ATTRIBUTE_TYPE = 20
};
/* Values of ATTRIBUTE_TYPE. */
enum { IS_FLOAT = 1, IS_INT = 2, IS_INTS = 7, IS_STRINGS = 8 };
enum value_field { VALUE_NAME = 1, VALUE_TYPE = 2, VALUE_DOC_STRING = 3 };

/* ---- Nodes ---- */

static void add_integer(struct proto *node, const char *name, int64_t value) {
    struct proto attribute = {0};
    proto_string(&attribute, ATTRIBUTE_NAME, name);
    proto_integer(&attribute, ATTRIBUTE_INT, (uint64_t)value);
    proto_integer(&attribute, ATTRIBUTE_TYPE, IS_INT);
    proto_message(node, NODE_ATTRIBUTE, &attribute);
}

static void add_float(struct proto *node, const char *name, float value) {
    struct proto attribute = {0};
    proto_string(&attribute, ATTRIBUTE_NAME, name);
    proto_float(&attribute, ATTRIBUTE_FLOAT, value);
    proto_integer(&attribute, ATTRIBUTE_TYPE, IS_FLOAT);
    proto_message(node, NODE_ATTRIBUTE, &attribute);
}

static void start_node(struct proto *node, const char *op, const char *const inputs[], size_t count,
                       const char *output) {
    for (size_t i = 0; i < count; i++)
        proto_string(node, NODE_INPUT, inputs[i]);
    proto_string(node, NODE_OUTPUT, output);
    proto_string(node, NODE_NAME, output);
    proto_string(node, NODE_OP_TYPE, op);
}

void graph_add_node(struct proto *graph, const struct onnx_step *step, const char *const inputs[],
                    size_t count, const char *output) {
    struct proto node = {0};
    start_node(&node, step->op, inputs, count, output);
    if (step->integer_name != NULL)
        add_integer(&node, step->integer_name, step->integer_value);
    else if (step->float_name != NULL)
        add_float(&node, step->float_name, step->float_value);
    proto_message(graph, GRAPH_NODE, &node);
}

void graph_add_binary(struct proto *graph, const char *op, const char *a, const char *b, const char *output) {
    graph_add_node(graph, &(struct onnx_step){.op = op}, (const char *const[]){a, b}, 2, output);
}

void graph_add_lookup(struct proto *graph, const char *input, const char *output, char *const *keys,
                      size_t count, int64_t empty, int64_t otherwise) {
    struct proto node = {0}, texts = {0}, indices = {0};
    start_node(&node, "LabelEncoder", &input, 1, output);
    proto_string(&node, NODE_DOMAIN, ONNX_ML_DOMAIN);

    proto_string(&texts, ATTRIBUTE_NAME, "keys_strings");
    proto_string(&indices, ATTRIBUTE_NAME, "values_int64s");
    for (size_t i = 0; i < count; i++) {
        proto_string(&texts, ATTRIBUTE_STRINGS, keys[i]);
        proto_integer(&indices, ATTRIBUTE_INTS, i);
    }
    proto_string(&texts, ATTRIBUTE_STRINGS, "");
    proto_integer(&indices, ATTRIBUTE_INTS, (uint64_t)empty);
    proto_integer(&texts, ATTRIBUTE_TYPE, IS_STRINGS);
    proto_integer(&indices, ATTRIBUTE_TYPE, IS_INTS);

    proto_message(&node, NODE_ATTRIBUTE, &texts);
    proto_message(&node, NODE_ATTRIBUTE, &indices);
    add_integer(&node, "default_int64", otherwise);
    proto_message(graph, GRAPH_NODE, &node);
}

/* ---- Numbers ---- */

/* A tensor without dimensions where `row` is false. */
static void add_tensor(struct proto *graph, const char *name, enum onnx_type type, bool row, size_t count,
                       const struct proto *bytes) {
    struct proto tensor = {0};
    if (row)
        proto_integer(&tensor, TENSOR_DIMS, count);
    proto_integer(&tensor, TENSOR_DATA_TYPE, type);
    proto_string(&tensor, TENSOR_NAME, name);
    proto_bytes(&tensor, TENSOR_RAW_DATA, bytes->data, bytes->size);
    tensor.failed |= bytes->failed;
    proto_message(graph, GRAPH_INITIALIZER, &tensor);
}

static void add_floats(struct proto *graph, const char *name, bool row, const float *numbers, size_t count) {
    struct proto bytes = {0};
    for (size_t i = 0; i < count; i++) {
        uint8_t text[sizeof *numbers];
        store_le_float(text, numbers[i]);
        proto_append(&bytes, text, sizeof text);
    }
    add_tensor(graph, name, ONNX_FLOAT, row, count, &bytes);
    proto_free(&bytes);
}

void graph_add_number(struct proto *graph, const char *name, float number) {
    add_floats(graph, name, false, &number, 1);
}

void graph_add_floats(struct proto *graph, const char *name, const float *numbers, size_t count) {
    add_floats(graph, name, true, numbers, count);
}

void graph_add_integers(struct proto *graph, const char *name, const int64_t *numbers, size_t count) {
    struct proto bytes = {0};
    for (size_t i = 0; i < count; i++) {
        uint8_t text[sizeof *numbers];
        store_le64(text, (uint64_t)numbers[i]);
        proto_append(&bytes, text, sizeof text);
    }
    add_tensor(graph, name, ONNX_INT64, true, count, &bytes);
    proto_free(&bytes);
}

/* ---- Inputs and outputs ---- */

void graph_add_value(struct proto *graph, enum graph_field field, enum onnx_type type, const char *name,
                     const char *doc, const size_t *shape, size_t rank) {
    enum {
        DIM_VALUE = 1,
        DIM_PARAM = 2,
        SHAPE_DIM = 1,
        TENSOR_ELEM_TYPE = 1,
        TENSOR_SHAPE = 2,
        TYPE_TENSOR = 1
    };
    struct proto value = {0}, kind = {0}, tensor = {0}, sizes = {0}, dimension = {0};
    proto_string(&dimension, DIM_PARAM, "batch");
    proto_message(&sizes, SHAPE_DIM, &dimension);
    for (size_t i = 0; i < rank; i++) {
        proto_integer(&dimension, DIM_VALUE, shape[i]);
        proto_message(&sizes, SHAPE_DIM, &dimension);
    }

    proto_integer(&tensor, TENSOR_ELEM_TYPE, type);
    proto_message(&tensor, TENSOR_SHAPE, &sizes);
    proto_message(&kind, TYPE_TENSOR, &tensor);
    proto_string(&value, VALUE_NAME, name);
    proto_message(&value, VALUE_TYPE, &kind);
    proto_string(&value, VALUE_DOC_STRING, doc);
    proto_message(graph, field, &value);
}
