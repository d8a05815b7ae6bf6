/* A whole run in one call: the bits of training by hand, who is told of what and when, and what ends it. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "data/dataset.h"
#include "samples.h"
#include "support/scratch.h"
#include "train/trainer.h"

TestSuite(run, .init = scratch_make, .fini = scratch_remove);

enum { COUNT = 130, FEATURES = 40, CLASSES = 5, BATCH = 16, EPOCHS = 3, STEPS = (COUNT + BATCH - 1) / BATCH };
static const size_t layer_sizes[] = {FEATURES, 24, CLASSES};

/* All that a test trains with, and what its callbacks saw. */
struct session {
    minnow_dataset *dataset, *validation;
    minnow_network *network;
    minnow_trainer *trainer;
    minnow_callbacks callbacks;
    char told[256]; /* a letter for each call */
    size_t calls, end_after;
    minnow_progress last;
    double evaluated_loss, own_loss;
    uint32_t shown; /* CRC-32 of the parameters that a callback has seen */
    pthread_t thread;
};

static minnow_training_config config_of(double ema) {
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = BATCH;
    config.epochs = EPOCHS;
    config.learning_rate = 0.1;
    config.ema = ema;
    return config;
}

static void open_session(struct session *s, double ema) {
    *s = (struct session){.end_after = sizeof s->told, .thread = pthread_self()};
    s->dataset = samples_make(COUNT, FEATURES, CLASSES);
    cr_assert_eq(dataset_copy(s->dataset, &s->validation), MINNOW_OK);
    s->network = samples_network(layer_sizes, 2, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_training_config config = config_of(ema);
    cr_assert_eq(minnow_trainer_create(s->network, s->dataset, &config, &s->trainer), MINNOW_OK);
    minnow_callbacks_init(&s->callbacks, sizeof s->callbacks);
    s->callbacks.user = s;
    minnow_progress_init(&s->last, sizeof s->last);
}

static void close_session(struct session *s) {
    minnow_trainer_free(s->trainer);
    minnow_network_free(s->network);
    minnow_dataset_free(s->validation);
    minnow_dataset_free(s->dataset);
}

/* ---- Callbacks ---- */

static bool note(struct session *s, char letter, const minnow_progress *progress) {
    cr_expect(pthread_equal(s->thread, pthread_self()), "called on another thread");
    cr_assert_lt(s->calls + 1, sizeof s->told);
    s->told[s->calls++] = letter;
    s->last = *progress;
    return s->calls < s->end_after;
}

static bool on_step(const minnow_progress *progress, void *user) {
    return note(user, 's', progress);
}

static bool on_epoch(const minnow_progress *progress, void *user) {
    cr_expect(progress->epoch_done);
    return note(user, 'e', progress);
}

static bool on_validation(const minnow_progress *progress, const minnow_evaluation *evaluation, void *user) {
    struct session *s = user;
    minnow_evaluation own;
    minnow_evaluation_init(&own, sizeof own);
    cr_expect_eq(minnow_network_evaluate(s->network, s->validation, 1, &own, NULL), MINNOW_OK);
    s->evaluated_loss = evaluation->loss;
    s->own_loss = own.loss;
    return note(s, 'v', progress);
}

/* ---- The tests ---- */

static uint32_t by_hand(double ema) {
    struct session s;
    open_session(&s, ema);
    while (!s.last.run_done)
        cr_assert_eq(minnow_trainer_advance(s.trainer, 0, &s.last), MINNOW_OK);
    minnow_trainer_use_average(s.trainer, true);
    uint32_t crc = minnow_network_params_crc32(s.network);
    close_session(&s);
    return crc;
}

Test(run, has_the_bits_of_training_by_hand) {
    for (int average = 0; average < 2; average++) {
        double ema = average ? 0.9 : 0.0;
        uint32_t expected = by_hand(ema);
        for (size_t interval = 0; interval <= 4; interval++) {
            struct session s;
            open_session(&s, ema);
            s.callbacks.step = interval > 0 ? on_step : NULL;
            s.callbacks.step_interval = interval > 0 ? interval : 1;
            s.callbacks.epoch = on_epoch;
            s.callbacks.validation = s.validation;
            s.callbacks.validated = on_validation;
            minnow_progress progress;
            minnow_progress_init(&progress, sizeof progress);
            cr_assert_eq(minnow_trainer_run(s.trainer, interval == 4 ? NULL : &s.callbacks, &progress),
                         MINNOW_OK);
            cr_expect(progress.run_done);
            cr_expect_eq(minnow_network_params_crc32(s.network), expected, "interval %zu", interval);
            cr_expect_eq(s.evaluated_loss, s.own_loss, "the evaluation is of another network");
            close_session(&s);
        }
    }
}

Test(run, tells_of_steps_validations_and_epochs_in_this_order) {
    static const struct {
        size_t interval;
        const char *epoch;
    } cases[] = {{1, "sssssssssve"}, {2, "sssssve"}, {4, "sssve"}, {1000, "sve"}, {SIZE_MAX, "sve"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct session s;
        open_session(&s, 0.0);
        s.callbacks.step = on_step;
        s.callbacks.step_interval = cases[i].interval;
        s.callbacks.epoch = on_epoch;
        s.callbacks.validation = s.validation;
        s.callbacks.validated = on_validation;
        cr_assert_eq(minnow_trainer_run(s.trainer, &s.callbacks, NULL), MINNOW_OK);
        char expected[128] = "";
        for (int epoch = 0; epoch < EPOCHS; epoch++)
            strcat(expected, cases[i].epoch);
        cr_expect_str_eq(s.told, expected);
        cr_expect(s.last.run_done);
        close_session(&s);
    }
}

Test(run, ends_where_a_callback_says_and_goes_on_from_there) {
    uint32_t expected = by_hand(0.0);
    for (size_t end = 1; end <= STEPS + 3; end++) {
        struct session s;
        open_session(&s, 0.0);
        s.callbacks.step = on_step;
        s.callbacks.epoch = on_epoch;
        s.callbacks.validation = s.validation;
        s.callbacks.validated = on_validation;
        s.end_after = end;
        minnow_progress progress;
        minnow_progress_init(&progress, sizeof progress);
        cr_assert_eq(minnow_trainer_run(s.trainer, &s.callbacks, &progress), MINNOW_OK);
        cr_expect_not(progress.run_done);
        cr_expect_eq(s.calls, end, "%zu calls, not %zu", s.calls, end);
        s.end_after = sizeof s.told;
        cr_assert_eq(minnow_trainer_run(s.trainer, &s.callbacks, &progress), MINNOW_OK);
        cr_expect(progress.run_done);
        cr_expect_eq(minnow_network_params_crc32(s.network), expected);
        close_session(&s);
    }
}

static bool stop_in_step(const minnow_progress *progress, void *user) {
    struct session *s = user;
    if (s->calls == 4)
        minnow_trainer_stop(s->trainer);
    return note(s, 's', progress);
}

Test(run, ends_when_the_trainer_is_stopped) {
    struct session s;
    open_session(&s, 0.0);
    s.callbacks.step = stop_in_step;
    cr_assert_eq(minnow_trainer_run(s.trainer, &s.callbacks, NULL), MINNOW_OK);
    cr_expect_eq(s.calls, 5, "%zu calls", s.calls);
    cr_expect_eq(s.last.epoch_samples, 5 * BATCH);

    minnow_trainer_stop(s.trainer); /* before it: then after a mini-batch */
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    cr_assert_eq(minnow_trainer_run(s.trainer, NULL, &progress), MINNOW_OK);
    cr_expect_eq(progress.epoch_samples, 6 * BATCH);
    cr_assert_eq(minnow_trainer_run(s.trainer, NULL, &progress), MINNOW_OK);
    cr_expect(progress.run_done);
    cr_expect_eq(minnow_trainer_run(s.trainer, NULL, &progress), MINNOW_ERROR_ARGUMENT);
    close_session(&s);
}

static bool nest(const minnow_progress *progress, void *user) {
    struct session *s = user;
    cr_expect_eq(minnow_trainer_advance(s->trainer, 0, NULL), MINNOW_ERROR_ARGUMENT);
    cr_expect_not_null(strstr(minnow_last_error(), "from within a callback"));
    cr_expect_eq(minnow_trainer_run(s->trainer, NULL, NULL), MINNOW_ERROR_ARGUMENT);
    cr_expect_eq(minnow_trainer_save(s->trainer, scratch_path("checkpoint")), MINNOW_OK, "%s",
                 minnow_last_error());
    return note(s, 'n', progress);
}

/* What callbacks save is a checkpoint as any other, after a step as after an epoch. */
Test(run, lets_callbacks_save_but_not_train) {
    uint32_t expected = by_hand(0.9);
    for (int each_step = 0; each_step < 2; each_step++) {
        struct session s;
        open_session(&s, 0.9);
        s.callbacks.step = each_step ? nest : NULL;
        s.callbacks.epoch = each_step ? NULL : nest;
        s.end_after = 2;
        cr_assert_eq(minnow_trainer_run(s.trainer, &s.callbacks, NULL), MINNOW_OK);
        cr_expect_eq(s.calls, 2);
        minnow_network *network;
        minnow_trainer *trainer;
        minnow_training_config config = config_of(0.9);
        cr_assert_eq(minnow_network_load(scratch_path("checkpoint"), "auto", &network), MINNOW_OK);
        cr_assert_eq(minnow_trainer_resume(network, s.dataset, &config, &trainer), MINNOW_OK);
        cr_assert_eq(minnow_trainer_run(trainer, NULL, NULL), MINNOW_OK);
        cr_expect_eq(minnow_network_params_crc32(network), expected);
        minnow_trainer_free(trainer);
        minnow_network_free(network);
        close_session(&s);
    }
}

static bool keep_and_save(const minnow_progress *progress, const minnow_evaluation *evaluation, void *user) {
    struct session *s = user;
    (void)evaluation;
    cr_expect_eq(minnow_trainer_keep_best(s->trainer, (double)progress->epoch), MINNOW_OK);
    s->shown = minnow_network_params_crc32(s->network);
    cr_expect_eq(minnow_trainer_save(s->trainer, scratch_path("checkpoint")), MINNOW_OK);
    return true;
}

static bool see_what_was_kept(const minnow_progress *progress, void *user) {
    struct session *s = user;
    cr_expect_eq(progress->best_epoch, progress->epoch);
    cr_expect_eq(minnow_network_params_crc32(s->network), s->shown, "the average is gone");
    cr_expect_eq(minnow_trainer_keep_best(s->trainer, 7.0), MINNOW_OK);
    return true;
}

/* What one callback keeps the next one is told of, and saving takes nothing from what it sees. */
Test(run, tells_each_callback_how_things_are_behind_the_one_before) {
    struct session s;
    open_session(&s, 0.9);
    s.callbacks.validation = s.validation;
    s.callbacks.validated = keep_and_save;
    s.callbacks.epoch = see_what_was_kept;
    cr_assert_eq(minnow_trainer_run(s.trainer, &s.callbacks, &s.last), MINNOW_OK);
    cr_expect_eq(s.last.best_score, 7.0);

    /* A run that is refused leaves in the network what is there. */
    minnow_trainer_use_average(s.trainer, false);
    uint32_t before = minnow_network_params_crc32(s.network);
    cr_expect_eq(minnow_trainer_run(s.trainer, NULL, NULL), MINNOW_ERROR_ARGUMENT);
    cr_expect_eq(minnow_network_params_crc32(s.network), before);
    close_session(&s);
}

static bool stop_and_end(const minnow_progress *progress, void *user) {
    struct session *s = user;
    (void)progress;
    minnow_trainer_stop(s->trainer);
    return false;
}

/* A stop is for the run that it ends, and not for the next one too. */
Test(run, leaves_no_stop_behind) {
    struct session s;
    open_session(&s, 0.0);
    s.callbacks.step = stop_and_end;
    cr_assert_eq(minnow_trainer_run(s.trainer, &s.callbacks, &s.last), MINNOW_OK);
    cr_expect_eq(s.last.epoch_samples, BATCH);
    cr_assert_eq(minnow_trainer_run(s.trainer, NULL, &s.last), MINNOW_OK);
    cr_expect(s.last.run_done, "ended behind %zu samples", s.last.epoch_samples);
    close_session(&s);
}

/* A struct of an older header, of which only the first callback is known. */
Test(run, takes_a_shorter_struct) {
    struct session s;
    open_session(&s, 0.0);
    minnow_callbacks older;
    memset(&older, 0xff, sizeof older);
    minnow_callbacks_init(&older, offsetof(minnow_callbacks, epoch));
    older.user = &s;
    older.step = on_step;
    older.step_interval = STEPS;
    cr_assert_eq(minnow_trainer_run(s.trainer, &older, NULL), MINNOW_OK);
    cr_expect_str_eq(s.told, "sss");
    close_session(&s);
}

Test(run, refuses_what_makes_no_sense) {
    struct session s;
    open_session(&s, 0.0);
    s.callbacks.validated = on_validation;
    cr_expect_eq(minnow_trainer_run(s.trainer, &s.callbacks, NULL), MINNOW_ERROR_ARGUMENT);
    cr_expect_not_null(strstr(minnow_last_error(), "without a dataset"));
    minnow_dataset *other = samples_make(20, FEATURES + 1, CLASSES);
    s.callbacks.validation = other;
    cr_expect_eq(minnow_trainer_run(s.trainer, &s.callbacks, NULL), MINNOW_ERROR_ARGUMENT);
    minnow_trainer_progress(s.trainer, &s.last);
    cr_expect_eq(s.last.epoch_samples, 0, "trained before it saw that the data do not fit");
    minnow_dataset_free(other);
    close_session(&s);
}
