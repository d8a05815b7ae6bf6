/* Every table this machine runs gives scalar's bits, for every operation of the catalogue. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>
#include "cases.h"

enum { MAX_SETS = 16, MAX_PARAMETERS = 1024 };

/* ---- Which tables there are ---- */

static bool is_listed(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; at && (at = strstr(at, name)) != NULL; at += length)
        if ((at == list || at[-1] == ',') && (at[length] == '\0' || at[length] == ','))
            return true;
    return false;
}

ParameterizedTestParameters(tables, instruction_set) {
    static int set[MAX_SETS];
    for (size_t i = 0; i < kernel_set_count; i++)
        set[i] = (int)i;
    return cr_make_param_array(int, set, kernel_set_count);
}

/* Shows as skipped where the machine lacks the set, and fails if MINNOW_EXPECT_ISA (avx2,avx512) says it
 * should not. */
ParameterizedTest(int *set, tables, instruction_set) {
    const char *name = kernel_set_names[*set];
    const struct kernels *table = kernels_find(name);
    bool runs = table && kernels_usable(table);
    if (is_listed(getenv("MINNOW_EXPECT_ISA"), name))
        cr_assert(runs, "MINNOW_EXPECT_ISA names %s, but %s", name,
                  table ? "this CPU lacks it" : "it is not built into this program");
    if (!runs)
        cr_skip_test("%s: %s", name, table ? "not on this CPU" : "not built for this architecture");
    cr_assert_str_eq(table->name, name);
}

Test(tables, expected_sets_are_known) {
    char names[256] = "";
    const char *expected = getenv("MINNOW_EXPECT_ISA");
    strncat(names, expected ? expected : "", sizeof names - 1);
    for (char *name = strtok(names, ","); name; name = strtok(NULL, ",")) {
        bool known = false;
        for (size_t i = 0; i < kernel_set_count; i++)
            known |= strcmp(name, kernel_set_names[i]) == 0;
        cr_assert(known, "MINNOW_EXPECT_ISA names %s, which is no instruction set", name);
    }
}

Test(tables, order_and_choice) {
    cr_assert_gt(kernel_table_count, 0);
    cr_assert_str_eq(kernel_tables[0]->name, "scalar");
    cr_assert(kernels_usable(kernel_tables[0]));
    for (size_t i = 0; i < kernel_table_count; i++) {
        const struct kernels *table = kernel_tables[i];
        cr_assert_eq(kernels_find(table->name), table);
        cr_assert(table->tile_rows > 0 && table->tile_columns > 0 && table->vector_floats > 0);
        if (i > 0)
            cr_assert_geq(table->vector_floats, kernel_tables[i - 1]->vector_floats);
        bool known = false;
        for (size_t s = 0; s < kernel_set_count; s++)
            known |= strcmp(table->name, kernel_set_names[s]) == 0;
        cr_assert(known, "%s is missing from the names in this test", table->name);
        if (kernels_usable(table))
            cr_assert_geq(kernels_best()->vector_floats, table->vector_floats);
    }
    cr_assert(kernels_usable(kernels_best()));
    cr_assert_null(kernels_find("sse9"));
    cr_assert_null(kernels_find(""));
}

Test(tables, no_operation_is_missing) {
    for (size_t i = 0; i < kernel_table_count; i++) {
        for (size_t e = 0; e < kernel_catalogue_count; e++)
            cr_assert(kernel_entry_present(&kernel_catalogue[e], kernel_tables[i]), "%s has no %s",
                      kernel_tables[i]->name, kernel_catalogue[e].name);
        cr_assert(kernel_tables[i]->measure_fma && kernel_tables[i]->measure_read);
    }
}

Test(tables, catalogue_is_in_order) {
    for (size_t e = 0; e < kernel_catalogue_count; e++) {
        const struct kernel_entry *entry = &kernel_catalogue[e];
        cr_assert_eq(entry->offset, offsetof(struct kernels, forward) + e * sizeof(void (*)(void)));
        cr_assert_eq(kernel_entry_find(entry->name), entry);
        cr_assert(entry->run && entry->bench_shapes && entry->operand_count > 0);
        bool writes = false;
        for (unsigned i = 0; i < entry->operand_count; i++)
            writes |= entry->operand[i].access != ACCESS_READ;
        cr_assert(writes, "%s writes nothing", entry->name);
    }
    cr_assert_null(kernel_entry_find("measure_fma"));
}

/* ---- The same bits ---- */

struct subject {
    int table, entry;
};

ParameterizedTestParameters(tables, same_bits_as_scalar) {
    static struct subject subject[MAX_PARAMETERS];
    size_t count = 0;
    for (size_t t = 0; t < kernel_table_count; t++)
        for (size_t e = 0; kernels_usable(kernel_tables[t]) && e < kernel_catalogue_count; e++) {
            if (count == MAX_PARAMETERS)
                abort();
            subject[count++] = (struct subject){(int)t, (int)e};
        }
    return cr_make_param_array(struct subject, subject, count);
}

/* Scalar itself is among the tables: it too must touch nothing it should not. */
ParameterizedTest(struct subject *subject, tables, same_bits_as_scalar) {
    char message[CASE_MESSAGE];
    size_t count;
    cr_assert(cases_pass(kernel_tables[subject->table], &kernel_catalogue[subject->entry], message, &count),
              "%s", message);
    cr_assert_gt(count, 100);
}
