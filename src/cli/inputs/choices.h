/* What options choose from, as the library's tables name it: for the `choice` of entries of option tables. */
#ifndef MINNOW_CLI_CHOICES_H
#define MINNOW_CLI_CHOICES_H

#include "cli/frame/options.h"

/* By minnow_activation, minnow_loss, minnow_optimizer, minnow_schedule, minnow_sparsity and minnow_plan; NULL behind the
   last one. */
const char *choice_activation(size_t index);
const char *choice_loss(size_t index);
const char *choice_optimizer(size_t index);
const char *choice_schedule(size_t index);
const char *choice_sparsity(size_t index);
const char *choice_plan(size_t index);

/* What other programs call them, or what to do instead: for the `choice_words` of such entries. */
extern const struct choice_word activation_words[], loss_words[], optimizer_words[], schedule_words[],
    sparsity_words[], init_words[];

/* The initialisations that are there to be chosen, all but that by zeros, and what each is. */
const char *choice_init(size_t index);
minnow_init choice_init_of(size_t index);

/* "0.3 for sgd": what an optimiser's learning rate is unless another is given, by minnow_optimizer. Valid until the
   next call. */
const char *choice_rate(size_t index);

/* Makes a list that names the same choice for each hidden layer a list of that one. */
void choices_merge(struct choice_list *list);

/* Whether a list holds one activation, or one for each of `hidden` layers; says so if not. `model` is the
   file the layers are of, NULL for those of --hidden. Returns 0 or an exit status. */
int choices_check_count(const struct choice_list *list, size_t hidden, const char *model);

/* Says in one line when the sizes of a network's hidden layers begin with the number of its inputs and end
   with that of its classes, which --hidden does not name. `sizes` holds `count` sizes, inputs and classes
   included. */
void choices_note_sizes(const size_t *sizes, size_t count);

/* The same list as the library takes it; each entry of `out` is set. */
void choices_activations(const struct choice_list *list, minnow_activation out[NETWORK_MAX_LAYERS]);

#endif
