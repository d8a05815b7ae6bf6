#include "cases.h"
#include <stdio.h>
#include <stdlib.h>
#include "support/guard.h"

/* ---- One case ---- */

struct attempt {
    const struct kernels *table;
    const struct kernel_entry *entry;
    const struct kernel_case *c;
    bool at_end, passed;
    struct kernel_fault fault;
};

static struct guard guards[2][KERNEL_OPERANDS];

static void *place(void *context, unsigned copy, unsigned operand, size_t bytes) {
    const struct attempt *attempt = context;
    return guard_place(&guards[copy][operand], bytes, attempt->at_end);
}

static void run_attempt(void *context) {
    struct attempt *attempt = context;
    attempt->passed =
        kernel_check(attempt->table, attempt->entry, attempt->c, place, attempt, &attempt->fault);
}

bool case_passes(const struct kernels *table, const struct kernel_entry *entry, const struct kernel_case *c,
                 bool at_end, char message[CASE_MESSAGE]) {
    struct attempt attempt = {table, entry, c, at_end, false, {.kind = KERNEL_FAULT_NONE}};
    const void *address;
    bool survived = guard_run(run_attempt, &attempt, &address);
    if (survived && attempt.passed)
        return true;
    char what[256], how[512];
    kernel_case_describe(entry, c, how, sizeof how);
    if (survived)
        kernel_fault_describe(entry, &attempt.fault, what, sizeof what);
    else
        snprintf(what, sizeof what, "touched memory beyond its operands, at %p", address);
    snprintf(message, CASE_MESSAGE, "%s: %s [%s; operands flush at their %s]", table->name, what, how,
             at_end ? "end" : "start");
    return false;
}

/* ---- All cases ---- */

static uint64_t random_state;

static size_t random_below(size_t n) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(random_state >> 33) % n;
}

/* Sizes around every power of two and every tile. */
static size_t sizes_of(const struct kernels *table, size_t size[64]) {
    static const size_t base[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  11, 13, 15, 16,
                                  17, 19, 23, 31, 32, 33, 37, 47, 48, 49, 63, 64, 65};
    size_t count = 0;
    for (; count < sizeof base / sizeof *base; count++)
        size[count] = base[count];
    size_t tiles[] = {table->tile_rows, table->tile_columns, table->vector_floats};
    for (size_t t = 0; t < 3; t++)
        for (size_t times = 1; times <= 2; times++)
            for (size_t off = 0; off < 3; off++)
                if (tiles[t] * times + off > 1)
                    size[count++] = tiles[t] * times + off - 1;
    return count;
}

/* A random way to call the operation for the shape. */
static struct kernel_case random_case(const struct kernel_entry *entry, struct kernel_shape shape,
                                      uint64_t seed) {
    static const double density[] = {0.5, 0.19, 1, 0, 0.9};
    static const float scalar[] = {0.17f, 1.0f / 256, 1, 0, 3e-39f, -0.3f};
    struct kernel_case c;
    do {
        c = (struct kernel_case){
            .shape = shape,
            .way = kernel_ways(entry) > 1 ? (unsigned)random_below(kernel_ways(entry)) : 0,
            .values = (enum values)random_below(VALUES_KINDS),
            .omit_optional = random_below(4) == 0,
            .in_place = random_below(4) == 0,
            .row_multiple = random_below(3) == 0 ? 16 : 1,
            .row_padding = random_below(2) * (1 + random_below(7)),
            .density = density[random_below(5)],
            .scalar = scalar[random_below(6)],
            .seed = seed,
        };
    } while (!kernel_case_valid(entry, &c) && (c.omit_optional || c.in_place || c.way));
    return c;
}

/* Ways to place operands: flush at the end of memory (any alignment), flush at the start (a page's), and at an odd
   distance from it. */
enum { PLACES = 3 };

/* The shape in the ways from `first` to before `end`. */
static bool shape_passes(const struct kernels *table, const struct kernel_entry *entry,
                         struct kernel_shape shape, int first, int end, char message[CASE_MESSAGE],
                         size_t *count) {
    for (enum dimension d = DIMENSION_M; d <= DIMENSION_N; d++)
        if (!kernel_entry_uses(entry, d))
            *(d == DIMENSION_M ? &shape.m : d == DIMENSION_K ? &shape.k : &shape.n) = 1;
    for (int way = first; way < end; way++) {
        struct kernel_case c = random_case(entry, shape, random_below(1u << 30));
        if (way == 0)
            c.lead = 1 + random_below(19);
        else
            c.trail = 1 + random_below(19);
        if (way == 2)
            c.lead = 1 + random_below(15);
        if (!kernel_case_valid(entry, &c))
            continue;
        ++*count;
        if (!case_passes(table, entry, &c, way == 0, message))
            return false;
    }
    return true;
}

enum { USUAL_SHAPES = 400, FEW_SHAPES = 100 };

/* MINNOW_TEST_SHAPES: how many random shapes, if not the usual number. Where they are few because each takes long, the
   shapes that are not random are placed in one way each, in turns. */
static size_t shape_count(void) {
    const char *wanted = getenv("MINNOW_TEST_SHAPES");
    return wanted ? (size_t)strtoul(wanted, NULL, 10) : USUAL_SHAPES;
}

/* Where they are few: the way for the size of that number. Every size is flush at the end of memory once as n, the number of
   columns, of which the last ones are where kernels read or write too far. */
static int few_place(size_t number, int place_of) {
    if (place_of == 2)
        return 0;
    return place_of == 3 ? 1 + (int)(number % 2) : (int)(number + (size_t)place_of) % PLACES;
}

bool cases_pass(const struct kernels *table, const struct kernel_entry *entry, char message[CASE_MESSAGE],
                size_t *count) {
    static const struct kernel_shape large[] = {{3, 784, 10},
                                                {10, 784, 16},
                                                {16, 10, 784},
                                                {128, 64, 10},
                                                {5, 784, 128},
                                                {1, 1, 784},
                                                {1, 1, 4099},
                                                {784, 3, 10},
                                                {29, 331, 67},
                                                {127, 13, 101},
                                                /* the products cut these into blocks, */
                                                {3, 2100, 37},
                                                {2, 2047, 1040},
                                                {2047, 2, 1040},
                                                {520, 2047, 3},
                                                {2047, 520, 3},
                                                {150, 2048, 20},
                                                {1100, 150, 133},
                                                /* or copy operands */
                                                {130, 1030, 450},
                                                {390, 200, 260},
                                                {520, 256, 260},
                                                {150, 1030, 220},
                                                {300, 100, 145},
                                                /* and bytes, by samples and by features */
                                                {1100, 300, 20},
                                                {300, 70, 512},
                                                {33, 129, 300}};
    size_t size[64], sizes = sizes_of(table, size);
    bool few = shape_count() < FEW_SHAPES;
    *count = 0;
    random_state = 1;
    for (size_t i = 0; i < sizes; i++) /* each size in each place beside small ones, and three times itself */
        for (int place_of = 0; place_of < 4; place_of++) {
            struct kernel_shape shape = {place_of % 3 == 0 ? size[i] : 1 + random_below(9),
                                         place_of == 1 || place_of == 3 ? size[i] : 1 + random_below(9),
                                         place_of >= 2 ? size[i] : 1 + random_below(9)};
            int first = few ? few_place(i, place_of) : 0;
            if (!shape_passes(table, entry, shape, first, few ? first + 1 : PLACES, message, count))
                return false;
        }
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        int first = few ? (int)(i % PLACES) : 0;
        if (!shape_passes(table, entry, large[i], first, few ? first + 1 : PLACES, message, count))
            return false;
    }
    for (size_t i = shape_count(); i > 0; i--) {
        struct kernel_shape shape = {size[random_below(sizes)], size[random_below(sizes)],
                                     size[random_below(sizes)]};
        if (!shape_passes(table, entry, shape, 0, PLACES, message, count))
            return false;
    }
    return true;
}
