/* PGM and PPM (netpbm): "P5" or "P6", the width, the height and the largest value as text, then the numbers as bytes,
   or as pairs of bytes where the largest value is beyond 255. "P2" and "P3" have the numbers as text too. */
#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/pictures/picture.h"

static bool detect(const uint8_t *bytes, size_t size) {
    return size >= 3 && bytes[0] == 'P' && strchr("2356", bytes[1]) != NULL && bytes[1] != '\0' &&
           (isspace(bytes[2]) || bytes[2] == '#');
}

struct reader {
    const char *name;
    const uint8_t *at, *end;
    unsigned most; /* the largest value */
};

/* A number behind white space and comments, which run from '#' to the line's end. */
static bool take_number(struct reader *reader, unsigned most, unsigned *out) {
    bool comment = false;
    while (reader->at < reader->end && (comment || *reader->at == '#' || isspace(*reader->at))) {
        comment = *reader->at != '\n' && (comment || *reader->at == '#');
        reader->at++;
    }
    const uint8_t *first = reader->at;
    for (*out = 0; reader->at < reader->end && isdigit(*reader->at) && *out <= most; reader->at++)
        *out = *out * 10 + (unsigned)(*reader->at - '0');
    return reader->at > first && *out <= most;
}

static uint8_t to_byte(const struct reader *reader, unsigned value) {
    value = value < reader->most ? value : reader->most;
    return (uint8_t)((value * 255 + reader->most / 2) / reader->most);
}

static minnow_status read_numbers(struct reader *reader, bool text, size_t count, uint8_t *out) {
    size_t width = reader->most > 255 ? 2 : 1;
    size_t least = text ? 2 * count - 1 : width * count; /* a digit each, and what separates them */
    if ((size_t)(reader->end - reader->at) < least)
        return fail(MINNOW_ERROR_INPUT, "%s: %zu bytes of pixels, expected %zu; the file is cut short",
                    reader->name, (size_t)(reader->end - reader->at), least);
    for (size_t i = 0; i < count; i++) {
        unsigned value;
        if (text && !take_number(reader, 65535, &value))
            return fail(MINNOW_ERROR_INPUT, "%s: number %zu of %zu is missing or damaged", reader->name, i,
                        count);
        if (!text)
            value = width == 2 ? (unsigned)(reader->at[2 * i] << 8 | reader->at[2 * i + 1]) : reader->at[i];
        out[i] = to_byte(reader, value);
    }
    return MINNOW_OK;
}

/* The usual weights of red, green and blue in brightness (ITU-R BT.601), as libjpeg has them. */
static void to_grey(const uint8_t *colours, size_t pixels, uint8_t *grey) {
    for (size_t i = 0; i < pixels; i++)
        grey[i] =
            (uint8_t)((299u * colours[3 * i] + 587u * colours[3 * i + 1] + 114u * colours[3 * i + 2] + 500) /
                      1000);
}

/* From the channels that the file has to those that are wanted. */
static minnow_status convert(const char *name, size_t channels, struct picture *picture) {
    if (picture->channels == channels)
        return MINNOW_OK;
    struct picture other;
    size_t pixels = picture->height * picture->width;
    minnow_status status = picture_allocate(name, picture->height, picture->width, channels, &other);
    if (status != MINNOW_OK)
        return status;

    if (channels == 1)
        to_grey(picture->pixels, pixels, other.pixels);
    for (size_t i = 0; channels == 3 && i < 3 * pixels; i++)
        other.pixels[i] = picture->pixels[i / 3];
    picture_free(picture);
    *picture = other;
    return MINNOW_OK;
}

static minnow_status decode(const char *name, const uint8_t *bytes, size_t size, size_t channels,
                            struct picture *out) {
    enum { SIDE_MAX = 1000000, VALUE_MAX = 65535 };
    struct reader reader = {name, bytes + 2, bytes + size, 255};
    bool text = bytes[1] == '2' || bytes[1] == '3';
    unsigned width, height;
    if (!take_number(&reader, SIDE_MAX, &width) || !take_number(&reader, SIDE_MAX, &height) ||
        !take_number(&reader, VALUE_MAX, &reader.most) || reader.most == 0 || reader.at == reader.end)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: expected a width, a height and a largest value of at most %d behind P%c", name,
                    VALUE_MAX, bytes[1]);
    reader.at++; /* the one white space behind the header */

    size_t own = bytes[1] == '3' || bytes[1] == '6' ? 3 : 1;
    minnow_status status = picture_check(name, height, width, size, 1);
    if (status == MINNOW_OK)
        status = picture_allocate(name, height, width, own, out);
    if (status == MINNOW_OK)
        status = read_numbers(&reader, text, (size_t)height * width * own, out->pixels);
    return status == MINNOW_OK ? convert(name, channels, out) : status;
}

const struct picture_kind picture_pnm = {"PGM or PPM", NULL, detect, decode};
