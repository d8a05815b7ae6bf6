#include "base/number.h"

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/byte_order.h"

/* strtod and printf follow the thread's locale; this is the C locale for as long as one call needs it. */
static locale_t c_locale(void) {
    static locale_t locale;
    locale_t current = __atomic_load_n(&locale, __ATOMIC_ACQUIRE);
    if (current != (locale_t)0)
        return current;
    locale_t made = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!__atomic_compare_exchange_n(&locale, &current, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        freelocale(made);
        return current;
    }
    return made;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

struct decimal {
    bool negative, exact; /* exact: mantissa holds every digit */
    uint64_t mantissa;
    int exponent; /* value = mantissa · 10^exponent */
    const char *end;
};

/* The mantissa holds 19 digits. With more, the number is not exact, and is left to the C library. */
static const char *scan_digits(const char *p, const char *end, struct decimal *decimal, int *count) {
    for (*count = 0; p < end && is_digit(*p); p++) {
        *count += *count < 1 << 30; /* an int must not overflow, however many digits the file has */
        if (decimal->mantissa < 1000000000000000000u)
            decimal->mantissa = decimal->mantissa * 10 + (uint64_t)(*p - '0');
        else
            decimal->exact = false;
    }
    return p;
}

static bool scan_decimal(const char *p, const char *end, struct decimal *decimal) {
    *decimal = (struct decimal){.exact = true};
    if (p < end && (*p == '-' || *p == '+'))
        decimal->negative = *p++ == '-';
    int whole, fraction = 0;
    p = scan_digits(p, end, decimal, &whole);
    if (p < end && *p == '.')
        p = scan_digits(p + 1, end, decimal, &fraction);
    if (whole + fraction == 0)
        return false;
    decimal->exponent = -fraction;
    decimal->end = p;
    if (p == end || (*p != 'e' && *p != 'E'))
        return true;
    p++;
    bool minus = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end || !is_digit(*p))
        return true; /* "1e" is the number 1, and a letter after it */
    int exponent = 0;
    for (; p < end && is_digit(*p); p++)
        exponent = exponent < 100000 ? exponent * 10 + (*p - '0') : exponent;
    decimal->exponent += minus ? -exponent : exponent;
    decimal->end = p;
    return true;
}

enum { LARGEST_EXACT_POWER = 22 };
static const double power_of_ten[LARGEST_EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                             1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                             1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* When mantissa and power of ten are exact doubles, one division or multiplication rounds correctly
   (W. D. Clinger, "How to read floating point numbers accurately", PLDI 1990). */
static bool convert_exactly(const struct decimal *decimal, double *out) {
    if (!decimal->exact || decimal->mantissa > (uint64_t)1 << 53 || decimal->exponent > LARGEST_EXACT_POWER ||
        decimal->exponent < -LARGEST_EXACT_POWER)
        return false;

    double value = (double)decimal->mantissa;
    value = decimal->exponent < 0 ? value / power_of_ten[-decimal->exponent]
                                  : value * power_of_ten[decimal->exponent];
    *out = decimal->negative ? -value : value;
    return true;
}

/* Whether rounding this double, which is the nearest to some number, to float may give another float than
   rounding the number itself: only where the double lies halfway between two floats. */
static bool is_halfway(double value) {
    const uint64_t half = UINT64_C(1) << 28; /* of a float's last place, in a double's last places */
    return (double_to_bits(value) & (2 * half - 1)) == half;
}

/* The usual number of a data file, which all the others must not slow down: no sign, at most 15 digits with or
   without a point, no exponent. The integer that the digits make and the power of ten are exact doubles, so
   that one division rounds correctly to double. So few digits cannot leave the range of normal floats. False,
   and nothing is changed, for any other text. */
static bool read_short_decimal(const char **text, const char *end, float *out) {
    enum { MOST_DIGITS = 15 };
    const char *p = *text;
    uint64_t mantissa = 0; /* wraps around where there are too many digits, which is found out afterwards */
    for (; p < end && is_digit(*p); p++)
        mantissa = 10 * mantissa + (uint64_t)(*p - '0');
    ptrdiff_t whole = p - *text, fraction = 0;

    if (p < end && *p == '.') {
        const char *point = p++;
        for (; p < end && is_digit(*p); p++)
            mantissa = 10 * mantissa + (uint64_t)(*p - '0');
        fraction = p - point - 1;
    }

    bool has_exponent = p < end && (*p == 'e' || *p == 'E');
    if (whole + fraction == 0 || whole + fraction > MOST_DIGITS || has_exponent)
        return false;

    double value = (double)mantissa / power_of_ten[fraction];
    if (is_halfway(value))
        return false;
    *out = (float)value;
    *text = p;
    return true;
}

/* The C library's conversion of text that need not end in a NUL. */
static bool convert_slowly(const char *text, const char *end, bool to_float, double *out) {
    char small[128], *copy = small;
    size_t length = (size_t)(end - text);
    if (length >= sizeof small && (copy = malloc(length + 1)) == NULL)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    locale_t before = uselocale(c_locale());
    *out = to_float ? (double)strtof(copy, NULL) : strtod(copy, NULL);
    uselocale(before);
    if (copy != small)
        free(copy);
    return true;
}

/* inf, infinity and nan in any case, with a sign. */
static bool read_special(const char **text, const char *end, double *out) {
    static const struct {
        const char *name;
        double value;
    } specials[] = {{"infinity", __builtin_inf()}, {"inf", __builtin_inf()}, {"nan", __builtin_nan("")}};
    const char *p = *text;
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
        size_t length = strlen(specials[i].name);
        if ((size_t)(end - p) < length || strncasecmp(p, specials[i].name, length) != 0)
            continue;
        *out = negative ? -specials[i].value : specials[i].value;
        *text = p + length;
        return true;
    }
    return false;
}

bool number_read_double(const char **text, const char *end, double *out) {
    struct decimal decimal;
    if (!scan_decimal(*text, end, &decimal))
        return read_special(text, end, out);
    if (!convert_exactly(&decimal, out) && !convert_slowly(*text, decimal.end, false, out))
        return false;
    *text = decimal.end;
    return true;
}

/* Kept out of number_read_float, whose short way would otherwise save the registers that this one needs. */
__attribute__((noinline)) static bool read_any_float(const char **text, const char *end, float *out) {
    struct decimal decimal;
    double value = 0.0;
    if (!scan_decimal(*text, end, &decimal)) {
        if (!read_special(text, end, &value))
            return false;
        *out = (float)value;
        return true;
    }

    bool exact = convert_exactly(&decimal, &value);
    /* Below the smallest normal float, floats lie so far apart that is_halfway() looks at the wrong bits. */
    bool normal_or_zero = value == 0.0 || value >= 0x1p-126 || value <= -0x1p-126;
    if ((!exact || !normal_or_zero || is_halfway(value)) && !convert_slowly(*text, decimal.end, true, &value))
        return false;
    *out = (float)value;
    *text = decimal.end;
    return true;
}

bool number_read_float(const char **text, const char *end, float *out) {
    return read_short_decimal(text, end, out) || read_any_float(text, end, out);
}

bool number_text_is_rounded(const char *text, const char *end, float value) {
    double exact;
    return (value >= 0x1p24F || value <= -0x1p24F) && number_read_double(&text, end, &exact) && text == end &&
           exact == rint(exact) && exact != (double)value;
}

bool number_parse_double(const char *text, double *out) {
    const char *end = text + strlen(text);
    return number_read_double(&text, end, out) && text == end;
}

bool number_parse_u64(const char *text, uint64_t *out) {
    uint64_t value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (!is_digit(*text) || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
            return false;
    }
    *out = value;
    return true;
}

static size_t write_number(char text[NUMBER_TEXT], const char *format, int digits, double value) {
    locale_t before = uselocale(c_locale());
    int length = snprintf(text, NUMBER_TEXT, format, digits, value);
    uselocale(before);
    return length < 0 ? 0 : (size_t)length;
}

size_t number_write_e18(double value, char text[NUMBER_TEXT]) {
    return write_number(text, "%.*e", 18, value);
}

static bool reads_back_float(const char *text, size_t length, double value) {
    float back;
    return number_read_float(&text, text + length, &back) && (double)back == value;
}

static bool reads_back_double(const char *text, size_t length, double value) {
    double back;
    return number_read_double(&text, text + length, &back) && back == value;
}

/* A decimal of up to `sure` digits is no other's nearest binary number, so that one that reads back is the only one
   of that length or less, and printf leaves out its zeros at the end. That does not hold for subnormal
   numbers, which have fewer bits: there every length is tried. `most` digits always read back. */
static size_t write_shortest(double value, int sure, int most, double least_normal,
                             bool (*reads_back)(const char *, size_t, double), char text[NUMBER_TEXT]) {
    bool subnormal = value != 0.0 && value > -least_normal && value < least_normal;
    for (int digits = subnormal ? 1 : sure;; digits++) {
        size_t length = write_number(text, "%.*g", digits, value);
        if (digits == most || reads_back(text, length, value))
            return length;
    }
}

size_t number_write_shortest(float value, char text[NUMBER_TEXT]) {
    return write_shortest((double)value, FLT_DIG, FLT_DECIMAL_DIG, (double)FLT_MIN, reads_back_float, text);
}

size_t number_write_shortest_double(double value, char text[NUMBER_TEXT]) {
    return write_shortest(value, DBL_DIG, DBL_DECIMAL_DIG, DBL_MIN, reads_back_double, text);
}

size_t number_write_readable(double value, char text[NUMBER_TEXT]) {
    enum { DIGITS = 4 };
    double size = value < 0 ? -value : value;
    bool plain = size == 0 || (size >= 1e-7 && size < 1e6);
    int digits = DIGITS - 1;
    for (double bound = 1; plain && size > 0 && size < bound; bound /= 10)
        digits++;
    for (double bound = 10; plain && digits > 0 && size >= bound; bound *= 10)
        digits--;

    size_t length =
        plain ? write_number(text, "%.*f", digits, value) : write_number(text, "%.*g", DIGITS, value);
    if (!plain || strchr(text, '.') == NULL)
        return length;
    while (text[length - 1] == '0')
        length--;
    length -= text[length - 1] == '.';
    text[length] = '\0';
    return length;
}
