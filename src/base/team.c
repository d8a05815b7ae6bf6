#include "base/team.h"

#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/memory.h"

enum { MAX_THREADS = 1024, SPINS = 8000 };

/* A counting barrier: the last to arrive starts the next generation. Waiting begins with spinning, since the
   phases between barriers take microseconds and a sleep costs more than that. Who has waited for much longer
   than a phase takes sleeps: the thread waited for has lost its processor, and may need this very one. With
   more threads than processors that is so from the start. */
struct team {
    _Alignas(64) atomic_uint arrived;
    _Alignas(64) atomic_uint generation;
    _Alignas(64) atomic_uint sleepers;
    unsigned count;
    unsigned spins;
};

unsigned team_threads(unsigned requested) {
#ifdef _OPENMP
    unsigned threads = requested != 0 ? requested : (unsigned)omp_get_max_threads();
#else
    unsigned threads = 1;
    (void)requested;
#endif
    if (threads < 1)
        threads = 1;
    return threads > MAX_THREADS ? MAX_THREADS : threads;
}

unsigned team_processors(void) {
#ifdef _OPENMP
    int processors = omp_get_num_procs();
    return processors > 1 ? (unsigned)processors : 1;
#else
    return 1;
#endif
}

void team_set_default(unsigned threads) {
#ifdef _OPENMP
    if (threads != 0)
        omp_set_num_threads((int)team_threads(threads));
#else
    (void)threads;
#endif
}

void team_run(unsigned threads, void (*body)(struct team_member member, void *context), void *context) {
    struct team team = {.count = 1};
    if (threads <= 1) {
        body((struct team_member){0, 1, &team}, context);
        return;
    }
#ifdef _OPENMP
#pragma omp parallel num_threads((int)threads)
    {
#pragma omp single
        {
            team.count = (unsigned)omp_get_num_threads();
            team.spins = team.count <= team_processors() ? SPINS : 0;
        }
        body((struct team_member){(unsigned)omp_get_thread_num(), team.count, &team}, context);
    }
#endif
}

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Returns when the generation is no longer the given one, or early. */
static void sleep_through(struct team *team, unsigned generation) {
#ifdef __linux__
    /* Order matters: a sleeper is counted before the system looks at the generation, and the last to arrive
       changes the generation before it looks for sleepers. */
    atomic_fetch_add(&team->sleepers, 1);
    syscall(SYS_futex, &team->generation, FUTEX_WAIT_PRIVATE, generation, NULL, NULL, 0);
    atomic_fetch_sub(&team->sleepers, 1);
#else
    (void)team;
    (void)generation;
    sched_yield();
#endif
}

static void wake_sleepers(struct team *team) {
#ifdef __linux__
    if (atomic_load(&team->sleepers) != 0)
        syscall(SYS_futex, &team->generation, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
#else
    (void)team;
#endif
}

void team_barrier(struct team_member member) {
    struct team *team = member.team;
    if (member.count == 1)
        return;
    unsigned generation = atomic_load_explicit(&team->generation, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == member.count) {
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        atomic_store(&team->generation, generation + 1);
        wake_sleepers(team);
        return;
    }
    for (unsigned spins = 0; atomic_load_explicit(&team->generation, memory_order_acquire) == generation;
         spins++) {
        if (spins < team->spins)
            relax();
        else
            sleep_through(team, generation);
    }
}

void team_slice(struct team_member member, size_t total, size_t grain, size_t *begin, size_t *end) {
    size_t grains = total / grain + (total % grain != 0);
    size_t share = grains / member.count, extra = grains % member.count;
    size_t first = member.index * share + size_min(member.index, extra);
    size_t last = first + share + (member.index < extra);
    *begin = size_min(first * grain, total);
    *end = size_min(last * grain, total);
}
