/* Pages of their own: one file of HTML with its style, its script and its data, which asks for nothing else. README.md
   says how they are made. */
#ifndef MINNOW_CLI_PAGES_H
#define MINNOW_CLI_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/output.h"

/* A page, as the build embeds it: what goes before its data, and behind. */
struct page {
    const unsigned char *head;
    size_t head_size;
    const unsigned char *tail;
    size_t tail_size;
};

extern const struct page page_explain, page_report, page_serve, page_live;

/* Begins the file with what goes before the data; the caller writes those, as JSON, and calls page_end, which also
   releases the output after a failure. Errors: OUTPUT, MEMORY. */
minnow_status page_begin(const struct page *page, const char *path, struct output **out);
minnow_status page_end(const struct page *page, struct output *output);

/* The whole page with its data, which are JSON, in memory, from malloc. Errors: MEMORY. */
minnow_status page_in_memory(const struct page *page, const char *json, char **text, size_t *size);

/* Values of that JSON. Texts are made harmless: no '<' in them ends the script element that holds the data, and what is
   not UTF-8 becomes '?'. NULL is null. Floats are an array's bytes, little-endian, in base64: the last bit reaches the
   page. */
void page_write_text(struct output *output, const char *text);
void page_write_floats(struct output *output, const float *values, size_t count);
/* The shortest decimal; null for what is not finite. */
void page_write_number(struct output *output, double value);
/* ",\"KEY\":", with the comma unless it is the first of its object. */
void page_write_key(struct output *output, bool first, const char *key);

#endif
