#include "cli/explain/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/frame/terminal.h"

const char *word_sign(const struct words *words, enum sign sign) {
    static const char *const signs[][2] = {
        [SIGN_DELTA] = {"delta", "δ"}, [SIGN_MINUS] = {"-", "−"},       [SIGN_TIMES] = {"*", "×"},
        [SIGN_PRIME] = {"'", "′"},     [SIGN_TRANSPOSED] = {"^T", "ᵀ"}, [SIGN_PARTIAL] = {"d", "∂"},
        [SIGN_SUM] = {"sum", "Σ"},     [SIGN_HADAMARD] = {".", "⊙"},    [SIGN_ARROW] = {"->", "→"},
        [SIGN_TAKES] = {"<-", "←"},    [SIGN_ETA] = {"eta", "η"},       [SIGN_DOTS] = {"...", "…"},
        [SIGN_SIGMA] = {"sigma", "σ"},
    };
    return signs[sign][words->utf8];
}

const char *word_layer(const struct words *words, const char *symbol, size_t layer) {
    static const char *const digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    static char texts[8][48];
    static size_t next;
    char *text = texts[next++ % 8], number[24];
    size_t length = (size_t)snprintf(text, sizeof texts[0], "%s", symbol);
    snprintf(number, sizeof number, "%zu", layer);
    for (const char *digit = number; *digit != '\0'; digit++)
        length += (size_t)snprintf(text + length, sizeof texts[0] - length, "%s",
                                   words->utf8 ? digits[*digit - '0'] : (char[]){*digit, '\0'});
    return text;
}

const char *word_number(const struct words *words, double value) {
    static char texts[16][40];
    static size_t next;
    char *text = texts[next++ % 16], digits[32];
    snprintf(digits, sizeof digits, "%.4g", value);
    bool minus = digits[0] == '-';
    char *exponent = strstr(digits, "e-"); /* its minus too */
    if (exponent != NULL)
        *exponent = '\0';
    snprintf(text, sizeof texts[0], "%s%s%s%s%s", minus ? word_sign(words, SIGN_MINUS) : "", digits + minus,
             exponent != NULL ? "e" : "", exponent != NULL ? word_sign(words, SIGN_MINUS) : "",
             exponent != NULL ? exponent + 2 : "");
    return text;
}

/* How many characters of the screen a word takes: bytes that begin one. */
static unsigned width_of(const char *word, size_t length) {
    unsigned width = 0;
    for (size_t i = 0; i < length; i++)
        width += ((unsigned char)word[i] & 0xc0) != 0x80;
    return width;
}

void word_line(const struct words *words, unsigned indent, const char *format, ...) {
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);

    unsigned at = indent;
    bool first = true;
    print("%*s", (int)indent, "");
    for (const char *word = text; *word != '\0';) {
        size_t spaces = strspn(word, " "), length = strcspn(word + spaces, " ");
        unsigned width = width_of(word + spaces, length);
        if (!first && at + (unsigned)spaces + width > words->width) {
            print("\n%*s", (int)indent + 2, "");
            at = indent + 2;
        } else {
            print("%*s", (int)spaces, "");
            at += (unsigned)spaces;
        }
        char copy[sizeof text];
        snprintf(copy, sizeof copy, "%.*s", (int)length, word + spaces);
        print_harmless(copy);
        at += width;
        word += spaces + length;
        first = false;
    }
    print("\n");
}
