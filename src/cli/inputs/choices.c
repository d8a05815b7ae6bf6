#include "cli/inputs/choices.h"

#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "train/optimizers.h"
#include "train/schedules.h"

const char *choice_activation(size_t index) {
    return index < activation_row_count ? activation_rows[index].name : NULL;
}

const char *choice_loss(size_t index) {
    return index < loss_row_count ? loss_rows[index].name : NULL;
}

const char *choice_optimizer(size_t index) {
    return index < optimizer_row_count ? optimizer_rows[index].name : NULL;
}

const char *choice_schedule(size_t index) {
    return index < schedule_row_count ? schedule_rows[index].name : NULL;
}

const char *choice_sparsity(size_t index) {
    static const char *const names[] = {
        [MINNOW_SPARSITY_AUTO] = "auto",
        [MINNOW_SPARSITY_ON] = "on",
        [MINNOW_SPARSITY_OFF] = "off",
    };
    return index < sizeof names / sizeof names[0] ? names[index] : NULL;
}

void choices_merge(struct choice_list *list) {
    for (size_t i = 1; i < list->count; i++)
        if (list->choice[i] != list->choice[0])
            return;
    if (list->count > 1)
        list->count = 1;
}

int choices_check_count(const struct choice_list *list, size_t hidden, const char *model) {
    if (list->count <= 1 || list->count == hidden)
        return STATUS_SUCCESS;
    return problem(
        STATUS_USAGE,
        "train: --activation: %zu names for %zu hidden layer%s of %s; expected one name for all, or one "
        "for each",
        list->count, hidden, hidden == 1 ? "" : "s", model != NULL ? model : "--hidden");
}

void choices_activations(const struct choice_list *list, minnow_activation out[NETWORK_MAX_LAYERS]) {
    for (size_t i = 0; i < NETWORK_MAX_LAYERS; i++)
        out[i] = (minnow_activation)list->choice[i < list->count ? i : 0];
}
