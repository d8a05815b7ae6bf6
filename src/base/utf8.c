#include "base/utf8.h"

/* The length of the sequence that starts here, of which `left` bytes are there; 0 if it is none. */
static size_t sequence(const unsigned char *text, size_t left) {
    unsigned char first = text[0];
    if (first < 0x80)
        return first != 0;
    size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    unsigned char low = 0x80, high = 0xbf; /* of the second byte */
    if (first < 0xc2 || first > 0xf4 || left < length)
        return 0;
    if (first == 0xe0)
        low = 0xa0;
    if (first == 0xed)
        high = 0x9f;
    if (first == 0xf0)
        low = 0x90;
    if (first == 0xf4)
        high = 0x8f;
    if (text[1] < low || text[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (text[i] < 0x80 || text[i] > 0xbf)
            return 0;
    return length;
}

bool utf8_check(const char *text, size_t length) {
    for (size_t i = 0; i < length;) {
        size_t step = sequence((const unsigned char *)text + i, length - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}
