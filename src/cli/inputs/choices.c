#include "cli/inputs/choices.h"

#include <stdio.h>

#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "net/initialize.h"
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

const char *choice_rate(size_t index) {
    static char text[64];
    if (index >= optimizer_row_count)
        return NULL;
    snprintf(text, sizeof text, "%g for %s", optimizer_rows[index].learning_rate, optimizer_rows[index].name);
    return text;
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

const char *choice_plan(size_t index) {
    static const char *const names[] = {
        [MINNOW_PLAN_AUTO] = "auto",
        [MINNOW_PLAN_MODEL] = "model",
        [MINNOW_PLAN_SAMPLES] = "samples",
        [MINNOW_PLAN_COLUMNS] = "columns",
    };
    return index < sizeof names / sizeof names[0] ? names[index] : NULL;
}

const struct choice_word activation_words[] = {
    {"rectifier rectified", "relu", NULL},
    {"lrelu leaky", "leaky_relu", NULL},
    {"logistic sigm expit", "sigmoid", NULL},
    {"hyperbolic_tangent", "tanh", NULL},
    {"lecun_tanh", "scaled_tanh", NULL},
    {"swish", "silu", NULL},
    {"linear none id", "identity", NULL},
    {"softmax", NULL, "is of the outputs: --loss softmax gives them"},
    {NULL, NULL, NULL},
};

const struct choice_word loss_words[] = {
    {"cross_entropy ce xent nll categorical_cross_entropy softmax_cross_entropy cross_entropy_loss",
     "softmax", NULL},
    {"bce binary_cross_entropy sigmoid log_loss bce_loss bce_with_logits", "logistic", NULL},
    {"mean_squared_error squared_error l2 squared mse_loss", "mse", NULL},
    {"mean_absolute_error absolute_error l1 absolute l1_loss", "mae", NULL},
    {"smooth_l1 smooth_l1_loss huber_loss", "huber", NULL},
    {NULL, NULL, NULL},
};

const struct choice_word optimizer_words[] = {
    {"gd gradient_descent vanilla", "sgd", NULL},
    {"heavy_ball sgd_momentum", "momentum", NULL},
    {"nag nesterov_momentum", "nesterov", NULL},
    {NULL, NULL, NULL},
};

const struct choice_word schedule_words[] = {
    {"none fixed off", "constant", NULL},
    {"linear_decay", "linear", NULL},
    {"cos cosine_annealing cosine_decay", "cosine", NULL},
    {"multi_step steps step_decay", "step", NULL},
    {"exp exponential_decay", "exponential", NULL},
    {"1cycle one_cycle_lr", "one_cycle", NULL},
    {"reduce_on_plateau reduce_lr_on_plateau adaptive", "plateau", NULL},
    {NULL, NULL, NULL},
};

const struct choice_word sparsity_words[] = {
    {"yes true 1", "on", NULL},
    {"no false 0 none never", "off", NULL},
    {NULL, NULL, NULL},
};

/* Rows by minnow_init; the row without help is not one to choose. */
static const struct init_row *init_choice(size_t index) {
    for (size_t i = 0; i < init_row_count; i++)
        if (init_rows[i].help != NULL && index-- == 0)
            return &init_rows[i];
    return NULL;
}

const char *choice_init(size_t index) {
    const struct init_row *row = init_choice(index);
    return row != NULL ? row->name : NULL;
}

minnow_init choice_init_of(size_t index) {
    return (minnow_init)(init_choice(index) - init_rows);
}

const struct choice_word init_words[] = {
    {"default auto", "scaled", NULL},
    {"kaiming he_normal kaiming_normal", "he", NULL},
    {"xavier glorot_normal xavier_normal", "glorot", NULL},
    {"lecun_normal", "lecun", NULL},
    {"standard_normal gaussian randn", "normal", NULL},
    {"zero zeros", NULL, "would leave hidden units all alike; 'minnow train' begins with random weights"},
    {NULL, NULL, NULL},
};

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

/* "784-30-10" of sizes[from … to), joined by `join`. */
static void write_sizes(const size_t *sizes, size_t from, size_t to, char join, char *text, size_t size) {
    size_t used = 0;
    for (size_t i = from; i < to && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%.*s%zu", i > from, &join, sizes[i]);
}

void choices_note_sizes(const size_t *sizes, size_t count) {
    char given[OPTION_VALUE_TEXT], made[OPTION_VALUE_TEXT + 48], rest[OPTION_VALUE_TEXT] = "none";
    if (count < 4 || sizes[1] != sizes[0] || sizes[count - 2] != sizes[count - 1])
        return;
    write_sizes(sizes, 1, count - 1, ',', given, sizeof given);
    write_sizes(sizes, 0, count, '-', made, sizeof made);
    write_sizes(sizes, 2, count - 2, ',', rest, sizeof rest);
    note("note: --hidden %s makes %s: the data give the first and the last size; without them twice, "
         "--hidden %s",
         given, made, rest);
}

void choices_activations(const struct choice_list *list, minnow_activation out[NETWORK_MAX_LAYERS]) {
    for (size_t i = 0; i < NETWORK_MAX_LAYERS; i++)
        out[i] = (minnow_activation)list->choice[i < list->count ? i : 0];
}
