/* Which tables this program has and which of them the machine runs. */
#include <string.h>
#include "cpu.h"
#include "tables.h"

#define NAME_OF(set, SET) #set,
const char *const kernel_set_names[] = {EACH_KERNEL_SET(NAME_OF)};
const size_t kernel_set_count = sizeof kernel_set_names / sizeof kernel_set_names[0];

#define IF_0(...)
#define IF_1(...) __VA_ARGS__
#define IF(condition, ...) IF_##condition(__VA_ARGS__)
#define IF_EXPANDED(condition, ...) IF(condition, __VA_ARGS__)
#define TABLE_IF_BUILT(set, SET) IF_EXPANDED(MINNOW_HAVE_##SET, &kernels_##set, )
const struct kernels *const kernel_tables[] = {EACH_KERNEL_SET(TABLE_IF_BUILT)};
const size_t kernel_table_count = sizeof kernel_tables / sizeof kernel_tables[0];

const struct kernels *kernels_find(const char *name) {
    for (size_t i = 0; i < kernel_table_count; i++)
        if (strcmp(kernel_tables[i]->name, name) == 0)
            return kernel_tables[i];
    return NULL;
}

int kernels_usable(const struct kernels *table) {
    return (table->cpu_features & ~cpu_features()) == 0;
}

const struct kernels *kernels_best(void) {
    size_t i = kernel_table_count - 1;
    while (i > 0 && !kernels_usable(kernel_tables[i]))
        i--;
    return kernel_tables[i];
}
