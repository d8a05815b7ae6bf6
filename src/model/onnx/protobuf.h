/* Messages of Google's protocol buffers (https://protobuf.dev/programming-guides/encoding/), as far as
   writing ONNX takes them: a growing row of bytes, to which fields are appended. */
#ifndef MINNOW_MODEL_PROTOBUF_H
#define MINNOW_MODEL_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Starts as all zero. Once memory is short it stays failed, and what is appended is dropped. */
struct proto {
    uint8_t *data;
    size_t size, capacity;
    bool failed;
};

void proto_integer(struct proto *proto, unsigned field, uint64_t value);
void proto_float(struct proto *proto, unsigned field, float value);
void proto_bytes(struct proto *proto, unsigned field, const void *bytes, size_t size);
void proto_string(struct proto *proto, unsigned field, const char *string);
/* Embeds a message, and releases it. */
void proto_message(struct proto *proto, unsigned field, struct proto *message);
/* Only the beginning of a field of bytes or a message: `size` bytes of it must follow. */
void proto_begin(struct proto *proto, unsigned field, uint64_t size);
/* Appends bytes as they are: fields that were made elsewhere. */
void proto_append(struct proto *proto, const void *bytes, size_t size);

void proto_free(struct proto *proto);

#endif
