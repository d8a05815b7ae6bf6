/* Model files in, and a look at where results will go before hours are spent on them. */
#ifndef MINNOW_CLI_MODEL_FILE_H
#define MINNOW_CLI_MODEL_FILE_H

#include "cli/command.h"
#include "cli/inputs/choices.h"
#include "minnow/minnow.h"
#include "model/formats.h"

/* One line on standard error if the network of that file has parameters that are not finite. */
void model_warn(const char *path, const minnow_network *network);

/* For the network of another program, whose file does not say how its numbers are meant. */
enum { MODEL_UNSET = -1 };
struct model_form {
    struct choice_list activation; /* empty, one for all hidden layers, or one for each */
    int loss;                      /* a minnow_loss, or MODEL_UNSET */
    const char *scaling;           /* a number, or "1/255"; NULL: as the file says, or 1/256 */
};
#define MODEL_FORM_UNSET                                                                                     \
    { .loss = MODEL_UNSET }

/* Entries of a command's option table, for the path of a model and a model_form in its settings. */
#define MODEL_OPTION(settings_type, member)                                                                  \
    {                                                                                                        \
        .name = "model", .aliases = "m network net load weights", .value = "PATH",                           \
        .help = "a safetensors file that 'minnow train --save' wrote, or a folder\n"                         \
                "of weights_1.csv, biases_1.csv, ... as the original program's",                             \
        .kind = OPTION_TEXT, .offset = offsetof(settings_type, member)                                       \
    }
#define MODEL_FORM_OPTIONS(settings_type, form)                                                              \
    {.name = "activation",                                                                                   \
     .aliases = "activations act nonlinearity",                                                              \
     .value = "NAME,...",                                                                                    \
     .help = "of a network that another program saved, one for all\nhidden layers or one for each: {}",      \
     .kind = OPTION_CHOICES,                                                                                 \
     .offset = offsetof(settings_type, form.activation),                                                     \
     .choice = choice_activation,                                                                            \
     .choice_words = activation_words},                                                                      \
        {.name = "loss",                                                                                     \
         .aliases = "loss-function criterion cost objective",                                                \
         .value = "NAME",                                                                                    \
         .help = "of such a network: {}",                                                                    \
         .kind = OPTION_CHOICE,                                                                              \
         .offset = offsetof(settings_type, form.loss),                                                       \
         .choice = choice_loss,                                                                              \
         .choice_words = loss_words},                                                                        \
    {                                                                                                        \
        .name = "input-scaling", .aliases = "scale scaling input-scale", .value = "X",                       \
        .help = "its inputs are pixels times X, 1/255 for instance\n[as the file says, or 1/256]",           \
        .kind = OPTION_TEXT, .offset = offsetof(settings_type, form.scaling),                                \
    }

/* Reads a network from a model file or a folder of the original program's, or, with the form given, from
   another program's file or a folder of arrays. Warns of one that diverged. Returns 0 or, having said why, an
   exit status. */
int model_open_form(const char *path, const char *isa, const struct model_form *form, minnow_network **out);

/* Sets the scaling of a network's inputs to what --input-scaling says. Returns 0 or, having said why, an exit
   status. */
int model_set_scaling(minnow_network *network, const char *given);

/* The same as model_open_form at the beginning of a command, after a look at what it cannot do without: a
   path that is not NULL, and a standard output for its results. */
int model_open_first(const struct command *command, const char *path, const char *isa,
                     const struct model_form *form, minnow_network **out);

/* The format of a network that is to be written to `path`: by its ending, or else safetensors. `option` is what
   named it. Returns 0 or, having said why it cannot be written so, an exit status. */
int target_format(const char *option, const char *path, const struct model_format **out);

/* The ending of a file's name, ".onnx"; NULL if it has none that would say what is in it: the digits of "run.1"
   do not. */
const char *target_ending(const char *path);

/* Whether a file can be written at `path`, which is neither created nor changed. Returns 0 or, having said
   why not, an exit status. */
int target_check(const char *path);

/* The same for a network, as `option` of `command` names it: refuses names that end as another program's
   files do. */
int target_check_network(const struct command *command, const char *option, const char *path);

/* Refuses a target that is the same file as one of `count` inputs, any of which may be NULL, as may the path. `option` is
   what names it: "train: --save". Returns 0 or, having said so, an exit status. */
int target_check_spares(const char *option, const char *path, const char *const *inputs, size_t count);

/* The same for the files of a folder in the original program's format, which need not exist yet. */
int values_check(const char *folder, size_t layer_count);

bool is_folder(const char *path);

#endif
