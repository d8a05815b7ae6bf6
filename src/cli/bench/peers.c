/* The same work done by others, on the same operands: the C library's functions, OpenBLAS, oneDNN. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/bench/bench.h"
#include "cli/frame/terminal.h"

#ifdef MINNOW_HAVE_PEERS
#include <cblas.h>
#include <oneapi/dnnl/dnnl.h>
#ifdef _OPENMP
#include <omp.h>
#endif
#endif

/* ---- A matrix product, as BLAS names it: C[m][n] = alpha · A · B + beta · C, row-major ---- */

#ifdef MINNOW_HAVE_PEERS
struct product {
    bool transpose_a; /* A is [k][m] in memory */
    size_t m, n, k;
    const float *a, *b;
    float *c;
    size_t lda, ldb, ldc;
    float alpha, beta;
};

/* x[row][column], or its transpose. */
struct dense {
    float *x;
    size_t row, column; /* elements from one to the next */
};

static void densify_lists(const struct kernel_call *call, size_t rows, struct dense out) {
    const uint32_t *begin = call->operand[0].data, *end = call->operand[1].data,
                   *index = call->operand[2].data;
    const float *value = call->operand[3].data;
    for (size_t row = 0; row < rows; row++)
        for (uint32_t i = begin[row]; i < end[row]; i++)
            out.x[row * out.row + index[i] * out.column] = value[i];
}

static void densify_bytes(const struct kernel_call *call, size_t rows, size_t columns, struct dense out) {
    const uint8_t *byte = call->operand[0].data;
    const float *value = call->operand[1].data;
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < columns; i++)
            out.x[row * out.row + i * out.column] = value[byte[row * call->operand[0].ld + i]];
}

/* The dense matrix that sparse rows or bytes stand for, [m][k] whichever way they run. */
static float *densify(const struct bench_kernel *kernel) {
    const struct kernel_call *call = &kernel->call;
    bool by_sample = kernel->entry->operand[0].rows != DIMENSION_K; /* or by the one there is */
    size_t m = call->shape.m, k = call->shape.k;
    float *x = memory_allocate(m * k, sizeof *x); /* the kernel's own operands are about as large */
    struct dense out = {x, by_sample ? k : 1, by_sample ? 1 : k};
    if (x && kernel->entry->operand[0].content == CONTENT_FACTOR_BYTE)
        densify_bytes(call, by_sample ? m : k, by_sample ? k : m, out);
    else if (x)
        densify_lists(call, by_sample ? m : k, out);
    return x;
}

/* What the peer must compute for the kernel's result (without bias and activation); false if that is no
 * product. */
static bool product_of(struct peer *peer, struct product *out) {
    struct bench_kernel *kernel = peer->kernel;
    const struct kernel_entry *entry = kernel->entry;
    struct kernel_call *call = &kernel->call;
    struct kernel_shape shape = call->shape;
    bool lists = entry->operand[0].content == CONTENT_SPARSE_BEGIN;
    bool sparse = lists || entry->operand[0].content == CONTENT_FACTOR_BYTE;
    unsigned b = lists ? 4 : sparse ? 2 : 1, c = b + 1;
    if (entry->operand[b].content != CONTENT_COFACTOR)
        return false;
    while (entry->operand[c].access == ACCESS_READ)
        c++;
    if (sparse && peer->extra == NULL)
        peer->extra = densify(kernel);
    bool forward = entry->operand[b].rows == DIMENSION_K;
    *out = (struct product){
        .transpose_a = !forward,
        .m = forward ? shape.m : shape.k,
        .n = shape.n,
        .k = forward ? shape.k : shape.m,
        .a = sparse ? peer->extra : call->operand[0].data,
        .lda = sparse ? shape.k : call->operand[0].ld,
        .b = call->operand[b].data,
        .ldb = call->operand[b].ld,
        .c = call->operand[c].data,
        .ldc = call->operand[c].ld,
        .alpha = entry->operand[c].access == ACCESS_UPDATE ? -call->scalar : 1,
        .beta = entry->operand[c].access == ACCESS_UPDATE ? 1 : 0,
    };
    return out->a != NULL;
}

static void multiply_openblas(const struct product *p) {
    if (p->m == 1 && !p->transpose_a)
        cblas_sgemv(CblasRowMajor, CblasTrans, (int)p->k, (int)p->n, p->alpha, p->b, (int)p->ldb, p->a, 1,
                    p->beta, p->c, 1);
    else if (p->k == 1 && p->beta == 1) /* a rank-1 update */
        cblas_sger(CblasRowMajor, (int)p->m, (int)p->n, p->alpha, p->a, 1, p->b, 1, p->c, (int)p->ldc);
    else
        cblas_sgemm(CblasRowMajor, p->transpose_a ? CblasTrans : CblasNoTrans, CblasNoTrans, (int)p->m,
                    (int)p->n, (int)p->k, p->alpha, p->a, (int)p->lda, p->b, (int)p->ldb, p->beta, p->c,
                    (int)p->ldc);
}

static void multiply_onednn(const struct product *p) {
    dnnl_sgemm(p->transpose_a ? 'T' : 'N', 'N', (dnnl_dim_t)p->m, (dnnl_dim_t)p->n, (dnnl_dim_t)p->k,
               p->alpha, p->a, (dnnl_dim_t)p->lda, p->b, (dnnl_dim_t)p->ldb, p->beta, p->c,
               (dnnl_dim_t)p->ldc);
}

static void run_openblas(struct contender *self, size_t repetitions) {
    struct product product;
    if (product_of(self->context, &product))
        for (size_t i = 0; i < repetitions; i++)
            multiply_openblas(&product);
}

static void run_onednn(struct contender *self, size_t repetitions) {
    struct product product;
    if (product_of(self->context, &product))
        for (size_t i = 0; i < repetitions; i++)
            multiply_onednn(&product);
}
#endif

/* ---- Elementary functions in a scalar loop over the C library's ---- */

static void run_libm(struct contender *self, size_t repetitions) {
    struct peer *peer = self->context;
    const struct kernel_call *call = &peer->kernel->call;
    const char *name = peer->kernel->entry->name;
    const float *x = call->operand[0].data;
    float *y = call->operand[1].data;
    for (size_t r = 0; r < repetitions; r++) {
        if (strcmp(name, "log") == 0)
            for (size_t i = 0; i < call->shape.n; i++)
                y[i] = logf(x[i]);
        else if (strcmp(name, "exp") == 0)
            for (size_t i = 0; i < call->shape.n; i++)
                y[i] = expf(x[i]);
        else if (call->activation == ACTIVATION_TANH)
            for (size_t i = 0; i < call->shape.n; i++)
                y[i] = tanhf(x[i]);
        else
            for (size_t i = 0; i < call->shape.n; i++)
                y[i] = 1 / (1 + expf(-x[i]));
    }
}

static bool has_libm(const struct bench_kernel *kernel) {
    const char *name = kernel->entry->name;
    bool function = strcmp(name, "activate") == 0 &&
                    (kernel->c.way == ACTIVATION_SIGMOID || kernel->c.way == ACTIVATION_TANH);
    return kernel->threads == 1 && (function || strcmp(name, "exp") == 0 || strcmp(name, "log") == 0);
}

/* ---- All of them ---- */

void peers_init(struct peer peers[PEERS], struct bench_kernel *kernel) {
    static const char *const names[PEERS] = {"libm", "openblas", "onednn"};
    for (unsigned i = 0; i < PEERS; i++) {
        peers[i] = (struct peer){.contender = {.name = names[i]}, .kernel = kernel};
        peers[i].contender.context = &peers[i];
    }
    if (has_libm(kernel))
        peers[0].contender.run = run_libm;
#ifdef MINNOW_HAVE_PEERS
    struct product product;
    if (product_of(&peers[1], &product))
        peers[1].contender.run = run_openblas;
    if (product_of(&peers[2], &product))
        peers[2].contender.run = run_onednn;
#endif
}

void peers_free(struct peer peers[PEERS]) {
    for (unsigned i = 0; i < PEERS; i++)
        memory_free(peers[i].extra);
}

bool peers_built_in(void) {
#ifdef MINNOW_HAVE_PEERS
    return true;
#else
    return false;
#endif
}

void peers_configure(const struct kernels *table, unsigned threads) {
#ifdef MINNOW_HAVE_PEERS
    openblas_set_num_threads((int)threads);
#ifdef _OPENMP
    omp_set_num_threads((int)threads); /* oneDNN's */
#endif
    if (strcmp(table->name, "avx2") == 0) {
        dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2);
        if (strcmp(openblas_get_corename(), "SkylakeX") == 0)
            note("OpenBLAS uses AVX-512 beside avx2: OPENBLAS_CORETYPE=Haswell in the environment compares "
                 "like "
                 "with like");
    }
#else
    (void)table;
    (void)threads;
#endif
}
