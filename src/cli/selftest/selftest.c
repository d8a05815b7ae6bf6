/* minnow selftest: every table this CPU runs against scalar, and a few small trainings through each. Needs
   nothing but the program, so that it tells what to expect of a machine, or an emulator, that the test suite
   does not run on. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/memory.h"
#include "base/team.h"
#include "check.h"
#include "cli/command.h"
#include "cli/frame/terminal.h"
#include "train/trainer.h"

struct selftest {
    struct common_options common;
    bool failed;
    struct slot {
        void *memory;
        size_t bytes;
    } slots[2][KERNEL_OPERANDS];
};

/* --isa NAME: that table and scalar; otherwise all that this machine runs. */
static bool is_wanted(const struct selftest *self, const struct kernels *table) {
    bool named = self->common.isa != NULL && strcmp(self->common.isa, "auto") != 0;
    return named ? table == kernel_tables[0] || table == self->common.kernels : kernels_usable(table) != 0;
}

/* ---- Kernels ---- */

static void *place(void *context, unsigned copy, unsigned operand, size_t bytes) {
    struct selftest *self = context;
    struct slot *slot = &self->slots[copy][operand];
    if (slot->memory == NULL || bytes > slot->bytes) {
        memory_free(slot->memory);
        slot->bytes = bytes;
        slot->memory = memory_allocate(bytes, 1);
    }
    return slot->memory;
}

static void free_slots(struct selftest *self) {
    for (unsigned copy = 0; copy < 2; copy++)
        for (unsigned operand = 0; operand < KERNEL_OPERANDS; operand++)
            memory_free(self->slots[copy][operand].memory);
}

/* Small enough for an emulator, and yet on both sides of every tile's edges. */
static const struct kernel_shape shapes[] = {
    {0, 3, 5},   {3, 0, 5},   {5, 3, 0},    {1, 1, 1},   {2, 5, 7},   {6, 8, 16},  {7, 9, 17},  {12, 11, 32},
    {13, 3, 33}, {14, 6, 31}, {15, 33, 48}, {1, 47, 67}, {25, 4, 15}, {4, 784, 3}, {3, 2, 784}, {29, 13, 10},
};

static struct kernel_case case_of(const struct kernel_entry *entry, size_t index, unsigned way) {
    struct kernel_case c = {
        .shape = shapes[index],
        .values = (enum values)(way % VALUES_KINDS),
        .activation = entry->has_activation ? (enum activation)((index + way) % 4) : ACTIVATION_IDENTITY,
        .omit_optional = (index + way / 4) % 5 == 1,
        .in_place = (index + way) % 3 == 1,
        .row_multiple = index % 2 ? 16 : 1,
        .row_padding = way % 3,
        .lead = (index + way) % 5 == 0 ? 0 : 1 + (7 * way + index) % 16,
        .trail = 16,
        .density = way == 2 ? 1 : 0.19 + 0.4 * (double)(index % 2),
        .scalar = 0.17f,
        .seed = index * 8 + way,
    };
    for (enum dimension d = DIMENSION_M; d <= DIMENSION_N; d++)
        if (!kernel_entry_uses(entry, d))
            *(d == DIMENSION_M ? &c.shape.m : d == DIMENSION_K ? &c.shape.k : &c.shape.n) = 1;
    return c;
}

/* Reports the failure; the operation is not tried further. */
static void report_fault(struct selftest *self, const struct kernels *table, const struct kernel_entry *entry,
                         const struct kernel_case *c, const struct kernel_fault *fault) {
    char what[256], how[512];
    kernel_fault_describe(entry, fault, what, sizeof what);
    kernel_case_describe(entry, c, how, sizeof how);
    problem(STATUS_FAILURE, "%s: %s %s [%s]", table->name, entry->name, what, how);
    self->failed = true;
}

static size_t check_operation(struct selftest *self, const struct kernels *table,
                              const struct kernel_entry *entry, bool *equal) {
    size_t count = 0;
    *equal = true;
    for (size_t index = 0; index < sizeof shapes / sizeof shapes[0]; index++)
        for (unsigned way = 0; way < 8 && *equal; way++) {
            struct kernel_case c = case_of(entry, index, way);
            struct kernel_fault fault;
            if (!kernel_case_valid(entry, &c))
                continue;
            count++;
            *equal = kernel_check(table, entry, &c, place, self, &fault);
            if (!*equal)
                report_fault(self, table, entry, &c, &fault);
        }
    return count;
}

static void check_table(struct selftest *self, const struct kernels *table) {
    size_t cases = 0, wrong = 0;
    for (size_t e = 0; e < kernel_catalogue_count; e++) {
        const struct kernel_entry *entry = &kernel_catalogue[e];
        bool equal;
        progress("%s: %s", table->name, entry->name);
        size_t count = check_operation(self, table, entry, &equal);
        cases += count;
        wrong += !equal;
        if (self->common.json)
            print_json(json_pack("{s:s, s:s, s:s, s:I, s:b}", "event", "kernel", "kernel", entry->name, "isa",
                                 table->name, "cases", (json_int_t)count, "equal", equal));
    }
    if (!self->common.json)
        print("kernels   %-8s %zu operations, %zu cases: %s\n", table->name, kernel_catalogue_count, cases,
              wrong == 0 ? "scalar's bits" : "WRONG");
    print_flush();
}

/* ---- Training ---- */

enum { SAMPLES = 150 };

static const struct training {
    const char *name;
    minnow_activation activation;
    minnow_loss loss;
    size_t batch;
} trainings[] = {
    {"relu, softmax, mini-batches of 32", MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, 32},
    {"sigmoid, quadratic, one by one", MINNOW_ACTIVATION_SIGMOID, MINNOW_LOSS_QUADRATIC, 1},
    {"tanh, logistic, mini-batches of 7", MINNOW_ACTIVATION_TANH, MINNOW_LOSS_LOGISTIC, 7},
    {"relu, quadratic, mini-batches of 127", MINNOW_ACTIVATION_RELU, MINNOW_LOSS_QUADRATIC, 127},
};

/* On exactly as many threads as were asked for, whether they pay or not. */
static minnow_status run_training(const struct selftest *self, minnow_network *network,
                                  const minnow_dataset *digits, const struct training *training,
                                  minnow_sparsity sparse) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = training->batch;
    config.epochs = 1;
    config.learning_rate = 0.1;
    config.sparse = sparse;
    minnow_trainer *trainer;
    minnow_status status =
        trainer_create(network, digits, &config, team_threads(self->common.threads), &trainer);
    minnow_progress state;
    minnow_progress_init(&state, sizeof state);
    while (status == MINNOW_OK && !state.run_done)
        status = minnow_trainer_advance(trainer, 0, &state);
    minnow_trainer_free(trainer);
    return status;
}

static minnow_status train(const struct selftest *self, const struct kernels *table,
                           const minnow_dataset *digits, const struct training *training,
                           minnow_sparsity sparse, uint32_t *crc) {
    static const size_t sizes[] = {784, 20, 18, 10}; /* no multiples of any vector, and more than a tile */
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = sizeof sizes / sizeof sizes[0] - 1;
    config.activation = training->activation;
    config.loss = training->loss;
    config.isa = table->name;
    minnow_network *network;
    minnow_status status = minnow_network_create(&config, &network);
    uint32_t untrained = status == MINNOW_OK ? minnow_network_params_crc32(network) : 0;
    if (status == MINNOW_OK)
        status = run_training(self, network, digits, training, sparse);
    if (status == MINNOW_OK) {
        *crc = minnow_network_params_crc32(network);
        if (*crc == untrained) { /* equal, but for having done nothing */
            minnow_network_free(network);
            problem(STATUS_FAILURE, "%s: training left the parameters as they were", table->name);
            return MINNOW_ERROR_DIVERGED;
        }
    }
    minnow_network_free(network);
    return status;
}

static int check_training(struct selftest *self, const minnow_dataset *digits,
                          const struct training *training) {
    uint32_t expected = 0;
    for (size_t t = 0; t < kernel_table_count; t++) {
        const struct kernels *table = kernel_tables[t];
        uint32_t crc = 0, sparse_crc = 0;
        if (!is_wanted(self, table))
            continue;
        minnow_status status = train(self, table, digits, training, MINNOW_SPARSITY_OFF, &crc);
        if (status == MINNOW_OK)
            status = train(self, table, digits, training, MINNOW_SPARSITY_ON, &sparse_crc);
        if (status != MINNOW_OK)
            return report(status);
        if (t == 0)
            expected = crc;
        bool equal = crc == expected && sparse_crc == expected;
        self->failed |= !equal;
        if (self->common.json) {
            char text[16];
            snprintf(text, sizeof text, "%08" PRIx32, crc);
            print_json(json_pack("{s:s, s:s, s:s, s:s, s:b}", "event", "training", "training", training->name,
                                 "isa", table->name, "params_crc32", text, "equal", equal));
        } else {
            print("training  %-8s %-36s parameters' CRC-32 %08" PRIx32 "%s\n", table->name, training->name,
                  crc,
                  equal               ? ""
                  : crc == sparse_crc ? "  DIFFERENT"
                                      : "  DIFFERENT, dense and sparse");
        }
    }
    return STATUS_SUCCESS;
}

static int check_trainings(struct selftest *self) {
    minnow_dataset *digits;
    minnow_status status = minnow_dataset_digits(MINNOW_SUBSET_TRAIN, SAMPLES, 1, &digits);
    if (status != MINNOW_OK)
        return report(status);
    int exit_status = STATUS_SUCCESS;
    for (size_t i = 0; i < sizeof trainings / sizeof trainings[0] && exit_status == STATUS_SUCCESS; i++)
        exit_status = check_training(self, digits, &trainings[i]);
    minnow_dataset_free(digits);
    return exit_status;
}

/* ---- The command ---- */

static int run_selftest(const struct command *command, int argc, char **argv) {
    struct selftest self = {.failed = false};
    struct operands operands;
    char none;
    int status = options_parse(command, argc, argv, &self.common, &none, &operands);
    if (status != PARSED)
        return status;
    if (!output_usable())
        return STATUS_FAILURE;
    for (size_t t = 0; t < kernel_table_count; t++) /* scalar too: it must not touch what it should not */
        if (is_wanted(&self, kernel_tables[t]))
            check_table(&self, kernel_tables[t]);
    free_slots(&self);
    status = check_trainings(&self);
    if (status != STATUS_SUCCESS)
        return status;
    if (self.common.json)
        print_json(json_pack("{s:s, s:b}", "event", "done", "identical", !self.failed));
    else
        print("%s\n", self.failed ? "NOT identical: this build must not be trusted on this machine"
                                  : "identical: every table here gives the same bits");
    return self.failed ? STATUS_FAILURE : STATUS_SUCCESS;
}

const struct command command_selftest = {
    .name = "selftest",
    .summary = "checks that every instruction set of this CPU gives the same bits",
    .usage = "[OPTIONS]",
    .about = "Runs every kernel of every instruction set this CPU has beside the scalar one, then trains\n"
             "small networks through each, dense and sparse, on all threads. Exit status 0: all results\n"
             "are identical to the last bit.\n"
             "With --isa NAME, only that one and scalar.\n",
    .examples = "  minnow selftest\n"
                "  qemu-x86_64 -cpu Haswell minnow selftest\n",
    .run = run_selftest,
};
