/*
 * minnow_network_save_onnx: a network as an ONNX model of operator set 13, which ONNX Runtime and others run.
 * Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 *
 *   input [batch, …] → Flatten → (Mul by the input scaling) → Gemm → activation → … → Gemm → output
 *
 * Of a network that was trained on a table, the input holds the values of its features, which Sub and Div scale; a number
 * that it predicts is scaled back by Mul and Add.
 *
 * What an activation and the output are in ONNX stands in their rows, in src/net.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/argument.h"
#include "base/byte_order.h"
#include "base/memory.h"
#include "base/status.h"
#include "model/model.h"
#include "model/blueprint.h"
#include "model/formats.h"
#include "model/onnx/protobuf.h"
#include "model/table_inputs.h"

enum { IR_VERSION = 7, OPERATOR_SET = 13, TYPE_FLOAT = 1 };

enum model_field {
    MODEL_IR_VERSION = 1,
    MODEL_PRODUCER_NAME = 2,
    MODEL_PRODUCER_VERSION = 3,
    MODEL_GRAPH = 7,
    MODEL_OPSET_IMPORT = 8,
    MODEL_METADATA_PROPS = 14,
};
enum graph_field {
    GRAPH_NODE = 1,
    GRAPH_NAME = 2,
    GRAPH_INITIALIZER = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12
};
enum node_field { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP_TYPE = 4, NODE_ATTRIBUTE = 5 };
enum attribute_field { ATTRIBUTE_NAME = 1, ATTRIBUTE_FLOAT = 2, ATTRIBUTE_INT = 3, ATTRIBUTE_TYPE = 20 };
enum { ATTRIBUTE_IS_FLOAT = 1, ATTRIBUTE_IS_INT = 2 }; /* values of ATTRIBUTE_TYPE */
enum tensor_field { TENSOR_DIMS = 1, TENSOR_DATA_TYPE = 2, TENSOR_NAME = 8, TENSOR_RAW_DATA = 9 };
enum value_field { VALUE_NAME = 1, VALUE_TYPE = 2, VALUE_DOC_STRING = 3 };

/* ---- Nodes ---- */

enum { NAME = 64 };

/* A node that takes `count` inputs and gives `output`, after which it is named;
   the operator and its attribute are the step's. */
static void add_node(struct proto *graph, const struct onnx_step *step, const char *const inputs[],
                     size_t count, const char *output) {
    struct proto node = {0}, attribute = {0};
    for (size_t i = 0; i < count; i++)
        proto_string(&node, NODE_INPUT, inputs[i]);
    proto_string(&node, NODE_OUTPUT, output);
    proto_string(&node, NODE_NAME, output);
    proto_string(&node, NODE_OP_TYPE, step->op);

    if (step->integer_name != NULL) {
        proto_string(&attribute, ATTRIBUTE_NAME, step->integer_name);
        proto_integer(&attribute, ATTRIBUTE_INT, (uint64_t)step->integer_value);
        proto_integer(&attribute, ATTRIBUTE_TYPE, ATTRIBUTE_IS_INT);
        proto_message(&node, NODE_ATTRIBUTE, &attribute);
    } else if (step->float_name != NULL) {
        proto_string(&attribute, ATTRIBUTE_NAME, step->float_name);
        proto_float(&attribute, ATTRIBUTE_FLOAT, step->float_value);
        proto_integer(&attribute, ATTRIBUTE_TYPE, ATTRIBUTE_IS_FLOAT);
        proto_message(&node, NODE_ATTRIBUTE, &attribute);
    }
    proto_message(graph, GRAPH_NODE, &node);
}

/* A number, without dimensions, that nodes take as an input. */
static void add_number(struct proto *graph, const char *name, float number) {
    struct proto tensor = {0};
    uint8_t bytes[sizeof number];
    store_le_float(bytes, number);
    proto_integer(&tensor, TENSOR_DATA_TYPE, TYPE_FLOAT);
    proto_string(&tensor, TENSOR_NAME, name);
    proto_bytes(&tensor, TENSOR_RAW_DATA, bytes, sizeof bytes);
    proto_message(graph, GRAPH_INITIALIZER, &tensor);
}

/* A row of numbers, [count]. */
static void add_row(struct proto *graph, const char *name, const float *numbers, size_t count) {
    struct proto tensor = {0};
    uint8_t bytes[sizeof *numbers];
    proto_integer(&tensor, TENSOR_DIMS, count);
    proto_integer(&tensor, TENSOR_DATA_TYPE, TYPE_FLOAT);
    proto_string(&tensor, TENSOR_NAME, name);
    proto_begin(&tensor, TENSOR_RAW_DATA, (uint64_t)count * sizeof *numbers);
    for (size_t i = 0; i < count; i++) {
        store_le_float(bytes, numbers[i]);
        proto_append(&tensor, bytes, sizeof bytes);
    }
    proto_message(graph, GRAPH_INITIALIZER, &tensor);
}

/* The steps of an activation, from the weighted sums of that name to `output`. What lies between is called
   SUM.1, SUM.2 and so on, and a number that a step takes SUM.1.number. */
static void add_steps(struct proto *graph, const struct onnx_step *steps, const char *sum,
                      const char *output) {
    char from[NAME], to[NAME], number[NAME + 8];
    snprintf(from, sizeof from, "%s", sum);
    for (size_t i = 0; i < ONNX_STEPS_MOST && steps[i].op != NULL; i++) {
        bool last = i + 1 == ONNX_STEPS_MOST || steps[i + 1].op == NULL;
        if (last)
            snprintf(to, sizeof to, "%s", output);
        else
            snprintf(to, sizeof to, "%.48s.%zu", sum, i + 1);

        const char *inputs[2] = {from, sum};
        if (steps[i].second == ONNX_NUMBER) {
            snprintf(number, sizeof number, "%s.number", to);
            add_number(graph, number, steps[i].number);
            inputs[1] = number;
        }
        add_node(graph, &steps[i], inputs, steps[i].second == ONNX_NONE ? 1 : 2, to);
        snprintf(from, sizeof from, "%s", to);
    }
}

/* Layer i takes `from`, and leaves in it the name of what it gives. */
static void add_layer(struct proto *graph, const minnow_network *network, size_t i, char from[NAME]) {
    static const struct onnx_step gemm = {.op = "Gemm", .integer_name = "transB", .integer_value = 1};
    char weight[MODEL_TENSOR_NAME], bias[MODEL_TENSOR_NAME], sum[NAME];
    model_tensor_name(i, PART_WEIGHT, weight);
    model_tensor_name(i, PART_BIAS, bias);
    snprintf(sum, sizeof sum, "layers.%zu.sum", i);
    add_node(graph, &gemm, (const char *const[]){from, weight, bias}, 3, sum);

    if (i + 1 < network->layer_count) {
        snprintf(from, NAME, "layers.%zu.output", i);
        add_steps(graph, activation_rows[network->layers[i].activation].onnx, sum, from);
    } else {
        add_steps(graph, loss_rows[network->loss].onnx, sum, "probabilities");
    }
}

static void add_binary(struct proto *graph, const char *op, const char *a, const char *b,
                       const char *output) {
    add_node(graph, &(struct onnx_step){.op = op}, (const char *const[]){a, b}, 2, output);
}

/* From a table's values to features: "flat" to "scaled". */
static void add_table_scaling(struct proto *graph, const struct table_inputs *table) {
    const char *scaled = table->clip > 0 ? "unclipped" : "scaled";
    add_row(graph, "input_centre", table->centre, table->count);
    add_row(graph, "input_spread", table->spread, table->count);
    add_binary(graph, "Sub", "flat", "input_centre", "centred");
    add_binary(graph, "Div", "centred", "input_spread", scaled);
    if (table->clip <= 0)
        return;

    /* z / sqrt(1 + (z/clip)²), where the clip of what is no number is infinite. */
    static const struct onnx_step square_root = {.op = "Sqrt"};
    float *clip = memory_allocate(table->count, sizeof *clip);
    graph->failed |= clip == NULL;
    for (size_t i = 0; clip != NULL && i < table->count; i++)
        clip[i] = table->is_number[i] ? table->clip : INFINITY;
    if (clip != NULL)
        add_row(graph, "input_clip", clip, table->count);
    memory_free(clip);
    add_number(graph, "one", 1.0F);
    add_binary(graph, "Div", scaled, "input_clip", "share");
    add_binary(graph, "Mul", "share", "share", "share_squared");
    add_binary(graph, "Add", "share_squared", "one", "clip_squared");
    add_node(graph, &square_root, (const char *const[]){"clip_squared"}, 1, "clip_length");
    add_binary(graph, "Div", scaled, "clip_length", "scaled");
}

static void add_nodes(struct proto *graph, const minnow_network *network, bool scale,
                      const struct table_inputs *table) {
    static const struct onnx_step flatten = {.op = "Flatten", .integer_name = "axis", .integer_value = 1};
    static const struct onnx_step multiply = {.op = "Mul"};
    char from[NAME] = "flat";
    add_node(graph, &flatten, (const char *const[]){"input"}, 1, from);
    if (scale && table->centre != NULL) {
        add_table_scaling(graph, table);
        snprintf(from, sizeof from, "scaled");
    } else if (scale) {
        add_number(graph, "input_scaling", minnow_network_input_scaling(network));
        add_node(graph, &multiply, (const char *const[]){from, "input_scaling"}, 2, "scaled");
        snprintf(from, sizeof from, "scaled");
    }
    for (size_t i = 0; i < network->layer_count; i++)
        add_layer(graph, network, i, from);
    if (scale && table->output_spread > 0) {
        add_number(graph, "output_spread", table->output_spread);
        add_number(graph, "output_centre", table->output_centre);
        add_binary(graph, "Mul", "probabilities", "output_spread", "spread");
        add_binary(graph, "Add", "spread", "output_centre", "prediction");
    }
}

/* ---- Inputs and outputs ---- */

/* What the metadata say of a sample's sizes, if they make the number of inputs; otherwise that number alone. */
static size_t sample_shape(const minnow_network *network, size_t shape[MODEL_MAX_RANK]) {
    size_t inputs = network->layers[0].inputs, product = 1;
    const char *text = minnow_network_metadata(network, "input_shape");
    json_t *array = text != NULL ? json_loads(text, 0, NULL) : NULL;
    size_t rank = json_array_size(array);
    bool fits = rank >= 1 && rank <= MODEL_MAX_RANK;
    for (size_t i = 0; fits && i < rank; i++) {
        json_int_t size = json_integer_value(json_array_get(array, i));
        fits = size >= 1 && size <= NETWORK_MAX_SIZE && size_multiply(product, (size_t)size, &product);
        shape[i] = (size_t)size;
    }
    json_decref(array);
    if (fits && product == inputs)
        return rank;
    shape[0] = inputs;
    return 1;
}

/* Describes a tensor of float [batch, shape…]. */
static void add_value(struct proto *graph, enum graph_field field, const char *name, const char *doc,
                      const size_t *shape, size_t rank) {
    enum {
        DIM_VALUE = 1,
        DIM_PARAM = 2,
        SHAPE_DIM = 1,
        TENSOR_ELEM_TYPE = 1,
        TENSOR_SHAPE = 2,
        TYPE_TENSOR = 1
    };
    struct proto value = {0}, type = {0}, tensor = {0}, sizes = {0}, dimension = {0};
    proto_string(&dimension, DIM_PARAM, "batch");
    proto_message(&sizes, SHAPE_DIM, &dimension);
    for (size_t i = 0; i < rank; i++) {
        proto_integer(&dimension, DIM_VALUE, shape[i]);
        proto_message(&sizes, SHAPE_DIM, &dimension);
    }
    proto_integer(&tensor, TENSOR_ELEM_TYPE, TYPE_FLOAT);
    proto_message(&tensor, TENSOR_SHAPE, &sizes);
    proto_message(&type, TYPE_TENSOR, &tensor);
    proto_string(&value, VALUE_NAME, name);
    proto_message(&value, VALUE_TYPE, &type);
    proto_string(&value, VALUE_DOC_STRING, doc);
    proto_message(graph, field, &value);
}

/* "the values of features: 0: carat; …", as far as there is room. */
static void describe_values(const struct table_inputs *table, char *text, size_t room) {
    size_t length = (size_t)snprintf(text, room, "the values of features:");
    for (size_t i = 0; i < table->count && length + TABLE_INPUT_TEXT + NAME < room; i++) {
        char value[TABLE_INPUT_TEXT];
        table_input_text(table, i, value);
        length += (size_t)snprintf(text + length, room - length, "\n%zu: %s", i, value);
    }
}

static void add_values(struct proto *graph, const minnow_network *network, bool scale,
                       const struct table_inputs *table) {
    static const size_t one_number = 1;
    size_t shape[MODEL_MAX_RANK], rank = sample_shape(network, shape);
    if (scale && table->centre != NULL) {
        enum { ROOM = 1 << 16 };
        char *text = memory_allocate(ROOM, 1);
        graph->failed |= text == NULL;
        if (text != NULL)
            describe_values(table, text, ROOM);
        add_value(graph, GRAPH_INPUT, "input", text != NULL ? text : "", shape, rank);
        memory_free(text);
    } else {
        add_value(graph, GRAPH_INPUT, "input", scale ? "pixels, 0 to 255" : "features", shape, rank);
    }
    if (scale && table->output_spread > 0)
        add_value(graph, GRAPH_OUTPUT, "prediction", "the number", &one_number, 1);
    else
        add_value(graph, GRAPH_OUTPUT, "probabilities", "of each class",
                  &network->layers[network->layer_count - 1].outputs, 1);
}

/* ---- Tensors ---- */

/* All of a tensor but its data, of which `bytes` must follow. columns 0: a vector. */
static void start_tensor(struct proto *tensor, size_t layer, enum part part, size_t rows, size_t columns,
                         uint64_t *bytes) {
    char name[MODEL_TENSOR_NAME];
    model_tensor_name(layer, part, name);
    proto_integer(tensor, TENSOR_DIMS, rows);
    if (columns > 0)
        proto_integer(tensor, TENSOR_DIMS, columns);
    proto_integer(tensor, TENSOR_DATA_TYPE, TYPE_FLOAT);
    proto_string(tensor, TENSOR_NAME, name);
    *bytes = (uint64_t)rows * (columns > 0 ? columns : 1) * sizeof(float);
    proto_begin(tensor, TENSOR_RAW_DATA, *bytes);
}

/* As a field of the graph. Returns its whole size. */
static uint64_t start_initializer(struct proto *start, const minnow_network *network, size_t i,
                                  enum part part) {
    const struct layer *layer = &network->layers[i];
    bool weight = part == PART_WEIGHT;
    struct proto tensor = {0};
    uint64_t bytes;
    start_tensor(&tensor, i, part, layer->outputs, weight ? layer->inputs : 0, &bytes);
    proto_begin(start, GRAPH_INITIALIZER, tensor.size + bytes);
    proto_append(start, tensor.data, tensor.size);
    start->failed |= tensor.failed;
    proto_free(&tensor);
    return start->size + bytes;
}

/* ---- The file ---- */

static void add_property(struct proto *model, const char *key, const char *value) {
    enum { KEY = 1, VALUE = 2 };
    struct proto pair = {0};
    proto_string(&pair, KEY, key);
    proto_string(&pair, VALUE, value);
    proto_message(model, MODEL_METADATA_PROPS, &pair);
}

/* All of the model but its graph. */
static void start_model(struct proto *model, const minnow_network *network) {
    enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2 };
    struct proto opset = {0};
    char crc32[9];
    proto_integer(model, MODEL_IR_VERSION, IR_VERSION);
    proto_string(model, MODEL_PRODUCER_NAME, "minnow");
    proto_string(model, MODEL_PRODUCER_VERSION, minnow_version());
    proto_string(&opset, OPSET_DOMAIN, "");
    proto_integer(&opset, OPSET_VERSION, OPERATOR_SET);
    proto_message(model, MODEL_OPSET_IMPORT, &opset);
    snprintf(crc32, sizeof crc32, "%08x", (unsigned)minnow_network_params_crc32(network));
    add_property(model, "params_crc32", crc32);
    for (size_t i = 0; i < network->metadata.count; i++)
        if (!metadata_is_derived(network->metadata.entries[i].key))
            add_property(model, network->metadata.entries[i].key, network->metadata.entries[i].value);
}

/* The graph's size once its tensors follow. */
static uint64_t graph_size(const struct proto *graph, const minnow_network *network) {
    uint64_t size = graph->size;
    for (size_t i = 0; i < network->layer_count; i++)
        for (enum part part = PART_WEIGHT; part <= PART_BIAS; part++) {
            struct proto start = {0};
            size += start_initializer(&start, network, i, part);
            proto_free(&start);
        }
    return size;
}

static minnow_status write_tensors(struct output *output, const minnow_network *network) {
    minnow_status status = MINNOW_OK;
    for (size_t i = 0; status == MINNOW_OK && i < network->layer_count; i++)
        for (enum part part = PART_WEIGHT; status == MINNOW_OK && part <= PART_BIAS; part++) {
            struct proto start = {0};
            start_initializer(&start, network, i, part);
            if (start.failed)
                status = fail_memory("an ONNX model");
            else
                output_write(output, start.data, start.size);
            proto_free(&start);
            if (status == MINNOW_OK && part == PART_WEIGHT)
                status = model_write_weights(output, network, i);
            else if (status == MINNOW_OK)
                model_write_biases(output, network, i);
        }
    return status;
}

/* Protocol buffers, and so ONNX models in one file, end at 2 GiB. */
static minnow_status write_model(const char *path, const minnow_network *network, struct proto *model,
                                 const struct proto *graph) {
    uint64_t size = graph_size(graph, network);
    proto_begin(model, MODEL_GRAPH, size);
    proto_append(model, graph->data, graph->size);
    if (model->failed || graph->failed)
        return fail_memory("an ONNX model");
    if (size + model->size > INT32_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "%s: not written: %llu bytes; an ONNX file holds at most 2 GiB",
                    path, (unsigned long long)size);
    struct output *output;
    minnow_status status = output_open(path, &output);
    if (status != MINNOW_OK)
        return status;
    output_write(output, model->data, model->size);
    status = write_tensors(output, network);
    if (status == MINNOW_OK)
        return output_commit(output);
    output_abort(output);
    return status;
}

minnow_status minnow_network_save_onnx(const minnow_network *network, const char *path, bool scaled_input) {
    if (!GIVEN(network) || !GIVEN(path))
        return MINNOW_ERROR_ARGUMENT;

    minnow_status status = model_check_finite(network, path);
    if (status != MINNOW_OK)
        return status;
    struct table_inputs table;
    status = table_inputs_of(network, &table);
    if (status != MINNOW_OK)
        return status;
    struct proto model = {0}, graph = {0};
    start_model(&model, network);
    proto_string(&graph, GRAPH_NAME, "minnow");
    add_nodes(&graph, network, !scaled_input, &table);
    add_values(&graph, network, !scaled_input, &table);
    status = write_model(path, network, &model, &graph);
    proto_free(&model);
    proto_free(&graph);
    table_inputs_free(&table);
    return status;
}

/* ---- The format's row ---- */

static minnow_status save(const minnow_network *network, const char *path,
                          const struct model_save_options *options) {
    return minnow_network_save_onnx(network, path, options->scaled_input);
}

const struct model_format model_format_onnx = {
    .name = "onnx",
    .title = "ONNX",
    .help = "a file for ONNX Runtime and others, from pixels to probabilities",
    .extensions = (const char *const[]){".onnx", NULL},
    .holds_scaling = true,
    .options = MODEL_SAVE_SCALED_INPUT,
    .save = save,
};
