/* The fields of a line, and what they hold. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/utf8.h"
#include "data/table/dialect.h"

/* ---- Fields ---- */

static inline bool is_blank(const struct dialect *dialect, char c) {
    return c == ' ' || (c == '\t' && dialect->delimiter != '\t');
}

static const char *skip_blanks(const struct dialect *dialect, const char *p, const char *end) {
    while (p < end && is_blank(dialect, *p))
        p++;
    return p;
}

/* Whether a line ends at p; then *behind is behind its end. */
static bool ends_line(const struct dialect *dialect, const char *p, const char *end, const char **behind) {
    if (p < end && *p == '\r' && (p + 1 == end || p[1] == dialect->line_end))
        p++;
    bool ends = p == end || *p == dialect->line_end;
    if (ends)
        *behind = p == end ? end : p + 1;
    return ends;
}

/* What follows a field whose text ended at p. With blanks as delimiters, those before the line end are not one. */
static enum field_outcome end_field(const struct dialect *dialect, const char *p, const char **at,
                                    const char *end) {
    const char *behind = skip_blanks(dialect, p, end);
    if (ends_line(dialect, behind, end, at))
        return FIELD_LAST;
    if (dialect->delimiter == ' ' && behind > p) {
        *at = behind;
        return FIELD_MORE;
    }
    *at = behind + 1;
    if (*behind == dialect->delimiter)
        return FIELD_MORE;
    *at = behind;
    return FIELD_STRAY;
}

static enum field_outcome quoted_field(const struct dialect *dialect, const char *p, const char **at,
                                       const char *end, struct field *out) {
    const char *begin = p + 1, *q = begin;
    *out = (struct field){.begin = begin, .quoted = true};
    for (;; q += 2) {
        q = memchr(q, dialect->quote, (size_t)(end - q));
        if (q == NULL) {
            *at = p;
            return FIELD_OPEN;
        }
        if (q + 1 == end || q[1] != dialect->quote)
            break;
        out->escaped = true;
    }

    out->end = q;
    return end_field(dialect, q + 1, at, end);
}

enum field_outcome field_next(const struct dialect *dialect, const char **at, const char *end,
                              struct field *out) {
    const char *p = skip_blanks(dialect, *at, end);
    if (p < end && *p == dialect->quote)
        return quoted_field(dialect, p, at, end, out);

    const char *begin = p;
    bool blanks = dialect->delimiter == ' ';
    while (p < end && *p != dialect->delimiter && *p != dialect->line_end && !(blanks && *p == '\t'))
        p++;

    const char *last = p;
    if (last > begin && last[-1] == '\r' && (p == end || *p == dialect->line_end))
        p = --last;
    while (last > begin && is_blank(dialect, last[-1]))
        last--;
    *out = (struct field){.begin = begin, .end = last};
    return end_field(dialect, p, at, end);
}

bool line_is_blank(const struct dialect *dialect, const char *at, const char *end, const char **behind) {
    const char *p = skip_blanks(dialect, at, end);
    return p < end && ends_line(dialect, p, end, behind);
}

/* ---- Gaps ---- */

bool field_is_gap(const struct dialect *dialect, const struct field *field) {
    size_t length = (size_t)(field->end - field->begin);
    if (length == 0)
        return true;
    const struct gap_words *gaps = &dialect->gaps;
    if (length > gaps->longest || !gaps->begins[(unsigned char)*field->begin])
        return false;
    for (size_t i = 0; i < gaps->count; i++)
        if (gaps->word[i].length == length && memcmp(gaps->word[i].text, field->begin, length) == 0)
            return true;
    return false;
}

/* ---- Numbers ---- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Copies a number without its thousands separators, with a point for the decimal sign. A separator must be followed
   by exactly three digits, and not come behind the decimal sign. Returns the length, or 0 if it is no such number. */
static size_t plain_number(const char *begin, const char *end, char decimal, char *out, size_t room) {
    char separator = decimal == ',' ? '.' : ',';
    bool fraction = false, separated = false;
    size_t length = 0, digits = 0;
    for (const char *p = begin; p < end; p++) {
        if (length + 1 >= room)
            return 0;
        if (*p == separator) {
            bool whole_group = digits > 0 && (separated ? digits == 3 : digits <= 3);
            if (fraction || !whole_group)
                return 0;
            separated = true;
            digits = 0;
            continue;
        }

        if (*p == decimal) {
            if (separated && digits != 3)
                return 0;
            fraction = true;
        }
        digits = is_digit(*p) ? digits + 1 : digits;
        out[length++] = *p == decimal ? '.' : *p;
    }
    return separated && !fraction && digits != 3 ? 0 : length;
}

/* As people write them, in UTF-8 and in Windows-1252. */
static const struct {
    const char *text;
    enum table_unit unit;
} signs[] = {
    {"$", UNIT_DOLLAR},   {"\xe2\x82\xac", UNIT_EURO}, {"\x80", UNIT_EURO}, {"\xc2\xa3", UNIT_POUND},
    {"\xa3", UNIT_POUND}, {"\xc2\xa5", UNIT_YEN},      {"\xa5", UNIT_YEN},  {"%", UNIT_PERCENT},
};

const char *const table_unit_names[] = {[UNIT_NONE] = "",
                                        [UNIT_DOLLAR] = "$",
                                        [UNIT_EURO] = "\xe2\x82\xac",
                                        [UNIT_POUND] = "\xc2\xa3",
                                        [UNIT_YEN] = "\xc2\xa5",
                                        [UNIT_PERCENT] = "%",
                                        NULL};

/* The length of a blank that begins at p; a typesetter's does not break a line. 0 if there is none. */
static size_t blank_at(const char *p, const char *end) {
    static const char *const blanks[] = {" ", "\xc2\xa0", "\xe2\x80\xaf", "\xa0"};
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        size_t length = strlen(blanks[i]);
        if ((size_t)(end - p) >= length && memcmp(p, blanks[i], length) == 0)
            return length;
    }
    return 0;
}

static void strip_blanks(const char **begin, const char **end) {
    for (size_t length; (length = blank_at(*begin, *end)) > 0;)
        *begin += length;
    for (size_t length = 3; length > 0; length--)
        while ((size_t)(*end - *begin) >= length && blank_at(*end - length, *end) == length)
            *end -= length;
}

enum table_unit field_strip_unit(const char **begin, const char **end) {
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t length = strlen(signs[i].text), size = (size_t)(*end - *begin);
        if (size <= length)
            continue;
        bool before = signs[i].unit != UNIT_PERCENT && memcmp(*begin, signs[i].text, length) == 0;
        if (!before && memcmp(*end - length, signs[i].text, length) != 0)
            continue;
        *begin += before ? length : 0;
        *end -= before ? 0 : length;
        strip_blanks(begin, end);
        return signs[i].unit;
    }
    return UNIT_NONE;
}

/* The number in a field that is not written as C has it: a sign, a unit before or behind it, and thousands separators. */
static bool read_decorated(const struct dialect *dialect, const struct field *field, float *number,
                           enum table_unit *unit) {
    char plain[64];
    const char *begin = field->begin, *end = field->end;
    size_t sign = end - begin > 1 && (*begin == '-' || *begin == '+');
    if (sign > 0)
        plain[0] = *begin++;
    *unit = field_strip_unit(&begin, &end);
    if (sign > 0 && begin < end && (*begin == '-' || *begin == '+'))
        return false;
    size_t length = plain_number(begin, end, dialect->decimal, plain + sign, sizeof plain - sign);
    const char *p = plain, *first = plain + sign;
    bool begins = length > 0 && (is_digit(*first) || (strchr("+-.", *first) != NULL && length > 1));
    return begins && number_read_float(&p, first + length, number) && p == first + length;
}

enum field_value field_read_unit(const struct dialect *dialect, const struct field *field, float *number,
                                 unsigned *units) {
    const char *p = field->begin;
    enum table_unit unit;
    if (p == field->end || (dialect->gaps.numbers && field_is_gap(dialect, field)))
        return VALUE_GAP;

    bool plain = dialect->decimal == '.' && number_read_float(&p, field->end, number) && p == field->end;
    if (plain && isfinite(*number))
        return VALUE_NUMBER;
    if (field_is_gap(dialect, field))
        return VALUE_GAP;
    if (plain)
        return isnan(*number) ? VALUE_GAP : VALUE_INFINITE;
    if (!read_decorated(dialect, field, number, &unit))
        return VALUE_TEXT;
    if (unit != UNIT_NONE)
        *units |= 1u << unit;
    return isnan(*number) ? VALUE_GAP : isfinite(*number) ? VALUE_NUMBER : VALUE_INFINITE;
}

enum field_value field_read(const struct dialect *dialect, const struct field *field, float *number) {
    unsigned units = 0;
    return field_read_unit(dialect, field, number, &units);
}

/* ---- Texts ---- */

/* What Windows-1252, in which Excel writes, has where Latin-1 has control characters; 0: nothing, and it stays one. */
static const uint16_t WINDOWS_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

/* A byte from 0x80 on as UTF-8: two or three bytes. Returns how many. */
static size_t write_windows_1252(unsigned char c, char *out) {
    unsigned code = c < 0xa0 && WINDOWS_1252[c - 0x80] != 0 ? WINDOWS_1252[c - 0x80] : c;
    size_t length = 0;
    if (code < 0x800) {
        out[length++] = (char)(0xc0 | code >> 6);
    } else {
        out[length++] = (char)(0xe0 | code >> 12);
        out[length++] = (char)(0x80 | (code >> 6 & 0x3f));
    }
    out[length++] = (char)(0x80 | (code & 0x3f));
    return length;
}

size_t field_text(const struct dialect *dialect, const char *begin, const char *end, bool escaped,
                  char *out) {
    bool utf8 = utf8_check(begin, (size_t)(end - begin));
    size_t length = 0;
    for (const char *p = begin; p < end; p++) {
        unsigned char c = (unsigned char)*p;
        if (utf8 || c < 0x80)
            out[length++] = *p;
        else
            length += write_windows_1252(c, out + length);
        p += escaped && *p == dialect->quote;
    }
    out[length] = '\0';
    return length;
}
