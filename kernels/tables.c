/* Which tables this program has and which of them the machine runs. */
#include <string.h>
#include "cpu.h"
#include "tables.h"

const struct kernels *const kernel_tables[] = {
    &kernels_scalar,
#ifdef MINNOW_HAVE_NEON
    &kernels_neon,
#endif
#ifdef MINNOW_HAVE_AVX2
    &kernels_avx2,
#endif
#ifdef MINNOW_HAVE_AVX512
    &kernels_avx512,
#endif
};

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
