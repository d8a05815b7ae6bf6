/* minnow train --init: a run that starts from a network instead of from random numbers. */
#include "cli/frame/report.h"
#include "cli/inputs/model_file.h"
#include "cli/train/train.h"
#include "model/formats.h"

int train_read_init(struct train_run *run, const struct train_settings *given) {
    const char *path = run->settings.init, *isa = run->common.kernels->name;
    struct model_form form = MODEL_FORM_UNSET;
    bool whole = option_given(&run->line, "activation") && option_given(&run->line, "loss");

    const struct model_format *format = model_format_of(path, false);
    bool own = format != NULL && format->load != NULL;

    /* A network of ours says its form itself; what is given is compared with that afterwards. */
    if (whole && own && format->load(path, isa, &run->network) == MINNOW_OK) {
        model_warn(path, run->network);
        return STATUS_SUCCESS;
    }
    if (whole && (!own || format->load_foreign != NULL)) {
        form.activation = given->activation;
        form.loss = given->loss;
    }
    return model_open_form(path, isa, &form, &run->network);
}
