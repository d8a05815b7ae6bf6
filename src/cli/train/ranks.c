/* minnow train over the ranks that mpirun started: all do the same, rank 0 tells of it, and what depends on a clock, a signal
   or a disk is agreed on between stretches of training. */
#include <string.h>

#include "base/team.h"
#include "cli/frame/interrupt.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/frame/threads.h"
#include "cli/ranks/ranks.h"
#include "cli/train/train.h"

/* Every number of ranks that divides so many sub-batches: "1, 2, 4 or 8". */
static void write_divisors(uint64_t sub_batches, char *text, size_t size) {
    size_t length = 0;
    for (uint64_t divisor = 1; divisor <= sub_batches && length < size; divisor++) {
        const char *before = divisor == 1 ? "" : divisor == sub_batches ? " or " : ", ";
        if (sub_batches % divisor == 0)
            length +=
                (size_t)snprintf(text + length, size - length, "%s%llu", before, (unsigned long long)divisor);
    }
}

/* A busy host may be late by some beats. */
enum { RANK_TIMEOUT_LEAST = 2 };

/* What can be found wrong before the ranks meet, and each of them finds. */
static int check(const struct train_run *run) {
    static const char *const without[] = {"seeds", "folds", "serve", NULL};
    double timeout = run->settings.rank_timeout;
    if (option_given(&run->line, "rank-timeout") && !world_launched())
        return command_refuse(run->line.command, "rank-timeout", "has no effect without mpirun");
    if (timeout > 0.0 && timeout < RANK_TIMEOUT_LEAST)
        return problem(
            STATUS_USAGE,
            "train: --rank-timeout %g: signs of life come each half second: expected %d or more, or 0",
            timeout, RANK_TIMEOUT_LEAST);
    if (world_count() < 2)
        return STATUS_SUCCESS;
    return command_refuse_any(run->line.command, &run->line, without,
                              "does not go over several processes, of which %s has started %u",
                              world_launcher(), world_count());
}

/* The module knows how many ranks there are where the launcher did not say. */
static int check_divides(const struct train_run *run) {
    uint64_t sub_batches = run->settings.sub_batches;
    char divisors[256];
    if (sub_batches % world_count() == 0)
        return STATUS_SUCCESS;
    write_divisors(sub_batches, divisors, sizeof divisors);
    return problem(
        STATUS_USAGE,
        "train: --sub-batches %llu: cannot be dealt out to %u processes; mpirun -n %s can, or another "
        "number of sub-batches",
        (unsigned long long)sub_batches, world_count(), divisors);
}

int train_join_ranks(struct train_run *run, int status) {
    if (status == STATUS_SUCCESS) {
        status = check(run);
        if (status != STATUS_SUCCESS) /* options, as a rule of all ranks: see world_finish */
            return status;
    }
    if (world_count() < 2)
        return status;
    /* Also where something is wrong: it may be so here alone, as with a file that one host does not have. */
    double silence = (status == STATUS_SUCCESS ? run->settings : train_default_settings()).rank_timeout;
    bool said = status != STATUS_SUCCESS && world_index() == 0; /* and one line is enough */
    if (said)
        terminal_set_silent();
    int joined = world_open("train", silence);
    if (said)
        terminal_speak_up();
    if (joined != STATUS_SUCCESS)
        return status != STATUS_SUCCESS ? status : joined;
    status = world_agree(status == STATUS_SUCCESS ? check_divides(run) : status);
    if (status != STATUS_SUCCESS)
        return status;

    if (run->common.threads == 0 && omp_num_threads().threads == 0) {
        run->common.threads = world_processors();
        team_set_default(run->common.threads);
    }
    if (world_index() >
        0) /* files are rank 0's; the name of a checkpoint stays, as all take part in making it */
        run->settings.save = run->settings.log = NULL;
    return STATUS_SUCCESS;
}

void train_show_ranks(const struct train_run *run) {
    unsigned hosts = world_hosts();
    if (world_comm() != NULL)
        note("ranks: %u on %u host%s, this one of %u; each mini-batch in %llu sub-batches", world_count(),
             hosts, hosts == 1 ? "" : "s", world_here(), (unsigned long long)run->settings.sub_batches);
}

/* ---- While it trains ---- */

enum { CHECKPOINT_DUE = 1 };

int train_meet(struct train_run *run, int status, size_t *stretch, bool *checkpoint_due) {
    if (world_comm() == NULL)
        return status;
    struct world_word word = {
        .status = status,
        .signal = interrupted() ? interrupt_status() - INTERRUPT_STATUS : 0,
        .stretch = *stretch,
        .due = *checkpoint_due ? CHECKPOINT_DUE : 0,
    };
    world_exchange(&word);
    *stretch = (size_t)word.stretch;
    *checkpoint_due = (word.due & CHECKPOINT_DUE) != 0;
    if (word.signal != 0)
        interrupt_note(word.signal);
    run->agreed_signal = word.signal;
    return word.status;
}

bool train_interrupted(const struct train_run *run) {
    return world_comm() == NULL ? interrupted() : run->agreed_signal != 0;
}
