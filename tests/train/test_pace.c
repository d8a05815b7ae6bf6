/* How many members train at a time, on machines that are made up: their clock and their rates are the test's. */
#include <criterion/criterion.h>

#include "train/pace.h"

enum { MOST = 16, BATCH = 16 };

struct machine {
    double now;
    double rate[MOST + 1]; /* samples per second of so many members */
    double turn;           /* seconds that members wait at a time when more than `free` are active */
    unsigned free;
    unsigned slept; /* microseconds, of all members */
    double samples;
};

/* Trains for so long; returns the samples per second. */
static double run(struct pace *pace, struct machine *machine, double seconds) {
    double begin = machine->now, samples = machine->samples;
    for (unsigned active = pace->active; machine->now < begin + seconds;) {
        machine->now += BATCH / machine->rate[active];
        machine->samples += BATCH;
        if (active > machine->free) {
            machine->now += machine->turn;
            machine->slept += (unsigned)(1e6 * machine->turn * (active - 1.0));
        }
        active = pace_step(pace, BATCH, machine->now, machine->slept);
        cr_assert(active >= 1 && active <= pace->most);
    }
    return (machine->samples - samples) / (machine->now - begin);
}

/* Rates as on an idle machine, each member as good as 0.9 of the first. */
static struct machine idle_machine(void) {
    struct machine machine = {.free = MOST, .turn = 3e-3};
    for (unsigned t = 1; t <= MOST; t++)
        machine.rate[t] = 1e6 * (0.1 + 0.9 * t);
    return machine;
}

Test(pace, an_idle_machine_loses_next_to_nothing) {
    for (unsigned most = 2; most <= MOST; most *= 2) {
        struct machine machine = idle_machine();
        struct pace pace = {0};
        pace_start(&pace, most, 0.0);
        cr_expect_geq(run(&pace, &machine, 0.05), 0.95 * machine.rate[most], "%u members", most);
        cr_expect_geq(run(&pace, &machine, 2.0), 0.99 * machine.rate[most], "%u members", most);
        cr_expect_eq(pace.active, most);
    }
}

Test(pace, members_without_a_processor_are_left_out) {
    for (unsigned most = 2; most <= MOST; most *= 2)
        for (unsigned free = 1; free < most; free *= 2) {
            struct machine machine = idle_machine();
            struct pace pace = {0};
            machine.free = free;
            pace_start(&pace, most, 0.0);
            cr_expect_geq(run(&pace, &machine, 0.1), 0.6 * machine.rate[free], "%u of %u at first", free,
                          most);
            cr_expect_geq(run(&pace, &machine, 4.0), 0.9 * machine.rate[free], "%u of %u", free, most);
        }
}

/* As large mini-batches have it whose shares are uneven: each step of 7 ms, of which every member but one sleeps one. */
Test(pace, uneven_shares_are_no_sign) {
    struct machine machine = {.free = 1, .turn = 1e-3};
    struct pace pace = {0};
    machine.rate[2] = BATCH / 6e-3;
    machine.rate[1] = BATCH / 13e-3;
    pace_start(&pace, 2, 0.0);
    cr_expect_geq(run(&pace, &machine, 0.85), 0.985 * BATCH / 7e-3);
}

Test(pace, fewer_are_found_without_a_sign) {
    struct machine machine = idle_machine();
    struct pace pace = {0};
    machine.rate[2] = 0.8e6; /* two share a core, say, and never sleep */
    pace_start(&pace, 2, 0.0);
    cr_expect_geq(run(&pace, &machine, 0.1), 0.95 * machine.rate[1]);
}

Test(pace, all_come_back_when_the_machine_is_free_again) {
    struct machine machine = idle_machine();
    struct pace pace = {0};
    machine.free = 1;
    pace_start(&pace, 8, 0.0);
    run(&pace, &machine, 3.0);
    machine.free = MOST;
    run(&pace, &machine, 1.5);
    cr_assert_eq(pace.active, 8);
}

Test(pace, a_later_run_goes_on_where_the_earlier_one_was) {
    struct machine machine = idle_machine();
    struct pace pace = {0};
    machine.free = 1;
    pace_start(&pace, 2, 0.0);
    run(&pace, &machine, 1.0);
    unsigned active = pace.phase == PACE_STEADY ? pace.active : pace.before;
    pace_start(&pace, 2, machine.now);
    cr_assert_eq(pace.active, active);
    pace_start(&pace, 4, machine.now);
    cr_assert_eq(pace.active, 4, "another team");
}
