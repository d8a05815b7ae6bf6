/* The option --class-weight: how much the samples of each class count in training. */
#ifndef MINNOW_CLI_CLASS_WEIGHTS_H
#define MINNOW_CLI_CLASS_WEIGHTS_H

#include "cli/frame/options.h"
#include "minnow/minnow.h"

/* What shells may offer for it. */
const char *choice_class_weight(size_t index);

#define CLASS_WEIGHT_OPTION(settings_type, member)                                                           \
    {                                                                                                        \
        .name = "class-weight", .aliases = "class-weights", .fixed = true, .value = "W",                     \
        .help = "how much the samples of each class count: balanced, all classes the\n"                      \
                "same, the rare ones too; NAME=W,... for those that do not count 1;\n"                       \
                "or W,W,... of all classes",                                                                 \
        .kind = OPTION_TEXT, .offset = offsetof(settings_type, member), .choice = choice_class_weight        \
    }

/* How the classes of a dataset are called: `given` by --class-names, or NULL; else `names`, or NULL; else by their numbers,
   from `first` on. */
struct class_labels {
    size_t classes;
    const char *given;
    char *const *names;
    size_t first;
};

/* Reads the option into weight[classes], where it is not "balanced". False, with what is wrong with it, if it makes no
   sense. */
enum { CLASS_WEIGHTS_ERROR = 256 };
bool class_weights_parse(const char *text, const struct class_labels *labels, float *weight,
                         char error[CLASS_WEIGHTS_ERROR]);
bool class_weights_are_balanced(const char *text);

/* What messages call a class. */
enum { CLASS_LABEL_TEXT = 64 };
void class_weights_name(const struct class_labels *labels, size_t c, char text[CLASS_LABEL_TEXT]);

/* Gives the dataset the weights that the option says; `command` is who speaks. Returns 0 or, having said why, an exit
   status. */
int class_weights_apply(const struct command *command, const char *text, const struct class_labels *labels,
                        minnow_dataset *dataset);

/* The same in a form without spaces, "W,W,…". False where `size` is too small. */
bool class_weights_write(const minnow_dataset *dataset, char *text, size_t size);

#endif
