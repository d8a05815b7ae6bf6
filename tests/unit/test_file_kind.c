/* Files of the wrong kind, given wherever a file is opened: each is named as what it is. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>
#include "base/file_kind.h"
#include "data/inputs.h"
#include "model_samples.h"

TestSuite(file_kind, .init = scratch_make, .fini = scratch_remove);

#define BYTES(text) text, sizeof(text) - 1
#define ZIP(length, member)                                                                                  \
    BYTES("PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" length "\0\0\0" member)

/* The first bytes of a file of each kind, and words of what is said of it. The samples go over the table:
   their number must be that of the kinds. */
static const struct sample {
    enum file_kind kind;
    const char *bytes;
    size_t size;
    const char *name;  /* what it is said to be */
    const char *model; /* the advice when a model was wanted */
    const char *data;  /* and when data was */
} samples[] = {
    {FILE_KIND_PYTORCH, ZIP("\x10", "archive/data.pklPK"), "a PyTorch file (a zip archive)",
     "save it with safetensors.torch.save_file(model.state_dict(), \"net.safetensors\")", "numpy.savetxt"},
    {FILE_KIND_NPZ, ZIP("\x08", "arr0.npyrest"), "a NumPy archive (.npz)", "layers.0.weight.npy",
     "numpy.save("},
    {FILE_KIND_KERAS, ZIP("\x0d", "metadata.json{}"), "a Keras model", "kernel, transposed",
     "it holds a network"},
    {FILE_KIND_OFFICE, ZIP("\x13", "[Content_Types].xmlPK"), "a spreadsheet", "a safetensors file",
     "save the sheet as CSV"},
    {FILE_KIND_ZIP, ZIP("\x05", "a.txtab"), "a zip archive", "unpack it", "unpack it"},
    {FILE_KIND_PICKLE, BYTES("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."),
     "a Python pickle", "safetensors.torch.save_file", "can run code"},
    {FILE_KIND_HDF5, BYTES("\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0"), "an HDF5 file", "kernel, transposed",
     "h5py"},
    {FILE_KIND_GGUF, BYTES("GGUF\3\0\0\0\1\0\0\0\0\0\0\0"), "a GGUF file", "cannot be read",
     "it holds a network"},
    {FILE_KIND_NPY, BYTES("\x93NUMPY\1\0\x76\0{'descr': '<f4'"), "a .npy file", "give the folder",
     "x_train.npy"},
    {FILE_KIND_PNG, BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "a PNG image", "a safetensors file",
     "a folder that has one for each class"},
    {FILE_KIND_JPEG, BYTES("\xff\xd8\xff\xe0\0\x10JFIF\0"), "a JPEG image", "a safetensors file",
     "a folder that has one for each class"},
    {FILE_KIND_GZIP, BYTES("\x1f\x8b\x08\0\0\0\0\0\0\x03rest"), "a gzip-compressed file", "gzip -d",
     "gzip -d"},
    {FILE_KIND_IDX, BYTES("\0\0\x08\3\0\0\0\2\0\0\0\2\0\0\0\2abcdefgh"), "an IDX file", "a safetensors file",
     "train-images-idx3-ubyte"},
    {FILE_KIND_SAFETENSORS, BYTES("\x40\0\0\0\0\0\0\0{\"layers.0.weight\":{\"dtype\":\"F32\""),
     "a safetensors file", "give the file itself", "it holds a network"},
    {FILE_KIND_ONNX,
     BYTES("\x08\x07\x12\x07pytorch\x1a\x03"
           "2.0"),
     "an ONNX model", "ONNX is written, not read", "it holds a network"},
    {FILE_KIND_GIT_LFS, BYTES("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"),
     "a Git LFS pointer", "git lfs pull", "git lfs pull"},
    {FILE_KIND_HTML, BYTES("\r\n<!DOCTYPE html>\n<html><head><title>Sign in</title>"), "an HTML page",
     "direct link", "direct link"},
    {FILE_KIND_JSON, BYTES("{\n  \"architectures\": [\"MLP\"]\n}\n"), "JSON text",
     ".safetensors file instead", "IDX files"},
    {FILE_KIND_CSV, BYTES("0.0,0.25,-1e-3\n0.5,0.5,1\n"), "rows of comma-separated values", "weights_1.csv",
     "train_images.csv"},
    {FILE_KIND_TEXT, BYTES("label,pixel1,pixel2\nd\xc3\xa9j\xc3\xa0 vu\n"), "plain text",
     "a safetensors file", "IDX files"},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };
_Static_assert((int)SAMPLES == (int)FILE_KIND_UNKNOWN, "each kind has a sample");

static void expect_said(const struct sample *sample, const char *path, const char *advice) {
    const char *error = minnow_last_error();
    char is[128];
    snprintf(is, sizeof is, "%s: is %s", path, sample->name);
    cr_assert_eq(strncmp(error, is, strlen(is)), 0, "expected \"%s\" in: %s", is, error);
    cr_assert_not_null(strstr(error, advice), "expected \"%s\" in: %s", advice, error);
    cr_assert_null(strchr(error, '\n'));
}

Test(file_kind, each_is_recognised) {
    for (size_t i = 0; i < SAMPLES; i++) {
        cr_assert_eq(samples[i].kind, i);
        cr_assert_eq(file_kind_of((const uint8_t *)samples[i].bytes, samples[i].size), samples[i].kind, "%s",
                     samples[i].name);
    }
}

/* Every beginning of every sample, in a block of its own size: nothing beyond it is read. */
Test(file_kind, short_files_are_not_read_past_their_end) {
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t size = 0; size <= samples[i].size; size++) {
            uint8_t *bytes = malloc(size + (size == 0));
            memcpy(bytes, samples[i].bytes, size);
            file_kind_of(bytes, size);
            free(bytes);
        }
}

Test(file_kind, other_bytes_are_of_no_kind) {
    cr_assert_eq(file_kind_of(NULL, 0), FILE_KIND_UNKNOWN);
    cr_assert_eq(file_kind_of((const uint8_t *)BYTES("\1\2\3\4\5")), FILE_KIND_UNKNOWN);
    cr_assert_eq(file_kind_of((const uint8_t *)BYTES("\xff\xfe"
                                                     "a\0b\0")),
                 FILE_KIND_UNKNOWN);
    cr_assert_eq(file_kind_check("f", (const uint8_t *)BYTES("\1\2\3\4\5"), FILE_KIND_CSV, FILE_AS_DATA),
                 MINNOW_OK);
}

/* Through the readers of model files. */
Test(file_kind, a_model_file_of_another_kind) {
    minnow_foreign_config config;
    minnow_foreign_config_init(&config, sizeof config);
    const char *path = scratch_path("net");
    char given[PATH_MAX + 256];
    snprintf(given, sizeof given, "%s", path);
    for (size_t i = 0; i < SAMPLES; i++) {
        minnow_network *network;
        scratch_write(given, samples[i].bytes, samples[i].size);
        if (samples[i].kind == FILE_KIND_SAFETENSORS) /* cut short, which its own reader says */
            continue;
        cr_assert_eq(minnow_network_load(given, NULL, &network), MINNOW_ERROR_INPUT);
        expect_said(&samples[i], given, samples[i].model);
        cr_assert_not_null(strstr(minnow_last_error(), "not a safetensors file"));
        cr_assert_eq(minnow_network_load_foreign(given, &config, &network), MINNOW_ERROR_INPUT);
        expect_said(&samples[i], given, samples[i].model);
    }
}

/* Through the readers of folders: as a file in the folder, and as what was given for the folder itself. */
Test(file_kind, a_folder_of_another_kind) {
    minnow_foreign_config config;
    minnow_foreign_config_init(&config, sizeof config);
    minnow_network *small = make_small(), *network;
    char arrays[PATH_MAX + 256], weight[PATH_MAX + 256], file[PATH_MAX + 256];
    snprintf(arrays, sizeof arrays, "%s", scratch_path("arrays"));
    snprintf(weight, sizeof weight, "%s", scratch_path("arrays/layers.0.weight.npy"));
    snprintf(file, sizeof file, "%s", scratch_path("file"));
    cr_assert_eq(minnow_network_save_npy(small, arrays), MINNOW_OK);
    for (size_t i = 0; i < SAMPLES; i++) {
        scratch_write(weight, samples[i].bytes, samples[i].size);
        scratch_write(file, samples[i].bytes, samples[i].size);
        cr_assert_eq(minnow_network_load_npy(arrays, &config, &network), MINNOW_ERROR_INPUT);
        if (samples[i].kind != FILE_KIND_NPY)
            expect_said(&samples[i], weight, samples[i].model);
        cr_assert_eq(minnow_network_load_npy(file, &config, &network), MINNOW_ERROR_INPUT);
        expect_said(&samples[i], file, "expected a folder of layers.0.weight.npy");
        cr_assert_eq(minnow_network_load_values(file, NULL, &network), MINNOW_ERROR_INPUT);
        expect_said(&samples[i], file, "expected a folder of weights_1.csv");
    }
    minnow_network_free(small);
}

Test(file_kind, values_of_another_kind) {
    char folder[PATH_MAX + 256], weights[PATH_MAX + 256];
    snprintf(folder, sizeof folder, "%s", scratch_path("values"));
    snprintf(weights, sizeof weights, "%s", scratch_path("values/weights_1.csv"));
    minnow_network *network =
        make_network((size_t[]){2, 1}, 1, MINNOW_ACTIVATION_SIGMOID, MINNOW_LOSS_QUADRATIC, 1);
    cr_assert_eq(minnow_network_save_values(network, folder), MINNOW_OK);
    minnow_network_free(network);
    for (size_t i = 0; i < SAMPLES; i++) {
        scratch_write(weights, samples[i].bytes, samples[i].size);
        cr_assert_eq(minnow_network_load_values(folder, NULL, &network), MINNOW_ERROR_INPUT);
        bool is_other = samples[i].kind < FILE_KIND_JSON;
        if (is_other)
            expect_said(&samples[i], weights, samples[i].model);
        else if (samples[i].kind != FILE_KIND_CSV)
            cr_assert_not_null(strstr(minnow_last_error(), "line 1: number 1: expected a decimal number"),
                               "%s", minnow_last_error());
    }
}

Test(file_kind, a_folder_where_a_file_is_wanted) {
    minnow_network *network;
    cr_assert_eq(minnow_network_load(scratch_folder, NULL, &network), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "is a folder, expected a file"), "%s",
                       minnow_last_error());
}

/* ---- Data ---- */

/* Opens the folder, which holds labels that are right and images that are the sample. */
static void expect_refused_images(const struct sample *sample, const char *folder, const char *images,
                                  const char *expected) {
    char path[2 * PATH_MAX];
    minnow_dataset *dataset;
    snprintf(path, sizeof path, "%s/%s", folder, images);
    scratch_write(path, sample->bytes, sample->size);
    cr_assert_eq(minnow_dataset_open(folder, MINNOW_SUBSET_TRAIN, 2, &dataset), MINNOW_ERROR_INPUT);
    cr_assert_null(dataset);
    if (expected == NULL)
        expect_said(sample, path, sample->data);
    else
        cr_assert_not_null(strstr(minnow_last_error(), expected), "%s", minnow_last_error());
}

static void make_folder(const char *name, const char *labels, const void *bytes, size_t size,
                        char path[PATH_MAX]) {
    char file[2 * PATH_MAX];
    snprintf(path, PATH_MAX, "%s", scratch_path(name));
    cr_assert_eq(mkdir(path, 0700), 0);
    snprintf(file, sizeof file, "%s/%s", path, labels);
    scratch_write(file, bytes, size);
}

/* Compressed files are expanded, so gzip is no other kind; damaged, its own reader says what is wrong. */
Test(file_kind, images_of_another_kind) {
    char idx[PATH_MAX], csv[PATH_MAX];
    make_folder("idx", "train-labels-idx1-ubyte", BYTES("\0\0\x08\1\0\0\0\2\0\1"), idx);
    make_folder("csv", "train_labels.csv", BYTES("1,0\n0,1\n"), csv);
    for (size_t i = 0; i < SAMPLES; i++) {
        enum file_kind kind = samples[i].kind;
        if (kind != FILE_KIND_IDX)
            expect_refused_images(&samples[i], idx, "train-images-idx3-ubyte",
                                  kind == FILE_KIND_GZIP ? "not a gzip file" : NULL);
        if (kind != FILE_KIND_CSV)
            expect_refused_images(&samples[i], csv, "train_images.csv",
                                  kind == FILE_KIND_JSON || kind == FILE_KIND_TEXT
                                      ? "line 1, value 1: expected a finite number"
                                      : NULL);
    }
}

Test(file_kind, a_file_for_a_folder_of_data) {
    char file[PATH_MAX];
    snprintf(file, sizeof file, "%s", scratch_path("file"));
    for (size_t i = 0; i < SAMPLES; i++) {
        minnow_dataset *dataset;
        scratch_write(file, samples[i].bytes, samples[i].size);
        cr_assert_eq(minnow_dataset_open(file, MINNOW_SUBSET_TRAIN, 10, &dataset), MINNOW_ERROR_INPUT);
        cr_assert_null(dataset);
        if (samples[i].kind == FILE_KIND_NPZ || samples[i].kind == FILE_KIND_ZIP) {
            /* Archives are read, but these are no whole ones; or the build cannot read any. */
            cr_assert_not_null(strstr(minnow_last_error(), "archive"), "%s", minnow_last_error());
            continue;
        }
        expect_said(&samples[i], file, samples[i].data);
        cr_assert_not_null(
            strstr(minnow_last_error(), "expected a table, or a folder or archive of data files"));
    }
}

/* The error of opening the bytes as samples to predict from and reading the first. */
static minnow_status read_inputs(const void *bytes, size_t size) {
    struct byte_stream stream;
    struct inputs *inputs;
    float values[8];
    size_t count;
    stream_from_memory("photo", bytes, size, &stream);
    minnow_status status = inputs_open(&stream, 8, 1, &inputs);
    if (status == MINNOW_OK)
        status = inputs_read(inputs, 1, values, &count);
    inputs_close(inputs);
    return status;
}

Test(file_kind, inputs_of_another_kind) {
    for (size_t i = 0; i < SAMPLES; i++) {
        enum file_kind kind = samples[i].kind;
        if (kind == FILE_KIND_IDX || kind == FILE_KIND_CSV)
            continue;
        if (kind == FILE_KIND_PNG || kind == FILE_KIND_JPEG) {
            /* Pictures are read, where the network says what they become. */
            cr_assert_eq(read_inputs(samples[i].bytes, samples[i].size), MINNOW_ERROR_INPUT);
            cr_assert_not_null(strstr(minnow_last_error(), "is a picture, and"), "%s", minnow_last_error());
            continue;
        }
        cr_assert_eq(read_inputs(samples[i].bytes, samples[i].size), MINNOW_ERROR_INPUT);
        if (kind == FILE_KIND_GZIP)
            cr_assert_not_null(strstr(minnow_last_error(), "not a gzip file"), "%s", minnow_last_error());
        else if (kind == FILE_KIND_NPY)
            cr_assert_not_null(strstr(minnow_last_error(), "cut short"), "%s", minnow_last_error());
        else if (kind == FILE_KIND_JSON || kind == FILE_KIND_TEXT)
            cr_assert_not_null(strstr(minnow_last_error(), "line 1, value 1: expected a finite number"));
        else
            expect_said(&samples[i], "photo", samples[i].data);
    }
}

/* Beyond the first line, a file of numbers is one of numbers. */
Test(file_kind, only_the_first_line_tells_the_kind) {
    cr_assert_eq(read_inputs(BYTES("1,2,3,4,5,6,7,<html>\n")), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "line 1, value 8: expected a finite number"));
}

/* So many zeros without a line end that no line of numbers has as many; and a header of safetensors whose
   length begins with a byte 0, as an IDX file does. */
Test(file_kind, inputs_that_look_like_data_at_first) {
    enum { SIZE = 5 << 20 };
    uint8_t *archive = calloc(1, SIZE);
    cr_assert_not_null(archive);
    for (size_t i = 0; i < SAMPLES; i++)
        if (samples[i].kind == FILE_KIND_NPZ)
            memcpy(archive, samples[i].bytes, samples[i].size);
    cr_assert_eq(read_inputs(archive, SIZE), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "photo: is a NumPy archive (.npz)"), "%s",
                       minnow_last_error());
    free(archive);

    cr_assert_eq(read_inputs(BYTES("\0\1\0\0\0\0\0\0{\"layers.0.weight\"")), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "photo: is a safetensors file"), "%s",
                       minnow_last_error());
}
