/* A plan: which kind each stage is, that the threads' shares cover the work once, and what it says of itself. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/team.h"
#include "samples.h"
#include "train/plan.h"

enum { SAMPLES = 150, FEATURES = 100, CLASSES = 10 };

static struct plan *make_plan(minnow_network *network, const minnow_dataset *dataset, size_t batch,
                              minnow_sparsity sparse, unsigned threads) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = batch;
    config.sparse = sparse;
    struct plan *plan;
    cr_assert_eq(plan_create(network, dataset, &config, threads, &plan), MINNOW_OK, "%s",
                 minnow_last_error());
    return plan;
}

static minnow_network *make_network(void) {
    return samples_network((size_t[]){FEATURES, 33, 17, CLASSES}, 3, MINNOW_ACTIVATION_TANH,
                           MINNOW_LOSS_SOFTMAX, "auto");
}

Test(plan, kinds_follow_sparsity_batch_and_data) {
    minnow_network *network = make_network();
    minnow_dataset *bytes = samples_make(SAMPLES, FEATURES, CLASSES), *floats = samples_as_floats(bytes);
    const struct {
        const minnow_dataset *dataset;
        size_t batch;
        minnow_sparsity sparse;
        const char *first, *others;
    } cases[] = {
        {bytes, 32, MINNOW_SPARSITY_ON, "bytes", "dense"},
        {bytes, 32, MINNOW_SPARSITY_OFF, "dense", "dense"},
        {floats, 32, MINNOW_SPARSITY_ON, "lists", "dense"},
        {floats, 32, MINNOW_SPARSITY_OFF, "dense", "dense"},
        {bytes, 1, MINNOW_SPARSITY_ON, "one-listed", "one"},
        {floats, 1, MINNOW_SPARSITY_OFF, "one", "one"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan *plan = make_plan(network, cases[i].dataset, cases[i].batch, cases[i].sparse, 2);
        cr_expect_str_eq(plan->stages[0].kind->name, cases[i].first, "case %zu", i);
        cr_expect_str_eq(plan->stages[1].kind->name, cases[i].others, "case %zu", i);
        cr_expect_str_eq(plan->stages[2].kind->name, cases[i].others, "case %zu", i);
        plan_free(plan);
    }
    minnow_dataset_free(floats);
    minnow_dataset_free(bytes);
    minnow_network_free(network);
}

/* Each sample, each row of weights and each vector of biases belongs to exactly one thread, in order. */
static void check_shares(const struct plan *plan) {
    size_t sample = 0, rest = 0, row[NETWORK_MAX_LAYERS] = {0}, biases[NETWORK_MAX_LAYERS] = {0};
    for (unsigned t = 0; t < plan->threads; t++) {
        const struct share *share = &plan->shares[t];
        cr_assert_eq(share->samples.begin, sample, "%u threads", plan->threads);
        cr_assert_eq(share->rest.begin, rest, "%u threads", plan->threads);
        sample = share->samples.end;
        rest = share->rest.end;
        for (size_t l = 0; l < plan->stage_count; l++) {
            cr_assert_eq(share->rows[l].begin, row[l], "%u threads, stage %zu", plan->threads, l);
            cr_assert_geq(share->rows[l].end, share->rows[l].begin);
            row[l] = share->rows[l].end;
            biases[l] += share->biases[l];
        }
    }
    cr_assert_eq(sample, plan->batch);
    cr_assert_eq(rest, plan->dataset->count % plan->batch);
    for (size_t l = 0; l < plan->stage_count; l++) {
        cr_assert_eq(row[l], plan->stages[l].inputs, "%u threads, stage %zu", plan->threads, l);
        cr_assert_eq(biases[l], 1, "%u threads, stage %zu", plan->threads, l);
    }
}

Test(plan, shares_cover_the_work_once) {
    minnow_network *network = make_network();
    minnow_dataset *dataset = samples_make(SAMPLES, FEATURES, CLASSES);
    for (unsigned threads = 1; threads <= 40; threads++)
        for (size_t batch = 1; batch <= 256; batch = 4 * batch) {
            struct plan *plan = make_plan(network, dataset, batch, MINNOW_SPARSITY_AUTO, threads);
            cr_expect_eq(plan->threads, batch == 1 ? 1 : team_threads(threads));
            check_shares(plan);
            plan_free(plan);
        }
    minnow_dataset_free(dataset);
    minnow_network_free(network);
}

Test(plan, copies_follow_parameters_that_others_change) {
    minnow_network *network = make_network();
    minnow_dataset *dataset = samples_make(SAMPLES, FEATURES, CLASSES);
    struct plan *plan = make_plan(network, dataset, 32, MINNOW_SPARSITY_AUTO, 1);
    plan_refresh(plan);
    float weights[33 * 17] = {0};
    weights[5 * 17 + 3] = 42.0f;
    cr_assert_eq(minnow_network_set_layer(network, 1, weights, NULL), MINNOW_OK);
    struct matrix transposed = plan->stages[1].transposed;
    cr_assert_neq(transposed.data[3 * transposed.stride + 5], 42.0f);
    plan_refresh(plan);
    cr_assert_eq(transposed.data[3 * transposed.stride + 5], 42.0f);
    cr_assert_eq(transposed.data[3 * transposed.stride + 4], 0.0f);
    plan_free(plan);
    minnow_dataset_free(dataset);
    minnow_network_free(network);
}

Test(plan, describes_stages_phases_and_shares) {
    minnow_network *network = make_network();
    minnow_dataset *dataset = samples_make(SAMPLES, FEATURES, CLASSES);
    struct plan *plan = make_plan(network, dataset, 32, MINNOW_SPARSITY_ON, 2);
    char *text = plan_describe(plan);
    cr_assert_not_null(text);
    const char *const said[] = {
        "100-33", "33-17",     "17-10",  "bytes",
        "dense",  "propagate", "update", plan->threads == 2 ? "samples 16-31" : "samples 0-31"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        cr_expect_not_null(strstr(text, said[i]), "no \"%s\" in:\n%s", said[i], text);
    free(text);
    plan_free(plan);
    minnow_dataset_free(dataset);
    minnow_network_free(network);
}
