#include "cli/pages/pages.h"

#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"

minnow_status page_begin(const struct page *page, const char *path, struct output **out) {
    minnow_status status = output_open(path, out);
    if (status == MINNOW_OK)
        output_write(*out, page->head, page->head_size);
    return status;
}

minnow_status page_end(const struct page *page, struct output *output) {
    output_write(output, page->tail, page->tail_size);
    return output_commit(output);
}

minnow_status page_in_memory(const struct page *page, const char *json, char **text, size_t *size) {
    FILE *stream = open_memstream(text, size);
    if (stream == NULL)
        return fail_memory("a page");
    fwrite(page->head, 1, page->head_size, stream);
    for (const char *c = json; *c != '\0'; c++)
        fputs(*c == '<' ? "\\u003c" : (const char[]){*c, '\0'}, stream); /* which would end the element */
    fwrite(page->tail, 1, page->tail_size, stream);
    bool whole = ferror(stream) == 0;
    return fclose(stream) == 0 && whole ? MINNOW_OK : fail_memory("a page");
}

void page_write_key(struct output *output, bool first, const char *key) {
    output_printf(output, "%s\"%s\":", first ? "" : ",", key);
}

/* As JSON, from malloc; NULL where it is not UTF-8, or there is no memory. */
static char *quote(const char *text) {
    json_t *string = json_string(text);
    char *quoted = string != NULL ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
    json_decref(string);
    return quoted;
}

void page_write_text(struct output *output, const char *text) {
    char *quoted = text != NULL ? quote(text) : NULL, *copy = NULL;
    if (text != NULL && quoted == NULL && (copy = memory_copy_string(text)) != NULL) {
        for (char *c = copy; *c != '\0'; c++)
            *c = (unsigned char)*c < 0x80 ? *c : '?';
        quoted = quote(copy);
    }
    for (const char *c = quoted != NULL ? quoted : "null"; *c != '\0'; c++)
        if (*c == '<')
            output_write(output, "\\u003c", 6);
        else
            output_write(output, c, 1);
    free(quoted);
    free(copy);
}

void page_write_number(struct output *output, double value) {
    char text[NUMBER_TEXT] = "null";
    if (isfinite(value))
        number_write_shortest_double(value, text);
    output_write(output, text, strlen(text));
}

void page_write_floats(struct output *output, const float *values, size_t count) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    size_t written = 0; /* bytes, of which three make four digits */
    output_write(output, "\"", 1);
    for (size_t i = 0; i < 4 * count; i++) {
        uint32_t word;
        memcpy(&word, &values[i / 4], sizeof word);
        bits = bits << 8 | (word >> 8 * (i % 4) & 0xff);
        if (++written % 3 != 0)
            continue;
        char four[4];
        for (int d = 0; d < 4; d++)
            four[d] = digits[bits >> (18 - 6 * d) & 63];
        output_write(output, four, sizeof four);
    }
    if (written % 3 == 1)
        output_printf(output, "%c%c==", digits[bits >> 2 & 63], digits[bits << 4 & 63]);
    if (written % 3 == 2)
        output_printf(output, "%c%c%c=", digits[bits >> 10 & 63], digits[bits >> 4 & 63],
                      digits[bits << 2 & 63]);
    output_write(output, "\"", 1);
}
