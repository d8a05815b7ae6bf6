/* Numbers as text, independently of the locale. */
#ifndef MINNOW_BASE_NUMBER_H
#define MINNOW_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a decimal number (optional sign, digits, point, exponent; also inf and nan) at *text, not past `end`,
   correctly rounded to float; on success moves *text behind it. No white space is skipped; hexadecimal is
   refused. */
bool number_read_float(const char **text, const char *end, float *out);
/* The same for a double. */
bool number_read_double(const char **text, const char *end, double *out);

/* The whole string as a number: false for an empty string, trailing characters, or (integers) a value that
 * does not fit. */
bool number_parse_double(const char *text, double *out);
bool number_parse_u64(const char *text, uint64_t *out);

/* Whether a whole number is none as a float: those from 2^24 on are not all floats. */
static inline bool number_is_rounded(double value) {
    return (value >= 0x1p24 || value <= -0x1p24) && (double)(float)value != value;
}
/* Whether the text of a number, which was read as the float `value`, is such a number. */
bool number_text_is_rounded(const char *text, const char *end, float value);

enum { NUMBER_TEXT = 32 };
/* value as printf's "%.18e" writes it in the C locale: reads back to the same bits. Returns the length. */
size_t number_write_e18(double value, char text[NUMBER_TEXT]);
/* The decimal of fewest digits that reads back to the same float: at most nine of them. Returns the length. */
size_t number_write_shortest(float value, char text[NUMBER_TEXT]);
/* The same for a double: at most seventeen digits. */
size_t number_write_shortest_double(double value, char text[NUMBER_TEXT]);

/* To four significant digits, for people: without an exponent from 0.0000001 up to a million. Returns the length. */
size_t number_write_readable(double value, char text[NUMBER_TEXT]);

#endif
