/* Trials of one way against another, on steps whose times are made up. */
#include <criterion/criterion.h>

#include "train/trial.h"

enum { LONGEST_TRIAL = 4 * TRIAL_LONGEST + 4 };
static const double MOST = 0.97;

struct outcome {
    bool b_wins;
    unsigned steps, steps_of_b;
    double lost;
};

/* Seconds of a step: of A, of B, and every `disturbed`th step takes ten times as long (0: none). */
static struct outcome try(double a, double b, unsigned disturbed) {
    struct trial trial;
    struct outcome outcome = {0};
    bool follows_b = false;
    trial_begin(&trial, a, MOST);
    while (outcome.steps < LONGEST_TRIAL) {
        bool late = disturbed > 0 && ++outcome.steps % disturbed == 0;
        outcome.steps += disturbed == 0;
        outcome.steps_of_b += follows_b;
        switch (trial_step(&trial, (follows_b ? b : a) * (late ? 10.0 : 1.0))) {
        case TRIAL_STAY:
            break;
        case TRIAL_FOLLOW_A:
            cr_expect(follows_b);
            follows_b = false;
            break;
        case TRIAL_FOLLOW_B:
            cr_expect(!follows_b);
            follows_b = true;
            break;
        case TRIAL_END_A:
            cr_expect(follows_b, "ends while B is followed, which the caller leaves then");
            outcome.lost = trial.lost;
            return outcome;
        case TRIAL_END_B:
            cr_expect(follows_b);
            outcome.b_wins = true;
            outcome.lost = trial.lost;
            return outcome;
        }
    }
    cr_assert_fail("a trial of %u steps and no end", outcome.steps);
    return outcome;
}

Test(trial, the_faster_way_wins) {
    for (double a = 1e-6; a < 1.0; a *= 10.0)
        for (unsigned disturbed = 0; disturbed < 7; disturbed = disturbed == 0 ? 5 : disturbed + 1) {
            cr_expect(try(a, 0.9 * a, disturbed).b_wins, "%g s, disturbed %u", a, disturbed);
            cr_expect_not(try(a, a, disturbed).b_wins, "%g s, disturbed %u", a, disturbed);
            cr_expect_not(try(a, 1.1 * a, disturbed).b_wins, "%g s, disturbed %u", a, disturbed);
        }
}

Test(trial, a_gain_that_is_too_small_is_none) {
    cr_expect_not(try(1e-4, 0.98e-4, 0).b_wins);
    cr_expect(try(1e-4, 0.96e-4, 0).b_wins);
}

Test(trial, a_way_that_is_far_slower_is_given_up_soon) {
    struct outcome outcome = try(1e-4, 3e-4, 0);
    cr_expect_not(outcome.b_wins);
    cr_expect_eq(outcome.steps_of_b, 3, "%u", outcome.steps_of_b); /* one that settles, and two */
    cr_expect_float_eq(outcome.lost, 6e-4, 1e-9);
}

Test(trial, turns_are_long_where_steps_are_short) {
    cr_expect_geq(try(1e-6, 0.9e-6, 0).steps, 4 * TRIAL_LONGEST);
    cr_expect_leq(try(1.0, 0.9, 0).steps, 20);
}

Test(trial, a_median_lies_in_the_middle) {
    double odd[] = {3.0, 1.0, 2.0}, even[] = {4.0, 1.0, 3.0, 2.0};
    cr_expect_eq(trial_median(odd, 3), 2.0);
    cr_expect_eq(trial_median(even, 4), 2.5);
}
