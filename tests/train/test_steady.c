/* The mini-batch step takes nothing from the system: no memory, no calls, no locks. */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>

#include "samples.h"

/* Sanitizers bring their own malloc, and have to. */
#ifdef __has_feature
#define SANITIZED                                                                                            \
    (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static atomic_size_t allocations;

#if !SANITIZED
/* The program's own definitions come before the C library's, also for the libraries it uses. */
void *malloc(size_t size);
void *aligned_alloc(size_t alignment, size_t size);

void *malloc(size_t size) {
    static void *(*next)(size_t);
    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "malloc");
    atomic_fetch_add(&allocations, 1);
    return next(size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    static void *(*next)(size_t, size_t);
    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "aligned_alloc");
    atomic_fetch_add(&allocations, 1);
    return next(alignment, size);
}

#endif

/* Allocations in a call that trains on `samples` samples. */
static size_t allocations_of(minnow_trainer *trainer, size_t samples) {
    minnow_progress progress;
    size_t before = atomic_load(&allocations);
    cr_assert_eq(minnow_trainer_advance(trainer, samples, &progress), MINNOW_OK, "%s", minnow_last_error());
    return atomic_load(&allocations) - before;
}

static void check(size_t batch, unsigned threads, minnow_sparsity sparse) {
    static const size_t sizes[] = {784, 128, 64, 10};
    minnow_dataset *dataset = samples_make(2000, 784, 10);
    minnow_network *network = samples_network(sizes, 3, MINNOW_RELU, MINNOW_SOFTMAX, "auto");
    minnow_training_config config = minnow_training_config_default();
    config.batch = batch;
    config.threads = threads;
    config.sparse = sparse;
    minnow_trainer *trainer;
    cr_assert_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_OK);
    allocations_of(trainer, 2 * batch); /* OpenMP makes its threads */
    size_t few = allocations_of(trainer, 2 * batch), many = allocations_of(trainer, 20 * batch);
    cr_expect_eq(many, few, "batch %zu, %u threads: %zu allocations in 2 mini-batches, %zu in 20", batch,
                 threads, few, many);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}

Test(steady, a_step_allocates_nothing) {
    if (SANITIZED)
        cr_skip_test("a sanitizer's malloc is in place");
    size_t before = atomic_load(&allocations);
    minnow_dataset_free(samples_make(1, 1, 1));
    cr_assert_gt(atomic_load(&allocations), before, "the counter does not count");
    check(64, 1, MINNOW_SPARSE_ON);
    check(64, 2, MINNOW_SPARSE_ON);
    check(64, 2, MINNOW_SPARSE_OFF);
    check(1, 1, MINNOW_SPARSE_AUTO);
}
