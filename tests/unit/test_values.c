/* The original's values/ folder: every float returns with its bits, whole sets replace whole sets, and
   whatever is wrong is named by its file. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include "base/memory.h"
#include "model/model.h"
#include "net/network.h"
#include "support/scratch.h"

TestSuite(values, .init = scratch_make, .fini = scratch_remove);

static minnow_network *make_network(const size_t *sizes, size_t layers, uint64_t seed) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = layers;
    config.activation = MINNOW_ACTIVATION_SIGMOID;
    config.loss = MINNOW_LOSS_QUADRATIC;
    config.init = MINNOW_INIT_STANDARD_NORMAL;
    config.seed = seed;
    config.isa = "scalar";
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK, "%s", minnow_last_error());
    return network;
}

static minnow_network *load(const char *folder) {
    minnow_network *network;
    cr_assert_eq(minnow_network_load_values(folder, "scalar", &network), MINNOW_OK, "%s",
                 minnow_last_error());
    return network;
}

static void save(const minnow_network *network, const char *folder) {
    cr_assert_eq(minnow_network_save_values(network, folder), MINNOW_OK, "%s", minnow_last_error());
}

static void expect_holds(const char *folder, const minnow_network *network) {
    minnow_network *loaded = load(folder);
    cr_assert_eq(minnow_network_layer_count(loaded), minnow_network_layer_count(network));
    for (size_t i = 0; i <= minnow_network_layer_count(network); i++)
        cr_assert_eq(minnow_network_layer_size(loaded, i), minnow_network_layer_size(network, i));
    cr_assert_eq(minnow_network_activation(loaded, 0), minnow_network_activation(network, 0));
    cr_assert_eq(minnow_network_loss(loaded), MINNOW_LOSS_QUADRATIC);
    cr_assert_eq(minnow_network_params_crc32(loaded), minnow_network_params_crc32(network));
    cr_assert_eq(scratch_count(folder), 2 * minnow_network_layer_count(network));
    minnow_network_free(loaded);
}

static void write_text(const char *path, const char *text) {
    scratch_write(path, text, strlen(text));
}

/* ---- Round trips ---- */

Test(values, round_trips) {
    size_t deep[NETWORK_MAX_LAYERS + 1];
    for (size_t i = 0; i <= NETWORK_MAX_LAYERS; i++)
        deep[i] = 1 + i % 4;
    const struct {
        const size_t *sizes;
        size_t layers;
    } cases[] = {{(size_t[]){784, 16, 16, 10}, 3},
                 {(size_t[]){1, 1}, 1},
                 {(size_t[]){2, 65536, 1}, 2},
                 {(size_t[]){65536, 1, 3}, 2},
                 {deep, NETWORK_MAX_LAYERS}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        minnow_network *network = make_network(cases[c].sizes, cases[c].layers, c + 1);
        char name[16];
        snprintf(name, sizeof name, "v%zu", c);
        save(network, scratch_path(name));
        expect_holds(scratch_path(name), network);
        minnow_network_free(network);
    }
}

Test(values, text_is_numpys) {
    minnow_network *network = make_network((size_t[]){2, 3}, 1, 1);
    float weights[6] = {0.1f, -2.0f, 0.0f, -0.0f, 0x1p-149f, 0x1.fffffep127f},
          biases[3] = {1.0f, -0.5f, 1e10f};
    minnow_network_set_layer(network, 0, weights, biases);
    save(network, scratch_path("v"));
    size_t size;
    char *text = (char *)scratch_read(scratch_path("v/weights_1.csv"), &size);
    cr_assert_str_eq(text, "1.000000014901161194e-01,-2.000000000000000000e+00,0.000000000000000000e+00\n"
                           "-0.000000000000000000e+00,1.401298464324817071e-45,3.402823466385288598e+38\n");
    free(text);
    text = (char *)scratch_read(scratch_path("v/biases_1.csv"), &size);
    cr_assert_str_eq(text, "1.000000000000000000e+00\n-5.000000000000000000e-01\n1.000000000000000000e+10\n");
    free(text);
    minnow_network_free(network);
}

/* Every exponent with several mantissas, both signs, and a sweep over all kinds of bit patterns. */
Test(values, every_kind_of_float_keeps_its_bits) {
    enum { ROWS = 1024, COLUMNS = 64 };
    minnow_network *network = make_network((size_t[]){ROWS, COLUMNS}, 1, 1);
    uint32_t *bits = malloc(ROWS * COLUMNS * sizeof *bits);
    float *weights = malloc(ROWS * COLUMNS * sizeof *weights);
    for (uint32_t i = 0; i < ROWS * COLUMNS; i++) {
        uint32_t mantissa = i % 8 == 0 ? 0 : i % 8 == 1 ? 0x7fffff : i * 2654435761u;
        uint32_t exponent = (i >> 4) % 255;
        bits[i] = (i & 1u << 13) << 18 | exponent << 23 | (mantissa & 0x7fffff);
    }
    memcpy(weights, bits, ROWS * COLUMNS * sizeof *weights);
    minnow_network_set_layer(network, 0, weights, NULL);
    save(network, scratch_path("v"));
    minnow_network *loaded = load(scratch_path("v"));
    float *back = malloc(ROWS * COLUMNS * sizeof *back);
    minnow_network_get_layer(loaded, 0, back, NULL);
    cr_assert_arr_eq(back, weights, ROWS * COLUMNS * sizeof *weights);
    minnow_network_free(loaded);
    minnow_network_free(network);
    free(back);
    free(weights);
    free(bits);
}

/* A locale with a decimal comma: an installed one, or one compiled on the spot. */
static bool set_comma_locale(void) {
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
        char command[PATH_MAX + 128];
        snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 '%s/de_DE.UTF-8' >/dev/null 2>&1",
                 scratch_folder);
        if (system(command) != 0 || setenv("LOCPATH", scratch_folder, 1) != 0 ||
            setlocale(LC_ALL, "de_DE.UTF-8") == NULL)
            return false;
    }
    return strcmp(localeconv()->decimal_point, ",") == 0;
}

Test(values, numbers_do_not_depend_on_the_locale) {
    if (!set_comma_locale()) {
        scratch_remove(); /* skipping skips the clean-up too */
        cr_skip_test("no locale with a decimal comma can be had");
    }
    minnow_network *network = make_network((size_t[]){5, 4, 3}, 2, 1);
    save(network, scratch_path("v"));
    expect_holds(scratch_path("v"), network);
    minnow_network_free(network);
}

/* ---- Folders ---- */

static void expect_folder_refused(const char *folder, const char *file, const char *message) {
    minnow_network *network = (minnow_network *)1;
    minnow_status status = minnow_network_load_values(folder, "scalar", &network);
    cr_assert_eq(status, MINNOW_ERROR_INPUT, "%s: status %d", message, (int)status);
    cr_assert_null(network);
    const char *error = minnow_last_error();
    cr_assert_eq(strncmp(error, folder, strlen(folder)), 0, "%s", error);
    cr_assert_not_null(strstr(error, file), "expected \"%s\" in: %s", file, error);
    cr_assert_not_null(strstr(error, message), "expected \"%s\" in: %s", message, error);
}

/* 2-3-1: weights_1 has 2 lines of 3, weights_2 has 3 lines of 1. */
static const char *write_folder(void) {
    static char folder[PATH_MAX + 8];
    snprintf(folder, sizeof folder, "%s/v", scratch_folder);
    mkdir(folder, 0777);
    write_text(scratch_path("v/weights_1.csv"), "1,2,3\n4,5,6\n");
    write_text(scratch_path("v/biases_1.csv"), "7\n8\n9\n");
    write_text(scratch_path("v/weights_2.csv"), "10\n11\n12\n");
    write_text(scratch_path("v/biases_2.csv"), "13\n");
    return folder;
}

Test(values, sizes_come_from_the_files) {
    minnow_network *network = load(write_folder());
    cr_assert_eq(minnow_network_layer_count(network), 2);
    float weights[6], biases[3];
    minnow_network_get_layer(network, 0, weights, biases);
    cr_assert_arr_eq(weights, ((float[]){1, 2, 3, 4, 5, 6}), sizeof weights);
    cr_assert_arr_eq(biases, ((float[]){7, 8, 9}), sizeof biases);
    minnow_network_get_layer(network, 1, weights, biases);
    cr_assert_arr_eq(weights, ((float[]){10, 11, 12}), 3 * sizeof(float));
    cr_assert_eq(biases[0], 13.0f);
    minnow_network_free(network);
}

/* As numpy writes what a run that diverged left. */
Test(values, takes_numbers_that_are_not_finite) {
    const char *folder = write_folder();
    write_text(scratch_path("v/weights_2.csv"), "nan\n-inf\n12\n");
    minnow_network *network = load(folder);
    cr_assert_eq(minnow_network_nonfinite_count(network), 2);
    float weights[3];
    minnow_network_get_layer(network, 1, weights, NULL);
    cr_assert(isnan(weights[0]) && weights[1] == -INFINITY && weights[2] == 12);
    minnow_network_free(network);
}

Test(values, refuses_files_that_do_not_match) {
    static const struct {
        const char *file, *text, *message;
    } cases[] = {
        {"weights_2.csv", "10\n11\n",
         "weights_2.csv: 2 lines; expected 3, as weights_1.csv has that many columns"},
        {"weights_1.csv", "1,2\n4,5\n",
         "biases_1.csv: 3 lines; expected 2, as weights_1.csv has that many columns"},
        {"biases_1.csv", "7\n8\n",
         "biases_1.csv: 2 lines; expected 3, as weights_1.csv has that many columns"},
        {"biases_1.csv", "7,8,9\n", "biases_1.csv: line 1: 3 numbers; biases are one a line"},
        {"biases_2.csv", "1\n2\n",
         "biases_2.csv: 2 lines; expected 1, as weights_2.csv has that many columns"},
        {"weights_1.csv", "1,2,3\n4,5\n", "weights_1.csv: line 2: 2 numbers"},
        {"biases_2.csv", "1e39\n", "biases_2.csv: line 1: number 1: 1e39 is too large"},
        {"weights_2.csv", "", "weights_2.csv: empty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *folder = write_folder();
        char name[64];
        snprintf(name, sizeof name, "v/%s", cases[i].file);
        write_text(scratch_path(name), cases[i].text);
        expect_folder_refused(folder, ".csv: ", cases[i].message);
    }
}

Test(values, refuses_incomplete_sets) {
    expect_folder_refused(scratch_path("none"), "none",
                          "No such file or directory; expected a folder of weights_1.csv");
    expect_folder_refused(scratch_folder, "", "no weights_1.csv and biases_1.csv there");
    const char *folder = write_folder();
    cr_assert_eq(unlink(scratch_path("v/biases_2.csv")), 0);
    expect_folder_refused(folder, "", "a file of layer 2, but not both weights_2.csv and biases_2.csv");
    folder = write_folder();
    cr_assert_eq(unlink(scratch_path("v/weights_1.csv")), 0);
    expect_folder_refused(folder, "", "a file of layer 1, but not both weights_1.csv and biases_1.csv");
    folder = write_folder();
    write_text(scratch_path("v/biases_4.csv"), "1\n");
    expect_folder_refused(folder, "", "a file of layer 4, but not both weights_3.csv and biases_3.csv");
    write_text(scratch_path("v/weights_4.csv"), "1\n");
    expect_folder_refused(folder, "", "a file of layer 4, but not both weights_3.csv and biases_3.csv");
    cr_assert_eq(mkdir(scratch_path("v/weights_3.csv"), 0777), 0);
    write_text(scratch_path("v/biases_3.csv"), "1\n");
    expect_folder_refused(folder, "weights_3.csv", "folder");
    for (int i = 1; i <= NETWORK_MAX_LAYERS + 1; i++)
        for (int kind = 0; kind < 2; kind++) {
            char name[64];
            snprintf(name, sizeof name, "v/%s_%d.csv", kind ? "weights" : "biases", i);
            remove(scratch_path(name));
            write_text(scratch_path(name), "1\n");
        }
    expect_folder_refused(folder, "", "more than 64 layers");
    cr_assert_eq(unlink(scratch_path("v/weights_65.csv")), 0);
    expect_folder_refused(folder, "", "a file of layer 65");
    cr_assert_eq(unlink(scratch_path("v/biases_65.csv")), 0);
    minnow_network_free(load(folder));
}

Test(values, unknown_instruction_set) {
    minnow_network *network = (minnow_network *)1;
    cr_assert_eq(minnow_network_load_values(write_folder(), "mmx", &network), MINNOW_ERROR_UNSUPPORTED);
    cr_assert_null(network);
}

/* ---- Replacing one set by another ---- */

Test(values, a_shallower_network_removes_leftovers) {
    minnow_network *deep = make_network((size_t[]){3, 4, 5, 6, 2}, 4, 1);
    minnow_network *shallow = make_network((size_t[]){3, 2}, 1, 2);
    save(deep, scratch_path("v"));
    write_text(scratch_path("v/weights_9.csv"), "1\n");
    save(shallow, scratch_path("v"));
    expect_holds(scratch_path("v"), shallow);
    save(deep, scratch_path("v"));
    expect_holds(scratch_path("v"), deep);
    minnow_network_free(deep);
    minnow_network_free(shallow);
}

static void expect_not_saved(const minnow_network *network, const char *folder, const char *message) {
    minnow_status status = minnow_network_save_values(network, folder);
    cr_assert_eq(status, MINNOW_ERROR_OUTPUT, "%s: status %d", message, (int)status);
    cr_assert_not_null(strstr(minnow_last_error(), folder), "%s", minnow_last_error());
    cr_assert_not_null(strstr(minnow_last_error(), message), "expected \"%s\" in: %s", message,
                       minnow_last_error());
}

Test(values, a_full_disk_leaves_the_old_set) {
    minnow_network *old = make_network((size_t[]){3, 4, 5, 2}, 3, 1);
    minnow_network *large = make_network((size_t[]){3, 4, 100, 30}, 3, 2);
    save(old, scratch_path("v"));
    signal(SIGXFSZ, SIG_IGN);
    /* weights_1, biases_1, weights_2 and biases_2 fit, weights_3 does not; then with only buffered writes. */
    static const rlim_t limits[] = {20000, 200, 0};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct rlimit limit = {limits[i], RLIM_INFINITY};
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        expect_not_saved(large, scratch_path("v"), "File too large");
        expect_holds(scratch_path("v"), old);
        expect_not_saved(large, scratch_path("new"), "File too large");
        cr_assert_eq(access(scratch_path("new"), F_OK), -1, "a folder was left behind");
    }
    minnow_network_free(old);
    minnow_network_free(large);
}

Test(values, a_read_only_folder_stays_as_it_is) {
    minnow_network *old = make_network((size_t[]){3, 4, 2}, 2, 1);
    minnow_network *new = make_network((size_t[]){3, 4, 2}, 2, 2);
    save(old, scratch_path("v"));
    cr_assert_eq(chmod(scratch_path("v"), 0555), 0);
    cr_assert_eq(chmod(scratch_folder, 0755), 0);
    scratch_drop_root();
    expect_not_saved(new, scratch_path("v"), "Permission denied");
    expect_holds(scratch_path("v"), old);
    minnow_network_free(old);
    minnow_network_free(new);
}

/* One file that cannot be replaced: none is. */
Test(values, one_bad_target_spares_the_others) {
    minnow_network *old = make_network((size_t[]){3, 4, 2}, 2, 1);
    minnow_network *new = make_network((size_t[]){3, 4, 2}, 2, 2);
    save(old, scratch_path("v"));
    cr_assert_eq(rename(scratch_path("v/biases_2.csv"), scratch_path("kept")), 0);
    cr_assert_eq(mkdir(scratch_path("v/biases_2.csv"), 0777), 0);
    expect_not_saved(new, scratch_path("v"), "biases_2.csv");
    cr_assert_eq(rmdir(scratch_path("v/biases_2.csv")), 0);
    cr_assert_eq(rename(scratch_path("kept"), scratch_path("v/biases_2.csv")), 0);
    expect_holds(scratch_path("v"), old);
    minnow_network_free(old);
    minnow_network_free(new);
}

Test(values, save_failures_name_what_failed) {
    minnow_network *network = make_network((size_t[]){3, 2}, 1, 1);
    expect_not_saved(network, scratch_path("none/v"), "cannot be created");
    write_text(scratch_path("file"), "");
    expect_not_saved(network, scratch_path("file"), "Not a directory");
    save(network, scratch_path("v"));
    cr_assert_eq(mkdir(scratch_path("v/weights_2.csv"), 0777), 0);
    expect_not_saved(network, scratch_path("v"), "weights_2.csv: left over from a deeper network");
    cr_assert_eq(rmdir(scratch_path("v/weights_2.csv")), 0);
    float biases[2] = {0.0f, -INFINITY};
    minnow_network_set_layer(network, 0, NULL, biases);
    expect_not_saved(network, scratch_path("new"),
                     "layer 0 of the network has parameters that are not finite");
    cr_assert_eq(access(scratch_path("new"), F_OK), -1);
    minnow_network_free(network);
}

/* The format holds no activation and no loss, so only its own can be written. */
Test(values, refuses_networks_it_cannot_describe) {
    minnow_network *network = make_network((size_t[]){3, 4, 2}, 2, 1);
    network->layers[0].activation = MINNOW_ACTIVATION_RELU;
    cr_assert_eq(minnow_network_save_values(network, scratch_path("v")), MINNOW_ERROR_ARGUMENT);
    cr_assert_not_null(strstr(minnow_last_error(), "this one has relu and quadratic"), "%s",
                       minnow_last_error());
    network->layers[0].activation = MINNOW_ACTIVATION_SIGMOID;
    network->loss = MINNOW_LOSS_SOFTMAX;
    cr_assert_eq(minnow_network_save_values(network, scratch_path("v")), MINNOW_ERROR_ARGUMENT);
    cr_assert_eq(access(scratch_path("v"), F_OK), -1);
    network->loss = MINNOW_LOSS_LOGISTIC; /* the same outputs as with the quadratic loss */
    save(network, scratch_path("v"));
    minnow_network_free(network);
    network = make_network((size_t[]){3, 2}, 1, 1);
    save(network, scratch_path("v"));
    expect_holds(scratch_path("v"), network);
    minnow_network_free(network);
}

static void *drain(void *context) {
    size_t size;
    free(scratch_read(context, &size));
    return NULL;
}

Test(values, a_device_or_pipe_among_the_files_is_written_through) {
    minnow_network *network = make_network((size_t[]){3, 2}, 1, 1);
    const char *pipe_path = scratch_path("v/weights_1.csv");
    cr_assert_eq(chmod(scratch_folder, 0777), 0);
    scratch_drop_root();
    cr_assert_eq(mkdir(scratch_path("v"), 0777), 0);
    cr_assert_eq(mkfifo(pipe_path, 0600), 0);
    cr_assert_eq(symlink("/dev/null", scratch_path("v/biases_1.csv")), 0);
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, drain, (void *)pipe_path), 0);
    save(network, scratch_path("v"));
    cr_assert_eq(pthread_join(thread, NULL), 0);
    struct stat info;
    cr_assert_eq(lstat(pipe_path, &info), 0);
    cr_assert(S_ISFIFO(info.st_mode));
    cr_assert_eq(lstat(scratch_path("v/biases_1.csv"), &info), 0);
    cr_assert(S_ISLNK(info.st_mode));
    cr_assert_eq(scratch_count(scratch_path("v")), 2);
    minnow_network_free(network);
}
