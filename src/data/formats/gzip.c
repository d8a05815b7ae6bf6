#include "data/formats/gzip.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "base/byte_order.h"
#include "base/memory.h"
#include "base/status.h"

enum {
    /* The header's 10 bytes, an empty DEFLATE stream, and the trailer's CRC-32 and length. */
    SMALLEST_MEMBER = 18,

    /* DEFLATE expands at most so many times: it codes at most 258 bytes in 2 bits. */
    EXPANSION_MAX = 1032,

    /* What is allocated first is the size that the file claims to expand to, but no more than FIRST_EXPANSION
       times the file's own size (images expand about five times) and no less than FIRST_SIZE. */
    FIRST_EXPANSION = 16,
    FIRST_SIZE = 1 << 16,
};

/* A gzip file being expanded. */
struct expansion {
    const char *name;
    const uint8_t *in;
    size_t in_size, in_used;
    uint8_t *out; /* from malloc */
    size_t capacity, out_used;
    size_t bound;        /* the most bytes that the output can have */
    bool bound_is_limit; /* whether the caller's limit sets the bound; otherwise EXPANSION_MAX does */
    size_t member;       /* the number of the member being expanded, from 1 */
};

bool gzip_detect(const uint8_t *bytes, size_t size) {
    return size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

size_t gzip_plausible(size_t size) {
    enum { TIMES = 200, ALWAYS = 1 << 28 };
    size_t most;
    if (!size_multiply(size, TIMES, &most))
        most = SIZE_MAX;
    return most > ALWAYS ? most : ALWAYS;
}

/* The last member's length modulo 2^32, as its trailer claims. Right for the usual file of one member, and
   for any other no more than a first guess. */
static size_t claimed_size(const uint8_t *bytes, size_t size) {
    return load_le32(bytes + size - 4);
}

static size_t first_capacity(const uint8_t *bytes, size_t size, size_t bound) {
    size_t believed;
    if (!size_multiply(size, FIRST_EXPANSION, &believed))
        believed = SIZE_MAX;
    size_t capacity = size_min(claimed_size(bytes, size), believed);
    if (capacity < FIRST_SIZE)
        capacity = FIRST_SIZE;
    return size_min(capacity, bound);
}

static minnow_status grow(struct expansion *e) {
    if (e->capacity >= e->bound) {
        if (e->bound_is_limit)
            return fail(MINNOW_ERROR_INPUT, "%s: expands to more than the %zu bytes such a file may have",
                        e->name, e->bound);
        return fail(MINNOW_ERROR_INPUT, "%s: gzip member %zu at byte %zu is damaged; get the file again",
                    e->name, e->member, e->in_used);
    }
    size_t capacity = e->capacity < e->bound / 2 ? 2 * e->capacity : e->bound;
    uint8_t *larger = realloc(e->out, capacity);
    if (larger == NULL)
        return fail_memory(e->name);
    e->out = larger;
    e->capacity = capacity;
    return MINNOW_OK;
}

/* Expands the member at in_used. When it does not fit, it is tried again with more room. */
static minnow_status expand_member(struct libdeflate_decompressor *decompressor, struct expansion *e) {
    for (;;) {
        size_t consumed = 0, produced = 0;
        enum libdeflate_result result = libdeflate_gzip_decompress_ex(
            decompressor, e->in + e->in_used, e->in_size - e->in_used, e->out + e->out_used,
            e->capacity - e->out_used, &consumed, &produced);
        if (result == LIBDEFLATE_SUCCESS) {
            e->in_used += consumed;
            e->out_used += produced;
            return MINNOW_OK;
        }

        if (result != LIBDEFLATE_INSUFFICIENT_SPACE)
            return fail(
                MINNOW_ERROR_INPUT,
                "%s: the gzip data from byte %zu on is damaged, or cut short at byte %zu; get the file again",
                e->name, e->in_used, e->in_size);
        minnow_status status = grow(e);
        if (status != MINNOW_OK)
            return status;
    }
}

static minnow_status expand_all(struct libdeflate_decompressor *decompressor, struct expansion *e) {
    do {
        const uint8_t *next = e->in + e->in_used;
        size_t left = e->in_size - e->in_used;
        e->member++;
        if (!gzip_detect(next, left))
            return fail(MINNOW_ERROR_INPUT,
                        "%s: byte %zu: %zu bytes that are not gzip data follow the end; get the file again",
                        e->name, e->in_used, left);
        minnow_status status = expand_member(decompressor, e);
        if (status != MINNOW_OK)
            return status;
    } while (e->in_used < e->in_size);
    return MINNOW_OK;
}

minnow_status gzip_expand(const char *name, const uint8_t *bytes, size_t size, size_t limit,
                          struct file_bytes *out) {
    *out = (struct file_bytes){0};
    if (size < SMALLEST_MEMBER || !gzip_detect(bytes, size))
        return fail(MINNOW_ERROR_INPUT,
                    "%s: %zu bytes that are not a gzip file, or one cut short; get it again", name, size);

    struct expansion e = {.name = name, .in = bytes, .in_size = size};
    size_t most;
    if (!size_multiply(size, EXPANSION_MAX, &most))
        most = SIZE_MAX;
    limit = size_min(limit, gzip_plausible(size));
    e.bound = size_min(most, limit);
    e.bound_is_limit = limit < most;
    e.capacity = first_capacity(bytes, size, e.bound);

    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    e.out = malloc(e.capacity + 1); /* never of size 0, for which malloc may return NULL */
    minnow_status status = MINNOW_OK;
    if (decompressor == NULL || e.out == NULL)
        status = fail_memory(name);
    else
        status = expand_all(decompressor, &e);
    libdeflate_free_decompressor(decompressor);

    if (status != MINNOW_OK) {
        free(e.out);
        return status;
    }
    *out = (struct file_bytes){e.out, e.out_used, false};
    return MINNOW_OK;
}

/* libdeflate only expands as a whole; but what it expands goes straight to the output, in order, until that is full or the
   input ends. How much that was it does not say: text, for which this is, has no byte 0, which the output is filled with
   before. Whoever believes what it sees here still reads the whole file, and its checksum, afterwards. */
size_t gzip_peek(const uint8_t *bytes, size_t size, uint8_t *out, size_t room) {
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    memset(out, 0, room);
    if (decompressor != NULL && size >= SMALLEST_MEMBER && gzip_detect(bytes, size))
        (void)libdeflate_gzip_decompress(decompressor, bytes, size, out, room, NULL);
    libdeflate_free_decompressor(decompressor);
    const uint8_t *end = memchr(out, 0, room);
    return end != NULL ? (size_t)(end - out) : room;
}
