/* A trainer that goes on with other samples where another has come to. */
#include "base/argument.h"
#include "base/status.h"
#include "train/config.h"
#include "train/optimizers.h"
#include "train/ranks.h"
#include "train/trainer.h"

/* The optimiser's memory becomes that of a trainer of the same network. */
static void take_over(minnow_trainer *trainer, const minnow_trainer *from) {
    for (enum training_slot slot = 0; slot < SLOT_GRADIENT; slot++)
        if (trainer->plan->slots.of[slot] != NULL)
            parameters_copy(from->plan->slots.of[slot], trainer->plan->slots.of[slot]);
    trainer->steps_before = from->steps_before + from->state.epoch * from->steps_per_epoch +
                            (from->state.position + from->config.batch - 1) / from->config.batch;
    trainer->epochs_before = from->epochs_before + from->state.epoch + (from->state.position > 0);
}

/* Of several ranks each has its own rows of the moments alone, with which no other number of ranks could go on. */
static minnow_status check_continued_ranks(const minnow_trainer *trainer, const minnow_comm *comm) {
    const struct ranks *before = trainer->plan->ranks;
    unsigned rank = before != NULL ? before->link.rank : 0, ranks = before != NULL ? before->link.ranks : 1;
    unsigned new_rank = comm != NULL ? comm->rank : 0, new_ranks = comm != NULL ? comm->ranks : 1;
    if (rank == new_rank && ranks == new_ranks)
        return MINNOW_OK;
    return fail(MINNOW_ERROR_ARGUMENT, "training goes on as rank %u of %u, expected that of before, %u of %u",
                new_rank, new_ranks, rank, ranks);
}

/* Whether a trainer can go on by a configuration that has been read. */
static minnow_status check_continued(const minnow_trainer *trainer, const minnow_training_config *own) {
    for (enum training_slot slot = 0; slot < SLOT_GRADIENT; slot++)
        if (own->optimizer != trainer->config.optimizer ||
            slot_needed(own, slot) != slot_needed(&trainer->config, slot))
            return fail(MINNOW_ERROR_ARGUMENT,
                        "training goes on with %s%s, expected the optimizer of before, %s%s",
                        optimizer_rows[own->optimizer].name, own->ema > 0.0 ? " and an average" : "",
                        optimizer_rows[trainer->config.optimizer].name,
                        trainer->config.ema > 0.0 ? " and an average" : "");

    if (trainer->diverged.minibatch != 0)
        return fail(MINNOW_ERROR_ARGUMENT, "training diverged, and nothing can go on from there");
    return check_continued_ranks(trainer, own->comm);
}

minnow_status minnow_trainer_continue(minnow_trainer *trainer, const minnow_dataset *dataset,
                                      const minnow_training_config *config, minnow_trainer **out) {
    if (!CLEARED(out) || !GIVEN(trainer) || !GIVEN(dataset) || !GIVEN(config))
        return MINNOW_ERROR_ARGUMENT;

    minnow_training_config own;
    minnow_distortion_config distortion;
    minnow_status status = training_config_read(config, &own, &distortion);
    if (status == MINNOW_OK)
        status = check_continued(trainer, &own);
    if (status == MINNOW_OK)
        status = trainer_create(trainer->network, dataset, &own, 0, NULL, out);
    status = trainer_agree(training_config_comm(config), status, out);
    if (status != MINNOW_OK)
        return status;
    minnow_trainer_use_average(trainer, false); /* the parameters that training goes on from */
    take_over(*out, trainer);
    return trainer_keep_good(*out); /* has its memory since it was made, and cannot fail */
}
