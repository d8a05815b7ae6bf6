/* The options that say how samples are distorted, of every command that does so. */
#ifndef MINNOW_CLI_DISTORTION_H
#define MINNOW_CLI_DISTORTION_H

#include "cli/command.h"

struct distortion_settings {
    bool on; /* --distort */
    double shift, rotate, stretch, shear, alpha, sigma;
    uint64_t fields;
    struct size_list gentle;
};

#define DISTORTION_AMOUNT(settings_type, form, option, unit, text, limit)                                    \
    {                                                                                                        \
        .name = #option, .fixed = true, .value = unit, .help = text, .show_default = true,                   \
        .kind = OPTION_REAL, .offset = offsetof(settings_type, form.option), .low = 0, .high = limit         \
    }

/* Entries of a command's option table, for a distortion_settings in its settings. */
#define DISTORTION_OPTIONS(settings_type, form)                                                              \
    DISTORTION_AMOUNT(settings_type, form, shift, "PIXELS",                                                  \
                      "shift images by up to so many pixels, each way", 1024),                               \
        DISTORTION_AMOUNT(settings_type, form, rotate, "DEGREES", "rotate them by up to so many degrees",    \
                          180),                                                                              \
        DISTORTION_AMOUNT(settings_type, form, stretch, "X",                                                 \
                          "scale height and width, apart, by factors from 1 - X\nto 1 + X", 0.9),            \
        DISTORTION_AMOUNT(settings_type, form, shear, "X", "slant them by up to X columns a row", 10),       \
        {.name = "elastic-alpha",                                                                            \
         .fixed = true,                                                                                      \
         .value = "X",                                                                                       \
         .help = "displace each pixel by a random field: noise of up to X\npixels, before it is smoothed",   \
         .show_default = true,                                                                               \
         .kind = OPTION_REAL,                                                                                \
         .offset = offsetof(settings_type, form.alpha),                                                      \
         .low = 0,                                                                                           \
         .high = 1e6},                                                                                       \
        {.name = "elastic-sigma",                                                                            \
         .fixed = true,                                                                                      \
         .value = "X",                                                                                       \
         .help = "width of the Gaussian that smooths it, in pixels",                                         \
         .show_default = true,                                                                               \
         .kind = OPTION_REAL,                                                                                \
         .offset = offsetof(settings_type, form.sigma),                                                      \
         .low = 0.01,                                                                                        \
         .high = 1000},                                                                                      \
        {.name = "elastic-fields",                                                                           \
         .fixed = true,                                                                                      \
         .value = "N",                                                                                       \
         .help = "fields drawn for each epoch; each sample takes one",                                       \
         .show_default = true,                                                                               \
         .kind = OPTION_COUNT,                                                                               \
         .offset = offsetof(settings_type, form.fields),                                                     \
         .least = 1,                                                                                         \
         .most = 1 << 20},                                                                                   \
    {                                                                                                        \
        .name = "gentle-classes", .fixed = true, .value = "N,N",                                             \
        .help = "rotate and slant images of these classes half as far:\n1,7 for digits",                     \
        .show_default = true, .kind = OPTION_SIZES, .offset = offsetof(settings_type, form.gentle),          \
        .least = 0, .most = 63                                                                               \
    }

/* No distortion, and the library's own set, which --distort stands for. */
struct distortion_settings distortion_settings_none(void);
struct distortion_settings distortion_settings_default(void);

/* Both ways between settings and the library's configuration; classes come out ascending, each once. */
void distortion_settings_from(const minnow_distortion_config *config, struct distortion_settings *out);
void distortion_settings_to(const struct distortion_settings *settings, minnow_distortion_config *out);

/* Turns --distort, in `distortion`, a member of `settings`, into the options that it stands for, as if they had been
   given, but for those that were. `defaults`: settings of the command that hold them. */
void distortion_expand(struct command_line *line, struct distortion_settings *distortion, void *settings,
                       const void *defaults);

/* Refuses options that have no effect; and, once the data are there, classes that do not exist. Both return 0 or an
   exit status. */
int distortion_check(const struct command_line *line, const struct distortion_settings *distortion);
int distortion_check_classes(const struct command *command, const struct distortion_settings *distortion,
                             size_t classes);

#endif
