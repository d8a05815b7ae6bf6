#include "model/onnx/protobuf.h"

#include <stdlib.h>
#include <string.h>
#include "base/byte_order.h"
#include "base/memory.h"

enum wire { WIRE_VARINT = 0, WIRE_BYTES = 2, WIRE_32_BITS = 5 };

void proto_append(struct proto *proto, const void *bytes, size_t size) {
    size_t needed;
    if (proto->failed || !size_add(proto->size, size, &needed)) {
        proto->failed = true;
        return;
    }
    if (needed > proto->capacity) {
        size_t capacity = needed < SIZE_MAX / 2 ? 2 * needed + 64 : needed;
        uint8_t *larger = realloc(proto->data, capacity);
        if (larger == NULL) {
            proto->failed = true;
            return;
        }
        proto->data = larger;
        proto->capacity = capacity;
    }
    if (size > 0)
        memcpy(proto->data + proto->size, bytes, size);
    proto->size = needed;
}

/* Seven bits a byte, the lowest first; the top bit says that more follow. */
static void append_varint(struct proto *proto, uint64_t value) {
    uint8_t bytes[10];
    size_t count = 0;
    do {
        bytes[count] = (uint8_t)(value & 0x7f);
        value >>= 7;
        bytes[count] |= value != 0 ? 0x80 : 0;
        count++;
    } while (value != 0);
    proto_append(proto, bytes, count);
}

static void append_tag(struct proto *proto, unsigned field, enum wire wire) {
    append_varint(proto, (uint64_t)field << 3 | wire);
}

void proto_integer(struct proto *proto, unsigned field, uint64_t value) {
    append_tag(proto, field, WIRE_VARINT);
    append_varint(proto, value);
}

void proto_float(struct proto *proto, unsigned field, float value) {
    uint8_t bytes[sizeof value];
    store_le_float(bytes, value);
    append_tag(proto, field, WIRE_32_BITS);
    proto_append(proto, bytes, sizeof bytes);
}

void proto_begin(struct proto *proto, unsigned field, uint64_t size) {
    append_tag(proto, field, WIRE_BYTES);
    append_varint(proto, size);
}

void proto_bytes(struct proto *proto, unsigned field, const void *bytes, size_t size) {
    proto_begin(proto, field, size);
    proto_append(proto, bytes, size);
}

void proto_string(struct proto *proto, unsigned field, const char *string) {
    proto_bytes(proto, field, string, strlen(string));
}

void proto_message(struct proto *proto, unsigned field, struct proto *message) {
    proto->failed |= message->failed;
    proto_bytes(proto, field, message->data, message->size);
    proto_free(message);
}

void proto_free(struct proto *proto) {
    free(proto->data);
    *proto = (struct proto){0};
}
