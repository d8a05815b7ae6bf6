/* The thread team. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/memory.h"
#include "base/team.h"

Test(team, slices_cover_everything_once) {
    static const size_t totals[] = {0, 1, 15, 16, 17, 100, 784, 65536, SIZE_MAX / 2},
                        grains[] = {1, 4, 16, 64};
    for (unsigned count = 1; count < 12; count++)
        for (size_t t = 0; t < sizeof totals / sizeof totals[0]; t++)
            for (size_t g = 0; g < sizeof grains / sizeof grains[0]; g++) {
                size_t total = totals[t], grain = grains[g], next = 0, largest = 0, smallest = SIZE_MAX;
                for (unsigned index = 0; index < count; index++) {
                    size_t begin, end;
                    team_slice((struct team_member){index, count, NULL}, total, grain, &begin, &end);
                    cr_assert_eq(begin, next);
                    cr_assert_leq(begin, end);
                    cr_assert(begin % grain == 0 || begin == total);
                    next = end;
                    size_t size = (end - begin + grain - 1) / grain;
                    largest = size > largest ? size : largest;
                    smallest = size_min(size, smallest);
                }
                cr_assert_eq(next, total);
                cr_assert_leq(largest - smallest, 1, "an even split");
            }
}

Test(team, thread_counts_are_within_bounds) {
    cr_assert_geq(team_threads(0), 1);
    cr_assert_leq(team_threads(UINT32_MAX), 1024);
#ifdef _OPENMP
    cr_assert_eq(team_threads(3), 3);
    cr_assert_eq(team_threads(1000000), 1024);
#else
    cr_assert_eq(team_threads(3), 1);
#endif
}

enum { ROUNDS = 2000, FEW_ROUNDS = 20, MOST = 70, SMALL = 7 };

/* Also teams that are counted in groups: of four, eight and sixteen members, the last of them full or not. */
static const unsigned team_counts[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 21, MOST};
enum { TEAM_COUNTS = sizeof team_counts / sizeof *team_counts };

/* Fewer rounds of large teams, whose members take turns on few processors. */
static unsigned rounds_of(unsigned count) {
    return count <= SMALL ? ROUNDS : FEW_ROUNDS;
}

struct meeting {
    atomic_uint present, wrong;
    unsigned seats[MOST];
    unsigned count;
};

/* Each round every member writes its seat, and after the barrier must find all seats written for this round. */
static void meet(struct team_member member, void *context) {
    struct meeting *meeting = context;
    atomic_fetch_add(&meeting->present, 1);
    if (member.index == 0)
        meeting->count = member.count;
    for (unsigned round = 1; round <= rounds_of(member.count); round++) {
        meeting->seats[member.index] = round;
        team_barrier(member);
        for (unsigned i = 0; i < member.count; i++)
            if (meeting->seats[i] != round)
                atomic_fetch_add(&meeting->wrong, 1);
        team_barrier(member);
    }
}

enum { STEPS = 3000 };

struct relay {
    unsigned steps, step, done[MOST];
    unsigned joined; /* of the steps in which more than the first member were active */
    atomic_uint wrong;
};

/* Each step every active member writes its own place, and the first member, behind a barrier, looks at all and says how
   many are active next. */
static void relay(struct team_member team, void *context) {
    struct relay *relay = context;
    for (;;) {
        struct team_member member = team_active(team);
        unsigned step = relay->step;
        if (step == relay->steps)
            return;

        relay->done[member.index] = step + 1;
        team_barrier(member);
        if (member.index == 0) {
            for (unsigned i = 0; i < team.count; i++)
                if ((relay->done[i] == step + 1) != (i < member.count))
                    atomic_fetch_add(&relay->wrong, 1);
            relay->joined += member.count > 1;
            relay->step = step + 1;
            unsigned next = step + 1 == relay->steps ? team.count : 1 + step * 7919 % team.count;
            if (next != member.count)
                team_set_active(team, next);
        }
        team_barrier(member);
    }
}

Test(team, members_leave_and_join) {
    for (size_t i = 1; i < TEAM_COUNTS; i++) {
        unsigned threads = team_counts[i];
        struct relay state = {.steps = threads <= SMALL ? STEPS : FEW_ROUNDS};
        team_run(threads, relay, &state);
        cr_assert_eq(atomic_load(&state.wrong), 0, "%u threads", threads);
        cr_assert_eq(state.step, state.steps);
#ifdef _OPENMP
        cr_assert_geq(state.joined, state.steps / 3);
#endif
    }
}

Test(team, barriers_hold_everyone) {
    for (size_t i = 0; i < TEAM_COUNTS; i++) {
        unsigned threads = team_counts[i];
        struct meeting meeting = {0};
        team_run(threads, meet, &meeting);
        cr_assert_eq(atomic_load(&meeting.wrong), 0);
        cr_assert_eq(atomic_load(&meeting.present), meeting.count);
        cr_assert_geq(meeting.count, 1);
#ifdef _OPENMP
        cr_assert_eq(meeting.count, threads);
#endif
    }
}

/* ---- fork() ---- */

/* What a team may have where it is not of one thread by need. */
#ifdef _OPENMP
enum { PAIR = 2 };
#else
enum { PAIR = 1 };
#endif

static void count_member(struct team_member member, void *context) {
    atomic_uint *present = context;
    team_barrier(member);
    atomic_fetch_add(present, member.count);
}

/* How many members a team of two has: 1 or 2. */
static unsigned team_size(void) {
    atomic_uint present = 0;
    team_run(2, count_member, &present);
    return atomic_load(&present) == 4 ? 2 : atomic_load(&present);
}

static void *team_size_of_thread(void *context) {
    *(unsigned *)context = team_size();
    return NULL;
}

/* Runs function in a child process that may take ten seconds, and returns the child's exit status. */
static int in_child(int (*function)(void)) {
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        alarm(10);
        _exit(function());
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status), "the child did not end: signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

static int size_as_status(void) {
    return (int)team_size();
}

static int threads_as_status(void) {
    return (int)team_threads(2);
}

static int size_in_grandchild(void) {
    return in_child(size_as_status);
}

static int size_in_thread(void) {
    pthread_t thread;
    unsigned size = 0;
    if (pthread_create(&thread, NULL, team_size_of_thread, &size) != 0 || pthread_join(thread, NULL) != 0)
        return 0;
    return (int)size;
}

Test(team, a_child_of_a_thread_that_had_a_team_works_alone) {
    cr_assert_eq(team_size(), PAIR);
    cr_assert_eq(in_child(size_as_status), 1);
    cr_assert_eq(in_child(threads_as_status), 1);
    cr_assert_eq(in_child(size_in_grandchild), 1);
    cr_assert_eq(team_size(), PAIR, "the parent goes on as before");
}

Test(team, a_child_without_a_lost_team_has_teams) {
    cr_assert_eq(in_child(size_as_status), PAIR, "forked before the first team");
    cr_assert_eq(in_child(threads_as_status), PAIR);

    unsigned size = 0;
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, team_size_of_thread, &size), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert_eq(size, PAIR);
    cr_assert_eq(in_child(size_as_status), PAIR, "only another thread had a team");

    cr_assert_eq(team_size(), PAIR);
    cr_assert_eq(in_child(size_in_thread), PAIR, "in a new thread of the child");
}
