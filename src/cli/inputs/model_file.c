#include "cli/inputs/model_file.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/output.h"
#include "base/number.h"
#include "cli/command.h"
#include "cli/frame/terminal.h"
#include "model/formats.h"

bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

void model_warn(const char *path, const minnow_network *network) {
    unsigned long long count = minnow_network_nonfinite_count(network);
    if (count > 0)
        note(
            "minnow: warning: %s: %llu of %llu parameters are not finite: its training diverged, and what it "
            "predicts means nothing",
            path, count, (unsigned long long)minnow_network_parameter_count(network));
}

static int opened(minnow_status status, const char *path, minnow_network *const *network) {
    if (status != MINNOW_OK)
        return report(status);
    model_warn(path, *network);
    return STATUS_SUCCESS;
}

/* "0.00392" or "1/255" as one number. */
static bool parse_scaling(const char *text, float *out) {
    const char *end = text + strlen(text);
    double numerator, denominator = 1;
    if (!number_read_double(&text, end, &numerator))
        return false;
    if (text < end && *text == '/') {
        text++;
        if (!number_read_double(&text, end, &denominator))
            return false;
    }
    *out = (float)(numerator / denominator);
    return text == end && isfinite(*out) && *out > 0;
}

int model_set_scaling(minnow_network *network, const char *given) {
    char text[NUMBER_TEXT];
    float scaling;
    if (!parse_scaling(given, &scaling))
        return problem(STATUS_USAGE, "--input-scaling %s: expected a number above 0, or two with a '/'",
                       given);
    number_write_shortest(scaling, text);
    minnow_status status = minnow_network_set_metadata(network, "input_scaling", text);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

/* The network of a file or folder that does not say how it is to be used. */
static minnow_status load_nameless(const char *path, const char *isa, const struct model_form *form,
                                   minnow_network **out) {
    minnow_activation activations[NETWORK_MAX_LAYERS];
    choices_activations(&form->activation, activations);

    minnow_foreign_config config;
    minnow_foreign_config_init(&config, sizeof config);
    config.activation = activations[0];
    if (form->activation.count > 1) {
        config.activations = activations;
        config.activation_count = form->activation.count;
    }
    config.loss = (minnow_loss)form->loss;
    config.isa = isa;
    return model_load_foreign(path, &config, out);
}

static int check_form(const char *path, const struct model_form *form) {
    bool given = form->activation.count != 0;
    const struct model_format *format = model_format_of(path, given); /* opening tells if it is none */
    if (given != (form->loss != MODEL_UNSET))
        return problem(STATUS_USAGE, "--activation and --loss go together");
    if (given && format != NULL && format->load_foreign == NULL)
        return problem(STATUS_USAGE, "--activation, --loss: %s says what it is: sigmoid and quadratic", path);
    if (!given && format != NULL && format->load == NULL)
        return problem(
            STATUS_USAGE,
            "%s: arrays alone do not say how they are used: give --activation NAME and --loss NAME", path);
    return STATUS_SUCCESS;
}

int model_open_form(const char *path, const char *isa, const struct model_form *form, minnow_network **out) {
    *out = NULL;
    int status = check_form(path, form);
    if (status == STATUS_SUCCESS && form->activation.count != 0)
        status = opened(load_nameless(path, isa, form, out), path, out);
    else if (status == STATUS_SUCCESS)
        status = opened(model_load(path, isa, out), path, out);

    if (status == STATUS_SUCCESS && form->scaling != NULL)
        status = model_set_scaling(*out, form->scaling);
    if (status != STATUS_SUCCESS) {
        minnow_network_free(*out);
        *out = NULL;
    }
    return status;
}

int model_open_first(const struct command *command, const char *path, const char *isa,
                     const struct model_form *form, minnow_network **out) {
    *out = NULL;
    if (path == NULL)
        return problem(STATUS_USAGE,
                       "%s: which network? --model FILE, as 'minnow train --save FILE' writes it",
                       command->name);
    return output_usable() ? model_open_form(path, isa, form, out) : STATUS_FAILURE;
}

const char *target_ending(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    bool says_something = dot != NULL && dot != name &&
                          strpbrk(dot, "abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL;
    return says_something ? dot : NULL;
}

int target_format(const char *option, const char *path, const struct model_format **out) {
    const char *ending = target_ending(path);
    *out = model_format_for_target(path);
    if (*out == NULL)
        *out = &model_format_safetensors;
    if (ending != NULL && (strcmp(ending, ".npy") == 0 || strcmp(ending, ".npz") == 0))
        return problem(STATUS_USAGE,
                       "%s %s: a network is written as a folder of arrays, not as one %s file: save it as "
                       "%.*s.safetensors, and minnow convert %.*s.safetensors FOLDER --to npy",
                       option, path, ending, (int)(ending - path), path, (int)(ending - path), path);
    return STATUS_SUCCESS;
}

int target_check(const char *path) {
    struct stat info;
    if (path[0] == '\0')
        return problem(STATUS_USAGE, "expected the name of a file to write, found an empty one");
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return problem(STATUS_FAILURE, "%s: is a folder, expected a file to write", path);
    /* A pipe is not opened: that would wait for its reader, and closing it would be the end of its input. */
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) {
        if (access(path, W_OK) == 0)
            return STATUS_SUCCESS;
        return problem(STATUS_FAILURE, "%s: cannot be written: %s", path, strerror(errno));
    }
    struct output *output;
    minnow_status status = output_open(path, &output);
    output_abort(output);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

int target_check_spares(const char *option, const char *path, const char *const *inputs, size_t count) {
    struct stat target, input;
    if (path == NULL || stat(path, &target) != 0 || !S_ISREG(target.st_mode))
        return STATUS_SUCCESS;
    for (size_t i = 0; i < count; i++)
        if (inputs[i] != NULL && stat(inputs[i], &input) == 0 && input.st_ino == target.st_ino &&
            input.st_dev == target.st_dev)
            return problem(STATUS_USAGE,
                           "%s %s: is what is read, and would be written over; give another name", option,
                           path);
    return STATUS_SUCCESS;
}

int target_check_network(const struct command *command, const char *option, const char *path) {
    static const struct {
        const char *ending, *program;
    } rows[] = {
        {".pt", "PyTorch"},          {".pth", "PyTorch"},       {".h5", "Keras"},
        {".hdf5", "Keras"},          {".keras", "Keras"},       {".pkl", "Python's pickle"},
        {".joblib", "scikit-learn"}, {".tflite", "TensorFlow"}, {".pb", "TensorFlow"},
        {".gguf", "llama.cpp"},
    };
    const char *ending = strrchr(path, '.');
    for (size_t i = 0; ending != NULL && ending > path && i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(ending, rows[i].ending) == 0)
            return problem(
                STATUS_USAGE,
                "%s: --%s %s: the form of %s is not written; safetensors is, which others read: --%s "
                "%.*s.safetensors",
                command->name, option, path, rows[i].program, option, (int)(ending - path), path);
    return target_check(path);
}

int values_check(const char *folder, size_t layer_count) {
    struct stat info;
    if (stat(folder, &info) != 0)
        return target_check(folder); /* where a file can be made, so can the folder */
    if (!S_ISDIR(info.st_mode))
        return problem(STATUS_FAILURE, "%s: expected a folder to write to, found something else", folder);
    int status = STATUS_SUCCESS;
    for (size_t layer = 1; layer <= layer_count && status == STATUS_SUCCESS; layer++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/weights_%zu.csv", folder, layer);
        status = target_check(path);
        snprintf(path, sizeof path, "%s/biases_%zu.csv", folder, layer);
        if (status == STATUS_SUCCESS)
            status = target_check(path);
    }
    return status;
}
