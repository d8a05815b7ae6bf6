/* NumPy's array files: what is written is read to the same bits, each variant of the format is understood,
   and everything else is refused by a message that says why. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include "support/networks.h"
#include "base/array.h"
#include "model/npy/npy.h"
#include "model_samples.h"

TestSuite(npy, .init = scratch_make, .fini = scratch_remove);

/* Known answers of IEEE 754: the numbers of Wikipedia's article "Half-precision floating-point format". */
Test(npy, halves_are_read) {
    static const struct {
        uint16_t bits;
        double number;
    } rows[] = {{0x0000, 0.0},        {0x0001, 0x1p-24},  {0x03ff, 1023 * 0x1p-24}, {0x0400, 0x1p-14},
                {0x3555, 0x1.554p-2}, {0x3c00, 1.0},      {0x3c01, 1.0009765625},   {0x7bff, 65504.0},
                {0xc000, -2.0},       {0x7c00, INFINITY}, {0xfc00, -INFINITY}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[2] = {(uint8_t)rows[i].bits, (uint8_t)(rows[i].bits >> 8)};
        struct array array = {.type = ARRAY_FLOAT16, .rank = 1, .shape = {1}, .data = bytes};
        cr_assert_eq(array_element(&array, 0), rows[i].number, "%04x", rows[i].bits);
    }
    struct array array = {.type = ARRAY_FLOAT16,
                          .big_endian = true,
                          .rank = 1,
                          .shape = {1},
                          .data = (const uint8_t *)"\x7e\x01"};
    cr_assert(isnan(array_element(&array, 0)));
}

/* ---- One file in memory ---- */

struct bytes {
    uint8_t data[1024];
    size_t size;
};

/* magic, version, the header's length, the header, and `follow` bytes that count from 1. */
static struct bytes assemble(unsigned major, const char *header, size_t follow) {
    struct bytes bytes = {.data = {0x93, 'N', 'U', 'M', 'P', 'Y', (uint8_t)major, 0}, .size = 8};
    size_t length = strlen(header), width = major == 1 ? 2 : 4;
    for (size_t i = 0; i < width; i++)
        bytes.data[bytes.size++] = (uint8_t)(length >> (8 * i));
    memcpy(bytes.data + bytes.size, header, length);
    bytes.size += length;
    for (size_t i = 0; i < follow; i++)
        bytes.data[bytes.size++] = (uint8_t)(i + 1);
    return bytes;
}

/* From a block of exactly the file's size, so that a sanitizer sees any step outside. */
static minnow_status parse(const uint8_t *data, size_t size, struct model_array *out) {
    uint8_t *exact = malloc(size ? size : 1);
    cr_assert_not_null(exact);
    memcpy(exact, data, size);
    minnow_status status = npy_parse("F.npy", exact, size, out);
    if (status == MINNOW_OK)
        cr_assert_eq(*out->data, 1); /* where `follow` begins */
    free(exact);
    return status;
}

static struct model_array expect_read(unsigned major, const char *header, size_t follow) {
    struct bytes bytes = assemble(major, header, follow);
    struct model_array array;
    cr_assert_eq(parse(bytes.data, bytes.size, &array), MINNOW_OK, "%s: %s", header, minnow_last_error());
    return array;
}

static void expect_refused_bytes(const uint8_t *data, size_t size, const char *message) {
    struct model_array array;
    cr_assert_eq(parse(data, size, &array), MINNOW_ERROR_INPUT, "%s", message);
    cr_assert_null(array.data);
    cr_assert_eq(strncmp(minnow_last_error(), "F.npy: ", 7), 0, "%s", minnow_last_error());
    cr_assert_not_null(strstr(minnow_last_error(), message), "\"%s\" in: %s", message, minnow_last_error());
}

static void expect_refused(const char *header, size_t follow, const char *message) {
    struct bytes bytes = assemble(1, header, follow);
    expect_refused_bytes(bytes.data, bytes.size, message);
}

Test(npy, variants_of_the_header) {
    for (unsigned major = 1; major <= 3; major++) {
        struct model_array a =
            expect_read(major, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   \n", 24);
        cr_assert(a.rank == 2 && a.shape[0] == 2 && a.shape[1] == 3);
        cr_assert(!a.is_double && !a.big_endian && !a.fortran_order);
    }
    struct model_array a = expect_read(1, "{\"shape\":(3,),\"descr\":\">f8\",'fortran_order':True}", 24);
    cr_assert(a.rank == 1 && a.shape[0] == 3 && a.is_double && a.big_endian && a.fortran_order);
    a = expect_read(1, "  { 'shape' : ( 2L , 1L , ) , 'fortran_order' : False , 'descr' : '>f4' , } \n\n", 8);
    cr_assert(a.rank == 2 && a.shape[0] == 2 && a.shape[1] == 1 && !a.is_double && a.big_endian);
    a = expect_read(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (), }", 8);
    cr_assert_eq(a.rank, 0);
    a = expect_read(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,2), }", 8);
    cr_assert_eq(a.rank, 8);
}

#define TYPE(descr) "{'descr': " descr ", 'fortran_order': False, 'shape': (2,), }"
#define SHAPE(shape) "{'descr': '<f4', 'fortran_order': False, 'shape': " shape ", }"

Test(npy, refuses_types_that_are_not_floats) {
    expect_refused(TYPE("'|O'"), 16, "Python objects (|O): reading those can run code");
    expect_refused(TYPE("'O'"), 16, "Python objects");
    expect_refused(TYPE("'<i4'"), 8, "type \"<i4\"");
    expect_refused(TYPE("'<f2'"), 4, "type \"<f2\"");
    expect_refused(TYPE("'|f4'"), 8, "type \"|f4\"");
    expect_refused(TYPE("'f4'"), 8, "type \"f4\"");
    expect_refused(TYPE("''"), 8, "type \"\"");
    expect_refused(TYPE("'<f4<f4<f4<f4<f4<f4<f4<f4'"), 8, "type \"<f4<f4");
    expect_refused(TYPE("[('a', '<f4')]"), 8, "records");
    expect_refused(TYPE("4"), 8, "expected a type in quotes, found \"4, 'fortran_order'");
    expect_refused(TYPE("'<f4"), 8, "expected");
}

Test(npy, refuses_shapes) {
    expect_refused(SHAPE("(2"), 8, "expected a size");
    expect_refused(SHAPE("2"), 8, "expected a shape in parentheses");
    expect_refused(SHAPE("(2)"), 8, "a number, not a tuple");
    expect_refused(SHAPE("(2 1)"), 8, "expected a comma or ')'");
    expect_refused(SHAPE("(,)"), 8, "expected a size");
    expect_refused(SHAPE("(-2,)"), 8, "expected a size, found \"-2,)");
    expect_refused(SHAPE("(2.0,)"), 8, "expected a comma or ')'");
    expect_refused(SHAPE("(18446744073709551616,)"), 8, "larger than any memory");
    expect_refused(SHAPE("(18446744073709551615,)"), 8, "larger than any memory");
    expect_refused(SHAPE("(4294967296, 4294967296)"), 8, "larger than any memory");
    expect_refused(SHAPE("(1,1,1,1,1,1,1,1,2)"), 8, "more than 8 dimensions");
    expect_refused(SHAPE("(2, 1)"), 7, "takes 8 bytes, but 7 follow the header: the file is cut short");
    expect_refused(SHAPE("(2, 1)"), 9, "takes 8 bytes, but 9 follow");
    expect_refused(SHAPE("(2, 0)"), 8, "takes 0 bytes, but 8 follow");
}

Test(npy, refuses_other_dictionaries) {
    expect_refused("", 0, "expected '{'");
    expect_refused("{}", 0, "does not give 'descr'");
    expect_refused("{'descr': '<f4'}", 0, "does not give 'fortran_order'");
    expect_refused("{'descr': '<f4', 'fortran_order': True}", 0, "does not give 'shape'");
    expect_refused("{'descr': '<f4', 'descr': '<f4'}", 0, "gives 'descr' twice");
    expect_refused("{'descr': '<f4' 'shape': ()}", 0, "expected a comma or '}'");
    expect_refused("{'descr' '<f4'}", 0, "expected ':'");
    expect_refused("{'fortran_order': 0}", 0, "expected True or False");
    expect_refused("{'more': 0}", 0, "has a key 'more'");
    expect_refused("{descr: 0}", 0, "expected a key in quotes");
    expect_refused("{'descr", 0, "expected a key in quotes");
    expect_refused("{'descr': '<f4',", 0, "expected a key in quotes");
    expect_refused(SHAPE("()") " x", 4, "expected spaces to the end");
    expect_refused("(1, 2)", 0, "expected '{'");
}

Test(npy, refuses_what_is_before_the_header) {
    struct bytes bytes = assemble(1, SHAPE("(2,)"), 8);
    for (size_t size = 0; size < bytes.size; size++)
        expect_refused_bytes(bytes.data, size, "");
    bytes.data[0] = 'x';
    expect_refused_bytes(bytes.data, bytes.size, "not a .npy file");
    bytes = assemble(4, SHAPE("(2,)"), 8);
    expect_refused_bytes(bytes.data, bytes.size, "version 4.0");
    bytes = assemble(1, SHAPE("(2,)"), 8);
    bytes.data[7] = 1;
    expect_refused_bytes(bytes.data, bytes.size, "version 1.1");
    bytes = assemble(1, SHAPE("(2,)"), 8);
    bytes.data[9] = 0x10;
    expect_refused_bytes(bytes.data, bytes.size, "cut short: a header of 41");
    bytes = assemble(2, SHAPE("(2,)"), 8);
    memset(bytes.data + 8, 0xff, 4);
    expect_refused_bytes(bytes.data, bytes.size, "a header of 4294967295 bytes; at most 65536");
    expect_refused_bytes(bytes.data, 11, "in the header's length");
}

/* ---- Folders ---- */

static minnow_status load(const char *folder, minnow_network **out) {
    *out = (minnow_network *)1;
    return minnow_network_load_npy(folder,
                                   foreign_form(MINNOW_ACTIVATION_TANH, MINNOW_LOSS_LOGISTIC, "scalar"), out);
}

static void expect_not_loaded(const char *folder, const char *message) {
    minnow_network *network;
    cr_assert_eq(load(folder, &network), MINNOW_ERROR_INPUT, "%s", message);
    cr_assert_null(network);
    cr_assert_not_null(strstr(minnow_last_error(), message), "\"%s\" in: %s", message, minnow_last_error());
}

static void save_folder(const minnow_network *network, const char *folder) {
    cr_assert_eq(minnow_network_save_npy(network, folder), MINNOW_OK, "%s", minnow_last_error());
}

Test(npy, round_trips) {
    const size_t deep[] = {17, 16, 33, 1, 5};
    minnow_network *network = make_network(deep, 4, MINNOW_ACTIVATION_TANH, MINNOW_LOSS_LOGISTIC, 5), *loaded;
    save_folder(network, scratch_path("arrays"));
    cr_assert_eq(scratch_count(scratch_path("arrays")), 8);
    cr_assert_eq(load(scratch_path("arrays"), &loaded), MINNOW_OK, "%s", minnow_last_error());
    for (size_t i = 0; i <= 4; i++)
        cr_assert_eq(minnow_network_layer_size(loaded, i), deep[i]);
    cr_assert_eq(minnow_network_params_crc32(loaded), minnow_network_params_crc32(network));
    cr_assert_eq(minnow_network_activation(loaded, 0), MINNOW_ACTIVATION_TANH);
    cr_assert_eq(minnow_network_loss(loaded), MINNOW_LOSS_LOGISTIC);
    minnow_network_free(loaded);
    minnow_network *small = make_small();
    save_folder(small, scratch_path("arrays"));
    cr_assert_eq(scratch_count(scratch_path("arrays")), 4, "the deeper network's files are gone");
    size_t size;
    uint8_t *bytes = scratch_read(scratch_path("arrays/layers.0.weight.npy"), &size);
    cr_assert_eq(size, 128 + 12 * 4);
    static const char header[] =
        "\x93NUMPY\1\0\x76\0{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }";
    cr_assert_arr_eq(bytes, header, sizeof header - 1);
    cr_assert_eq(bytes[127], '\n');
    free(bytes);
    minnow_network_free(small);
    minnow_network_free(network);
}

/* weight [[1, 2, 3], [4, 5, 6]] and bias [7, 8] in each type and order. */
Test(npy, every_layout_is_the_same_network) {
    static const float rows[] = {1, 2, 3, 4, 5, 6}, columns[] = {1, 4, 2, 5, 3, 6}, biases[] = {7, 8};
    cr_assert_eq(mkdir(scratch_path("a"), 0700), 0);
    for (int variant = 0; variant < 8; variant++) {
        bool fortran = variant & 1, is_double = variant & 2, big = variant & 4;
        for (int bias = 0; bias < 2; bias++) {
            char header[128];
            snprintf(header, sizeof header, "{'descr': '%cf%c', 'fortran_order': %s, 'shape': %s, }",
                     big ? '>' : '<', is_double ? '8' : '4', fortran ? "True" : "False",
                     bias ? "(2,)" : "(2, 3)");
            struct bytes file = assemble(1 + (unsigned)variant % 3, header, 0);
            for (int i = 0; i < (bias ? 2 : 6); i++) {
                float single = bias ? biases[i] : fortran ? columns[i] : rows[i];
                double wide = (double)single;
                uint64_t bits = 0;
                uint32_t single_bits;
                memcpy(&single_bits, &single, 4);
                if (is_double)
                    memcpy(&bits, &wide, 8);
                else
                    bits = single_bits;
                int width = is_double ? 8 : 4;
                for (int b = 0; b < width; b++)
                    file.data[file.size++] = (uint8_t)(bits >> 8 * (big ? width - 1 - b : b));
            }
            scratch_write(scratch_path(bias ? "a/layers.0.bias.npy" : "a/layers.0.weight.npy"), file.data,
                          file.size);
        }
        minnow_network *network;
        cr_assert_eq(load(scratch_path("a"), &network), MINNOW_OK, "%s", minnow_last_error());
        float weights[6], found[2];
        minnow_network_get_layer(network, 0, weights, found);
        cr_assert_arr_eq(weights, columns, sizeof columns, "variant %d", variant); /* [inputs][outputs] */
        cr_assert_arr_eq(found, biases, sizeof biases);
        minnow_network_free(network);
    }
}

static void write_array(const char *path, const char *header, const void *data, size_t size) {
    struct bytes file = assemble(1, header, 0);
    memcpy(file.data + file.size, data, size);
    scratch_write(path, file.data, file.size + size);
}

/* What a run that diverged left can be looked into. */
Test(npy, takes_numbers_that_are_not_finite) {
    minnow_network *network = make_small();
    save_folder(network, scratch_path("a"));
    minnow_network_free(network);
    write_array(scratch_path("a/layers.1.bias.npy"), SHAPE("(2,)"), (float[]){1, NAN}, 8);
    write_array(scratch_path("a/layers.0.bias.npy"),
                "{'descr': '<f8', 'fortran_order': False, 'shape': (4,), }",
                (double[]){NAN, INFINITY, 0, -INFINITY}, 32);
    cr_assert_eq(minnow_network_load_npy(scratch_path("a"),
                                         foreign_form(MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, "scalar"),
                                         &network),
                 MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(minnow_network_nonfinite_count(network), 4);
    cr_assert(isnan(*bias_at(network, 1, 1)) && *bias_at(network, 0, 3) == -INFINITY);
    minnow_network_free(network);
}

Test(npy, refuses_folders) {
    expect_not_loaded(scratch_path("none"),
                      "No such file or directory; expected a folder of layers.0.weight.npy");
    minnow_network *network = make_small();
    save_folder(network, scratch_path("a"));
    const char *bias = scratch_path("a/layers.1.bias.npy"), *moved = scratch_path("a/layers.3.bias.npy");
    cr_assert_eq(rename(bias, moved), 0);
    expect_not_loaded(scratch_path("a"), "layers.1.bias.npy is missing; each layer up to 3");
    cr_assert_eq(remove(moved), 0);
    expect_not_loaded(scratch_path("a"), "layers.1.bias.npy is missing; each layer up to 1");
    bias = scratch_path("a/layers.1.bias.npy");
    scratch_write(bias, "junk", 4);
    expect_not_loaded(scratch_path("a"), "a/layers.1.bias.npy: is plain text, not a .npy file");
    write_array(bias, TYPE("'<f8'"), (double[]){1, 1e39}, 16);
    expect_not_loaded(scratch_path("a"), "a: layers.1.bias.npy: element 1 is too large for single precision");
    write_array(bias, SHAPE("(2, 1)"), (float[]){1, 2}, 8);
    expect_not_loaded(scratch_path("a"), "its bias 2");
    write_array(bias, SHAPE("(1,)"), (float[]){1}, 4);
    expect_not_loaded(scratch_path("a"), "layers.1.weight.npy gives 2 outputs, but layers.1.bias.npy has 1");
    write_array(bias, SHAPE("(2,)"), (float[]){1, 2}, 8);
    write_array(scratch_path("a/layers.1.weight.npy"), SHAPE("(2, 3)"), (float[6]){0}, 24);
    expect_not_loaded(scratch_path("a"), "takes 3 inputs, but the layer before it gives 4");
    minnow_network *loaded;
    save_folder(network, scratch_path("a"));
    cr_assert_eq(minnow_network_load_npy(scratch_path("a"),
                                         foreign_form((minnow_activation)99, MINNOW_LOSS_SOFTMAX, NULL),
                                         &loaded),
                 MINNOW_ERROR_ARGUMENT);
    cr_assert_null(loaded);
    minnow_network_free(network);
}

Test(npy, a_failure_leaves_what_was_there) {
    minnow_network *small = make_small(),
                   *other =
                       make_network((size_t[]){3, 4, 2}, 2, MINNOW_ACTIVATION_TANH, MINNOW_LOSS_LOGISTIC, 8);
    save_folder(small, scratch_path("a"));
    cr_assert_eq(remove(scratch_path("a/layers.1.bias.npy")), 0);
    cr_assert_eq(mkdir(scratch_path("a/layers.1.bias.npy"), 0700), 0); /* where a file cannot be put */
    cr_assert_eq(minnow_network_save_npy(other, scratch_path("a")), MINNOW_ERROR_OUTPUT);
    cr_assert_eq(scratch_count(scratch_path("a")), 4);
    cr_assert_eq(remove(scratch_path("a/layers.1.bias.npy")), 0);
    size_t size;
    uint8_t *bytes = scratch_read(scratch_path("a/layers.0.bias.npy"), &size);
    cr_assert_arr_eq(bytes + 128, bias_at(small, 0, 0), 16);
    free(bytes);
    cr_assert_eq(minnow_network_set_layer(small, 1, NULL, (float[]){0, INFINITY}), MINNOW_OK);
    cr_assert_eq(minnow_network_save_npy(small, scratch_path("new")), MINNOW_ERROR_OUTPUT);
    cr_assert_eq(scratch_count(scratch_folder), 1, "no folder was made");
    minnow_network_free(small);
    minnow_network_free(other);
}
