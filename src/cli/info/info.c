#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/team.h"
#include "cli/command.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "cli/frame/threads.h"
#include "cli/info/plan.h"
#include "cli/inputs/data_source.h"
#include "cli/ranks/ranks.h"
#include "cli/serve/serve.h"
#include "cpu.h"
#include "data/formats/format.h"

struct settings {
    const char *data;
    struct size_list plan;
    uint64_t batch;
};

#define TARGET(member) .offset = offsetof(struct settings, member)

static const struct option options[] = {
    DATA_OPTION(struct settings, data, "show what this would take"),
    {.name = "plan",
     .value = "N,N,...",
     .help = "show how a training step of a network of these sizes, inputs\n"
             "and outputs included, would be carried out, on samples of\n"
             "bytes of which a fifth are not 0",
     .kind = OPTION_SIZES,
     TARGET(plan),
     .least = 1,
     .most = NETWORK_MAX_SIZE},
    {.name = "batch",
     .aliases = "batch-size minibatch minibatch-size bs",
     .value = "N",
     .help = "its samples per update",
     .show_default = true,
     .kind = OPTION_COUNT,
     TARGET(batch),
     .least = 1,
     .most = 65536},
};

/* Every set the project has; a program holds those its architecture has and its compiler can make. */
#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown compiler"
#endif

#if defined(__x86_64__)
#define ARCHITECTURE "x86-64"
#elif defined(__aarch64__)
#define ARCHITECTURE "aarch64"
#else
#define ARCHITECTURE "other"
#endif

#ifdef _OPENMP
#define OPENMP_VERSION _OPENMP
#else
#define OPENMP_VERSION 0
#endif

/* What all of the answer is made from. */
struct facts {
    const struct common_options *common;
    char brand[64];
    const char *why_set;
    unsigned threads;
    const char *why_threads;
    struct omp_num_threads environment;
    double quota; /* processors' worth of time, 0: none */
    struct data_source source;
};

static const char *why_threads(const struct facts *facts) {
    if (OPENMP_VERSION == 0)
        return "built without OpenMP";
    if (facts->common->threads != 0)
        return "--threads";
    if (facts->environment.threads != 0)
        return "OMP_NUM_THREADS";
    return facts->quota > 0.0 && facts->threads < team_processors() ? "the CPU quota" : "one per core";
}

static const char *set_state(const char *name) {
    const struct kernels *table = kernels_find(name);
    return table == NULL ? "not built in" : kernels_usable(table) ? "usable" : "not on this CPU";
}

static bool feature_listed(unsigned bit) {
    return (cpu_features() & (1u << bit)) != 0;
}

#define SERVER_LIBRARY "libmicrohttpd"

static void print_libraries(void) {
    for (size_t i = 0; i < data_library_count; i++)
        print("%-18s%s%s%s, for %s\n", i == 0 ? "libraries" : "", data_libraries[i].built ? "" : "not ",
              data_libraries[i].built ? "" : "built with ", data_libraries[i].name, data_libraries[i].reads);
    print("%-18s%s%s, for minnow serve\n", "", server_library() != NULL ? "" : "not built with ",
          SERVER_LIBRARY);
    const char *why, *mpi = world_library(&why);
    if (mpi != NULL)
        print("%-18s%s, for minnow train over several processes\n", "MPI", mpi);
    else
        print("%-18snone: %s\n", "MPI", why);
}

static json_t *json_libraries(void) {
    json_t *libraries = json_object();
    for (size_t i = 0; i < data_library_count; i++)
        json_object_set_new(libraries, data_libraries[i].name, json_boolean(data_libraries[i].built));
    json_object_set_new(libraries, SERVER_LIBRARY, json_boolean(server_library() != NULL));
    return libraries;
}

static json_t *json_mpi(void) {
    const char *why, *mpi = world_library(&why);
    return mpi != NULL ? json_string(mpi) : json_null();
}

static void print_as_text(const struct facts *facts) {
    const struct colours *colour = output_colours();
    print("minnow            %s\n", minnow_version());
    print("CPU               %s\n", facts->brand[0] != '\0' ? facts->brand : "(tells no name)");
    print("features         ");
    for (unsigned bit = 0; cpu_feature_name(bit) != NULL; bit++)
        if (feature_listed(bit))
            print(" %s", cpu_feature_name(bit));
    print("%s\n", cpu_features() == 0 ? " none that minnow uses" : "");
    for (size_t i = 0; i < kernel_set_count; i++) {
        const struct kernels *table = kernels_find(kernel_set_names[i]);
        bool chosen = table == facts->common->kernels;
        print("%-18s%s%-8s%s%s", i == 0 ? "instruction sets" : "", chosen ? colour->bold : "",
              kernel_set_names[i], chosen ? colour->plain : "", set_state(kernel_set_names[i]));
        if (chosen)
            print(", chosen: %s", facts->why_set);
        print("\n");
    }
    print("threads           %u: %s", facts->threads, facts->why_threads);
    if (facts->environment.ignored)
        print("; OMP_NUM_THREADS=%s is not a number of threads and is ignored", facts->environment.text);
    print("\n");
    if (facts->quota > 0.0) {
        char quota[NUMBER_TEXT];
        number_write_shortest((float)facts->quota, quota);
        print("CPU quota         time of %s processors, set by the system's control groups\n", quota);
    }
    print("data              %s (%s)\n", data_source_name(&facts->source), facts->source.why);
    print("built with        %s for %s, ", COMPILER, ARCHITECTURE);
    if (OPENMP_VERSION != 0)
        print("OpenMP %d\n", OPENMP_VERSION);
    else
        print("no OpenMP\n");
    print_libraries();
}

static void print_as_json(const struct facts *facts) {
    json_t *features = json_array(), *sets = json_array();
    for (unsigned bit = 0; cpu_feature_name(bit) != NULL; bit++)
        if (feature_listed(bit))
            json_array_append_new(features, json_string(cpu_feature_name(bit)));
    for (size_t i = 0; i < kernel_set_count; i++) {
        const struct kernels *table = kernels_find(kernel_set_names[i]);
        json_array_append_new(sets,
                              json_pack("{s:s, s:b, s:b}", "name", kernel_set_names[i], "built",
                                        table != NULL, "usable", table != NULL && kernels_usable(table)));
    }
    print_json(json_pack(
        "{s:s, s:s, s:o, s:o, s:s, s:s, s:i, s:s, s:o, s:s?, s:s, s:s, s:{s:s, s:s, s:i, s:o, s:o}}",
        "version", minnow_version(), "cpu", facts->brand, "features", features, "instruction_sets", sets,
        "isa", facts->common->kernels->name, "isa_chosen_by", facts->why_set, "threads", (int)facts->threads,
        "threads_chosen_by", facts->why_threads, "cpu_quota",
        facts->quota > 0.0 ? json_real(facts->quota) : json_null(), "omp_num_threads_ignored",
        facts->environment.ignored ? facts->environment.text : NULL, "data", data_source_name(&facts->source),
        "data_chosen_by", facts->source.why, "build", "compiler", COMPILER, "architecture", ARCHITECTURE,
        "openmp", OPENMP_VERSION, "libraries", json_libraries(), "mpi", json_mpi()));
}

static int show_plan(const struct command_line *line, const struct settings *settings) {
    if (option_given(line, "data"))
        return command_refuse(line->command, "data", "has no effect with --plan, which reads no data");
    if (settings->plan.count < 2)
        return problem(STATUS_USAGE, "info: --plan: expected sizes of inputs and outputs at least, as "
                                     "784,128,64,10");
    return info_plan(&line->common, &settings->plan, (size_t)settings->batch);
}

static int run_info(const struct command *command, int argc, char **argv) {
    struct settings settings = {.batch = 64};
    struct command_line line;
    int status = command_begin(command, argc, argv, &settings, &line);
    if (status != BEGUN)
        return status;
    if (option_given(&line, "plan"))
        return show_plan(&line, &settings);
    if (option_given(&line, "batch"))
        return command_refuse(command, "batch", "has no effect without --plan N,N,...");
    struct facts facts = {
        .common = &line.common,
        .why_set = line.common.isa != NULL && strcmp(line.common.isa, "auto") != 0
                       ? "--isa"
                       : "the widest this CPU runs",
        .threads = team_threads(line.common.threads),
        .environment = omp_num_threads(),
        .quota = team_quota(),
    };
    facts.why_threads = why_threads(&facts);
    cpu_brand(facts.brand, sizeof facts.brand);
    status = data_source_find(settings.data, true, &facts.source);
    if (status != STATUS_SUCCESS)
        return status;
    if (line.common.json)
        print_as_json(&facts);
    else
        print_as_text(&facts);
    return STATUS_SUCCESS;
}

const struct command command_info = {
    .name = "info",
    .over_ranks = true,
    .summary = "shows the CPU, the instruction set chosen and why, threads, data, build",
    .usage = "[OPTIONS]",
    .about = "What minnow finds on this machine and would use.\n",
    .examples = "  minnow info\n"
                "  OMP_NUM_THREADS=1 minnow info --isa scalar\n"
                "  minnow info --plan 784,1000,500,10 --batch 32\n"
                "  minnow info --json | jq .isa\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_info,
};
