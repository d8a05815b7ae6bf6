/* OMP_NUM_THREADS: what is a number of threads, and what is ignored. */
#include <criterion/criterion.h>
#include <limits.h>
#include <string.h>
#include "cli/frame/threads.h"

Test(threads, lists_of_positive_numbers) {
    static const struct {
        const char *text;
        unsigned threads;
    } cases[] = {{"1", 1},
                 {"4", 4},
                 {"4,2", 4},
                 {" 4 ", 4},
                 {"\t3\n,\v2", 3},
                 {"+4", 4},
                 {"4 , +3 ,1", 4},
                 {"007", 7},
                 {"1024", 1024},
                 {"65536,1", 65536},
                 {"2147483647", INT_MAX},
                 {"99999999999999999999", INT_MAX}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct omp_num_threads found = omp_num_threads_parse(cases[i].text);
        cr_assert_eq(found.threads, cases[i].threads, "\"%s\" gave %u", cases[i].text, found.threads);
        cr_assert(!found.ignored, "\"%s\"", cases[i].text);
        cr_assert_str_eq(found.text, "");
    }
}

Test(threads, not_set) {
    struct omp_num_threads found = omp_num_threads_parse(NULL);
    cr_assert(found.threads == 0 && !found.ignored);
}

/* What GNU's OpenMP ignores. */
Test(threads, anything_else_is_ignored) {
    static const char *const texts[] = {"",     " ",   "abc", "4x",  "4,abc", "4,",  ",4",
                                        "4,,2", "0",   "4,0", "-4",  "4;2",   "0x4", "1e3",
                                        "2.5",  "+ 4", "++4", "4 2", "all",   "4,-1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct omp_num_threads found = omp_num_threads_parse(texts[i]);
        cr_assert(found.ignored, "\"%s\"", texts[i]);
        cr_assert_eq(found.threads, 0, "\"%s\" gave %u", texts[i], found.threads);
        cr_assert_str_eq(found.text, texts[i]);
    }
}

Test(threads, what_is_ignored_is_shown_safely) {
    char text[201];
    memset(text, 'x', 200);
    text[200] = '\0';
    cr_assert_eq(strlen(omp_num_threads_parse(text).text), THREADS_TEXT - 1);
    cr_assert_str_eq(omp_num_threads_parse("a\033[2J\xc3\xa4\x7f~").text, "a?[2J???~");
}
