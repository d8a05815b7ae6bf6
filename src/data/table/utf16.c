#include "data/table/utf16.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"

enum { REPLACEMENT = 0xfffd };

bool utf16_detect(const uint8_t *bytes, size_t size) {
    return size >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff));
}

struct units {
    const uint8_t *at, *end;
    bool big_endian;
};

static unsigned peek_unit(const struct units *units) {
    return (unsigned)units->at[units->big_endian] | (unsigned)units->at[!units->big_endian] << 8;
}

/* The next code point; pairs of units, D800 to DBFF and DC00 to DFFF, stand for those from 10000 on. */
static uint32_t next_point(struct units *units) {
    if (units->end - units->at < 2) {
        units->at = units->end;
        return REPLACEMENT;
    }
    unsigned first = peek_unit(units);
    units->at += 2;
    if (first < 0xd800 || first > 0xdfff)
        return first;

    unsigned second = units->end - units->at >= 2 ? peek_unit(units) : 0;
    if (first > 0xdbff || second < 0xdc00 || second > 0xdfff)
        return REPLACEMENT;
    units->at += 2;
    return 0x10000 + ((uint32_t)(first - 0xd800) << 10) + (second - 0xdc00);
}

static uint8_t *put_point(uint32_t point, uint8_t *out) {
    if (point < 0x80) {
        *out++ = (uint8_t)point;
        return out;
    }
    if (point < 0x800) {
        *out++ = (uint8_t)(0xc0 | point >> 6);
    } else {
        if (point < 0x10000) {
            *out++ = (uint8_t)(0xe0 | point >> 12);
        } else {
            *out++ = (uint8_t)(0xf0 | point >> 18);
            *out++ = (uint8_t)(0x80 | (point >> 12 & 0x3f));
        }
        *out++ = (uint8_t)(0x80 | (point >> 6 & 0x3f));
    }
    *out++ = (uint8_t)(0x80 | (point & 0x3f));
    return out;
}

minnow_status utf16_to_utf8(const char *name, const uint8_t *bytes, size_t size, struct file_bytes *out) {
    struct units units = {bytes + 2, bytes + size, bytes[0] == 0xfe};
    size_t room; /* a unit takes three bytes at most, and a byte too many as well */
    *out = (struct file_bytes){0};
    uint8_t *text = size_multiply(size / 2 + 1, 3, &room) ? malloc(room) : NULL;
    if (text == NULL)
        return fail_memory(name);

    uint8_t *end = text;
    while (units.at < units.end)
        end = put_point(next_point(&units), end);
    *out = (struct file_bytes){text, (size_t)(end - text), false};
    return MINNOW_OK;
}
