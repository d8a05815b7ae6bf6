/* minnow selftest: each kernel of a table beside scalar's. */
#include <string.h>

#include "base/memory.h"
#include "cli/frame/json.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/selftest/selftest.h"

bool selftest_wants(const struct selftest *self, const struct kernels *table) {
    bool named = self->common.isa != NULL && strcmp(self->common.isa, "auto") != 0;
    return named ? table == kernel_tables[0] || table == self->common.kernels : kernels_usable(table) != 0;
}

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

void selftest_free_slots(struct selftest *self) {
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
        .way = (unsigned)(index + way) % kernel_ways(entry),
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

void selftest_check_table(struct selftest *self, const struct kernels *table) {
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
