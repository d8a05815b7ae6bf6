/* What a misspelt name was meant to be. */
#ifndef MINNOW_CLI_NEAREST_H
#define MINNOW_CLI_NEAREST_H

#include <stddef.h>

/* The longest name, in characters, for which a near one is looked for. */
enum { NEAREST_LONGEST = 31 };

/* The one of `count` names nearest to a misspelt one, or NULL when none is near. */
const char *nearest_name(const char *misspelt, const char *const *names, size_t count);

#endif
