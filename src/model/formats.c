#include "model/formats.h"

#include <string.h>

#include "base/status.h"

const struct model_format *const model_formats[] = {
    &model_format_safetensors, &model_format_values, &model_format_npy, &model_format_onnx, &model_format_c,
};
const size_t model_format_count = sizeof model_formats / sizeof *model_formats;

const struct model_format *model_format_find(const char *name) {
    for (size_t i = 0; i < model_format_count; i++)
        if (strcmp(model_formats[i]->name, name) == 0)
            return model_formats[i];
    return NULL;
}

static bool ends_in(const char *path, const char *ending) {
    size_t length = strlen(path), tail = strlen(ending);
    return length > tail && strcmp(path + length - tail, ending) == 0;
}

const struct model_format *model_format_for_target(const char *path) {
    for (size_t i = 0; i < model_format_count; i++)
        for (const char *const *extension = model_formats[i]->extensions; *extension != NULL; extension++)
            if (ends_in(path, *extension))
                return model_formats[i];
    return NULL;
}

static bool can_load(const struct model_format *format, bool foreign) {
    return foreign ? format->load_foreign != NULL : format->load != NULL;
}

const struct model_format *model_format_of(const char *path, bool foreign) {
    const struct model_format *first = NULL;
    for (size_t i = 0; i < model_format_count; i++) {
        const struct model_format *format = model_formats[i];
        if (format->recognise == NULL || !format->recognise(path))
            continue;
        if (can_load(format, foreign))
            return format;
        if (first == NULL)
            first = format;
    }
    return first;
}

/* The format of the path, if it can be loaded so; NULL, and the error is set, otherwise. */
static const struct model_format *loadable(const char *path, bool foreign) {
    const struct model_format *format = model_format_of(path, foreign);
    if (format != NULL && can_load(format, foreign))
        return format;

    if (format == NULL)
        fail(MINNOW_ERROR_INPUT,
             "%s: is a folder, but not of a network: expected weights_1.csv, biases_1.csv, and so on, or "
             "layers.0.weight.npy, layers.0.bias.npy, and so on",
             path);
    else if (foreign)
        fail(MINNOW_ERROR_INPUT, "%s: says itself how it is to be used: give neither activation nor loss",
             path);
    else
        fail(MINNOW_ERROR_INPUT,
             "%s: arrays alone do not say how they are used: give --activation NAME and --loss NAME", path);
    return NULL;
}

minnow_status model_load(const char *path, const char *isa, minnow_network **out) {
    *out = NULL;
    const struct model_format *format = loadable(path, false);
    return format != NULL ? format->load(path, isa, out) : MINNOW_ERROR_INPUT;
}

minnow_status model_load_foreign(const char *path, const minnow_foreign_config *config,
                                 minnow_network **out) {
    *out = NULL;
    const struct model_format *format = loadable(path, true);
    return format != NULL ? format->load_foreign(path, config, out) : MINNOW_ERROR_INPUT;
}
