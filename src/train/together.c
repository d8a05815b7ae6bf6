/* What a trainer does that is one of several ranks, beside the steps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

/* ---- Of one mind ---- */

/* The lines of a fingerprint: the version, the network, and what a checkpoint would say. */
enum { FINGERPRINT_VERSION, FINGERPRINT_NETWORK, FINGERPRINT_RUN, FINGERPRINT_LINES };

static void describe_network(const minnow_network *network, char *text, size_t size) {
    size_t used =
        (size_t)snprintf(text, size, "%s, %zu", loss_rows[network->loss].name, network->layers[0].inputs);
    for (size_t l = 0; l < network->layer_count && used < size; l++)
        used += (size_t)snprintf(text + used, size - used, "-%zu (%d)", network->layers[l].outputs,
                                 (int)network->layers[l].activation);
}

/* From malloc; NULL when there is no memory. */
static char *fingerprint(minnow_trainer *trainer) {
    enum { NETWORK = 2048 };
    struct checkpoint checkpoint;
    char network[NETWORK];
    trainer_describe(trainer, &checkpoint);
    char *run = checkpoint_write(&checkpoint);
    describe_network(trainer->network, network, sizeof network);
    size_t size = run != NULL ? strlen(run) + NETWORK + 64 : 0;
    char *text = run != NULL ? malloc(size) : NULL;
    if (text != NULL)
        snprintf(text, size, "%s\n%s\n%s", minnow_version(), network, run);
    free(run);
    return text;
}

/* Cuts a copy of the text into its lines; those that it lacks are "". */
static void cut_lines(char *text, const char *lines[FINGERPRINT_LINES]) {
    for (size_t i = 0; i < FINGERPRINT_LINES; i++) {
        char *end = strchr(text, '\n');
        lines[i] = text;
        text = end != NULL ? end + 1 : text + strlen(text);
        if (end != NULL)
            *end = '\0';
    }
}

/* Where the runs are the same but not where they begin, the parameters or the place differ. */
static minnow_status compare_lines(const char *own[FINGERPRINT_LINES],
                                   const char *theirs[FINGERPRINT_LINES]) {
    struct checkpoint mine, first;
    if (strcmp(own[FINGERPRINT_VERSION], theirs[FINGERPRINT_VERSION]) != 0)
        return fail(MINNOW_ERROR_COMMUNICATION, "runs minnow %s, but rank 0 runs %.64s",
                    own[FINGERPRINT_VERSION], theirs[FINGERPRINT_VERSION]);
    if (strcmp(own[FINGERPRINT_NETWORK], theirs[FINGERPRINT_NETWORK]) != 0)
        return fail(MINNOW_ERROR_COMMUNICATION, "trains the network %.128s, but rank 0 trains %.128s",
                    own[FINGERPRINT_NETWORK], theirs[FINGERPRINT_NETWORK]);

    minnow_status status = checkpoint_parse(own[FINGERPRINT_RUN], &mine);
    if (status == MINNOW_OK)
        status = checkpoint_parse(theirs[FINGERPRINT_RUN], &first);
    for (enum checkpoint_part part = CHECKPOINT_CONFIG; status == MINNOW_OK && part <= CHECKPOINT_DATA;
         part++)
        status = checkpoint_compare(part, &mine, &first, "rank 0's");
    if (status == MINNOW_OK && strcmp(own[FINGERPRINT_RUN], theirs[FINGERPRINT_RUN]) != 0)
        return fail(MINNOW_ERROR_COMMUNICATION,
                    "begins with other parameters than rank 0, or from another place in the run");
    return status;
}

static minnow_status compare(const char *theirs, const void *context) {
    const char *lines[2][FINGERPRINT_LINES];
    char *own = strdup(context), *first = strdup(theirs);
    minnow_status status = MINNOW_OK;
    if (own == NULL || first == NULL) {
        status = fail_memory("a fingerprint");
    } else {
        cut_lines(own, lines[0]);
        cut_lines(first, lines[1]);
        status = compare_lines(lines[0], lines[1]);
    }
    free(own);
    free(first);
    return status;
}

minnow_status trainer_agree(minnow_comm *comm, minnow_status status, minnow_trainer **out) {
    if (comm == NULL)
        return status;
    char *text = status == MINNOW_OK ? fingerprint(*out) : NULL;
    if (status == MINNOW_OK && text == NULL)
        status = fail_memory("a fingerprint");
    status = ranks_agree(comm, status, text, compare, text);
    free(text);
    if (status != MINNOW_OK) {
        minnow_trainer_free(*out);
        *out = NULL;
    }
    return status;
}

/* ---- Between steps ---- */

minnow_status trainer_meet(minnow_trainer *trainer) {
    struct plan *plan = trainer->plan;
    if (plan->ranks == NULL)
        return MINNOW_OK;
    minnow_status status = link_status(&plan->ranks->link);
    if (status == MINNOW_OK)
        status = ranks_gather(plan, plan->slots.of[SLOT_AVERAGE]);
    if (status == MINNOW_OK)
        return MINNOW_OK;
    trainer_restore_good(trainer);
    return link_status(&plan->ranks->link);
}
