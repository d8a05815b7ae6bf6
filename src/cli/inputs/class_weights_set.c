/* Setting the weights that --class-weight says. */
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_weights.h"
#include "data/dataset.h"

static int set_parsed(const struct command *command, const char *text, const struct class_labels *labels,
                      minnow_dataset *dataset) {
    char error[CLASS_WEIGHTS_ERROR];
    float *weight = memory_allocate(labels->classes, sizeof *weight);
    if (weight == NULL)
        return problem(STATUS_FAILURE, "%s: not enough memory for the weights of %zu classes", command->name,
                       labels->classes);
    int status = STATUS_SUCCESS;
    if (!class_weights_parse(text, labels, weight, error))
        status = problem(STATUS_USAGE, "%s: --class-weight: %s", command->name, error);
    minnow_status set = MINNOW_OK;
    if (status == STATUS_SUCCESS)
        set = minnow_dataset_set_class_weights(dataset, weight, labels->classes);
    memory_free(weight);
    return set == MINNOW_OK ? status : report(set);
}

/* The least and the largest, so that people see what "balanced" means for their data. */
static void tell(const struct class_labels *labels, const minnow_dataset *dataset) {
    const float *weight = dataset->class_weights;
    size_t least = 0, most = 0;
    char name[2][CLASS_LABEL_TEXT];
    for (size_t c = 1; c < dataset->classes; c++) {
        least = weight[c] < weight[least] ? c : least;
        most = weight[c] > weight[most] ? c : most;
    }
    class_weights_name(labels, least, name[0]);
    class_weights_name(labels, most, name[1]);
    note("class weights: %.4g (%s) to %.4g (%s)", (double)weight[least], name[0], (double)weight[most],
         name[1]);
}

int class_weights_apply(const struct command *command, const char *text, const struct class_labels *labels,
                        minnow_dataset *dataset) {
    if (text == NULL)
        return STATUS_SUCCESS;
    if (dataset->targets != NULL)
        return command_refuse(command, "class-weight",
                              "has no effect: what is learned is a number, and has no classes");
    if (strlen(text) >= OPTION_VALUE_TEXT)
        return problem(
            STATUS_USAGE,
            "%s: --class-weight: of %zu characters, expected at most %d; NAME=W takes only the classes "
            "that do not count 1",
            command->name, strlen(text), OPTION_VALUE_TEXT - 1);

    minnow_status status = MINNOW_OK;
    int set = STATUS_SUCCESS;
    if (class_weights_are_balanced(text))
        status = minnow_dataset_balance_classes(dataset);
    else
        set = set_parsed(command, text, labels, dataset);
    if (status != MINNOW_OK)
        return report(status);
    if (set == STATUS_SUCCESS)
        tell(labels, dataset);
    return set;
}
