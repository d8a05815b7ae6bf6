/* Plans that change in mid-run: the bits stay, and what is faster is found, on machines that are made up. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/team.h"
#include "net/network.h"
#include "samples.h"
#include "train/trainer.h"

enum { SAMPLES = 230, BATCH = 48, FEATURES = 100, CLASSES = 10, THREADS = 3 };
static const size_t SIZES[] = {FEATURES, 150, 70, CLASSES};

static minnow_training_config configuration(size_t way) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = BATCH;
    config.epochs = 2;
    config.threads = THREADS;
    samples_set_way(&config, way, MINNOW_LOSS_SOFTMAX, 3);
    return config;
}

/* ---- The bits ---- */

static unsigned draw(unsigned count) {
    static uint32_t state = 1;
    state = state * 1664525u + 1013904223u;
    return (state >> 16) % count;
}

/* Some other way: kinds, splits and speeds, some of them 0, by chance. */
static void follow_any(struct plan *plan) {
    unsigned other = 1 - plan->way;
    struct plan_way *way = &plan->ways[other];
    plan_copy_way(plan, plan->way, other);
    for (size_t l = 0; l < plan->stage_count; l++) {
        way->kind[l] = plan->opened[l][1].kind != NULL ? (unsigned char)draw(2) : 0;
        way->owned[l] = plan_can_own(plan, l) && draw(2) == 1;
    }
    for (enum plan_split split = 0; split < SPLIT_COUNT; split++)
        for (unsigned t = 0; t < plan->threads; t++)
            way->speed[split][t] = t > 0 ? draw(5) : 1.0 + draw(5);
    plan_measure_way(plan, way);
    plan_follow(plan, other, 1 + draw(plan->threads));
}

static void train(minnow_network *network, const minnow_dataset *dataset,
                  const minnow_training_config *config, bool switching) {
    minnow_trainer *trainer;
    cr_assert_eq(trainer_create(network, dataset, config, switching ? THREADS : 1, NULL, &trainer), MINNOW_OK,
                 "%s", minnow_last_error());
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    while (!progress.run_done) {
        if (switching)
            follow_any(trainer->plan);
        cr_assert_eq(minnow_trainer_advance(trainer, BATCH, &progress), MINNOW_OK, "%s", minnow_last_error());
    }
    minnow_trainer_free(trainer);
}

static void expect_same_parameters(const minnow_network *a, const minnow_network *b, size_t way) {
    for (size_t l = 0; l < a->layer_count; l++) {
        struct matrix x = parameters_weights(a->parameters, l), y = parameters_weights(b->parameters, l);
        size_t outputs = a->layers[l].outputs;
        for (size_t i = 0; i < a->layers[l].inputs; i++)
            cr_assert(memcmp(x.data + i * x.stride, y.data + i * y.stride, outputs * sizeof(float)) == 0,
                      "way %zu, layer %zu, row %zu", way, l, i);
        cr_assert(memcmp(parameters_biases(a->parameters, l), parameters_biases(b->parameters, l),
                         outputs * sizeof(float)) == 0,
                  "way %zu, layer %zu, biases", way, l);
    }
}

Test(tuner, switching_plans_in_mid_run_keeps_the_bits) {
    minnow_dataset *bytes = samples_make(SAMPLES, FEATURES, CLASSES), *floats = samples_as_floats(bytes);
    for (size_t way = 0; way < SAMPLES_WAYS; way++)
        for (size_t sparse = MINNOW_SPARSITY_AUTO; sparse <= MINNOW_SPARSITY_ON; sparse++) {
            minnow_training_config config = configuration(way);
            if (config.mixup == 0.0 && config.noise == 0.0)
                config.sparse = (minnow_sparsity)sparse;
            const minnow_dataset *dataset = sparse == MINNOW_SPARSITY_ON && way % 2 == 0 ? floats : bytes;
            minnow_network *plain =
                samples_network(SIZES, 3, MINNOW_ACTIVATION_TANH, MINNOW_LOSS_SOFTMAX, "auto");
            minnow_network *switched =
                samples_network(SIZES, 3, MINNOW_ACTIVATION_TANH, MINNOW_LOSS_SOFTMAX, "auto");
            train(plain, dataset, &config, false);
            train(switched, dataset, &config, true);
            expect_same_parameters(plain, switched, way);
            minnow_network_free(plain);
            minnow_network_free(switched);
        }
    minnow_dataset_free(bytes);
    minnow_dataset_free(floats);
}

/* Threads as a build without OpenMP lacks them are no matter of the tests below. */
static bool has_team(void) {
    return team_threads(THREADS) == THREADS;
}

/* A call of advance may end amid a trial of fewer members, who then have all the work. */
Test(tuner, a_call_begins_with_work_for_all_who_train) {
    if (!has_team())
        return;
    minnow_dataset *dataset = samples_make(SAMPLES, FEATURES, CLASSES);
    minnow_network *network = samples_network(SIZES, 3, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config = configuration(0);
    minnow_trainer *trainer;
    cr_assert_eq(trainer_create(network, dataset, &config, THREADS, NULL, &trainer), MINNOW_OK);
    pace_start(&trainer->pace, THREADS, 0.0);
    trainer->pace.phase = PACE_TRYING_FEWER;
    trainer->pace.before = THREADS;
    trainer->pace.active = 1;
    plan_follow(trainer->plan, trainer->plan->way, 1);
    cr_assert_eq(minnow_trainer_advance(trainer, BATCH, NULL), MINNOW_OK);
    cr_expect_eq(trainer->plan->sharing, THREADS);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}

/* ---- Machines that are made up ---- */

struct machine {
    double now;
    double speed[THREADS];      /* of each thread's processor */
    double columns, other_kind; /* seconds that these ways take in place of 1 */
    size_t steps;
};

struct subject {
    minnow_dataset *dataset;
    minnow_network *network;
    struct plan *plan;
    struct tuner tuner;
};

static struct subject subject_make(uint64_t minibatches, uint64_t wanted) {
    static const size_t wide[] = {FEATURES, 2048, 2048, CLASSES};
    struct subject subject = {.dataset = samples_make(SAMPLES, FEATURES, CLASSES)};
    subject.network = samples_network(wide, 3, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config = configuration(0);
    config.plan = wanted;
    cr_assert_eq(plan_create(subject.network, subject.dataset, &config, THREADS, &subject.plan), MINNOW_OK);
    tuner_open(&subject.tuner, subject.plan, minibatches, (minnow_plan)wanted);
    tuner_start(&subject.tuner, 0.0);
    return subject;
}

static void subject_free(struct subject *subject) {
    plan_free(subject->plan);
    minnow_network_free(subject->network);
    minnow_dataset_free(subject->dataset);
}

/* A step of the machine: every thread is busy for its share of 1 ms of samples and 1 ms of the update. */
static double step(const struct subject *subject, const struct machine *machine, unsigned record) {
    const struct plan *plan = subject->plan;
    const struct plan_way *way = &plan->ways[plan->way];
    double factor = way->owned[1] ? machine->columns : 1.0, last = 0.0;
    for (unsigned t = 0; t < THREADS; t++) {
        double weights = 0.0, all = 0.0;
        for (size_t l = 0; l < plan->stage_count; l++) {
            const struct share *share = &plan->shares[t];
            weights += (double)range_count(share->rows[l]) * (double)range_count(share->columns[l]);
            all += (double)plan->stages[l].inputs * (double)plan->stages[l].outputs;
        }
        double samples = (double)range_count(plan->shares[t].samples) / BATCH;
        double seconds = 1e-3 * factor * (samples + weights / all) / machine->speed[t];
        last = seconds > last ? seconds : last;
        for (enum plan_split split = 0; record < PLAN_RECORDS && split < SPLIT_COUNT; split++)
            plan->records[t].busy[record][split] = 0.0;
        if (record < PLAN_RECORDS) {
            plan->records[t].busy[record][SPLIT_SAMPLES] = 1e-3 * factor * samples / machine->speed[t];
            plan->records[t].busy[record][SPLIT_UPDATE] = 1e-3 * factor * weights / all / machine->speed[t];
        }
    }
    return last;
}

/* Returns the seconds of the steps. */
static double run(struct subject *subject, struct machine *machine, size_t steps) {
    double begin = machine->now;
    for (size_t i = 0; i < steps; i++) {
        if (subject->tuner.acts)
            tuner_do(&subject->tuner, subject->plan, THREADS, machine->now);
        machine->now += step(subject, machine, subject->tuner.record);
        tuner_step(&subject->tuner, machine->now, true, true);
    }
    return machine->now - begin;
}

Test(tuner, nothing_is_tried_in_short_runs_nor_where_nobody_wants_it) {
    if (!has_team())
        return;
    const uint64_t cases[][2] = {{90, MINNOW_PLAN_AUTO}, {100000, MINNOW_PLAN_MODEL}};
    for (size_t i = 0; i < 2; i++) {
        struct subject subject = subject_make(cases[i][0], cases[i][1]);
        cr_expect_eq(subject.tuner.state, TUNER_OFF);
        subject_free(&subject);
    }
}

Test(tuner, trials_cost_less_than_a_two_hundredth) {
    if (!has_team() || PLAN_FIXED)
        return;
    for (size_t minibatches = 100; minibatches <= 10000; minibatches *= 10) {
        struct subject subject = subject_make(minibatches, MINNOW_PLAN_AUTO);
        struct machine machine = {.speed = {1.0, 1.0, 1.0}, .columns = 1.5};
        double each = step(&subject, &machine, PLAN_RECORDS);
        double seconds = run(&subject, &machine, minibatches);
        cr_expect_leq(seconds, 1.005 * each * (double)minibatches, "%zu mini-batches: %g, not %g",
                      minibatches, seconds, each * (double)minibatches);
        cr_expect_not(subject.plan->ways[subject.plan->way].owned[1]);
        subject_free(&subject);
    }
}

Test(tuner, columns_are_owned_where_that_is_faster) {
    if (!has_team() || PLAN_FIXED)
        return;
    struct subject subject = subject_make(3000, MINNOW_PLAN_AUTO);
    struct machine machine = {.speed = {1.0, 1.0, 1.0}, .columns = 0.8};
    run(&subject, &machine, 3000);
    cr_expect(subject.plan->ways[subject.plan->way].owned[1]);
    subject_free(&subject);
}

Test(tuner, unequal_processors_get_unequal_shares_and_again_when_they_change) {
    if (!has_team() || PLAN_FIXED)
        return;
    struct subject subject = subject_make(40000, MINNOW_PLAN_SAMPLES);
    struct machine machine = {.speed = {1.0, 0.5, 1.0}, .columns = 1.0};
    double first = step(&subject, &machine, PLAN_RECORDS);
    run(&subject, &machine, 10000);
    double best = 2e-3 / 2.5, then = step(&subject, &machine, PLAN_RECORDS);
    cr_expect_leq(then, 1.1 * best, "%g at first, %g then, at best %g", first, then, best);

    machine.speed[1] = 1.0;
    machine.speed[2] = 0.4;
    run(&subject, &machine, 20000);
    best = 2e-3 / 2.4;
    then = step(&subject, &machine, PLAN_RECORDS);
    cr_expect_leq(then, 1.1 * best, "%g then, at best %g", then, best);
    subject_free(&subject);
}
