/* Samples without labels, as 'predict' and 'explain' take them: images, rows of numbers, or a table. */
#ifndef MINNOW_CLI_SAMPLE_SOURCE_H
#define MINNOW_CLI_SAMPLE_SOURCE_H

#include "cli/command.h"
#include "data/formats/format.h"
#include "data/inputs.h"
#include "data/table/encoder.h"

/* Whether a network takes the file for a table. `encoder` is that of a network that was trained on one, or NULL. A
   network of pixels takes them from files of images too. */
bool sample_source_is_table(const struct encoder *encoder, const char *path);

/* Opens any other file, or standard input for "-". Errors: INPUT, MEMORY. */
minnow_status sample_source_open(const char *path, const struct sample_form *form, struct inputs **out);

/* What images become for a network. `as_they_are` is --no-normalise, which is refused where it would have no effect.
   Returns 0 or, having said why, an exit status. */
int sample_source_form(const struct command *command, const minnow_network *network, const char *model,
                       bool as_they_are, struct sample_form *out);

#define NO_NORMALISE_OPTION(settings_type, member)                                                           \
    {                                                                                                        \
        .name = "no-normalise",                                                                              \
        .help = "take a picture as it is, only shrunk, instead of looking for the\n"                         \
                "digit in it and bringing it to the form of MNIST's images",                                 \
        .kind = OPTION_FLAG, .offset = offsetof(settings_type, member)                                       \
    }

#endif
