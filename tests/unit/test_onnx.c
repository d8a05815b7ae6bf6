/* Protocol buffers by known answers, and an ONNX file's outline; check_onnx.py has ONNX's own programs judge
 * it. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include "model/onnx/protobuf.h"
#include "model_samples.h"

TestSuite(onnx, .init = scratch_make, .fini = scratch_remove);

static void expect_bytes(struct proto *proto, const char *expected, size_t size) {
    cr_assert_not(proto->failed);
    cr_assert_eq(proto->size, size);
    cr_assert_arr_eq(proto->data, expected, size);
    proto_free(proto);
}

/* The first three are the examples of the encoding's documentation. */
Test(onnx, protobuf_known_answers) {
    struct proto proto = {0}, inner = {0};
    proto_integer(&proto, 1, 150);
    expect_bytes(&proto, "\x08\x96\x01", 3);
    proto_string(&proto, 2, "testing");
    expect_bytes(&proto, "\x12\x07testing", 9);
    proto_integer(&inner, 1, 150);
    proto_message(&proto, 3, &inner);
    cr_assert_null(inner.data);
    expect_bytes(&proto, "\x1a\x03\x08\x96\x01", 5);
    proto_integer(&proto, 20, 0);
    proto_integer(&proto, 1, 127);
    proto_integer(&proto, 1, 128);
    proto_integer(&proto, 1, UINT64_MAX);
    expect_bytes(&proto, "\xa0\x01\x00\x08\x7f\x08\x80\x01\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 19);
    proto_float(&proto, 2, 0.01f);
    expect_bytes(&proto, "\x15\x0a\xd7\x23\x3c", 5);
    proto_begin(&proto, 7, 300);
    expect_bytes(&proto, "\x3a\xac\x02", 3);
}

static uint64_t take_varint(const uint8_t **at, const uint8_t *end) {
    uint64_t value = 0;
    for (int shift = 0; *at < end && shift < 64; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    cr_assert_fail("no varint");
    return 0;
}

/* Walks a message's fields; the last of bytes numbered `wanted` is returned, and how many there are. */
static const uint8_t *walk(const uint8_t *at, size_t size, unsigned wanted, size_t *length, unsigned *count) {
    const uint8_t *end = at + size, *found = NULL;
    *count = 0;
    while (at < end) {
        uint64_t tag = take_varint(&at, end), value = take_varint(&at, end);
        if ((tag & 7) != 2)
            continue;
        cr_assert(value <= (uint64_t)(end - at), "field %u leaves its message", (unsigned)(tag >> 3));
        if (tag >> 3 == wanted) {
            found = at;
            *length = (size_t)value;
            ++*count;
        }
        at += value;
    }
    cr_assert_eq(at, end);
    return found;
}

Test(onnx, file_holds_the_parameters) {
    minnow_network *network = make_small();
    cr_assert_eq(minnow_network_save_onnx(network, scratch_path("m"), false), MINNOW_OK, "%s",
                 minnow_last_error());
    size_t size, graph_size, tensor_size, raw_size;
    unsigned count;
    uint8_t *bytes = scratch_read(scratch_path("m"), &size);
    const uint8_t *graph = walk(bytes, size, 7, &graph_size, &count);
    cr_assert_eq(count, 1);
    walk(graph, graph_size, 1, &tensor_size, &count);
    cr_assert_eq(count, 6, "Flatten, Mul, Gemm, Tanh, Gemm, Sigmoid");
    const uint8_t *tensor = walk(graph, graph_size, 5, &tensor_size, &count);
    cr_assert_eq(count, 5);
    const uint8_t *raw = walk(tensor, tensor_size, 9, &raw_size, &count);
    cr_assert_eq(raw_size, 2 * sizeof(float));
    float biases[2];
    minnow_network_get_layer(network, 1, NULL, biases);
    cr_assert_arr_eq(raw, biases, sizeof biases);
    free(bytes);
    minnow_network_free(network);
}

Test(onnx, failures_leave_what_was_there) {
    minnow_network *network = make_small();
    scratch_write(scratch_path("m"), "old", 3);
    minnow_network_set_layer(network, 0, NULL, (float[]){0, 0, NAN, 0});
    cr_assert_eq(minnow_network_save_onnx(network, scratch_path("m"), false), MINNOW_ERROR_OUTPUT);
    size_t size;
    uint8_t *bytes = scratch_read(scratch_path("m"), &size);
    cr_assert_eq(size, 3);
    free(bytes);
    minnow_network_set_layer(network, 0, NULL, (float[4]){0});
    cr_assert_eq(minnow_network_save_onnx(network, scratch_path("none/m"), false), MINNOW_ERROR_OUTPUT);
    cr_assert_eq(scratch_count(scratch_folder), 1);
    minnow_network_free(network);
}
