#include "base/team.h"

#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/cpu_quota.h"
#include "base/memory.h"

enum { MAX_THREADS = 1024, SPINS = 8000, FEW_SPINS = 500, ALL_ACTIVE = MAX_THREADS };

/* Members of a barrier: the last one to arrive starts the next generation, for which the others wait. They spin at
   first, because the phases between barriers take microseconds and going to sleep takes longer. After SPINS turns,
   much longer than a phase, they sleep: then the member they wait for has no processor, and may need the one that a
   spinning thread occupies. With more threads than processors that is likely from the start, so they never spin. */
struct group {
    _Alignas(64) atomic_uint arrived;
    _Alignas(64) atomic_uint generation;
    _Alignas(64) atomic_uint sleepers;
};

/* To count in one place, members must come there one behind the other, and all who wait there fetch it anew. So those of
   a large team are counted in groups, at the same time; the last one of each group counts for it; and the last of those
   lets the members of every group go. */
enum { ONE_GROUP = 8, GROUPS_MOST = 64 };
struct team {
    _Alignas(64) atomic_uint groups_arrived;
    _Alignas(64) struct group *groups;
    atomic_uint slept; /* microseconds, of all members so far */
    atomic_uint spins;
    _Alignas(64) atomic_uint active;
    atomic_uint changes; /* of `active`, begun and completed: odd in the middle of one */
    unsigned wanted;     /* what `active` becomes at the next barrier */
    unsigned count;
};

/* ---- fork() ---- */

#ifdef _OPENMP

/* Whether this thread has opened a parallel region, so that OpenMP may keep a pool of threads for it. */
static _Thread_local bool has_pool;

/* Whether this thread had a pool in the parent process. In a child it is the only thread at first. */
static _Thread_local bool pool_is_lost;

static void in_child(void) {
    pool_is_lost = has_pool;
}

static bool notices_fork;

static void notice_fork(void) {
    notices_fork = pthread_atfork(NULL, NULL, in_child) == 0;
}

/* Whether this thread may open a parallel region. From then on it counts as one that has a pool. */
static bool may_go_parallel(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (pool_is_lost || pthread_once(&once, notice_fork) != 0 || !notices_fork)
        return false;
    has_pool = true;
    return true;
}

#endif

/* ---- How many threads ---- */

static double quota;

static void read_quota(void) {
    quota = cpu_quota("");
}

double team_quota(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    return pthread_once(&once, read_quota) == 0 ? quota : 0.0;
}

#ifdef _OPENMP

/* Whether team_set_default has been told what the user wants. */
static atomic_bool default_is_given;

unsigned team_processors(void) {
    int processors = omp_get_num_procs();
    return processors > 1 ? (unsigned)processors : 1;
}

/* OpenMP's choice. Where it is one thread per processor and nobody has asked for that, the quota bounds it. */
static unsigned default_threads(void) {
    int chosen = omp_get_max_threads();
    unsigned threads = chosen > 1 ? (unsigned)chosen : 1;
    double granted = ceil(team_quota());
    bool automatic = threads == team_processors() && !atomic_load(&default_is_given);
    return automatic && granted > 0.0 && granted < threads ? (unsigned)granted : threads;
}

unsigned team_threads(unsigned requested) {
    if (pool_is_lost)
        return 1;
    unsigned threads = requested != 0 ? requested : default_threads();
    return threads < MAX_THREADS ? threads : MAX_THREADS;
}

void team_set_default(unsigned threads) {
    if (threads == 0)
        return;
    atomic_store(&default_is_given, true);
    omp_set_num_threads((int)(threads < MAX_THREADS ? threads : MAX_THREADS));
}

#else

unsigned team_processors(void) {
    return 1;
}

unsigned team_threads(unsigned requested) {
    (void)requested;
    return 1;
}

void team_set_default(unsigned threads) {
    (void)threads;
}

#endif

/* ---- Running ---- */

void team_run(unsigned threads, void (*body)(struct team_member member, void *context), void *context) {
    team_run_active(threads, ALL_ACTIVE, body, context);
}

#ifdef _OPENMP
static void clear_groups(struct group *groups, unsigned count) {
    for (unsigned g = 0; g < count; g++) {
        atomic_init(&groups[g].arrived, 0);
        atomic_init(&groups[g].generation, 0);
        atomic_init(&groups[g].sleepers, 0);
    }
}
#endif

void team_run_active(unsigned threads, unsigned active,
                     void (*body)(struct team_member member, void *context), void *context) {
    struct group one = {0};
    struct team team = {.groups = &one, .count = 1, .active = active, .wanted = active};
    (void)threads;
#ifdef _OPENMP
    if (threads > 1 && may_go_parallel()) {
        struct group groups[GROUPS_MOST];
        clear_groups(groups, threads <= ONE_GROUP ? 1 : GROUPS_MOST);
        team.groups = groups;
#pragma omp parallel num_threads((int)threads)
        {
#pragma omp single
            {
                team.count = (unsigned)omp_get_num_threads();
                atomic_store(&team.spins, team.count <= team_processors() ? SPINS : 0);
            }
            body((struct team_member){(unsigned)omp_get_thread_num(), team.count, &team}, context);
        }
        return;
    }
#endif
    body((struct team_member){0, 1, &team}, context);
}

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Returns when the word no longer has the given value, or early. */
static void sleep_while(atomic_uint *word, unsigned value) {
#ifdef __linux__
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
#else
    (void)word;
    (void)value;
    sched_yield();
#endif
}

static void wake_all(atomic_uint *word) {
#ifdef __linux__
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
#else
    (void)word;
#endif
}

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* No sleeper is missed, because it is counted before the system compares the generation, and the last member to
   arrive changes the generation before it looks for sleepers. */
static void sleep_through(struct team *team, struct group *group, unsigned generation) {
    double begin = seconds();
    atomic_fetch_add(&group->sleepers, 1);
    sleep_while(&group->generation, generation);
    atomic_fetch_sub(&group->sleepers, 1);
    atomic_fetch_add(&team->slept, (unsigned)(1e6 * (seconds() - begin)));
}

/* The logarithm of the members of each group of a team of so many: about as many as there are groups, and at most
   GROUPS_MOST groups. */
static unsigned group_shift(unsigned count) {
    return count <= ONE_GROUP ? 3 : count <= 16 ? 2 : count <= 64 ? 3 : 4;
}

static void release(struct group *group) {
    atomic_store(&group->generation, atomic_load_explicit(&group->generation, memory_order_relaxed) + 1);
}

/* The last member's part of a barrier: lets the others go. Those who are active from here on count from the next
   barrier on, perhaps in other groups: they wait in team_active until all groups have been let go. */
static void end_barrier(struct team *team, unsigned groups) {
    bool change = team->wanted != atomic_load_explicit(&team->active, memory_order_relaxed);
    if (change) {
        atomic_fetch_add(&team->changes, 1);
        atomic_store(&team->active, team->wanted);
    }
    atomic_store_explicit(&team->groups_arrived, 0, memory_order_relaxed);
    for (unsigned g = 0; g < groups; g++)
        atomic_store_explicit(&team->groups[g].arrived, 0, memory_order_relaxed);
    for (unsigned g = 0; g < groups; g++)
        release(&team->groups[g]);

    for (unsigned g = 0; g < groups; g++)
        if (atomic_load(&team->groups[g].sleepers) != 0)
            wake_all(&team->groups[g].generation);
    if (change) {
        atomic_fetch_add(&team->changes, 1);
        wake_all(&team->changes);
    }
}

/* Whether a word has been counted up to `count` by this. */
static bool completes(atomic_uint *word, unsigned count) {
    return atomic_fetch_add_explicit(word, 1, memory_order_acq_rel) + 1 == count;
}

void team_barrier(struct team_member member) {
    struct team *team = member.team;
    if (team == NULL)
        return;
    unsigned shift = group_shift(member.count), groups = ((member.count - 1) >> shift) + 1;
    unsigned number = member.index >> shift;
    unsigned members = number + 1 < groups ? 1u << shift : member.count - (number << shift);
    struct group *group = &team->groups[number];

    unsigned generation = atomic_load_explicit(&group->generation, memory_order_relaxed);
    if (completes(&group->arrived, members) && (groups == 1 || completes(&team->groups_arrived, groups))) {
        end_barrier(team, groups);
        return;
    }

    unsigned most = atomic_load_explicit(&team->spins, memory_order_relaxed);
    for (unsigned spins = 0; atomic_load_explicit(&group->generation, memory_order_acquire) == generation;
         spins++) {
        if (spins < most)
            relax();
        else
            sleep_through(team, group, generation);
    }
}

void team_set_active(struct team_member member, unsigned active) {
    member.team->wanted = active;
}

/* A member joins only when a change is complete: in the middle of one, the barrier at which it happens would take the
   member for one of its own. */
struct team_member team_active(struct team_member member) {
    struct team *team = member.team;
    for (;;) {
        unsigned changes = atomic_load(&team->changes), active = atomic_load(&team->active);
        bool complete = changes % 2 == 0 && atomic_load(&team->changes) == changes;
        if (complete && active > member.index) {
            member.count = active < team->count ? active : team->count;
            return member;
        }
        sleep_while(&team->changes, changes);
    }
}

unsigned team_slept(struct team_member member) {
    return atomic_load_explicit(&member.team->slept, memory_order_relaxed);
}

void team_set_patience(struct team_member member, bool patient) {
    unsigned most = member.team->count <= team_processors() ? SPINS : 0;
    atomic_store_explicit(&member.team->spins, patient || most == 0 ? most : FEW_SPINS, memory_order_relaxed);
}

void team_slice(struct team_member member, size_t total, size_t grain, size_t *begin, size_t *end) {
    size_t grains = total / grain + (total % grain != 0);
    size_t share = grains / member.count, extra = grains % member.count;
    size_t first = member.index * share + size_min(member.index, extra);
    size_t last = first + share + (member.index < extra);
    *begin = size_min(first * grain, total);
    *end = size_min(last * grain, total);
}
