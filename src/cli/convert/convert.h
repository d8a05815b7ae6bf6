/* What data and networks are converted to. */
#ifndef MINNOW_CLI_CONVERT_H
#define MINNOW_CLI_CONVERT_H

#include "cli/inputs/model_file.h"
#include "data/formats/format.h"
#include "model/formats.h"

struct convert_settings {
    int to; /* a choice of --to, or TO_UNSET */
    uint64_t classes;
    struct model_save_options save;
    const char *data; /* or NULL */
    struct model_form form;
};
enum { TO_UNSET = -1 };

/* Whether a path looks like a network: a folder of one, or no folder and not the built-in digits. */
bool convert_is_network(const char *from);

/* The format that the target's name or what `from` is suggests for a network. */
const struct model_format *convert_network_format(const char *from, const char *target);

/* Writes the network. Returns an exit status. */
int convert_network(const struct convert_settings *settings, const struct model_format *to, const char *from,
                    const char *target, const struct common_options *common);

#endif
