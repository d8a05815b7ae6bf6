/* The container, of which nothing is believed before it is checked. */
#include "model/safetensors/safetensors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/byte_order.h"
#include "base/file_kind.h"
#include "base/memory.h"
#include "base/status.h"

/* Where the header ends, having checked everything that needs no JSON. */
static minnow_status header_length(const char *name, const uint8_t *bytes, size_t size, size_t *out) {
    if (size < SAFETENSORS_LENGTH_BYTES)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: %zu bytes; a safetensors file starts with an 8-byte header length", name, size);
    uint64_t length = load_le64(bytes);
    size_t follow = size - SAFETENSORS_LENGTH_BYTES;
    if (length > follow)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: the first 8 bytes announce a header of %" PRIu64 " bytes, but only %zu follow: "
                    "the file is cut short, or not a safetensors file",
                    name, length, follow);
    if (length > SAFETENSORS_MAX_HEADER)
        return fail(MINNOW_ERROR_INPUT, "%s: a header of %" PRIu64 " bytes; at most %d are accepted", name,
                    length, SAFETENSORS_MAX_HEADER);
    if (length == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: the header is empty: not a safetensors file", name);
    if (bytes[SAFETENSORS_LENGTH_BYTES] != '{')
        return fail(MINNOW_ERROR_INPUT,
                    "%s: byte 8, the first of the header, is 0x%02x instead of '{': "
                    "not a safetensors file",
                    name, bytes[SAFETENSORS_LENGTH_BYTES]);
    *out = (size_t)length;
    return MINNOW_OK;
}

static minnow_status json_failure(const char *name, const json_error_t *error) {
    const char *problem = error->text;
    switch (json_error_code(error)) {
    case json_error_out_of_memory:
        return fail_memory("the header of a safetensors file");
    case json_error_stack_overflow:
        problem = "nested too deeply";
        break;
    case json_error_invalid_utf8:
        problem = "not valid UTF-8";
        break;
    case json_error_null_character:
    case json_error_null_byte_in_key:
        problem = "a string contains a NUL character";
        break;
    default:
        break;
    }
    return fail(MINNOW_ERROR_INPUT, "%s: the header is not acceptable JSON, byte %d of it: %s", name,
                error->position, problem);
}

static minnow_status parse_header(const char *name, const uint8_t *text, size_t length,
                                  struct safetensors *file) {
    json_error_t error;
    file->header = json_loadb((const char *)text, length, JSON_REJECT_DUPLICATES, &error);
    if (!file->header)
        return json_failure(name, &error);
    json_t *metadata = json_object_get(file->header, "__metadata__");
    if (!metadata)
        return MINNOW_OK;
    if (!json_is_object(metadata))
        return fail(MINNOW_ERROR_INPUT, "%s: the header's __metadata__ is not an object", name);
    const char *key;
    json_t *value;
    json_object_foreach(metadata, key, value) {
        if (!json_is_string(value))
            return fail(MINNOW_ERROR_INPUT, "%s: the metadata's \"%.*s\" is not a string", name,
                        SAFETENSORS_MAX_NAME, key);
    }
    file->metadata = metadata;
    return MINNOW_OK;
}

/* A JSON number that counts something: an integer from 0. */
static bool json_count(const json_t *value, size_t *out) {
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) > SIZE_MAX)
        return false;
    *out = (size_t)json_integer_value(value);
    return true;
}

static minnow_status read_shape(const char *name, const json_t *shape, struct safetensors_tensor *tensor,
                                size_t *bytes) {
    if (!json_is_array(shape))
        return fail(MINNOW_ERROR_INPUT, "%s: tensor \"%s\": its shape is not an array", name, tensor->name);
    tensor->rank = json_array_size(shape);
    if (tensor->rank > SAFETENSORS_MAX_RANK)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: tensor \"%s\": a shape of %zu dimensions; at most %d are accepted", name,
                    tensor->name, tensor->rank, SAFETENSORS_MAX_RANK);
    size_t total = sizeof(float);
    for (size_t i = 0; i < tensor->rank; i++) {
        if (!json_count(json_array_get(shape, i), &tensor->shape[i]))
            return fail(MINNOW_ERROR_INPUT, "%s: tensor \"%s\": dimension %zu of its shape is not a count",
                        name, tensor->name, i);
        if (!size_multiply(total, tensor->shape[i], &total))
            return fail(MINNOW_ERROR_INPUT, "%s: tensor \"%s\": its shape is larger than any memory", name,
                        tensor->name);
    }
    *bytes = total;
    return MINNOW_OK;
}

static minnow_status read_offsets(const char *name, const json_t *offsets, size_t data_size,
                                  struct safetensors_tensor *tensor) {
    if (json_array_size(offsets) != 2 || !json_count(json_array_get(offsets, 0), &tensor->begin) ||
        !json_count(json_array_get(offsets, 1), &tensor->end))
        return fail(MINNOW_ERROR_INPUT, "%s: tensor \"%s\": its data_offsets are not two counts", name,
                    tensor->name);
    if (tensor->begin > tensor->end)
        return fail(MINNOW_ERROR_INPUT, "%s: tensor \"%s\": its data begins at byte %zu, after its end %zu",
                    name, tensor->name, tensor->begin, tensor->end);
    if (tensor->end > data_size)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: tensor \"%s\": its data ends at byte %zu of %zu: the file is cut short, or its header wrong",
            name, tensor->name, tensor->end, data_size);
    return MINNOW_OK;
}

static minnow_status read_tensor(const char *name, const char *key, const json_t *description,
                                 size_t data_size, struct safetensors_tensor *tensor) {
    size_t length = strlen(key);
    if (length > SAFETENSORS_MAX_NAME)
        return fail(MINNOW_ERROR_INPUT, "%s: a tensor's name is %zu bytes long; at most %d are accepted",
                    name, length, SAFETENSORS_MAX_NAME);
    tensor->name = key;
    const char *dtype = json_string_value(json_object_get(description, "dtype"));
    const json_t *shape = json_object_get(description, "shape");
    const json_t *offsets = json_object_get(description, "data_offsets");
    if (!dtype || !shape || !offsets || json_object_size(description) != 3)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: tensor \"%s\": not described by a dtype, a shape and data_offsets alone", name, key);
    if (strcmp(dtype, "F32") != 0)
        return fail(MINNOW_ERROR_INPUT, "%s: tensor \"%s\": its dtype is \"%.16s\"; only F32 is accepted",
                    name, key, dtype);
    size_t bytes = 0;
    minnow_status status = read_shape(name, shape, tensor, &bytes);
    if (status == MINNOW_OK)
        status = read_offsets(name, offsets, data_size, tensor);
    if (status == MINNOW_OK && tensor->end - tensor->begin != bytes)
        status = fail(MINNOW_ERROR_INPUT,
                      "%s: tensor \"%s\": its shape takes %zu bytes, its data_offsets span %zu", name, key,
                      bytes, tensor->end - tensor->begin);
    return status;
}

static int compare_places(const void *left, const void *right) {
    const struct safetensors_tensor *a = left, *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    return (a->end > b->end) - (a->end < b->end);
}

/* Every byte of the data must belong to exactly one tensor, so that nothing can hide in a file. */
static minnow_status check_places(const char *name, const struct safetensors *file, size_t data_size) {
    size_t covered = 0;
    for (size_t i = 0; i < file->count; i++) {
        const struct safetensors_tensor *tensor = &file->tensors[i];
        if (tensor->begin > covered)
            return fail(MINNOW_ERROR_INPUT,
                        "%s: bytes %zu to %zu of the data, before tensor \"%s\", belong to no tensor", name,
                        covered, tensor->begin, tensor->name);
        if (tensor->begin < covered)
            return fail(MINNOW_ERROR_INPUT,
                        "%s: the data of tensors \"%s\" and \"%s\" overlap, from byte %zu", name,
                        file->tensors[i - 1].name, tensor->name, tensor->begin);
        covered = tensor->end;
    }
    size_t rest = data_size - covered;
    if (rest == 1)
        return fail(MINNOW_ERROR_INPUT, "%s: the last byte belongs to no tensor", name);
    if (rest > 0)
        return fail(MINNOW_ERROR_INPUT, "%s: the last %zu bytes belong to no tensor", name, rest);
    return MINNOW_OK;
}

static minnow_status read_tensors(const char *name, const uint8_t *data, size_t data_size,
                                  struct safetensors *file) {
    file->tensors = memory_allocate(json_object_size(file->header), sizeof *file->tensors);
    if (!file->tensors)
        return fail_memory("the list of tensors");
    const char *key;
    json_t *value;
    json_object_foreach(file->header, key, value) {
        if (value == file->metadata)
            continue;
        struct safetensors_tensor *tensor = &file->tensors[file->count++];
        minnow_status status = read_tensor(name, key, value, data_size, tensor);
        if (status != MINNOW_OK)
            return status;
        tensor->data = data + tensor->begin;
    }
    qsort(file->tensors, file->count, sizeof *file->tensors, compare_places);
    return check_places(name, file, data_size);
}

/* What the first bytes tell, of which there are `count` of the file's `size`: how long the header is, or that this
   is no such file. */
static minnow_status check_beginning(const char *name, const uint8_t *bytes, size_t count, size_t size,
                                     size_t *length) {
    minnow_status status = header_length(name, bytes, size, length);
    if (status == MINNOW_ERROR_INPUT)
        (void)file_kind_check(name, bytes, count, FILE_KIND_SAFETENSORS, FILE_AS_MODEL); /* may say more */
    return status;
}

minnow_status safetensors_look(const char *path) {
    uint8_t bytes[FILE_KIND_BYTES];
    size_t count, length;
    uint64_t size;
    if (!file_read_beginning(path, bytes, sizeof bytes, &count, &size) || count <= SAFETENSORS_LENGTH_BYTES)
        return MINNOW_OK;
    return check_beginning(path, bytes, count, size < SIZE_MAX ? (size_t)size : SIZE_MAX, &length);
}

minnow_status safetensors_open(const char *name, const uint8_t *bytes, size_t size, struct safetensors *out) {
    *out = (struct safetensors){0};
    size_t length = 0;
    minnow_status status = check_beginning(name, bytes, size, size, &length);
    if (status != MINNOW_OK)
        return status;
    const uint8_t *header = bytes + SAFETENSORS_LENGTH_BYTES;
    status = parse_header(name, header, length, out);
    if (status == MINNOW_OK)
        status = read_tensors(name, header + length, size - SAFETENSORS_LENGTH_BYTES - length, out);
    if (status != MINNOW_OK)
        safetensors_close(out);
    return status;
}

void safetensors_close(struct safetensors *file) {
    memory_free(file->tensors);
    json_decref(file->header);
    *file = (struct safetensors){0};
}

void safetensors_array(const struct safetensors_tensor *tensor, struct model_array *out) {
    *out = (struct model_array){.name = tensor->name, .rank = tensor->rank, .data = tensor->data};
    memcpy(out->shape, tensor->shape, sizeof out->shape);
}
