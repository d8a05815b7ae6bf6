/* minnow train --seeds and --folds: several networks on the same data, a network a core. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/team.h"
#include "cli/frame/clock.h"
#include "cli/frame/interrupt.h"
#include "cli/frame/side_by_side.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/model_file.h"
#include "cli/train/many.h"
#include "net/ensemble.h"

enum { MOST_SEEDS = 10000 };

bool train_is_many(const struct train_run *run) {
    return run->settings.seeds != NULL || run->settings.folds != 0;
}

/* ---- Which seeds ---- */

/* Takes "3" or "3-7" from the list. */
static bool take_range(const char **text, uint64_t *first, uint64_t *last) {
    char number[2][24] = {"", ""};
    size_t length = strcspn(*text, ",-"), i = 0;
    for (; i < 2; i++) {
        if (length == 0 || length >= sizeof number[i])
            return false;
        memcpy(number[i], *text, length);
        *text += length;
        if (i == 1 || **text != '-')
            break;
        ++*text;
        length = strcspn(*text, ",");
    }
    return number_parse_u64(number[0], first) &&
           (i == 0 ? (*last = *first, true) : number_parse_u64(number[1], last)) && *first <= *last;
}

/* Fills seeds[MOST_SEEDS], which may be NULL. Returns how many there are; 0 if the text makes no sense. */
static size_t parse_seeds(const char *text, uint64_t from, uint64_t *seeds) {
    uint64_t count, first, last;
    size_t found = 0;
    if (number_parse_u64(text, &count)) {
        if (from > INT64_MAX - MOST_SEEDS)
            return 0;
        for (; count <= MOST_SEEDS && found < count; found++)
            if (seeds != NULL)
                seeds[found] = from + found;
        return found;
    }
    for (;; text++) {
        if (!take_range(&text, &first, &last) || last > INT64_MAX || last - first >= MOST_SEEDS - found)
            return 0;
        for (uint64_t seed = first; seed - first <= last - first; seed++, found++)
            if (seeds != NULL)
                seeds[found] = seed;
        if (*text == '\0')
            return found;
    }
}

/* ---- What makes sense ---- */

#define SEED_MARK "{seed}"

static const char *seed_mark(const struct train_run *run) {
    return run->settings.save != NULL ? strstr(run->settings.save, SEED_MARK) : NULL;
}

int train_check_many(const struct train_run *run) {
    static const char *const of_seeds[] = {"seeds", "ensemble", "save", "validation", "class-names", NULL};
    static const char *const of_one[] = {
        "checkpoint", "checkpoint-every", "resume", "init", "explain-plan", "test-each-epoch",
        "log",        "log-steps",        "serve",  "port", "address",      NULL};
    const struct train_settings *settings = &run->settings;
    if (!train_is_many(run))
        return settings->ensemble
                   ? command_refuse(run->line.command, "ensemble", "has no effect without --seeds N")
                   : STATUS_SUCCESS;
    if (settings->folds != 0) {
        int status =
            command_refuse_any(run->line.command, &run->line, of_seeds,
                               "not with --folds, which tells how well such networks do, and keeps none");
        return status == STATUS_SUCCESS ? command_refuse_any(run->line.command, &run->line, of_one,
                                                             "not with --folds: it is for one network")
                                        : status;
    }
    if (settings->ensemble && parse_seeds(settings->seeds, settings->seed, NULL) > ENSEMBLE_MOST)
        return problem(STATUS_USAGE, "train: --ensemble: at most %d networks", ENSEMBLE_MOST);
    if (settings->ensemble && parse_seeds(settings->seeds, settings->seed, NULL) == 1)
        return problem(STATUS_USAGE, "train: --ensemble: of one network? --seeds 2 or more");
    if (settings->ensemble && seed_mark(run) != NULL)
        return problem(STATUS_USAGE,
                       "train: --save %s with --ensemble: it is one file, without a seed in its name",
                       settings->save);
    if (parse_seeds(settings->seeds, settings->seed, NULL) == 0)
        return problem(
            STATUS_USAGE,
            "train: --seeds: expected a number of networks, 1 to %d, or seeds, '1,5' or '1-5', found '%s'",
            MOST_SEEDS, settings->seeds);
    return command_refuse_any(run->line.command, &run->line, of_one,
                              "not with --seeds: it is for one network");
}

/* Once the data are there. */
static int check_saving(const struct train_run *run) {
    bool one = run->settings.save != NULL && seed_mark(run) == NULL;
    if (one && !run->settings.ensemble && run->validation == NULL)
        return problem(STATUS_USAGE,
                       "train: --save %s with --seeds: which of the networks? --validation chooses the best "
                       "one, and " SEED_MARK " in the name keeps them all",
                       run->settings.save);
    return STATUS_SUCCESS;
}

/* ---- Which is best ---- */

double many_figure(const struct many *many, const struct outcome *outcome) {
    return train_predicts_numbers(many->run) ? outcome->numbers.r2 : outcome->accuracy;
}

struct member *many_best(const struct many *many) {
    struct member *best = NULL;
    for (size_t i = 0; i < many->count; i++) {
        struct member *member = &many->members[i];
        double value = many_figure(many, &member->on_validation);
        if (member->finished && member->done &&
            (best == NULL || value > many_figure(many, &best->on_validation)))
            best = member;
    }
    return best;
}

/* ---- One network ---- */

/* Its file: the mark in the name gives way to the seed. */
static int save_own(const struct many *many, struct train_run *own) {
    const char *save = many->run->settings.save, *mark = seed_mark(many->run);
    char *name = NULL;
    if (asprintf(&name, "%.*s%llu%s", (int)(mark - save), save, (unsigned long long)own->settings.seed,
                 mark + strlen(SEED_MARK)) < 0)
        return problem(STATUS_FAILURE, "not enough memory for the name of a file");
    own->settings.save = name;
    int status = train_save_result(own);
    own->settings.save = NULL;
    free(name);
    return status;
}

/* A fold has data of its own. */
static void release(const struct many *many, struct member *member) {
    if (many->rank != NULL) {
        minnow_dataset_free(member->run.data.train);
        minnow_dataset_free(member->run.validation);
        member->run.data.train = member->run.validation = NULL;
    }
    minnow_trainer_free(member->run.trainer);
    minnow_network_free(member->run.network);
    member->run.trainer = NULL;
    member->run.network = NULL;
}

/* Of networks of which one is kept, those that are behind the best so far are not needed any more. */
static void release_others(struct many *many) {
    const struct member *best = many_best(many);
    bool keeps_best = many->run->settings.save != NULL && seed_mark(many->run) == NULL;
    if (many->run->settings.ensemble)
        return;
    for (size_t i = 0; i < many->count; i++)
        if (many->members[i].finished && !(keeps_best && &many->members[i] == best))
            release(many, &many->members[i]);
}

/* A run of its own in everything but the data. */
static struct train_run own_run(const struct many *many, const struct member *member, unsigned threads) {
    struct train_run own = *many->run;
    own.settings.seed = member->seed;
    own.common.threads = threads;
    own.common.json = false; /* the epochs of many networks at a time are nobody's reading */
    own.side_by_side = true;
    /* An epoch that was chosen by the part it is judged on looks better than it is: only who asks for it gets it. */
    if (own.settings.folds != 0 && !option_given(&own.line, "keep-epoch"))
        own.settings.keep = KEEP_LAST;
    own.record = NULL;
    return own;
}

/* The part that the fold is validated on, and all others to train on. */
static int divide(const struct many *many, const struct member *member, struct train_run *own) {
    const minnow_dataset *all = many->run->data.train;
    bool *marked = memory_allocate(all->count, sizeof *marked);
    own->data.train = own->validation = NULL;
    if (marked == NULL)
        return problem(STATUS_FAILURE, "not enough memory for its samples");
    for (size_t i = 0; i < all->count; i++)
        marked[i] = many->rank[i] % many->count == member->fold;
    minnow_status status = dataset_select(all, marked, &own->validation);
    for (size_t i = 0; i < all->count; i++)
        marked[i] = !marked[i];
    if (status == MINNOW_OK)
        status = dataset_select(all, marked, &own->data.train);
    memory_free(marked);
    if (status == MINNOW_OK && class_weights_are_balanced(many->run->settings.class_weight))
        status = minnow_dataset_balance_classes(own->data.train);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

static void take_outcome(struct member *member) {
    const struct train_run *own = &member->run;
    member->on_test = own->on_test;
    member->on_validation = own->on_validation;
    member->best_accuracy = own->best_accuracy;
    member->seconds = own->train_seconds;
    member->collapsed = own->collapse.now;
    member->done = member->status == STATUS_SUCCESS && train_is_over(own);
    member->crc32 = own->network != NULL ? minnow_network_params_crc32(own->network) : 0;
}

static void train_member(size_t index, unsigned threads, void *context) {
    struct many *many = context;
    struct member *member = &many->members[index];
    struct train_run *own = &member->run;
    if (interrupted())
        return;

    terminal_speak_for(member->name);
    *own = own_run(many, member, threads);
    member->status = many->rank != NULL ? divide(many, member, own) : STATUS_SUCCESS;
    if (member->status == STATUS_SUCCESS)
        member->status = train_begin(own);
    if (member->status == STATUS_SUCCESS)
        member->status = train_epochs(own);
    if (member->status == STATUS_SUCCESS)
        member->status = train_conclude(own);
    take_outcome(member);
    if (member->done && seed_mark(many->run) != NULL)
        member->status = save_own(many, own);
    terminal_speak_for(NULL);

    pthread_mutex_lock(&many->lock);
    member->finished = true;
    many->finished++;
    release_others(many);
    many_tell(many);
    pthread_mutex_unlock(&many->lock);
}

/* ---- All of them ---- */

/* Ranks the training samples for their division. */
static int rank_samples(struct many *many) {
    const minnow_dataset *all = many->run->data.train;
    if (many->count > all->count)
        return problem(STATUS_USAGE,
                       "train: --folds %zu: expected at most the number of training samples, %zu",
                       many->count, all->count);
    uint32_t *order = memory_allocate(all->count, sizeof *order);
    many->rank = memory_allocate(all->count, sizeof *many->rank);
    if (order == NULL || many->rank == NULL) {
        memory_free(order);
        return problem(STATUS_FAILURE, "train: not enough memory for %zu folds", many->count);
    }
    minnow_status status = dataset_rank(all, many->run->settings.seed, order);
    for (size_t i = 0; status == MINNOW_OK && i < all->count; i++)
        many->rank[order[i]] = (uint32_t)i;
    memory_free(order);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

static int make_folds(struct many *many) {
    many->count = (size_t)many->run->settings.folds;
    many->members = memory_allocate(many->count, sizeof *many->members);
    if (many->members == NULL)
        return problem(STATUS_FAILURE, "train: not enough memory for %zu networks", many->count);
    for (size_t i = 0; i < many->count; i++) {
        struct member *member = &many->members[i];
        *member = (struct member){.seed = many->run->settings.seed, .fold = i, .best_accuracy = NAN};
        member->on_test = member->on_validation = (struct outcome)OUTCOME_UNKNOWN;
        snprintf(member->name, sizeof member->name, "fold %zu", i + 1);
    }
    return rank_samples(many);
}

static int make_members(struct many *many) {
    const struct train_settings *settings = &many->run->settings;
    uint64_t *seeds = memory_allocate(MOST_SEEDS, sizeof *seeds);
    many->count = seeds != NULL ? parse_seeds(settings->seeds, settings->seed, seeds) : 0;
    many->members = memory_allocate(many->count, sizeof *many->members);
    for (size_t i = 0; many->members != NULL && i < many->count; i++) {
        struct member *member = &many->members[i];
        member->seed = seeds[i];
        member->best_accuracy = NAN;
        member->on_test = member->on_validation = (struct outcome)OUTCOME_UNKNOWN;
        snprintf(member->name, sizeof member->name, "seed %llu", (unsigned long long)seeds[i]);
    }
    memory_free(seeds);
    if (many->count > 0 && many->members != NULL)
        return STATUS_SUCCESS;
    return problem(STATUS_FAILURE, "train: not enough memory for %zu networks", many->count);
}

static int save_best(const struct many *many) {
    struct member *best = many_best(many);
    bool one =
        many->run->settings.save != NULL && seed_mark(many->run) == NULL && !many->run->settings.ensemble;
    if (!one || best == NULL)
        return STATUS_SUCCESS;
    int status = train_save_result(&best->run);
    if (status == STATUS_SUCCESS)
        note("saved is the network of %s, the best on the validation samples", best->name);
    return status;
}

/* ---- The ensemble ---- */

static int evaluate_ensemble(struct many *many, struct train_run *whole) {
    int status = whole->data.test != NULL ? train_evaluate(whole, whole->data.test, &many->ensemble_on_test)
                                          : STATUS_SUCCESS;
    if (status == STATUS_SUCCESS && whole->validation != NULL)
        status = train_evaluate(whole, whole->validation, &many->ensemble_on_validation);
    return status;
}

/* Of all networks that were trained to the end. The file tells of the first one's training, and of all seeds. */
static int make_ensemble(struct many *many) {
    const minnow_network **networks = memory_allocate(many->count, sizeof(const minnow_network *));
    const struct member *first = NULL;
    size_t count = 0;
    for (size_t i = 0; networks != NULL && i < many->count; i++) {
        if (!many->members[i].done)
            continue;
        first = first == NULL ? &many->members[i] : first;
        networks[count++] = many->members[i].run.network;
    }
    if (networks == NULL)
        return problem(STATUS_FAILURE, "train: not enough memory for the ensemble");
    if (count < many->count) {
        memory_free(networks);
        return problem(STATUS_FAILURE, "train: no ensemble: %zu of %zu networks were trained to the end",
                       count, many->count);
    }

    minnow_status made = minnow_ensemble_create(networks, count, &many->ensemble);
    memory_free(networks);
    if (made != MINNOW_OK)
        return report(made);
    struct train_run whole = first->run;
    whole.network = many->ensemble;
    whole.common.threads = many->run->common.threads;
    made = minnow_network_set_metadata(many->ensemble, "ensemble_seeds", many->run->settings.seeds);
    int status = made == MINNOW_OK ? evaluate_ensemble(many, &whole) : report(made);
    return status == STATUS_SUCCESS && whole.settings.save != NULL ? train_save(&whole) : status;
}

/* The first failure of any network is that of all. */
static int status_of(const struct many *many) {
    for (size_t i = 0; i < many->count; i++)
        if (many->members[i].status != STATUS_SUCCESS)
            return many->members[i].status;
    return STATUS_SUCCESS;
}

static int train_all(struct many *many) {
    unsigned width = side_by_side_width(many->count, many->threads);
    if (many->run->settings.save != NULL)
        train_settle_fingerprint(many->run);
    note("networks: %zu, %u at a time, %u thread%s each", many->count, width, width > 1 ? 1 : many->threads,
         width > 1 || many->threads == 1 ? "" : "s");

    interrupt_watch(NULL);
    many->began = clock_seconds();
    side_by_side(many->count, many->threads, train_member, many);
    many->seconds = clock_seconds() - many->began;
    int status = status_of(many), saved = save_best(many);
    if (many->run->settings.ensemble && status == STATUS_SUCCESS && !interrupted())
        saved = make_ensemble(many);
    many_print_end(many);
    interrupt_release();

    status = status == STATUS_SUCCESS ? saved : status;
    return status == STATUS_SUCCESS && interrupted() ? interrupt_status() : status;
}

int train_many(struct train_run *run) {
    struct many many = {.run = run,
                        .ensemble_on_test = OUTCOME_UNKNOWN,
                        .ensemble_on_validation = OUTCOME_UNKNOWN,
                        .threads = team_threads(run->common.threads)};
    int status = check_saving(run);
    if (status != STATUS_SUCCESS)
        return status;
    if (run->data.test == NULL && run->validation == NULL && run->settings.folds == 0)
        return problem(STATUS_USAGE,
                       "train: --seeds without a test set: by what are the networks to be compared? "
                       "--validation keeps samples out of training");
    if (pthread_mutex_init(&many.lock, NULL) != 0)
        return problem(STATUS_FAILURE, "train: no lock for the results");

    status = run->settings.folds != 0 ? make_folds(&many) : make_members(&many);
    if (status == STATUS_SUCCESS)
        status = train_all(&many);
    for (size_t i = 0; many.members != NULL && i < many.count; i++)
        release(&many, &many.members[i]);
    memory_free(many.members);
    memory_free(many.rank);
    minnow_network_free(many.ensemble);
    pthread_mutex_destroy(&many.lock);
    return status;
}
