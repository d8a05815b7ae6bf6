/* What a misspelt or shortened name was meant to be. */
#ifndef MINNOW_CLI_NEAREST_H
#define MINNOW_CLI_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

/* The longest name, in characters, for which a near one is looked for. */
enum { NEAREST_LONGEST = 31 };

/* So many are remembered at most. */
enum { NEAREST_MOST = 3 };

/* A search: begin it, offer every name there is, and look at what was found. */
struct nearest {
    const char *misspelt;
    size_t length, limit; /* of the misspelt name, and the most edits that still count as near */
    bool begun;           /* what was found begins with the misspelt name */
    size_t count;
    const char *found[NEAREST_MOST];
};

void nearest_begin(struct nearest *search, const char *misspelt, size_t length);

/* Offers the first `length` characters of a name. `meant` is what is found by it, the name itself or the one
   that it is another word for. All names that begin with the misspelt one are found; where there are none,
   the one of the fewest edits. */
void nearest_offer(struct nearest *search, const char *name, size_t length, const char *meant);

#endif
