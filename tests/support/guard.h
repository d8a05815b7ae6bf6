/* Memory between two pages that cannot be touched, and calls that survive touching them. */
#ifndef MINNOW_TEST_GUARD_H
#define MINNOW_TEST_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/* Must be all zero at first. guard_place makes it larger when it needs to, and otherwise uses it again. */
struct guard {
    char *map;
    size_t page, capacity;
};

/* `bytes` bytes, of which the end (at_end) or else the start borders on an unmapped page. Ends the test if there
   is no memory. */
void *guard_place(struct guard *guard, size_t bytes, bool at_end);
void guard_free(struct guard *guard);

/* Calls run(context). False if it touched memory that is not mapped; *address is then what it touched. */
bool guard_run(void (*run)(void *context), void *context, const void **address);

#endif
