/* Text for people: the notation's signs in UTF-8 or ASCII, and lines no longer than the screen is wide. */
#ifndef MINNOW_CLI_EXPLAIN_WORDS_H
#define MINNOW_CLI_EXPLAIN_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct words {
    bool utf8;
    unsigned width;
};

/* The signs that have two forms. */
enum sign {
    SIGN_DELTA,
    SIGN_MINUS,
    SIGN_TIMES,
    SIGN_PRIME,
    SIGN_TRANSPOSED,
    SIGN_PARTIAL,
    SIGN_SUM,
    SIGN_HADAMARD,
    SIGN_ARROW,
    SIGN_TAKES, /* an assignment */
    SIGN_ETA,
    SIGN_DOTS,
    SIGN_SIGMA
};
const char *word_sign(const struct words *words, enum sign sign);

/* A symbol of a layer: "z" and 1 become z with a superscript, or z1. Valid until the eighth call after it. */
const char *word_layer(const struct words *words, const char *symbol, size_t layer);

/* A number in four digits, with the minus sign of the form. Valid until the sixteenth call after it. */
const char *word_number(const struct words *words, double value);

/* Prints a paragraph, broken at spaces; the lines behind the first are indented two more. Of names in it that come from
   files, control characters are left out. */
void word_line(const struct words *words, unsigned indent, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
