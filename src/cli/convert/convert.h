/* What data and networks are converted to. */
#ifndef MINNOW_CLI_CONVERT_H
#define MINNOW_CLI_CONVERT_H

#include "cli/inputs/model_file.h"

enum convert_form {
    FORM_CSV,
    FORM_IDX,
    FORM_VALUES,
    FORM_SAFETENSORS,
    FORM_NPY,
    FORM_ONNX,
    FORM_C,
    FORM_UNSET
};
const char *convert_form_name(size_t form); /* NULL behind the last one */

struct convert_settings {
    int to;
    uint64_t classes;
    bool scaled_input, int8;
    const char *name, *data; /* or NULL */
    struct model_form form;
};

/* Whether a path looks like a network: a folder of one, or no folder and not the built-in digits. */
bool convert_is_network(const char *from);

/* The form that the target's name or what `from` is suggests for a network. */
enum convert_form convert_network_form(const char *from, const char *target);

/* Writes the network. Returns an exit status. */
int convert_network(const struct convert_settings *settings, enum convert_form to, const char *from,
                    const char *target, const struct common_options *common);

#endif
