#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE = 64, SLOTS = 1 << 22 }; /* of a hash table: 256 MiB of lines at most */

struct line {
    uintptr_t number; /* of the line in memory; 0: the slot is empty */
    uint64_t present; /* a bit for each thread that has it */
    uint8_t writer;
};

static struct {
    const struct kernels *real;
    struct kernels table;
    struct line *lines;
    size_t used;
    size_t bytes[EXCHANGE_THREADS];
    unsigned thread;
} exchange;

static _Noreturn void stop(const char *what) {
    fprintf(stderr, "exchange: %s\n", what);
    exit(1);
}

/* ---- Lines of cache ---- */

static struct line *find(uintptr_t number) {
    size_t slot = (size_t)(number * UINT64_C(0x9E3779B97F4A7C15) >> 42);
    while (exchange.lines[slot].number != 0 && exchange.lines[slot].number != number)
        slot = (slot + 1) % SLOTS;
    return &exchange.lines[slot];
}

static void read_line(uintptr_t number) {
    struct line *line = find(number);
    uint64_t bit = UINT64_C(1) << exchange.thread;
    if (line->number == 0)
        return; /* no kernel wrote it: the samples as they are on file, or constants */
    if (line->writer != exchange.thread && (line->present & bit) == 0)
        exchange.bytes[exchange.thread] += LINE;
    line->present |= bit;
}

static void write_line(uintptr_t number) {
    struct line *line = find(number);
    if (line->number == 0 && ++exchange.used > SLOTS / 2)
        stop("the network is too large to count");
    *line = (struct line){number, UINT64_C(1) << exchange.thread, (uint8_t)exchange.thread};
}

static void each_line(void (*visit)(uintptr_t), const void *data, size_t rows, size_t columns, size_t ld,
                      size_t size) {
    uintptr_t first = (uintptr_t)data;
    for (size_t i = 0; data != NULL && columns > 0 && i < rows; i++) {
        uintptr_t row = first + i * ld * size;
        for (uintptr_t at = row / LINE; at <= (row + columns * size - 1) / LINE; at++)
            visit(at);
    }
}

static void reads(const float *data, size_t rows, size_t columns, size_t ld) {
    each_line(read_line, data, rows, columns, ld, sizeof *data);
}

static void writes(const float *data, size_t rows, size_t columns, size_t ld) {
    each_line(write_line, data, rows, columns, ld, sizeof *data);
}

/* What an update reads and writes: the weights, for plain gradient descent, which is all that is counted. */
static void updates(const struct trained *to, const struct update *update, size_t rows, size_t columns) {
    if (update->rule != UPDATE_PLAIN || to->average != NULL)
        stop("only plain gradient descent is counted");
    reads(to->w, rows, columns, to->ld);
    writes(to->w, rows, columns, to->ld);
}

/* ---- The operations that are counted ---- */

static void count_forward(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *w,
                          size_t ldw, const float *bias, enum activation act, float *y, size_t ldy) {
    reads(x, m, k, ldx);
    reads(w, k, n, ldw);
    reads(bias, 1, n, n);
    writes(y, m, n, ldy);
    exchange.real->forward(m, k, n, x, ldx, w, ldw, bias, act, y, ldy);
}

static void count_input_gradient(size_t m, size_t k, size_t n, const float *d, size_t ldd, const float *wt,
                                 size_t ldwt, enum activation act, const float *s, size_t lds, float *dx,
                                 size_t lddx) {
    reads(d, m, k, ldd);
    reads(wt, k, n, ldwt);
    reads(s, m, n, lds);
    writes(dx, m, n, lddx);
    exchange.real->input_gradient(m, k, n, d, ldd, wt, ldwt, act, s, lds, dx, lddx);
}

static void count_weight_update(size_t m, size_t k, size_t n, const float *x, size_t ldx, const float *d,
                                size_t ldd, const struct update *update, const struct trained *to) {
    reads(x, m, k, ldx);
    reads(d, m, n, ldd);
    updates(to, update, k, n);
    exchange.real->weight_update(m, k, n, x, ldx, d, ldd, update, to);
}

static void count_bias_update(size_t m, size_t n, const float *d, size_t ldd, const struct update *update,
                              const struct trained *to) {
    reads(d, m, n, ldd);
    updates(to, update, 1, n);
    exchange.real->bias_update(m, n, d, ldd, update, to);
}

static void count_softmax_loss(size_t m, size_t n, const float *z, size_t ldz, const uint32_t *label,
                               float scale, float *d, size_t ldd, float *loss) {
    reads(z, m, n, ldz);
    writes(d, m, n, ldd);
    exchange.real->softmax_loss(m, n, z, ldz, label, scale, d, ldd, loss);
}

static void count_argmax(size_t m, size_t n, const float *z, size_t ldz, uint32_t *best) {
    reads(z, m, n, ldz);
    exchange.real->argmax(m, n, z, ldz, best);
}

static void count_gather_bytes(size_t m, size_t n, const uint8_t *x, size_t ldx, const uint32_t *row,
                               float scale, float *y, size_t ldy) {
    writes(y, m, n, ldy);
    exchange.real->gather_bytes(m, n, x, ldx, row, scale, y, ldy);
}

static void count_transpose(size_t m, size_t n, const float *x, size_t ldx, float *y, size_t ldy) {
    reads(x, m, n, ldx);
    writes(y, n, m, ldy);
    exchange.real->transpose(m, n, x, ldx, y, ldy);
}

/* ---- The table ---- */

/* The others: each stops the program, with its name. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define MEASUREMENT(type, name, parameters)
#define OPERATION(type, name, parameters)                                                                    \
    static type unknown_##name parameters {                                                                  \
        stop("what the kernel " #name " reads and writes is unknown");                                       \
    }
#include "operations.h"

const struct kernels *exchange_kernels(const struct kernels *real) {
    struct kernels *table = &exchange.table;
    free(exchange.lines);
    exchange.real = real;
    exchange.used = 0;
    exchange.lines = calloc(SLOTS, sizeof *exchange.lines);
    if (exchange.lines == NULL)
        stop("out of memory");

    *table = *real;
#define MEASUREMENT(type, name, parameters)
#define OPERATION(type, name, parameters) table->name = unknown_##name;
#include "operations.h"
    table->forward = count_forward;
    table->input_gradient = count_input_gradient;
    table->weight_update = count_weight_update;
    table->bias_update = count_bias_update;
    table->softmax_loss = count_softmax_loss;
    table->argmax = count_argmax;
    table->gather_bytes = count_gather_bytes;
    table->transpose = count_transpose;
    return table;
}

void exchange_set_thread(unsigned thread) {
    if (thread >= EXCHANGE_THREADS)
        stop("too many threads");
    exchange.thread = thread;
}

void exchange_begin(void) {
    for (unsigned t = 0; t < EXCHANGE_THREADS; t++)
        exchange.bytes[t] = 0;
}

size_t exchange_bytes(unsigned thread) {
    return exchange.bytes[thread];
}
