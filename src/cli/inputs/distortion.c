#include "cli/inputs/distortion.h"

#include <string.h>

#include "cli/frame/terminal.h"
#include "data/augmentation/distortion.h"

void distortion_settings_from(const minnow_distortion_config *config, struct distortion_settings *out) {
    *out = (struct distortion_settings){
        .shift = config->shift,
        .rotate = config->rotation,
        .stretch = config->scale,
        .shear = config->shear,
        .alpha = config->elastic_alpha,
        .sigma = config->elastic_sigma,
        .fields = config->elastic_fields,
    };
    for (size_t label = 0; label < 64; label++)
        if (config->gentle_classes >> label & 1)
            if (out->gentle.count < sizeof out->gentle.size / sizeof out->gentle.size[0])
                out->gentle.size[out->gentle.count++] = label;
}

void distortion_settings_to(const struct distortion_settings *settings, minnow_distortion_config *out) {
    minnow_distortion_config_init(out, sizeof *out);
    out->shift = settings->shift;
    out->rotation = settings->rotate;
    out->scale = settings->stretch;
    out->shear = settings->shear;
    out->elastic_alpha = settings->alpha;
    out->elastic_sigma = settings->sigma;
    out->elastic_fields = (size_t)settings->fields;
    for (size_t i = 0; i < settings->gentle.count; i++)
        out->gentle_classes |= (uint64_t)1 << settings->gentle.size[i];
}

struct distortion_settings distortion_settings_default(void) {
    struct distortion_settings settings;
    minnow_distortion_config config;
    minnow_distortion_config_init(&config, sizeof config);
    distortion_settings_from(&config, &settings);
    return settings;
}

struct distortion_settings distortion_settings_none(void) {
    struct distortion_settings settings;
    minnow_distortion_config config;
    distortion_config_none(&config);
    distortion_settings_from(&config, &settings);
    return settings;
}

/* ---- What --distort stands for ---- */

static void expand(struct command_line *line, const char *name, void *settings, const void *defaults) {
    const struct command *command = line->command;
    for (size_t i = 0; i < command_option_count(command); i++)
        if (strcmp(command_option(command, i)->name, name) == 0 && !line->given[i]) {
            option_copy(command_option(command, i), defaults, settings);
            line->given[i] = true;
        }
}

void distortion_expand(struct command_line *line, struct distortion_settings *distortion, void *settings,
                       const void *defaults) {
    static const char *const amounts[] = {"shift", "rotate", "stretch", "shear", "elastic-alpha"};
    static const char *const of_fields[] = {"elastic-sigma", "elastic-fields"};
    if (!distortion->on)
        return;

    distortion->on = false;
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++)
        expand(line, amounts[i], settings, defaults);
    for (size_t i = 0; distortion->alpha > 0 && i < sizeof of_fields / sizeof of_fields[0]; i++)
        expand(line, of_fields[i], settings, defaults);
}

/* ---- Checks ---- */

int distortion_check(const struct command_line *line, const struct distortion_settings *distortion) {
    static const char *const of_fields[] = {"elastic-sigma", "elastic-fields", NULL};
    const struct command *command = line->command;
    int status = STATUS_SUCCESS;
    if (distortion->alpha == 0)
        status = command_refuse_any(command, line, of_fields, "has no effect without --elastic-alpha");
    if (status == STATUS_SUCCESS && distortion->gentle.count > 0 && distortion->rotate == 0 &&
        distortion->shear == 0)
        status = command_refuse(command, "gentle-classes", "has no effect without --rotate or --shear");
    return status;
}

int distortion_check_classes(const struct command *command, const struct distortion_settings *distortion,
                             size_t classes) {
    for (size_t i = 0; i < distortion->gentle.count; i++)
        if (distortion->gentle.size[i] >= classes)
            return problem(STATUS_USAGE, "%s: --gentle-classes %zu: labels are below %zu", command->name,
                           distortion->gentle.size[i], classes);
    return STATUS_SUCCESS;
}
