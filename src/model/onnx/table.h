/* The part of an ONNX graph between a table's columns and a network's features. */
#ifndef MINNOW_MODEL_ONNX_TABLE_H
#define MINNOW_MODEL_ONNX_TABLE_H

#include "data/table/encoder.h"
#include "model/onnx/graph.h"

/* Adds inputs and nodes that end in `output`, the features [batch, encoder->features]. The inputs hold the columns of a
   kind in the table's order:

     numbers  float [batch, n], NaN for a gap; called "input" where there is nothing else
     texts    string [batch, n], empty for a gap
     hashes   int64 [batch, n]: FNV-1a's 32 bits of the text, modulo the column's buckets; -1 for a gap. ONNX has no
              operator that could compute them. */
void onnx_add_table(struct proto *graph, const struct encoder *encoder, const char *output);

/* Behind the network: the number that it predicts, from "probabilities" to "prediction". */
void onnx_add_prediction(struct proto *graph, const struct encoder *encoder);

#endif
