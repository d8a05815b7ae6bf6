#include <stdio.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/team.h"
#include "cli/bench/bench.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"

/* ---- Fused multiply-adds ---- */

struct work {
    struct contender *contender;
    size_t repetitions;
};

static void peak_member(struct team_member member, void *context) {
    struct work *work = context;
    struct peak *peak = work->contender->context;
    float sink = 0.5f; /* also what the sums are fed with */
    (void)member;
    peak->table->measure_fma(work->repetitions, &sink);
}

static void run_peak(struct contender *self, size_t repetitions) {
    struct peak *peak = self->context;
    team_run(peak->threads, peak_member, &(struct work){self, repetitions});
}

void peak_init(struct peak *peak, const struct kernels *table, unsigned threads) {
    float sink = 0.5f; /* also what the sums are fed with */
    *peak = (struct peak){.contender = {.name = "peak", .run = run_peak}, .table = table, .threads = threads};
    peak->contender.context = peak;
    peak->flops = table->measure_fma(1, &sink) * threads;
}

double peak_gflops(const struct peak *peak) {
    return peak->flops / contender_best(&peak->contender) * 1e-9;
}

/* ---- Reading ---- */

static void reading_member(struct team_member member, void *context) {
    struct work *work = context;
    struct reading *reading = work->contender->context;
    float sink = 0.5f; /* also what the sums are fed with */
    reading->table->measure_read(work->repetitions, reading->floats,
                                 reading->array + member.index * reading->floats, &sink);
}

static void run_reading(struct contender *self, size_t repetitions) {
    struct reading *reading = self->context;
    team_run(reading->threads, reading_member, &(struct work){self, repetitions});
}

bool reading_init(struct reading *reading, const struct kernels *table, unsigned threads, size_t bytes) {
    size_t floats = size_round_up(bytes / sizeof(float), 1024),
           total; /* whole vectors and unrolled rounds of them */
    *reading = (struct reading){.table = table,
                                .threads = threads,
                                .floats = floats,
                                .contender = {.name = "read", .run = run_reading}};
    reading->contender.context = reading;
    if (size_multiply(floats, threads, &total))
        reading->array = memory_allocate(total, sizeof(float));
    return reading->array != NULL;
}

double reading_gbps(const struct reading *reading) {
    return (double)(reading->floats * sizeof(float)) * reading->threads /
           contender_best(&reading->contender) * 1e-9;
}

void reading_free(struct reading *reading) {
    memory_free(reading->array);
    reading->array = NULL;
}

/* ---- The machine's page of the report ---- */

/* What the C library knows of the caches; usual sizes where it knows nothing. */
static size_t cache_bytes(int level) {
    long known = -1;
#ifdef _SC_LEVEL1_DCACHE_SIZE
    static const int name[] = {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE};
    known = sysconf(name[level]);
#endif
    static const size_t usual[] = {32 << 10, 512 << 10, 16 << 20};
    return known > 0 ? (size_t)known : usual[level];
}

static size_t size_max(size_t a, size_t b) {
    return a > b ? a : b;
}

static void print_peak(const struct common_options *common, const struct peak *peak) {
    if (common->json)
        print_json(json_pack("{s:s, s:s, s:i, s:o}", "measure", "fma_peak", "isa", peak->table->name,
                             "threads", (int)peak->threads, "gflops", json_number(peak_gflops(peak))));
    else
        print("  %-8s %2u thread%s  %9.1f GFLOPS\n", peak->table->name, peak->threads,
              peak->threads == 1 ? " " : "s", peak_gflops(peak));
    print_flush();
}

static void print_reading(const struct common_options *common, const struct reading *reading,
                          const char *level) {
    size_t bytes = reading->floats * sizeof(float);
    if (common->json)
        print_json(json_pack("{s:s, s:s, s:s, s:i, s:I, s:o}", "measure", "read", "level", level, "isa",
                             reading->table->name, "threads", (int)reading->threads, "bytes",
                             (json_int_t)bytes, "gbps", json_number(reading_gbps(reading))));
    else
        print("  %-8s %2u thread%s  %9.1f GB/s, %zu KiB %s\n", level, reading->threads,
              reading->threads == 1 ? " " : "s", reading_gbps(reading), bytes >> 10,
              reading->threads == 1 ? "read over and over" : "each");
    print_flush();
}

static void measure_peak(const struct common_options *common, const struct kernels *table, unsigned threads,
                         double budget) {
    struct peak peak;
    progress("FMA peak of %s on %u threads", table->name, threads);
    peak_init(&peak, table, threads);
    bench_time((struct contender *[]){&peak.contender}, 1, budget, 0);
    print_peak(common, &peak);
}

static bool measure_reading(const struct common_options *common, const char *level, size_t bytes,
                            unsigned threads, double budget) {
    struct reading reading;
    progress("reading %s on %u threads", level, threads);
    bool fits = reading_init(&reading, common->kernels, threads, bytes);
    if (fits) {
        bench_time((struct contender *[]){&reading.contender}, 1, budget, 0);
        print_reading(common, &reading, level);
    }
    reading_free(&reading);
    return fits;
}

bool bench_machine(const struct common_options *common, unsigned threads, double budget) {
    static const char *const levels[] = {"L1", "L2", "L3", "memory"};
    const struct colours *colour = output_colours();
    bool fits = true;
    if (!common->json)
        print("%sFused multiply-adds%s\n", colour->bold, colour->plain);
    for (size_t t = 0; t < kernel_table_count; t++)
        for (unsigned n = 1; kernels_usable(kernel_tables[t]) && n <= threads;
             n += threads > 1 ? threads - 1 : 1)
            measure_peak(common, kernel_tables[t], n, budget);
    if (!common->json)
        print("%sReading (%s)%s\n", colour->bold, common->kernels->name, colour->plain);
    for (int level = 0; level < 4; level++) {
        /* Half of a core's own cache; of the shared one, which may be said to be more than one core can use,
           what the own one clearly cannot hold; for memory, more than the caches hold. */
        size_t bytes = level < 2    ? cache_bytes(level) / 2
                       : level == 2 ? size_min(cache_bytes(2) / 4, 16 * cache_bytes(1))
                                    : size_min(size_max(4 * cache_bytes(2), 64u << 20), 256u << 20);
        for (unsigned n = 1; fits && n <= threads; n += threads > 1 ? threads - 1 : 1)
            fits = measure_reading(common, levels[level], level == 2 ? bytes / n : bytes, n, budget);
    }
    return fits;
}
