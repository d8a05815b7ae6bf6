/* An ONNX graph that grows node by node. Field numbers are those of
   https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. */
#ifndef MINNOW_MODEL_ONNX_GRAPH_H
#define MINNOW_MODEL_ONNX_GRAPH_H

#include "model/onnx/protobuf.h"
#include "net/export.h"

enum graph_field {
    GRAPH_NODE = 1,
    GRAPH_NAME = 2,
    GRAPH_INITIALIZER = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12
};
enum tensor_field { TENSOR_DIMS = 1, TENSOR_DATA_TYPE = 2, TENSOR_NAME = 8, TENSOR_RAW_DATA = 9 };
enum onnx_type { ONNX_FLOAT = 1, ONNX_INT64 = 7, ONNX_STRING = 8 };

/* Names of the operators that look texts up. */
#define ONNX_ML_DOMAIN "ai.onnx.ml"
enum { ONNX_ML_VERSION = 2 };

/* A node that takes `count` inputs and gives `output`, after which it is named; the operator and its attribute are the
   step's. */
void graph_add_node(struct proto *graph, const struct onnx_step *step, const char *const inputs[],
                    size_t count, const char *output);
/* One of two inputs, without attributes. */
void graph_add_binary(struct proto *graph, const char *op, const char *a, const char *b, const char *output);

/* A node that gives for each text the index of the key that it is, or `otherwise`; behind the keys stands the empty
   text, whose index is `empty`. */
void graph_add_lookup(struct proto *graph, const char *input, const char *output, char *const *keys,
                      size_t count, int64_t empty, int64_t otherwise);

/* What nodes take as inputs: a number without dimensions, and rows [count]. */
void graph_add_number(struct proto *graph, const char *name, float number);
void graph_add_floats(struct proto *graph, const char *name, const float *numbers, size_t count);
void graph_add_integers(struct proto *graph, const char *name, const int64_t *numbers, size_t count);

/* Describes an input or output [batch, shape…]. */
void graph_add_value(struct proto *graph, enum graph_field field, enum onnx_type type, const char *name,
                     const char *doc, const size_t *shape, size_t rank);

#endif
