#include "cli/frame/nearest.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

/* Levenshtein's distance: insertions, deletions and replacements from a to b; both at most NEAREST_LONGEST long.
 */
static size_t edit_distance(const char *a, const char *b) {
    size_t row[NEAREST_LONGEST + 1];
    size_t columns = strlen(b);
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t replace = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = size_min(replace, size_min(row[j], row[j - 1]) + 1);
        }
    }
    return row[columns];
}

const char *nearest_name(const char *misspelt, const char *const *names, size_t count) {
    size_t length = strlen(misspelt);
    if (length > NEAREST_LONGEST)
        return NULL;
    const char *nearest = NULL;
    size_t limit = length < 4 ? 1 : length / 3 + 1;
    for (size_t i = 0; i < count; i++) {
        bool beginning = length >= 2 && strncmp(names[i], misspelt, length) == 0;
        size_t distance = beginning ? 1 : edit_distance(misspelt, names[i]);
        if (distance <= limit && (nearest == NULL || distance < limit)) {
            nearest = names[i];
            limit = distance;
        }
    }
    return nearest;
}
