/* Memory between two pages that cannot be touched, and calls that survive touching them. */
#ifndef MINNOW_TEST_GUARD_H
#define MINNOW_TEST_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/* Starts as all zero; grows as needed and is reused from call to call. */
struct guard {
    char *map;
    size_t page, capacity;
};

/* `bytes` bytes whose end (at_end) or start lies against an unmapped page. Ends the test if there is no
 * memory. */
void *guard_place(struct guard *guard, size_t bytes, bool at_end);
void guard_free(struct guard *guard);

/* Calls run(context). False if it touched memory that is not there; then *address says where. */
bool guard_run(void (*run)(void *context), void *context, const void **address);

#endif
