/* Checked sizes and aligned memory. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>
#include "base/memory.h"

Test(memory, sizes_are_checked) {
    size_t out;
    cr_assert(size_multiply(SIZE_MAX / 3, 3, &out) && out == SIZE_MAX / 3 * 3);
    cr_assert(!size_multiply(SIZE_MAX / 3 + 1, 3, &out));
    cr_assert(size_multiply(0, SIZE_MAX, &out) && out == 0);
    cr_assert(size_add(SIZE_MAX - 1, 1, &out) && out == SIZE_MAX);
    cr_assert(!size_add(SIZE_MAX, 1, &out));
    cr_assert_eq(size_round_up(0, 16), 0);
    cr_assert_eq(size_round_up(1, 16), 16);
    cr_assert_eq(size_round_up(16, 16), 16);
    cr_assert_eq(size_round_up(17, 16), 32);
}

Test(memory, memory_is_aligned_zeroed_and_refused) {
    for (size_t i = 0; i < 400; i++) {
        size_t count = i / 2 * 7 % 200; /* each twice: the second time, memory that was used before */
        char *memory = memory_allocate(count, 3);
        cr_assert_not_null(memory);
        cr_assert_eq((uintptr_t)memory % CACHE_LINE, 0);
        for (size_t j = 0; j < count * 3; j++)
            cr_assert_eq(memory[j], 0);
        memset(memory, 1, count * 3);
        memory_free(memory);
    }
    volatile size_t huge = SIZE_MAX;
    cr_assert_null(memory_allocate(huge, 2));
    cr_assert_null(memory_allocate(huge / 2 + 2, 2));
    cr_assert_null(memory_allocate(huge, 1));
    cr_assert_null(memory_allocate(huge / 2, 1));
    memory_free(NULL);
}
