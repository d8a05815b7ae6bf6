#include "base/memory.h"
#include "base/team.h"
#include "cli/bench/bench.h"

static void *place(void *context, unsigned copy, unsigned operand, size_t bytes) {
    struct bench_kernel *kernel = context;
    memory_free(kernel->memory[copy][operand]);
    kernel->memory[copy][operand] = memory_allocate(bytes, 1);
    return kernel->memory[copy][operand];
}

struct work {
    struct bench_kernel *kernel;
    size_t repetitions;
};

/* Each thread its share, as the training step has it, and none more than one call ahead of the others. */
static void run_member(struct team_member member, void *context) {
    struct work *work = context;
    const struct bench_kernel *kernel = work->kernel;
    size_t grain = kernel->entry->split == DIMENSION_N ? CACHE_LINE_FLOATS : kernel->table->tile_rows;
    size_t begin, end;
    team_slice(member, kernel_dimension(kernel->c.shape, kernel->entry->split), grain, &begin, &end);
    struct kernel_call part = kernel_call_slice(kernel->entry, &kernel->call, begin, end);
    for (size_t i = 0; i < work->repetitions; i++) {
        if (begin < end)
            kernel->entry->run(kernel->table, &part);
        team_barrier(member);
    }
}

static void run_kernel(struct contender *self, size_t repetitions) {
    struct bench_kernel *kernel = self->context;
    team_run(kernel->threads, run_member, &(struct work){kernel, repetitions});
}

bool bench_kernel_init(struct bench_kernel *kernel, const struct kernels *table,
                       const struct kernel_entry *entry, struct kernel_shape shape,
                       enum activation activation, unsigned threads) {
    bool sparse =
        entry->operand[0].content == CONTENT_SPARSE_BEGIN || entry->operand[0].content == CONTENT_FACTOR_BYTE;
    *kernel = (struct bench_kernel){.contender = {.name = "minnow", .run = run_kernel},
                                    .table = table,
                                    .entry = entry,
                                    .threads = threads};
    kernel->contender.context = kernel;
    /* The rate is small enough for weights to stay what they are over all repetitions, and the share of
       nonzeros is MNIST's. */
    kernel->c = (struct kernel_case){.shape = shape,
                                     .way = entry->has_activation ? activation : 0,
                                     .values = VALUES_TYPICAL,
                                     .row_multiple = CACHE_LINE_FLOATS,
                                     .density = sparse ? 0.19 : 1,
                                     .scalar = 0x1p-24f,
                                     .seed = 1};
    for (enum dimension d = DIMENSION_M; d <= DIMENSION_N; d++)
        if (!kernel_entry_uses(entry, d))
            *(d == DIMENSION_M   ? &kernel->c.shape.m
              : d == DIMENSION_K ? &kernel->c.shape.k
                                 : &kernel->c.shape.n) = 1;
    return kernel_prepare(entry, &kernel->c, 1, place, kernel, &kernel->call) &&
           kernel_prepare(entry, &kernel->c, 0, place, kernel, &kernel->scalar_call);
}

static bool verify_part(struct bench_kernel *kernel, size_t begin, size_t end, struct kernel_fault *fault) {
    struct kernel_call expected = kernel_call_slice(kernel->entry, &kernel->scalar_call, begin, end);
    struct kernel_call found = kernel_call_slice(kernel->entry, &kernel->call, begin, end);
    kernel->entry->run(kernel_tables[0], &expected);
    return kernel_outputs_equal(kernel->entry, &expected, &found, fault);
}

/* One call of the whole, with everything around its operands watched; then their contents as they were. */
static bool verify_closely(struct bench_kernel *kernel, struct kernel_fault *fault) {
    struct kernel_case c = kernel->c;
    c.trail = CACHE_LINE_FLOATS;
    if (!kernel_check(kernel->table, kernel->entry, &c, place, kernel, fault))
        return false;
    fault->kind = KERNEL_FAULT_MEMORY;
    return kernel_prepare(kernel->entry, &kernel->c, 1, place, kernel, &kernel->call) &&
           kernel_prepare(kernel->entry, &kernel->c, 0, place, kernel, &kernel->scalar_call);
}

bool bench_kernel_verify(struct bench_kernel *kernel, struct kernel_fault *fault) {
    enum { PARTS = 4, PART = 2 };
    const double quick = 1e8; /* operations that take scalar some tenths of a second */
    size_t total = kernel_dimension(kernel->c.shape, kernel->entry->split);
    bool whole = kernel_flops(kernel->entry, kernel->c.shape) <= quick || total <= PARTS * PART;
    if (whole && !verify_closely(kernel, fault))
        return false;
    run_kernel(&kernel->contender, 1); /* as it will be timed: in each thread's share */
    if (whole)
        return verify_part(kernel, 0, total, fault);
    for (size_t part = 0; part < PARTS; part++) { /* the first, the last, and evenly between */
        size_t begin = (total - PART) * part / (PARTS - 1);
        if (!verify_part(kernel, begin, begin + PART, fault))
            return false;
    }
    return true;
}

void bench_kernel_free(struct bench_kernel *kernel) {
    for (unsigned copy = 0; copy < 2; copy++)
        for (unsigned i = 0; i < KERNEL_OPERANDS; i++) {
            memory_free(kernel->memory[copy][i]);
            kernel->memory[copy][i] = NULL;
        }
}
