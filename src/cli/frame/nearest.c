#include "cli/frame/nearest.h"

#include <string.h>

#include "base/memory.h"

/* "TRAIN" is as near to "train" as can be, whatever the locale. */
static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Levenshtein's distance: insertions, deletions and replacements from a[m] to b[n]; n is at most
   NEAREST_LONGEST. */
static size_t edit_distance(const char *a, size_t m, const char *b, size_t n) {
    size_t row[NEAREST_LONGEST + 1];
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t replace = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));
            diagonal = row[j];
            row[j] = size_min(replace, size_min(row[j], row[j - 1]) + 1);
        }
    }
    return row[n];
}

void nearest_begin(struct nearest *search, const char *misspelt, size_t length) {
    *search =
        (struct nearest){.misspelt = misspelt, .length = length, .limit = length < 4 ? 1 : length / 3 + 1};
}

static void remember(struct nearest *search, const char *meant) {
    for (size_t i = 0; i < search->count; i++)
        if (strcmp(search->found[i], meant) == 0)
            return;
    if (search->count < NEAREST_MOST)
        search->found[search->count++] = meant;
}

void nearest_offer(struct nearest *search, const char *name, size_t length, const char *meant) {
    if (search->length == 0 || search->length > NEAREST_LONGEST || length > NEAREST_LONGEST)
        return;

    bool begins = search->length >= 2 && length >= search->length &&
                  memcmp(name, search->misspelt, search->length) == 0;
    if (begins) {
        if (!search->begun)
            search->count = 0;
        search->begun = true;
        remember(search, meant);
        return;
    }
    if (search->begun)
        return;

    size_t distance = edit_distance(search->misspelt, search->length, name, length);
    if (distance <= search->limit && (search->count == 0 || distance < search->limit)) {
        search->count = 0;
        search->limit = distance;
        remember(search, meant);
    }
}
