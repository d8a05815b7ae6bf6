/* The library in a child process after fork(), when the parent has worked with several threads: GNU's OpenMP would
   wait there for threads that exist only in the parent. */
#include <criterion/criterion.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/team.h"
#include "minnow/minnow.h"

/* Large enough that training takes two threads where there are two processors. */
enum { SAMPLES = 1000, HIDDEN = 256, BATCH = 250, EPOCHS = 2, THREADS = 2 };

struct session {
    minnow_dataset *digits;
    minnow_network *network;
    minnow_trainer *trainer;
};

/* What a run comes to. */
struct outcome {
    uint32_t params_crc32;
    size_t correct;
};

static bool start(struct session *session) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = (const size_t[]){784, HIDDEN, 10};
    config.layer_count = 2;

    minnow_training_config training;
    minnow_training_config_init(&training, sizeof training);
    training.batch = BATCH;
    training.epochs = EPOCHS;
    training.threads = THREADS;

    *session = (struct session){0};
    return minnow_dataset_digits(MINNOW_SUBSET_TRAIN, SAMPLES, 1, &session->digits) == MINNOW_OK &&
           minnow_network_create(&config, &session->network) == MINNOW_OK &&
           minnow_trainer_create(session->network, session->digits, &training, &session->trainer) ==
               MINNOW_OK;
}

/* Trains to the end and evaluates. */
static bool finish(const struct session *session, struct outcome *out) {
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    while (!progress.run_done)
        if (minnow_trainer_advance(session->trainer, 0, &progress) != MINNOW_OK)
            return false;

    minnow_evaluation evaluation;
    minnow_evaluation_init(&evaluation, sizeof evaluation);
    if (minnow_network_evaluate(session->network, session->digits, THREADS, &evaluation, NULL) != MINNOW_OK)
        return false;
    *out = (struct outcome){minnow_network_params_crc32(session->network), evaluation.correct};
    return true;
}

static void end(struct session *session) {
    minnow_trainer_free(session->trainer);
    minnow_network_free(session->network);
    minnow_dataset_free(session->digits);
}

static bool equal(struct outcome a, struct outcome b) {
    return a.params_crc32 == b.params_crc32 && a.correct == b.correct;
}

/* Waits for a child that ends by itself within its alarm, or not at all. */
static void expect_success(pid_t child) {
    int status;
    cr_assert_geq(child, 0);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(!WIFSIGNALED(status), "signal %d ended the child: it hung", WTERMSIG(status));
    cr_assert_eq(WEXITSTATUS(status), 0, "the child reports %d", WEXITSTATUS(status));
}

Test(fork, a_child_trains_and_evaluates_as_its_parent_did) {
    struct session session;
    struct outcome expected, found;
    cr_assert(start(&session), "%s", minnow_last_error());
    if (team_processors() > 1)
        cr_assert_eq(minnow_trainer_threads(session.trainer), THREADS, "the parent must have a team to lose");
    cr_assert(finish(&session, &expected), "%s", minnow_last_error());
    end(&session);

    pid_t child = fork();
    if (child == 0) {
        alarm(30);
        if (!start(&session) || !finish(&session, &found))
            _exit(1);
        _exit(equal(found, expected) ? 0 : 2);
    }
    expect_success(child);

    /* The parent's own team is as it was. */
    cr_assert(start(&session) && finish(&session, &found), "%s", minnow_last_error());
    cr_assert(equal(found, expected));
    end(&session);
}

/* The trainer was made for two threads, and has worked with them. */
Test(fork, a_child_goes_on_with_a_trainer_of_its_parent) {
    struct session session;
    struct outcome expected, found;
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    cr_assert(start(&session), "%s", minnow_last_error());
    cr_assert_eq(minnow_trainer_advance(session.trainer, SAMPLES / 2, &progress), MINNOW_OK, "%s",
                 minnow_last_error());

    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        alarm(30);
        if (!finish(&session, &found))
            _exit(1);
        _exit(write(ends[1], &found, sizeof found) == sizeof found ? 0 : 2);
    }
    expect_success(child);

    cr_assert(finish(&session, &expected), "%s", minnow_last_error());
    cr_assert_eq(read(ends[0], &found, sizeof found), (ssize_t)sizeof found);
    cr_assert(equal(found, expected));
    end(&session);
}
