/* Model files on disk: what is saved is loaded to the same bits, and a failure leaves what was there. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include "net/network.h"
#include "model_samples.h"

TestSuite(model, .init = scratch_make, .fini = scratch_remove);

static minnow_network *load(const char *path) {
    minnow_network *network;
    cr_assert_eq(minnow_network_load(path, "scalar", &network), MINNOW_OK, "%s", minnow_last_error());
    return network;
}

static void expect_same_files(const char *a, const char *b) {
    size_t size_a, size_b;
    uint8_t *bytes_a = scratch_read(a, &size_a), *bytes_b = scratch_read(b, &size_b);
    cr_assert_eq(size_a, size_b);
    cr_assert_arr_eq(bytes_a, bytes_b, size_a);
    free(bytes_a);
    free(bytes_b);
}

/* ---- Round trips ---- */

static void round_trip(const size_t *sizes, size_t layers, minnow_activation activation, minnow_loss loss) {
    minnow_network *network = make_network(sizes, layers, activation, loss, 3);
    save(network, scratch_path("a"));
    save(network, scratch_path("b"));
    expect_same_files(scratch_path("a"), scratch_path("b"));
    minnow_network *loaded = load(scratch_path("a"));
    cr_assert_eq(minnow_network_layer_count(loaded), layers);
    for (size_t i = 0; i <= layers; i++)
        cr_assert_eq(minnow_network_layer_size(loaded, i), sizes[i]);
    cr_assert_eq(minnow_network_activation(loaded, 0), layers > 1 ? activation : MINNOW_ACTIVATION_IDENTITY);
    cr_assert_eq(minnow_network_loss(loaded), loss);
    cr_assert_eq(minnow_network_params_crc32(loaded), minnow_network_params_crc32(network));
    save(loaded, scratch_path("b"));
    expect_same_files(scratch_path("a"), scratch_path("b"));
    cr_assert_eq(scratch_count(scratch_folder), 2);
    minnow_network_free(loaded);
    minnow_network_free(network);
}

Test(model, round_trips) {
    for (minnow_activation activation = MINNOW_ACTIVATION_RELU; activation < activation_row_count;
         activation++)
        for (minnow_loss loss = MINNOW_LOSS_SOFTMAX; loss < loss_row_count; loss++)
            round_trip((size_t[]){5, 17, 3}, 2, activation, loss);
    round_trip((size_t[]){1, 1}, 1, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX);
    round_trip((size_t[]){784, 128, 64, 10}, 3, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX);
    round_trip((size_t[]){15, 16, 31, 33, 65536, 1, 65536, 2}, 7, MINNOW_ACTIVATION_SIGMOID,
               MINNOW_LOSS_QUADRATIC);
    size_t deep[NETWORK_MAX_LAYERS + 1];
    for (size_t i = 0; i <= NETWORK_MAX_LAYERS; i++)
        deep[i] = 1 + i % 5;
    round_trip(deep, NETWORK_MAX_LAYERS, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX);
}

Test(model, unusual_floats_keep_their_bits) {
    minnow_network *network = make_small();
    float weights[12], biases[4] = {-0.0f, 0x1p-149f, -0x1.fffffcp-127f, 0x1.fffffep127f};
    for (int i = 0; i < 12; i++)
        weights[i] = biases[i % 4];
    minnow_network_set_layer(network, 0, weights, biases);
    save(network, scratch_path("a"));
    minnow_network *loaded = load(scratch_path("a"));
    float weights_back[12], biases_back[4];
    minnow_network_get_layer(loaded, 0, weights_back, biases_back);
    cr_assert_arr_eq(weights_back, weights, sizeof weights);
    cr_assert_arr_eq(biases_back, biases, sizeof biases);
    minnow_network_free(loaded);
    minnow_network_free(network);
}

/* ---- Paths ---- */

static void expect_not_loaded(const char *path, const char *isa, minnow_status expected,
                              const char *message) {
    minnow_network *network = (minnow_network *)1;
    cr_assert_eq(minnow_network_load(path, isa, &network), expected, "%s", minnow_last_error());
    cr_assert_null(network);
    cr_assert_not_null(strstr(minnow_last_error(), message), "%s", minnow_last_error());
}

Test(model, load_failures_name_the_file) {
    minnow_network *network = make_small();
    save(network, scratch_path("small"));
    minnow_network_free(network);
    expect_not_loaded(scratch_path("none"), "scalar", MINNOW_ERROR_INPUT, "/none: ");
    expect_not_loaded(scratch_folder, "scalar", MINNOW_ERROR_INPUT, scratch_folder);
    expect_not_loaded("/dev/null", "scalar", MINNOW_ERROR_INPUT, "/dev/null: 0 bytes");
    expect_not_loaded(scratch_path("small"), "mmx", MINNOW_ERROR_UNSUPPORTED, "mmx");
}

static void expect_not_saved(const minnow_network *network, const char *path, const char *message) {
    cr_assert_eq(minnow_network_save(network, path), MINNOW_ERROR_OUTPUT);
    cr_assert_not_null(strstr(minnow_last_error(), path), "%s", minnow_last_error());
    cr_assert_not_null(strstr(minnow_last_error(), message), "%s", minnow_last_error());
}

Test(model, save_failures_leave_nothing) {
    minnow_network *network = make_small();
    scratch_write(scratch_path("old"), "old", 3);
    cr_assert_eq(chmod(scratch_path("old"), 0444), 0);
    cr_assert_eq(chmod(scratch_folder, 0555), 0);
    scratch_drop_root();
    expect_not_saved(network, scratch_path("none/file"), "No such file");
    expect_not_saved(network, scratch_folder, "directory");
    expect_not_saved(network, "/dev/full", "No space left");
    expect_not_saved(network, scratch_path("new"), "Permission denied");
    expect_not_saved(network, scratch_path("old"), "Permission denied");
    cr_assert_eq(scratch_count(scratch_folder), 1);
    minnow_network_free(network);
}

Test(model, a_full_disk_leaves_the_old_file) {
    minnow_network *small = make_small();
    minnow_network *large =
        make_network((size_t[]){300, 300}, 1, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, 1);
    save(small, scratch_path("model"));
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {100000, 100000};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    expect_not_saved(large, scratch_path("model"), "File too large");
    cr_assert_eq(scratch_count(scratch_folder), 1);
    minnow_network *loaded = load(scratch_path("model"));
    cr_assert_eq(minnow_network_params_crc32(loaded), minnow_network_params_crc32(small));
    minnow_network_free(loaded);
    minnow_network_free(large);
    minnow_network_free(small);
}

Test(model, does_not_replace_a_good_network_by_one_that_diverged) {
    minnow_network *network = make_small();
    save(network, scratch_path("model"));
    float biases[2] = {0.0f, NAN};
    minnow_network_set_layer(network, 1, NULL, biases);
    expect_not_saved(network, scratch_path("model"),
                     "layer 1 of the network has parameters that are not finite");
    float weights[12] = {[11] = INFINITY};
    minnow_network_set_layer(network, 0, weights, NULL);
    expect_not_saved(network, scratch_path("model"), "layer 0 of the network");
    minnow_network_free(load(scratch_path("model")));
    minnow_network_free(network);
}

Test(model, a_device_is_written_through) {
    minnow_network *network = make_small();
    scratch_drop_root();
    save(network, "/dev/null");
    struct stat info;
    cr_assert_eq(stat("/dev/null", &info), 0);
    cr_assert(S_ISCHR(info.st_mode));
    minnow_network_free(network);
}

struct pipe_reader {
    const char *path;
    uint8_t *bytes;
    size_t size;
};

static void *read_pipe(void *context) {
    struct pipe_reader *reader = context;
    reader->bytes = scratch_read(reader->path, &reader->size);
    return NULL;
}

Test(model, a_pipe_is_written_through) {
    minnow_network *network =
        make_network((size_t[]){200, 200}, 1, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, 1);
    save(network, scratch_path("file"));
    struct pipe_reader reader = {.path = scratch_path("pipe")};
    cr_assert_eq(mkfifo(reader.path, 0600), 0);
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, read_pipe, &reader), 0);
    save(network, reader.path);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    struct stat info;
    cr_assert_eq(lstat(reader.path, &info), 0);
    cr_assert(S_ISFIFO(info.st_mode));
    size_t size;
    uint8_t *bytes = scratch_read(scratch_path("file"), &size);
    cr_assert_eq(reader.size, size);
    cr_assert_arr_eq(reader.bytes, bytes, size);
    cr_assert_eq(scratch_count(scratch_folder), 2);
    free(bytes);
    free(reader.bytes);
    minnow_network_free(network);
}
