/* Parameters that a trainer keeps beside those that it trains, and that the network may show in their place. */
#include <math.h>

#include "base/argument.h"
#include "base/status.h"
#include "train/trainer.h"

/* ---- Showing ---- */

/* The network's parameters and the slot's change places. It is the numbers that move, not the blocks: the plans of all
   trainers of the network hold pointers into its block, which must stay where it is. */
static void exchange(minnow_trainer *trainer, enum training_slot slot) {
    parameters_swap(trainer->network->parameters, trainer->plan->slots.of[slot]);
}

static bool has_begun(const minnow_trainer *trainer) {
    return trainer->state.epoch > 0 || trainer->state.position > 0;
}

/* SLOT_COUNT: those that are trained. */
static void show(minnow_trainer *trainer, enum training_slot slot) {
    if (trainer->shown == slot)
        return;
    if (trainer->shown != SLOT_COUNT)
        exchange(trainer, trainer->shown);
    if (slot != SLOT_COUNT)
        exchange(trainer, slot);
    trainer->shown = slot;
}

void minnow_trainer_use_average(minnow_trainer *trainer, bool average) {
    if (trainer == NULL || (average && trainer->diverged.minibatch != 0)) /* the average is no good then */
        return;
    bool there = trainer->shown == SLOT_AVERAGE || trainer->plan->slots.of[SLOT_AVERAGE] != NULL;
    show(trainer, average && there && has_begun(trainer) ? SLOT_AVERAGE : SLOT_COUNT);
}

void minnow_trainer_use_best(minnow_trainer *trainer, bool best) {
    if (trainer == NULL)
        return;
    bool there = trainer->shown == SLOT_BEST || trainer->plan->slots.of[SLOT_BEST] != NULL;
    show(trainer, best && there ? SLOT_BEST : SLOT_COUNT);
}

/* ---- Keeping ---- */

minnow_status minnow_trainer_keep_best(minnow_trainer *trainer, double score) {
    if (!GIVEN(trainer))
        return MINNOW_ERROR_ARGUMENT;
    if (!isfinite(score))
        return fail(MINNOW_ERROR_ARGUMENT, "score %g, expected a finite number", score);
    if (trainer->shown != SLOT_BEST) { /* else they are kept already */
        minnow_status status = slots_keep_best(&trainer->plan->slots, trainer->network->parameters);
        if (status != MINNOW_OK)
            return status;
    }
    trainer->state.best_epoch = trainer->state.epoch + 1;
    trainer->state.best_score = score;
    return MINNOW_OK;
}

minnow_status trainer_keep_good(minnow_trainer *trainer) {
    const struct parameters *average = trainer->plan->slots.of[SLOT_AVERAGE];
    const struct parameters *from =
        average != NULL && has_begun(trainer) ? average : trainer->network->parameters;
    if (trainer->good == NULL) {
        minnow_status status = parameters_create_beside(from, &trainer->good);
        if (status != MINNOW_OK)
            return status;
    }
    parameters_copy(from, trainer->good);
    return MINNOW_OK;
}

void trainer_restore_good(minnow_trainer *trainer) {
    show(trainer, SLOT_COUNT);
    parameters_copy(trainer->good, trainer->network->parameters);
    parameters_changed(trainer->network->parameters);
}
