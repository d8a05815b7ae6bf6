/* What a network carries besides its parameters: set, saved, loaded, and saved again to the same bytes. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include "data/dataset.h"
#include "model/statistics.h"
#include "model_samples.h"

TestSuite(metadata, .init = scratch_make, .fini = scratch_remove);

static void set(minnow_network *network, const char *key, const char *value) {
    cr_assert_eq(minnow_network_set_metadata(network, key, value), MINNOW_OK, "%s", minnow_last_error());
}

static void expect_value(const minnow_network *network, const char *key, const char *value) {
    const char *found = minnow_network_metadata(network, key);
    cr_assert_not_null(found, "%s", key);
    cr_assert_str_eq(found, value);
}

static minnow_network *load_again(const minnow_network *network, const char *name) {
    minnow_network *loaded;
    save(network, scratch_path(name));
    cr_assert_eq(minnow_network_load(scratch_path(name), "scalar", &loaded), MINNOW_OK, "%s",
                 minnow_last_error());
    return loaded;
}

Test(metadata, is_set_changed_and_removed) {
    minnow_network *network = make_small();
    cr_assert_eq(minnow_network_metadata_count(network), 0);
    cr_assert_null(minnow_network_metadata(network, "note"));
    char key[16];
    for (int i = 0; i < 40; i++) {
        snprintf(key, sizeof key, "key%d", i);
        set(network, key, key);
    }
    set(network, "key7", "other");
    set(network, "key3", NULL);
    set(network, "never", NULL);
    cr_assert_eq(minnow_network_metadata_count(network), 39);
    expect_value(network, "key7", "other");
    expect_value(network, "key39", "key39");
    cr_assert_null(minnow_network_metadata(network, "key3"));
    cr_assert_str_eq(minnow_network_metadata_key(network, 2), "key2");
    cr_assert_str_eq(minnow_network_metadata_key(network, 3), "key4");
    cr_assert_null(minnow_network_metadata_key(network, 39));
    minnow_network_free(network);
}

static void expect_rejected(minnow_network *network, const char *key, const char *value,
                            const char *message) {
    size_t count = minnow_network_metadata_count(network);
    cr_assert_eq(minnow_network_set_metadata(network, key, value), MINNOW_ERROR_ARGUMENT, "%s=%s", key,
                 value);
    cr_assert_not_null(strstr(minnow_last_error(), message), "%s", minnow_last_error());
    cr_assert_eq(minnow_network_metadata_count(network), count);
}

Test(metadata, rejects_what_a_file_could_not_hold) {
    minnow_network *network = make_small();
    expect_rejected(network, NULL, "", "key is NULL");
    expect_rejected(network, "", "", "key is empty");
    static const char *const not_utf8[] = {"\x80",
                                           "a\xff",
                                           "\xc1\xbf",
                                           "\xc3",
                                           "\xc3(",
                                           "\xe0\x9f\xbf",
                                           "\xed\xa0\x80",
                                           "\xe2\x82",
                                           "\xe2(\xa1",
                                           "\xf5\x80\x80\x80",
                                           "\xf0\x8f\xbf\xbf",
                                           "\xf4\x90\x80\x80",
                                           "\xf0\x9f\x98"};
    for (size_t i = 0; i < sizeof not_utf8 / sizeof not_utf8[0]; i++) {
        expect_rejected(network, "note", not_utf8[i], "not valid UTF-8");
        expect_rejected(network, not_utf8[i], "", "not valid UTF-8");
    }
    static const char *const derived[] = {"format", "format_version", "architecture", "activation",
                                          "loss",   "minnow_version", "params_crc32"};
    for (size_t i = 0; i < sizeof derived / sizeof derived[0]; i++)
        expect_rejected(network, derived[i], "x", "follows from the network");
    static const char *const scalings[] = {"", "0", "-0.5", "inf", "nan", "1e99", "1e-99", "1/256", "0,5"};
    for (size_t i = 0; i < sizeof scalings / sizeof scalings[0]; i++)
        expect_rejected(network, "input_scaling", scalings[i], "input_scaling");
    set(network, "note",
        "\xc2\xa0\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
    minnow_network_free(network);
}

Test(metadata, survives_saving_and_loading) {
    minnow_network *network = make_small();
    set(network, "class_names", "[\"ti\\\"n\",\"caf\xc3\xa9\"]");
    set(network, "note", "two\nlines, a \\ and \x01");
    set(network, "empty", "");
    set(network, "input_scaling", "0.5");
    minnow_network *loaded = load_again(network, "a");
    expect_value(loaded, "class_names", "[\"ti\\\"n\",\"caf\xc3\xa9\"]");
    expect_value(loaded, "note", "two\nlines, a \\ and \x01");
    expect_value(loaded, "empty", "");
    expect_value(loaded, "format", "minnow");
    expect_value(loaded, "activation", "tanh");
    expect_value(loaded, "minnow_version", minnow_version());
    cr_assert_eq(minnow_network_input_scaling(loaded), 0.5f);
    minnow_network *again = load_again(loaded, "b");
    size_t size_a, size_b;
    uint8_t *a = scratch_read(scratch_path("a"), &size_a), *b = scratch_read(scratch_path("b"), &size_b);
    cr_assert_eq(size_a, size_b);
    cr_assert_arr_eq(a, b, size_a);
    free(a);
    free(b);
    minnow_network_free(again);
    minnow_network_free(loaded);
    minnow_network_free(network);
}

/* The file's own values are looked at, but another network's are not written. */
Test(metadata, what_follows_from_the_network_is_written_anew) {
    minnow_network *network = make_small();
    minnow_network *loaded = load_again(network, "a");
    char before[9];
    snprintf(before, sizeof before, "%s", minnow_network_metadata(loaded, "params_crc32"));
    cr_assert_eq(minnow_network_set_layer(loaded, 1, NULL, (float[]){1, 2}), MINNOW_OK);
    expect_value(loaded, "params_crc32", before);
    minnow_network *again = load_again(loaded, "b");
    char crc[9];
    snprintf(crc, sizeof crc, "%08x", (unsigned)minnow_network_params_crc32(loaded));
    cr_assert_str_neq(crc, before);
    expect_value(again, "params_crc32", crc);
    minnow_network_free(again);
    minnow_network_free(loaded);
    minnow_network_free(network);
}

Test(metadata, input_scaling_is_1_256_by_default) {
    minnow_network *network = make_small();
    cr_assert_eq(minnow_network_input_scaling(network), 1.0f / 256);
    minnow_network *loaded = load_again(network, "a");
    expect_value(loaded, "input_scaling", "0.00390625");
    minnow_network_free(loaded);
    minnow_network_free(network);
}

/* Readers accept headers up to a limit; a file beyond it must not replace a good one. */
Test(metadata, too_much_is_not_saved) {
    enum { LONG = 5 << 20 };
    minnow_network *network = make_small();
    save(network, scratch_path("a"));
    char *text = malloc(LONG + 1);
    cr_assert_not_null(text);
    memset(text, 'x', LONG);
    text[LONG] = '\0';
    set(network, "note", text);
    cr_assert_eq(minnow_network_save(network, scratch_path("a")), MINNOW_ERROR_OUTPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "metadata"), "%s", minnow_last_error());
    cr_assert_eq(scratch_count(scratch_folder), 1);
    free(text);
    minnow_network *loaded;
    cr_assert_eq(minnow_network_load(scratch_path("a"), "scalar", &loaded), MINNOW_OK);
    minnow_network_free(loaded);
    minnow_network_free(network);
}

/* ---- Statistics and fingerprints, which inspect and train show ---- */

Test(metadata, statistics_against_sums_by_hand) {
    minnow_network *network = make_small();
    float weights[12] = {0, -0.0f, 1, 2, 3, 4, 5, 6, 7, 8, -9, 0}, biases[4] = {3, 3, 3, 3};
    minnow_network_set_layer(network, 0, weights, biases);
    struct statistics s = statistics_of_weights(network, 0);
    cr_assert_eq(s.min, -9);
    cr_assert_eq(s.max, 8);
    cr_assert_eq(s.mean, 27.0 / 12);
    cr_assert_eq(s.zeros, 3.0 / 12);
    cr_assert(fabs(s.std - sqrt(285.0 / 12 - 2.25 * 2.25)) < 1e-14, "%.17g", s.std);
    s = statistics_of_biases(network, 0);
    cr_assert(s.min == 3 && s.max == 3 && s.mean == 3 && s.std == 0 && s.zeros == 0);
    minnow_network_free(network);
}

Test(metadata, fingerprints_differ_with_the_data) {
    uint8_t pixels[6] = {1, 2, 3, 4, 5, 6};
    uint32_t labels[2] = {0, 1};
    uint32_t crc[4];
    for (int i = 0; i < 4; i++) {
        minnow_dataset *dataset;
        pixels[5] = i == 1 ? 7 : 6;
        labels[1] = i == 2 ? 0 : 1;
        cr_assert_eq(minnow_dataset_from_bytes(pixels, labels, 2, 3, 2, 0x1p-8f, &dataset), MINNOW_OK);
        crc[i] = dataset_crc32(dataset);
        minnow_dataset_free(dataset);
    }
    cr_assert_neq(crc[0], crc[1]);
    cr_assert_neq(crc[0], crc[2]);
    cr_assert_eq(crc[0], crc[3]);
    /* zlib.crc32(struct.pack("<QQ6BII", 2, 3, 1, 2, 3, 4, 5, 6, 0, 1)) */
    cr_assert_eq(crc[0], 0x56267501, "%08x", (unsigned)crc[0]);
}
