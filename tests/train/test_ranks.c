/* Several ranks, as threads of one process: the same bits as one, wherever it is cut, resumed or ended. */
#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"
#include "samples.h"
#include "support/local_comm.h"
#include "support/scratch.h"
#include "train/trainer.h"

enum { INPUTS = 42, HIDDEN = 35, OUTPUTS = 5, SAMPLES = 90, BATCH = 40, RANKS_TRIED = 8, TEXT = 600 };
static const size_t SIZES[] = {INPUTS, HIDDEN, HIDDEN, OUTPUTS};
static const size_t LAYERS = 3;

/* A run, and how it ends. */
struct job {
    size_t sub_batches, way, epochs;
    unsigned ranks, threads;
    bool distorted, evaluates;
    bool fewer;                        /* of the threads one alone has all the work */
    bool continued;                    /* after an epoch another trainer goes on, of the same samples ... */
    bool alone;                        /* ... without the other ranks */
    const minnow_dataset *odd_dataset; /* ... or, where it is not NULL, odd_rank's of these */
    bool stopped;                      /* the last rank is asked to stop before it begins */
    size_t stop_after;                 /* samples, behind which a checkpoint is written; 0: to the end */
    const char *save, *load;           /* paths, or NULL */
    unsigned odd_rank;                 /* whose configuration is changed as `odd` says */
    void (*odd)(minnow_training_config *config);
};

struct end {
    minnow_status status;
    char error[TEXT];
    uint32_t crc, kept_crc;
    minnow_progress progress;
    minnow_evaluation evaluation;
};

struct worker {
    const struct job *job;
    const minnow_dataset *dataset;
    minnow_comm *comm;
    unsigned rank;
    struct end end;
};

static minnow_training_config config_of(const struct worker *worker,
                                        const minnow_distortion_config *distortion) {
    const struct job *job = worker->job;
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = BATCH;
    config.epochs = job->epochs;
    config.sub_batches = job->sub_batches;
    config.threads = job->threads;
    samples_set_way(&config, job->way, MINNOW_LOSS_SOFTMAX, LAYERS);
    if (job->distorted)
        config.distortion = distortion;
    if (job->odd != NULL && worker->rank == job->odd_rank)
        job->odd(&config);
    config.comm = worker->comm;
    return config;
}

static minnow_status make_trainer(const struct worker *worker, minnow_network **network,
                                  minnow_trainer **trainer) {
    const struct job *job = worker->job;
    minnow_distortion_config distortion;
    minnow_distortion_config_init(&distortion, sizeof distortion);
    distortion.shift = 1.0;
    distortion.elastic_fields = 20;
    minnow_training_config config = config_of(worker, &distortion);
    if (job->load != NULL) {
        cr_assert_eq(minnow_network_load(job->load, "auto", network), MINNOW_OK, "%s", minnow_last_error());
        return minnow_trainer_resume(*network, worker->dataset, &config, trainer);
    }
    *network = samples_network(SIZES, LAYERS, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    if (job->threads == 1)
        return minnow_trainer_create(*network, worker->dataset, &config, trainer);

    /* Of its own accord so small a network takes one. */
    minnow_training_config own;
    minnow_distortion_config read;
    minnow_status status = training_config_read(&config, &own, &read);
    if (status == MINNOW_OK)
        status = trainer_create(*network, worker->dataset, &own, job->threads, NULL, trainer);
    return trainer_agree(training_config_comm(&config), status, trainer);
}

/* As the pace leaves it where half of the members train as fast as all, and these are not to be tried again. */
static void train_with_one_of(minnow_trainer *trainer) {
    pace_start(&trainer->pace, trainer->plan->threads, 0.0);
    trainer->pace.active = 1;
    trainer->pace.more_at = INFINITY;
    trainer->tuner.acts = true;
}

static minnow_status go_on_anew(const struct worker *worker, minnow_trainer **trainer, struct end *end) {
    const struct job *job = worker->job;
    bool odd = job->odd_dataset != NULL && worker->rank == job->odd_rank;
    minnow_trainer *next;
    minnow_training_config config = config_of(worker, NULL);
    if (job->alone)
        config.comm = NULL;
    minnow_status status = minnow_trainer_advance(*trainer, 0, &end->progress);
    if (status == MINNOW_OK)
        status = minnow_trainer_continue(*trainer, odd ? job->odd_dataset : worker->dataset, &config, &next);
    if (status != MINNOW_OK)
        return status;
    minnow_trainer_free(*trainer);
    *trainer = next;
    return MINNOW_OK;
}

static minnow_status go_through(const struct worker *worker, minnow_trainer **made, struct end *end) {
    const struct job *job = worker->job;
    minnow_status status = job->continued ? go_on_anew(worker, made, end) : MINNOW_OK;
    minnow_trainer *trainer = *made;
    if (status != MINNOW_OK)
        return status;
    if (job->fewer)
        train_with_one_of(trainer);
    if (job->stopped && worker->rank + 1 == job->ranks)
        minnow_trainer_stop(trainer);
    if (job->stop_after > 0)
        status = minnow_trainer_advance(trainer, job->stop_after, &end->progress);
    else
        status = minnow_trainer_run(trainer, NULL, &end->progress);
    if (status == MINNOW_OK && job->save != NULL)
        status = minnow_trainer_save(trainer, job->save);
    if (status == MINNOW_OK && job->evaluates)
        status = minnow_trainer_evaluate(trainer, worker->dataset, &end->evaluation, NULL);
    return status;
}

static void *work(void *context) {
    struct worker *worker = context;
    struct end *end = &worker->end;
    minnow_network *network = NULL;
    minnow_trainer *trainer = NULL;
    minnow_progress_init(&end->progress, sizeof end->progress);
    minnow_evaluation_init(&end->evaluation, sizeof end->evaluation);
    end->status = make_trainer(worker, &network, &trainer);
    if (end->status == MINNOW_OK)
        end->status = go_through(worker, &trainer, end);
    if (end->status != MINNOW_OK)
        snprintf(end->error, sizeof end->error, "%s", minnow_last_error());
    end->crc = minnow_network_params_crc32(network);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    return NULL;
}

/* Where `fails_at` is not 0, that call of the last rank fails. Returns the calls that the last rank made. */
static uint64_t run_cut(const struct job *job, const minnow_dataset *dataset, uint64_t fails_at,
                        struct end *ends, uint64_t *bytes) {
    struct local_ranks *all = local_ranks_make(job->ranks);
    struct worker workers[RANKS_TRIED];
    pthread_t threads[RANKS_TRIED];
    local_comm_fail_at(all, job->ranks - 1, fails_at);
    for (unsigned r = 0; r < job->ranks; r++) {
        workers[r] = (struct worker){.job = job, .dataset = dataset, .comm = local_comm(all, r), .rank = r};
        cr_assert_eq(pthread_create(&threads[r], NULL, work, &workers[r]), 0);
    }
    for (unsigned r = 0; r < job->ranks; r++) {
        pthread_join(threads[r], NULL);
        ends[r] = workers[r].end;
        if (bytes != NULL)
            bytes[r] = local_comm_bytes(all, r);
    }
    uint64_t calls = local_comm_calls(all, job->ranks - 1);
    local_ranks_free(all);
    return calls;
}

static void run(const struct job *job, const minnow_dataset *dataset, struct end *ends) {
    run_cut(job, dataset, 0, ends, NULL);
}

static struct end run_alone(struct job job, const minnow_dataset *dataset) {
    struct worker worker = {.job = &job, .dataset = dataset};
    job.ranks = 1;
    work(&worker);
    cr_assert_eq(worker.end.status, MINNOW_OK, "%s", worker.end.error);
    return worker.end;
}

static minnow_dataset *images(void) {
    minnow_dataset *dataset = samples_make(SAMPLES, INPUTS, OUTPUTS);
    cr_assert_eq(minnow_dataset_set_image_size(dataset, 6, 7), MINNOW_OK);
    return dataset;
}

static void expect_same(const struct job *job, const struct end *ends, const struct end *expected) {
    for (unsigned r = 0; r < job->ranks; r++) {
        const struct end *end = &ends[r];
        cr_expect_eq(end->status, MINNOW_OK, "way %zu, rank %u of %u: %s", job->way, r, job->ranks,
                     end->error);
        cr_expect_eq(end->crc, expected->crc,
                     "way %zu, %zu parts, rank %u of %u, %u threads: %08x, alone %08x", job->way,
                     job->sub_batches, r, job->ranks, job->threads, end->crc, expected->crc);
        cr_expect(end->progress.train_loss == expected->progress.train_loss &&
                      end->progress.train_accuracy == expected->progress.train_accuracy &&
                      end->progress.gradient_norm == expected->progress.gradient_norm,
                  "way %zu, rank %u of %u reports otherwise", job->way, r, job->ranks);
        cr_expect(memcmp(&end->evaluation, &expected->evaluation, sizeof end->evaluation) == 0);
    }
}

static void check_ranks(const minnow_dataset *dataset, struct job job, unsigned ranks) {
    struct end ends[RANKS_TRIED];
    struct end expected = run_alone(job, dataset);
    job.ranks = ranks;
    run(&job, dataset, ends);
    expect_same(&job, ends, &expected);
}

/* ---- The same bits ---- */

Test(ranks, every_way_to_train_gives_the_bits_of_one_rank) {
    minnow_dataset *dataset = images();
    for (size_t way = 0; way < SAMPLES_WAYS; way++) {
        struct job job = {.sub_batches = 8, .way = way, .epochs = 2, .threads = 1, .evaluates = true};
        check_ranks(dataset, job, 4);
    }
    minnow_dataset_free(dataset);
}

Test(ranks, every_number_of_ranks_gives_the_bits_of_one) {
    static const struct {
        size_t sub_batches;
        unsigned ranks;
    } cuts[] = {{8, 1}, {8, 2}, {8, 8}, {6, 2}, {6, 3}, {6, 6}, {7, 7}, {24, 3}, {36, 4}};
    static const size_t ways[] = {0, 5, SAMPLES_WAYS - 1};
    minnow_dataset *dataset = images();
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++)
        for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
            struct job job = {.sub_batches = cuts[c].sub_batches,
                              .way = ways[w],
                              .epochs = 2,
                              .threads = w == 1 && cuts[c].ranks <= 3 ? 2 : 1,
                              .distorted = w == 0};
            check_ranks(dataset, job, cuts[c].ranks);
        }
    samples_weigh(dataset);
    struct job weighed = {
        .sub_batches = 8, .way = SAMPLES_WAYS - 1, .epochs = 1, .threads = 2, .evaluates = true};
    check_ranks(dataset, weighed, 4);
    minnow_dataset_free(dataset);
}

/* Also where one of the threads has all the shares, and where there are more phases. */
Test(ranks, threads_of_ranks_give_the_bits_of_one) {
    static const size_t ways[] = {0, 2, 3, 5, SAMPLES_WAYS - 1};
    minnow_dataset *dataset = images();
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++)
        for (size_t fewer = 0; fewer < 2; fewer++) {
            struct job job = {
                .sub_batches = 6, .way = ways[w], .epochs = 2, .threads = 2, .fewer = fewer == 1};
            check_ranks(dataset, job, 2);
        }
    minnow_dataset_free(dataset);
}

Test(ranks, another_trainer_goes_on_with_the_moments_of_all) {
    static const size_t ways[] = {0, 5, SAMPLES_WAYS - 1};
    minnow_dataset *dataset = images();
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        struct job job = {.sub_batches = 8, .way = ways[w], .epochs = 2, .threads = 1, .continued = true};
        check_ranks(dataset, job, 4);
    }
    minnow_dataset_free(dataset);
}

Test(ranks, a_run_goes_on_with_any_number_of_ranks) {
    static const unsigned others[] = {1, 2, 8};
    static const size_t ways[] = {1, 5, SAMPLES_WAYS - 1};
    minnow_dataset *dataset = images();
    scratch_make();
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        struct job job = {.sub_batches = 8, .way = ways[w], .epochs = 2, .threads = 1, .ranks = 4};
        struct end ends[RANKS_TRIED], expected = run_alone(job, dataset);
        struct job first = job, second = job;
        first.stop_after = BATCH;
        first.save = second.load = scratch_path("state");
        run(&first, dataset, ends);
        for (unsigned r = 0; r < first.ranks; r++)
            cr_assert_eq(ends[r].status, MINNOW_OK, "%s", ends[r].error);
        for (size_t o = 0; o < sizeof others / sizeof *others; o++) {
            second.ranks = others[o];
            run(&second, dataset, ends);
            expect_same(&second, ends, &expected);
        }
    }
    scratch_remove();
    minnow_dataset_free(dataset);
}

Test(ranks, all_stop_when_one_is_asked_to) {
    minnow_dataset *dataset = images();
    struct job job = {.sub_batches = 8, .epochs = 2, .threads = 1, .ranks = 4, .stopped = true};
    struct end ends[RANKS_TRIED];
    run(&job, dataset, ends);
    for (unsigned r = 0; r < job.ranks; r++) {
        cr_expect_eq(ends[r].status, MINNOW_OK, "%s", ends[r].error);
        cr_expect_eq(ends[r].progress.epoch_samples, BATCH);
        cr_expect_eq(ends[r].crc, ends[0].crc);
    }
    minnow_dataset_free(dataset);
}

/* ---- What is refused ---- */

static void expect_all_refuse(const struct job *job, const minnow_dataset *dataset, const char *why) {
    struct end ends[RANKS_TRIED];
    run(job, dataset, ends);
    for (unsigned r = 0; r < job->ranks; r++) {
        cr_expect_neq(ends[r].status, MINNOW_OK, "rank %u of those that should say '%s'", r, why);
        cr_expect(strstr(ends[r].error, why) != NULL, "rank %u: %s", r, ends[r].error);
    }
}

static void take_another_rate(minnow_training_config *config) {
    config->learning_rate *= 2.0;
}

static void take_more_parts(minnow_training_config *config) {
    config->sub_batches *= 2;
}

static void take_no_batch(minnow_training_config *config) {
    config->batch = 0;
}

Test(ranks, one_that_differs_is_named_by_all) {
    minnow_dataset *dataset = images();
    struct job job = {.sub_batches = 8, .epochs = 1, .threads = 1, .ranks = 4, .odd_rank = 2};
    job.odd = take_another_rate;
    expect_all_refuse(&job, dataset, "rank 2: the learning rate is 0.59999999999999998, but rank 0's is");
    job.odd = take_more_parts;
    expect_all_refuse(&job, dataset, "rank 2: the number of sub-batches is 16, but rank 0's is 8");
    job.odd = take_no_batch;
    expect_all_refuse(&job, dataset, "rank 2: training config: batch 0");
    job.odd_rank = 0;
    expect_all_refuse(&job, dataset, "rank 0: training config: batch 0");
    job.odd = NULL;
    job.ranks = 5;
    expect_all_refuse(&job, dataset, "5 ranks cannot share 8 sub-batches; expected one of 1, 2, 4, 8 ranks");
    minnow_dataset_free(dataset);
}

Test(ranks, one_that_cannot_go_on_with_its_samples_is_named_by_all) {
    minnow_dataset *dataset = images(), *narrow = samples_make(SAMPLES, INPUTS - 1, OUTPUTS);
    struct job job = {.sub_batches = 8, .way = 5, .epochs = 1, .threads = 1, .ranks = 4, .continued = true};
    job.odd_rank = 2;
    job.odd_dataset = narrow;
    expect_all_refuse(&job, dataset, "rank 2: ");
    minnow_dataset_free(narrow);
    minnow_dataset_free(dataset);
}

/* A rank has the moments of its own rows alone. */
Test(ranks, none_goes_on_alone) {
    minnow_dataset *dataset = images();
    struct job job = {.sub_batches = 8, .way = 5, .epochs = 1, .threads = 1, .ranks = 4, .continued = true};
    job.alone = true;
    expect_all_refuse(&job, dataset, "of 1, expected that of before, ");
    minnow_dataset_free(dataset);
}

Test(ranks, more_than_there_may_be_are_refused) {
    minnow_dataset *dataset = images();
    struct local_ranks *all = local_ranks_make(1);
    minnow_network *network =
        samples_network(SIZES, LAYERS, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    minnow_trainer *trainer;
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.comm = local_comm(all, 0);
    config.comm->ranks = 100000;
    cr_expect_eq(minnow_trainer_create(network, dataset, &config, &trainer), MINNOW_ERROR_ARGUMENT);
    cr_expect(strstr(minnow_last_error(), "expected at most 1024") != NULL, "%s", minnow_last_error());
    cr_expect_null(trainer);
    minnow_network_free(network);
    local_ranks_free(all);
    minnow_dataset_free(dataset);
}

/* ---- Failures ---- */

/* Whatever the call is that fails, all ranks end with a message, and none waits for another. */
Test(ranks, a_line_that_is_cut_anywhere_ends_all) {
    minnow_dataset *dataset = images();
    scratch_make();
    struct job job = {.sub_batches = 6, .way = 5, .epochs = 1, .threads = 1, .ranks = 3, .evaluates = true};
    struct end ends[RANKS_TRIED];
    job.save = scratch_path("state");
    uint64_t calls = run_cut(&job, dataset, 0, ends, NULL);
    cr_assert_gt(calls, 50);
    for (uint64_t call = 1; call <= calls; call++) {
        run_cut(&job, dataset, call, ends, NULL);
        cr_expect_eq(ends[2].status, MINNOW_ERROR_COMMUNICATION, "call %zu", (size_t)call);
        cr_expect(strstr(ends[2].error, "rank 2 of 3 cannot") != NULL &&
                      strstr(ends[2].error, "the test has cut the line") != NULL,
                  "%s", ends[2].error);
        for (unsigned r = 0; r < 2; r++) /* the others may have done all before */
            cr_expect(ends[r].status == MINNOW_ERROR_COMMUNICATION || ends[r].status == MINNOW_OK, "%s",
                      ends[r].error);
    }
    scratch_remove();
    minnow_dataset_free(dataset);
}

/* ---- What is sent ---- */

/* By src/train/README.md, for numbers of ranks that are powers of two, where each has one node: of weights the sums for the
   other owners' rows, and its own new rows to each; of biases the sums, with a word and two for each sample, to each. */
static uint64_t bytes_by_formula(const minnow_network *network, unsigned ranks, unsigned rank, size_t count) {
    size_t bytes = 0, biases = 0, samples = (rank + 1) * count / ranks - rank * count / ranks;
    for (size_t l = 0; l < LAYERS; l++) {
        size_t own = SIZES[l] * (rank + 1) / ranks - SIZES[l] * rank / ranks;
        size_t row = 4 * parameters_weights(network->parameters, l).stride;
        bytes += (SIZES[l] - own) * row + (ranks - 1) * own * row;
        biases += (SIZES[l + 1] + 15) / 16 * 16;
    }
    return bytes + (ranks - 1) * 4 * (biases + 1 + 2 * samples);
}

Test(ranks, each_sends_as_many_bytes_as_the_formula_says) {
    minnow_dataset *dataset = images();
    minnow_network *network =
        samples_network(SIZES, LAYERS, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "auto");
    for (unsigned ranks = 2; ranks <= 8; ranks *= 2) {
        struct job one = {.sub_batches = 8, .epochs = 2, .threads = 1, .ranks = ranks, .stop_after = BATCH};
        struct job two = one;
        struct end ends[RANKS_TRIED];
        uint64_t first[RANKS_TRIED], second[RANKS_TRIED];
        two.stop_after = 2 * BATCH;
        run_cut(&one, dataset, 0, ends, first);
        run_cut(&two, dataset, 0, ends, second);
        for (unsigned r = 0; r < ranks; r++)
            cr_expect_eq(second[r] - first[r], bytes_by_formula(network, ranks, r, BATCH),
                         "rank %u of %u: %zu bytes a step, expected %zu", r, ranks,
                         (size_t)(second[r] - first[r]), (size_t)bytes_by_formula(network, ranks, r, BATCH));
    }
    minnow_network_free(network);
    minnow_dataset_free(dataset);
}
