/* Programs built against an older and a newer header, with today's library. */
#include <criterion/criterion.h>

#include <minnow/minnow.h>

#include "support/scratch.h"
#include "versions.h"

typedef void run_function(const char *folder, struct outcome *out, struct struct_sizes *sizes);

static struct struct_sizes run_program(run_function *run, struct outcome *out) {
    struct struct_sizes sizes;
    scratch_make();
    run(scratch_folder, out, &sizes);
    scratch_remove();
    cr_assert_str_empty(out->failure, "%s", out->failure);
    return sizes;
}

static void expect_same(const struct outcome *found, const struct outcome *expected) {
    cr_expect_eq(found->trained_crc, expected->trained_crc, "%08x, with today's header %08x",
                 found->trained_crc, expected->trained_crc);
    cr_expect_eq(found->resumed_crc, expected->resumed_crc);
    cr_expect_eq(found->imported_crc, expected->imported_crc);
    cr_expect_eq(found->epochs, expected->epochs);
    cr_expect_eq(found->epoch_samples, expected->epoch_samples);
    cr_expect(found->train_loss == expected->train_loss, "%.17g, with today's header %.17g",
              found->train_loss, expected->train_loss);
    cr_expect_eq(found->resumed_batch, expected->resumed_batch);
    cr_expect(found->resumed_rate == expected->resumed_rate);
    cr_expect_eq(found->total, expected->total);
    cr_expect_eq(found->correct, expected->correct);
}

Test(versions, a_program_of_today_does_what_it_says) {
    struct outcome today;
    run_program(run_today, &today);
    cr_expect_eq(today.epochs, 3);
    cr_expect_eq(today.epoch_samples, 200);
    cr_expect_gt(today.train_loss, 0.0);
    cr_expect_eq(today.total, 100);
    cr_expect_gt(today.correct, 10);
    cr_expect_eq(today.imported_crc, today.trained_crc);
    cr_expect_eq(today.resumed_crc, today.trained_crc);
    cr_expect_eq(today.resumed_batch, 16);
    cr_expect(today.resumed_rate == 0.2);
}

Test(versions, a_program_built_against_an_older_header_keeps_working) {
    struct outcome older, today;
    struct struct_sizes short_sizes = run_program(run_older, &older);
    struct struct_sizes sizes = run_program(run_today, &today);
    expect_same(&older, &today);

    cr_expect_lt(short_sizes.network_config, sizes.network_config);
    cr_expect_lt(short_sizes.foreign_config, sizes.foreign_config);
    cr_expect_lt(short_sizes.training_config, sizes.training_config);
    cr_expect_lt(short_sizes.progress, sizes.progress);
    cr_expect_lt(short_sizes.evaluation, sizes.evaluation);
}

Test(versions, a_program_built_against_a_newer_header_works_too) {
    struct outcome newer, today;
    struct struct_sizes long_sizes = run_program(run_newer, &newer);
    struct struct_sizes sizes = run_program(run_today, &today);
    expect_same(&newer, &today);

    cr_expect_gt(long_sizes.network_config, sizes.network_config);
    cr_expect_gt(long_sizes.foreign_config, sizes.foreign_config);
    cr_expect_gt(long_sizes.training_config, sizes.training_config);
    cr_expect_gt(long_sizes.progress, sizes.progress);
    cr_expect_gt(long_sizes.evaluation, sizes.evaluation);
}

Test(versions, a_member_from_the_future_is_refused_when_it_is_set) {
    char why[512];
    size_t trials;
    scratch_make();
    size_t refused = newer_refusals(scratch_folder, &trials, why);
    scratch_remove();
    cr_expect_eq(trials, 5);
    cr_expect_eq(refused, trials, "%s", why);
}

Test(versions, a_member_from_the_future_is_zero_in_results) {
    cr_expect(newer_results_are_zeroed());
}

/* A member added later must not come to lie in what was padding before: an older program may have anything
   there, and its struct would not be shorter. So every struct ends with its last member. */
#define ENDS_WITH(type, member)                                                                              \
    _Static_assert(sizeof(type) == offsetof(type, member) + sizeof(((type *)0)->member), #type)
ENDS_WITH(minnow_network_config, isa);
ENDS_WITH(minnow_foreign_config, isa);
ENDS_WITH(minnow_comm, abort);
ENDS_WITH(minnow_training_config, plan);
ENDS_WITH(minnow_distortion_config, gentle_classes);
ENDS_WITH(minnow_progress, diverged_layer);
ENDS_WITH(minnow_evaluation, loss);
ENDS_WITH(minnow_callbacks, validated);
ENDS_WITH(minnow_trace, targets);
