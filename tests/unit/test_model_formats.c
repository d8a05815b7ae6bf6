/* The table of model formats: each row by its name, its extensions, and what it reads and writes. */
#include <criterion/criterion.h>
#include <string.h>
#include "model/formats.h"
#include "model_samples.h"
#include "net/activations.h"

TestSuite(model_formats, .init = scratch_make, .fini = scratch_remove);

/* Every activation there is, each behind a layer of its own. */
static minnow_network *make_mixed(void) {
    size_t sizes[65];
    minnow_activation activations[64];
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    for (size_t l = 0; l < activation_row_count; l++) {
        sizes[l] = 3 + l;
        activations[l] = (minnow_activation)(activation_row_count - 1 - l);
    }
    sizes[activation_row_count] = 5;
    sizes[activation_row_count + 1] = 4;
    config.layer_sizes = sizes;
    config.layer_count = activation_row_count + 1;
    config.activations = activations;
    config.loss = MINNOW_LOSS_LOGISTIC;
    config.seed = 5;
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    return network;
}

static void expect_same(const minnow_network *network, const minnow_network *loaded) {
    size_t layers = minnow_network_layer_count(network);
    cr_assert_eq(minnow_network_layer_count(loaded), layers);
    cr_assert_eq(minnow_network_loss(loaded), minnow_network_loss(network));
    cr_assert_eq(minnow_network_params_crc32(loaded), minnow_network_params_crc32(network));
    for (size_t l = 0; l < layers; l++)
        cr_assert_eq(minnow_network_activation(loaded, l), minnow_network_activation(network, l), "layer %zu",
                     l);
}

/* Reads back what the format wrote, in each way it can. The path is recognised as that format's. */
static void expect_read_back(const struct model_format *format, const minnow_network *network,
                             const char *path) {
    minnow_activation activations[64];
    minnow_foreign_config config;
    minnow_foreign_config_init(&config, sizeof config);
    config.activations = activations;
    config.activation_count = minnow_network_layer_count(network) - 1;
    config.loss = minnow_network_loss(network);
    for (size_t l = 0; l < config.activation_count; l++)
        activations[l] = minnow_network_activation(network, l);

    minnow_network *loaded;
    if (format->load != NULL) {
        cr_assert_eq(model_format_of(path, false), format, "%s", format->name);
        cr_assert_eq(model_load(path, "scalar", &loaded), MINNOW_OK, "%s", minnow_last_error());
        expect_same(network, loaded);
        minnow_network_free(loaded);
    }
    if (format->load_foreign != NULL) {
        cr_assert_eq(model_format_of(path, true), format, "%s", format->name);
        cr_assert_eq(model_load_foreign(path, &config, &loaded), MINNOW_OK, "%s", minnow_last_error());
        expect_same(network, loaded);
        minnow_network_free(loaded);
    }
}

Test(model_formats, each_reads_what_it_wrote) {
    static const struct model_save_options plain = {0};
    minnow_network *mixed = make_mixed();
    minnow_network *sigmoid =
        make_network((size_t[]){3, 4, 2}, 2, MINNOW_ACTIVATION_SIGMOID, MINNOW_LOSS_QUADRATIC, 7);
    for (size_t i = 0; i < model_format_count; i++) {
        const struct model_format *format = model_formats[i];
        const char *path = scratch_path(format->name);
        const minnow_network *network = format == &model_format_values ? sigmoid : mixed;
        cr_assert_eq(format->save(network, path, &plain), MINNOW_OK, "%s", minnow_last_error());
        struct stat info;
        cr_assert_eq(stat(path, &info), 0);
        cr_assert_eq(S_ISDIR(info.st_mode), format->is_folder, "%s", format->name);
        cr_assert_eq(format->recognise != NULL, format->load != NULL || format->load_foreign != NULL);
        expect_read_back(format, network, path);
    }
    minnow_network_free(mixed);
    minnow_network_free(sigmoid);
}

Test(model_formats, names_and_extensions_are_each_one_format) {
    for (size_t i = 0; i < model_format_count; i++) {
        const struct model_format *format = model_formats[i];
        cr_assert_eq(model_format_find(format->name), format);
        cr_assert(format->help[0] != '\0');
        cr_assert(format->title[0] != '\0');
        for (const char *const *extension = format->extensions; *extension != NULL; extension++) {
            char path[64];
            snprintf(path, sizeof path, "folder.x/net%s", *extension);
            cr_assert_eq(model_format_for_target(path), format, "%s", path);
            cr_assert_null(model_format_for_target(*extension), "a name is more than its extension");
        }
    }
    cr_assert_null(model_format_find("pickle"));
    cr_assert_null(model_format_for_target("net.pt"));
}

/* For each that can be read as a network of ours. */
Test(model_formats, scaling_is_held_by_those_that_say_so) {
    static const struct model_save_options plain = {0};
    minnow_network *network =
        make_network((size_t[]){3, 2}, 1, MINNOW_ACTIVATION_SIGMOID, MINNOW_LOSS_QUADRATIC, 1);
    cr_assert_eq(minnow_network_set_metadata(network, "input_scaling", "0.25"), MINNOW_OK);
    for (size_t i = 0; i < model_format_count; i++) {
        const struct model_format *format = model_formats[i];
        const char *path = scratch_path(format->name);
        minnow_network *loaded;
        if (format->load == NULL)
            continue;
        cr_assert_eq(format->save(network, path, &plain), MINNOW_OK, "%s", minnow_last_error());
        cr_assert_eq(format->load(path, "scalar", &loaded), MINNOW_OK, "%s", minnow_last_error());
        cr_assert_eq(minnow_network_input_scaling(loaded) == 0.25F, format->holds_scaling, "%s",
                     format->name);
        minnow_network_free(loaded);
    }
    minnow_network_free(network);
}

Test(model_formats, folders_say_what_they_lack) {
    minnow_network *network = make_small(), *loaded;
    minnow_foreign_config config;
    minnow_foreign_config_init(&config, sizeof config);
    cr_assert_eq(model_load(scratch_folder, NULL, &loaded), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "not of a network: expected weights_1.csv"), "%s",
                       minnow_last_error());

    char arrays[PATH_MAX + 256], values[PATH_MAX + 256];
    snprintf(arrays, sizeof arrays, "%s", scratch_path("arrays"));
    snprintf(values, sizeof values, "%s", scratch_path("values"));
    cr_assert_eq(minnow_network_save_npy(network, arrays), MINNOW_OK);
    minnow_network_free(network);
    cr_assert_eq(model_load(arrays, NULL, &loaded), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "arrays alone do not say"), "%s", minnow_last_error());

    network = make_network((size_t[]){3, 2}, 1, MINNOW_ACTIVATION_SIGMOID, MINNOW_LOSS_QUADRATIC, 1);
    cr_assert_eq(minnow_network_save_values(network, values), MINNOW_OK);
    cr_assert_eq(model_load_foreign(values, &config, &loaded), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "says itself how"), "%s", minnow_last_error());

    /* A folder of both is what is asked for. */
    cr_assert_eq(minnow_network_save_npy(network, values), MINNOW_OK);
    cr_assert_eq(model_format_of(values, true), &model_format_npy);
    cr_assert_eq(model_format_of(values, false), &model_format_values);
    minnow_network_free(network);
}
