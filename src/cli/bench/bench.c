/* minnow bench: what this machine can do at most, and how near to it each kernel comes. */
#include "cli/bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/team.h"
#include "cli/command.h"
#include "cli/frame/json.h"
#include "cli/frame/nearest.h"
#include "cli/frame/terminal.h"
#include "cli/ranks/ranks.h"

struct settings {
    const char *kernel;
    struct size_list shape;
    double seconds;
    bool kernels_only, predict, comm;
};

static const char *choice_kernel(size_t index) {
    if (index == kernel_catalogue_count)
        return "list";
    return index < kernel_catalogue_count ? kernel_catalogue[index].name : NULL;
}

static const struct option options[] = {
    {.name = "kernel",
     .value = "NAME",
     .help = "time this one only; 'minnow bench --kernel list' names them",
     .kind = OPTION_TEXT,
     .choice = choice_kernel,
     .offset = offsetof(struct settings, kernel)},
    {.name = "shape",
     .value = "M,K,N",
     .help = "time at this shape only: M samples, K inputs, N outputs;\n"
             "what a kernel does not have is not looked at",
     .kind = OPTION_SIZES,
     .offset = offsetof(struct settings, shape),
     .least = 1,
     .most = 1u << 24},
    {.name = "seconds",
     .value = "X",
     .help = "time for each kernel, and for each thing it is compared with",
     .show_default = true,
     .kind = OPTION_REAL,
     .offset = offsetof(struct settings, seconds),
     .low = 0,
     .high = 3600},
    {.name = "kernels-only",
     .help = "do not measure the machine first",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct settings, kernels_only)},
    {.name = "predict",
     .help = "time predictions instead: one image at a time, and many together",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct settings, predict)},
    {.name = "comm",
     .help = "time messages between the processes that mpirun started, and steps of\n"
             "training over them; with --predict: what a model says of usual\n"
             "networks on usual clusters, in one process",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct settings, comm)},
};

struct bench {
    struct common_options common;
    struct settings settings;
    unsigned threads; /* of the kernels */
    bool headed;      /* the table's head is printed */
    bool wrong;
};

/* One kernel at one shape, and all that it is measured against. */
struct comparison {
    struct bench_kernel kernel;
    struct peak peak;
    struct reading reading;
    struct peer peers[PEERS];
};

/* ---- Report ---- */

/* The activation that the operation applies, if that is all that it does; or "". */
static const char *activation_name(const struct bench_kernel *kernel) {
    for (size_t i = 0; strcmp(kernel->entry->name, "activate") == 0 && i < activation_row_count; i++)
        if ((unsigned)activation_rows[i].kernel == kernel->c.way)
            return activation_rows[i].name;
    return "";
}

static double gflops(const struct comparison *c, const struct contender *contender) {
    double flops = kernel_flops(c->kernel.entry, c->kernel.c.shape);
    return flops > 0 ? flops / contender_best(contender) * 1e-9 : NAN;
}

static double gbps(const struct comparison *c) {
    return kernel_bytes(c->kernel.entry, c->kernel.c.shape) / contender_best(&c->kernel.contender) * 1e-9;
}

static void print_as_json(const struct comparison *c) {
    const struct bench_kernel *kernel = &c->kernel;
    struct kernel_shape shape = kernel->c.shape;
    double speed = gflops(c, &kernel->contender), peak = peak_gflops(&c->peak);
    json_t *line = json_pack(
        "{s:s, s:s, s:[I, I, I], s:i, s:o, s:o, s:o, s:o, s:o, s:I, s:I}", "kernel", kernel->entry->name,
        "isa", kernel->table->name, "shape", (json_int_t)shape.m, (json_int_t)shape.k, (json_int_t)shape.n,
        "threads", (int)kernel->threads, "gflops", json_number(speed), "peak_gflops", json_number(peak),
        "fraction_of_peak", json_number(speed / peak), "min_seconds",
        json_number(contender_best(&kernel->contender)), "median_seconds",
        json_number(contender_median(&kernel->contender)), "repetitions",
        (json_int_t)kernel->contender.repetitions, "samples", (json_int_t)kernel->contender.samples);
    if (activation_name(kernel)[0] != '\0')
        json_object_set_new(line, "activation", json_string(activation_name(kernel)));
    if (kernel->entry->bandwidth_bound) {
        json_object_set_new(line, "gbps", json_number(gbps(c)));
        json_object_set_new(line, "read_gbps", json_number(reading_gbps(&c->reading)));
        json_object_set_new(line, "fraction_of_read", json_number(gbps(c) / reading_gbps(&c->reading)));
    }
    for (unsigned i = 0; i < PEERS; i++)
        if (c->peers[i].contender.run) {
            const struct contender *peer = &c->peers[i].contender;
            char key[32];
            snprintf(key, sizeof key, "%s_min_seconds", peer->name);
            json_object_set_new(line, key, json_number(contender_best(peer)));
            snprintf(key, sizeof key, "%s_median_seconds", peer->name);
            json_object_set_new(line, key, json_number(contender_median(peer)));
            snprintf(key, sizeof key, "times_%s", peer->name);
            json_object_set_new(line, key,
                                json_number(contender_best(peer) / contender_best(&kernel->contender)));
        }
    print_json(line);
}

static void print_head(const struct bench *bench) {
    const struct colours *colour = output_colours();
    print("%sKernels (%s, %u thread%s)%s\n", colour->bold, bench->common.kernels->name, bench->threads,
          bench->threads == 1 ? "" : "s", colour->plain);
    print("  %-22s %16s %11s %11s %8s %8s %8s %8s", "", "M,K,N", "min", "median", "GFLOPS", "of peak", "GB/s",
          "of read");
    print(peers_built_in() ? "  speed relative to others\n" : "\n");
}

/* "12.345 µs" in a field of 11 columns. */
static void print_seconds(double seconds) {
    if (seconds < 1e-3)
        print(" %8.3f µs", seconds * 1e6);
    else
        print(" %8.3f ms", seconds * 1e3);
}

static void print_or_blank(const char *format, double value) {
    char text[32];
    snprintf(text, sizeof text, format, value);
    print(" %8s", isfinite(value) ? text : "");
}

static void print_as_text(struct bench *bench, const struct comparison *c) {
    const struct bench_kernel *kernel = &c->kernel;
    char name[64], shape[64];
    if (!bench->headed)
        print_head(bench);
    bench->headed = true;
    const char *activation = activation_name(kernel);
    snprintf(name, sizeof name, "%s%s%s", kernel->entry->name, activation[0] != '\0' ? " " : "", activation);
    snprintf(shape, sizeof shape, "%zu,%zu,%zu", kernel->c.shape.m, kernel->c.shape.k, kernel->c.shape.n);
    print("  %-22s %16s", name, shape);
    print_seconds(contender_best(&kernel->contender));
    print_seconds(contender_median(&kernel->contender));
    double speed = gflops(c, &kernel->contender);
    print_or_blank("%.1f", speed);
    print_or_blank("%.3f", speed / peak_gflops(&c->peak));
    bool by_bytes = kernel->entry->bandwidth_bound;
    print_or_blank("%.1f", by_bytes ? gbps(c) : NAN);
    print_or_blank("%.2f", by_bytes ? gbps(c) / reading_gbps(&c->reading) : NAN);
    for (unsigned i = 0; i < PEERS; i++)
        if (c->peers[i].contender.run)
            print("  %.2f× %s", contender_best(&c->peers[i].contender) / contender_best(&kernel->contender),
                  c->peers[i].contender.name);
    print("\n");
    print_flush();
}

/* ---- Measurement ---- */

static int wrong(struct bench *bench, const struct bench_kernel *kernel, const struct kernel_fault *fault) {
    char what[256], how[512];
    kernel_fault_describe(kernel->entry, fault, what, sizeof what);
    kernel_case_describe(kernel->entry, &kernel->c, how, sizeof how);
    bench->wrong = true;
    return problem(STATUS_FAILURE, "%s: not timed, it %s [%s]", kernel->table->name, what, how);
}

static void time_comparison(struct bench *bench, struct comparison *c) {
    struct contender *contenders[3 + PEERS] = {&c->kernel.contender, &c->peak.contender};
    size_t count = 2;
    if (c->kernel.entry->bandwidth_bound)
        contenders[count++] = &c->reading.contender;
    for (unsigned i = 0; i < PEERS; i++)
        contenders[count++] = &c->peers[i].contender;
    /* Other libraries' idle threads spin for some time before they sleep, on the processors the next one
     * needs. */
    double rest = peers_built_in() && bench->threads > 1 ? 0.04 : 0;
    bench_time(contenders, count, bench->settings.seconds, rest);
}

static int compare(struct bench *bench, const struct kernel_entry *entry, struct kernel_shape shape,
                   enum activation activation) {
    static struct comparison c; /* its samples are large for a stack */
    const struct kernels *table = bench->common.kernels;
    struct kernel_fault fault;
    int status = STATUS_SUCCESS;
    progress("%s at %zu,%zu,%zu", entry->name, shape.m, shape.k, shape.n);
    c = (struct comparison){.peers = {{.kernel = NULL}}};
    bool ready = bench_kernel_init(&c.kernel, table, entry, shape, activation, bench->threads);
    if (ready && entry->bandwidth_bound)
        ready = reading_init(&c.reading, table, bench->threads,
                             (size_t)(kernel_bytes(entry, c.kernel.c.shape) / bench->threads));
    if (!ready) {
        status = problem(STATUS_FAILURE, "not enough memory for %s at %zu,%zu,%zu", entry->name, shape.m,
                         shape.k, shape.n);
    } else if (!bench_kernel_verify(&c.kernel, &fault)) {
        status = wrong(bench, &c.kernel, &fault);
    } else {
        peak_init(&c.peak, table, bench->threads);
        peers_init(c.peers, &c.kernel);
        time_comparison(bench, &c);
        if (bench->common.json)
            print_as_json(&c);
        else
            print_as_text(bench, &c);
    }
    peers_free(c.peers);
    reading_free(&c.reading);
    bench_kernel_free(&c.kernel);
    return status;
}

/* An operation at a shape; the function of activations with each. Hidden layers are relu's unless told
 * otherwise. */
static int compare_all(struct bench *bench, const struct kernel_entry *entry, struct kernel_shape shape) {
    if (!entry->has_activation)
        return compare(bench, entry, shape, ACTIVATION_IDENTITY);
    if (strcmp(entry->name, "activate") != 0)
        return compare(bench, entry, shape, ACTIVATION_RELU);
    int status = STATUS_SUCCESS;
    for (size_t i = 0; i < activation_row_count; i++) {
        if (activation_rows[i].kernel == ACTIVATION_IDENTITY)
            continue;
        int one = compare(bench, entry, shape, activation_rows[i].kernel);
        status = one != STATUS_SUCCESS ? one : status;
    }
    return status;
}

static int bench_entry(struct bench *bench, const struct kernel_entry *entry) {
    const struct size_list *shape = &bench->settings.shape;
    if (shape->count == 3)
        return compare_all(bench, entry,
                           (struct kernel_shape){shape->size[0], shape->size[1], shape->size[2]});
    int status = STATUS_SUCCESS;
    for (const struct kernel_shape *s = entry->bench_shapes; s->m > 0; s++) {
        if (bench->common.kernels == kernel_tables[0] && kernel_flops(entry, *s) > 2e9) {
            note("%s at %zu,%zu,%zu: left out, it would take scalar minutes", entry->name, s->m, s->k, s->n);
            continue;
        }
        int one = compare_all(bench, entry, *s);
        status = one != STATUS_SUCCESS ? one : status;
        if (!print_flush())
            return STATUS_FAILURE;
    }
    return status;
}

/* ---- The command ---- */

static int unknown_kernel(const char *name) {
    struct nearest search;
    nearest_begin(&search, name, strlen(name));
    for (size_t i = 0; i < kernel_catalogue_count; i++)
        nearest_offer(&search, kernel_catalogue[i].name, strlen(kernel_catalogue[i].name),
                      kernel_catalogue[i].name);
    if (search.count > 0)
        return problem(STATUS_USAGE, "--kernel: there is no '%s'; did you mean '%s'?", name, search.found[0]);
    return problem(STATUS_USAGE, "--kernel: there is no '%s'; 'minnow bench --kernel list' names them", name);
}

static int run_kernels(struct bench *bench) {
    const char *name = bench->settings.kernel;
    int status = STATUS_SUCCESS;
    peers_configure(bench->common.kernels, bench->threads);
    for (size_t e = 0; e < kernel_catalogue_count; e++) {
        if (name && strcmp(kernel_catalogue[e].name, name) != 0)
            continue;
        int one = bench_entry(bench, &kernel_catalogue[e]);
        status = one != STATUS_SUCCESS ? one : status;
        if (!print_flush())
            return STATUS_FAILURE;
    }
    return status;
}

static int list_kernels(void) {
    for (size_t e = 0; e < kernel_catalogue_count; e++)
        print("%s\n", kernel_catalogue[e].name);
    return STATUS_SUCCESS;
}

static bool is_list(const struct settings *settings) {
    return settings->kernel != NULL && strcmp(settings->kernel, "list") == 0;
}

/* Options that do not go together. */
static int check_options(const struct command_line *line, const struct settings *settings) {
    static const char *const of_kernels[] = {"kernel", "shape", "kernels-only", NULL};
    static const char *const of_timing[] = {"shape", "seconds", "kernels-only", "predict",
                                            "isa",   "threads", "json",         NULL};
    if (settings->shape.count != 0 && settings->shape.count != 3)
        return problem(STATUS_USAGE, "--shape: expected three sizes M,K,N, found %zu", settings->shape.count);
    if (settings->comm && settings->predict) {
        static const char *const of_time[] = {"kernel",  "shape", "kernels-only", "seconds", "isa",
                                              "threads", NULL};
        return command_refuse_any(line->command, line, of_time,
                                  "has no effect with --comm --predict, which times nothing");
    }
    if (settings->predict || settings->comm)
        return command_refuse_any(line->command, line, of_kernels,
                                  "has no effect with --%s, which times no kernels",
                                  settings->comm ? "comm" : "predict");
    if (world_count() > 1)
        return problem(STATUS_USAGE,
                       "bench: was started in several processes, which only --comm has a use for");
    if (is_list(settings))
        return command_refuse_any(line->command, line, of_timing,
                                  "has no effect with --kernel list, which times nothing");
    if (settings->kernel != NULL && !kernel_entry_find(settings->kernel))
        return unknown_kernel(settings->kernel);
    return STATUS_SUCCESS;
}

static int run_bench(const struct command *command, int argc, char **argv) {
    struct bench bench = {.settings = {.seconds = 0.2}};
    struct command_line line;
    int status = command_begin(command, argc, argv, &bench.settings, &line);
    if (status != BEGUN)
        return status;
    status = check_options(&line, &bench.settings);
    if (status != STATUS_SUCCESS)
        return status;
    if (is_list(&bench.settings))
        return list_kernels();
    if (!output_usable())
        return STATUS_FAILURE;

    bench.common = line.common;
    unsigned all = team_threads(bench.common.threads); /* before a peer changes OpenMP's mind */
    if (bench.settings.comm)
        return bench.settings.predict ? bench_comm_predict(&bench.common)
                                      : bench_comm(&bench.common, bench.settings.seconds);
    if (bench.settings.predict)
        return bench_predict(&bench.common, all, bench.settings.seconds);

    bench.threads = bench.common.threads != 0 ? all : 1;
    if (!bench.settings.kernels_only && !bench_machine(&bench.common, all, bench.settings.seconds))
        return problem(STATUS_FAILURE, "not enough memory to measure its bandwidth");
    return run_kernels(&bench);
}

const struct command command_bench = {
    .name = "bench",
    .words = "benchmark",
    .over_ranks = true,
    .summary = "measures the machine and how near to its limits each kernel comes",
    .usage = "[OPTIONS]",
    .about =
        "Measures fused multiply-adds of each instruction set on one thread and on all, and reading from "
        "each\n"
        "level of memory; then every kernel of one instruction set, checked against scalar first, on one\n"
        "thread unless --threads says otherwise. What is compared takes turns, so that a machine whose "
        "speed\n"
        "wanders slows all alike. 'of peak' is against the multiply-adds, 'of read' against reading as many\n"
        "bytes over and over. Sparse kernels count the operations of the dense ones, at 19 % nonzeros.\n",
    .examples = "  minnow bench --kernel forward --shape 128,784,512\n"
                "  minnow bench --isa avx2 --json > bench.jsonl\n"
                "  minnow bench --predict\n"
                "  mpirun -n 4 minnow bench --comm\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_bench,
};
