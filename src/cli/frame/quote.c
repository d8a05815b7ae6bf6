#include "cli/frame/quote.h"

#include <stdio.h>
#include <string.h>

void quote(const char *word, char *text, size_t size) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+,=:@%";
    size_t length = 0;
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        snprintf(text, size, "%s", word);
        return;
    }
    text[length++] = '\'';
    for (; *word != '\0' && length + 6 < size; word++)
        length += (size_t)snprintf(text + length, size - length, *word == '\'' ? "'\\''" : "%c", *word);
    snprintf(text + length, size - length, "'");
}
