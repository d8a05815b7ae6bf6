/* The mini-batch step takes nothing from the system: no memory, no calls, no locks. */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>

#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#endif

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
    minnow_progress_init(&progress, sizeof progress);
    size_t before = atomic_load(&allocations);
    cr_assert_eq(minnow_trainer_advance(trainer, samples, &progress), MINNOW_OK, "%s", minnow_last_error());
    return atomic_load(&allocations) - before;
}

struct subject {
    minnow_dataset *dataset;
    minnow_network *network;
    minnow_trainer *trainer;
};

static struct subject subject_make(size_t batch, unsigned threads, minnow_sparsity sparse) {
    static const size_t sizes[] = {784, 128, 64, 10};
    struct subject subject = {.dataset = samples_make(2000, 784, 10)};
    subject.network = samples_network(sizes, 3, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = batch;
    config.epochs = 3;
    config.threads = threads;
    config.sparse = sparse;
    cr_assert_eq(minnow_trainer_create(subject.network, subject.dataset, &config, &subject.trainer),
                 MINNOW_OK);
    allocations_of(subject.trainer, 2 * batch); /* OpenMP makes its threads */
    return subject;
}

static void subject_free(struct subject *subject) {
    minnow_trainer_free(subject->trainer);
    minnow_network_free(subject->network);
    minnow_dataset_free(subject->dataset);
}

static void check_allocations(size_t batch, unsigned threads, minnow_sparsity sparse) {
    struct subject subject = subject_make(batch, threads, sparse);
    size_t few = allocations_of(subject.trainer, 2 * batch),
           many = allocations_of(subject.trainer, 20 * batch);
    cr_expect_eq(many, few, "batch %zu, %u threads: %zu allocations in 2 mini-batches, %zu in 20", batch,
                 threads, few, many);
    subject_free(&subject);
}

Test(steady, a_step_allocates_nothing) {
    if (SANITIZED)
        cr_skip_test("a sanitizer's malloc is in place");
    size_t before = atomic_load(&allocations);
    minnow_dataset_free(samples_make(1, 1, 1));
    cr_assert_gt(atomic_load(&allocations), before, "the counter does not count");
    check_allocations(64, 1, MINNOW_SPARSITY_ON);
    check_allocations(64, 2, MINNOW_SPARSITY_ON);
    check_allocations(64, 2, MINNOW_SPARSITY_OFF);
    check_allocations(1, 1, MINNOW_SPARSITY_AUTO);
}

Test(steady, a_prediction_alone_allocates_nothing) {
    if (SANITIZED)
        cr_skip_test("a sanitizer's malloc is in place");
    static const size_t shapes[][4] = {{784, 128, 64, 10}, {16, 4096, 4, 10}};
    static float input[784], output[10];
    uint32_t label;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        minnow_network *network =
            samples_network(shapes[i], 3, MINNOW_ACTIVATION_TANH, MINNOW_LOSS_SOFTMAX, "auto");
        size_t before = atomic_load(&allocations);
        cr_expect_eq(minnow_network_predict(network, input, 1, &label, output), MINNOW_OK);
        cr_expect_eq(atomic_load(&allocations), before, "hidden layers of %zu", shapes[i][1]);
        minnow_network_free(network);
    }
}

/* ---- System calls ---- */

#ifdef __linux__
enum { IMPOSSIBLE = 77, CALLED = 78 };

static void tell_call(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    char text[] = "system call 000\n";
    for (int i = 14, n = info->si_syscall; i > 11; i--, n /= 10)
        text[i] = (char)('0' + n % 10);
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(CALLED);
}

/* From here on a system call ends the process, but for those that do this. Of a team all threads are held to
   it; they may wait for each other, and OpenMP asks which processors there are when it starts a team. False
   if the system has no such thing. */
static bool forbid_system_calls(bool team) {
    struct sigaction action = {.sa_sigaction = tell_call, .sa_flags = SA_SIGINFO};
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, team ? SYS_futex : SYS_write, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, team ? SYS_sched_yield : SYS_write, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, team ? SYS_sched_getaffinity : SYS_write, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
    return sigaction(SIGSYS, &action, NULL) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, team ? SECCOMP_FILTER_FLAG_TSYNC : 0, &program) == 0;
}

/* What a process exits with that trains for the rest of three epochs without system calls. With batch 0: one
   that makes a system call (ON), or reads the clock. */
static int without_system_calls(size_t batch, unsigned threads, minnow_sparsity sparse) {
    int status;
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        struct subject subject = subject_make(batch > 0 ? batch : 64, threads, sparse);
        minnow_progress progress;
        minnow_progress_init(&progress, sizeof progress);
        if (!forbid_system_calls(threads > 1))
            _exit(IMPOSSIBLE);
        if (batch == 0) {
            struct timespec now;
            if (sparse == MINNOW_SPARSITY_ON)
                syscall(SYS_getppid);
            _exit(clock_gettime(CLOCK_MONOTONIC, &now));
        }
        while (!progress.run_done)
            if (minnow_trainer_advance(subject.trainer, 0, &progress) != MINNOW_OK)
                _exit(1);
        _exit(0);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status), "signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

/* A team's barrier may put a thread to sleep that waits for one without a processor: nothing else. */
Test(steady, a_step_calls_nothing_of_the_system) {
    if (SANITIZED)
        cr_skip_test("a sanitizer makes system calls of its own");
    int caught = without_system_calls(0, 1, MINNOW_SPARSITY_ON);
    if (caught == IMPOSSIBLE)
        cr_skip_test("this system lets no process forbid itself system calls");
    /* Which each minnow_trainer_advance does twice. */
    if (without_system_calls(0, 1, MINNOW_SPARSITY_OFF) != 0)
        cr_skip_test("reading the clock takes a system call here");
    cr_assert_eq(caught, CALLED, "a system call was not noticed");
    cr_expect_eq(without_system_calls(64, 1, MINNOW_SPARSITY_ON), 0);
    cr_expect_eq(without_system_calls(64, 1, MINNOW_SPARSITY_OFF), 0);
    cr_expect_eq(without_system_calls(1, 1, MINNOW_SPARSITY_ON), 0);
    cr_expect_eq(without_system_calls(1, 1, MINNOW_SPARSITY_OFF), 0);
    cr_expect_eq(without_system_calls(64, 2, MINNOW_SPARSITY_ON), 0);
    cr_expect_eq(without_system_calls(64, 2, MINNOW_SPARSITY_OFF), 0);
}
#endif
