/* The bytes of model files: their layout, and that everything else is refused by a message that says why. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include "support/networks.h"
#include "model/model.h"
#include "net/network.h"
#include "model_samples.h"

TestSuite(model_bytes, .init = scratch_make, .fini = scratch_remove);

/* ---- A file in memory, to be damaged ---- */

struct image {
    uint8_t *bytes;
    size_t size;
};

static struct image small_file(void) {
    minnow_network *network = make_small();
    save(network, scratch_path("small"));
    minnow_network_free(network);
    struct image image;
    image.bytes = scratch_read(scratch_path("small"), &image.size);
    return image;
}

static uint64_t header_size(const uint8_t *bytes) {
    uint64_t length = 0;
    for (int i = 7; i >= 0; i--)
        length = length << 8 | bytes[i];
    return length;
}

static struct image assemble(const char *header, size_t length, const uint8_t *data, size_t data_size) {
    struct image image = {malloc(8 + length + data_size + 1), 8 + length + data_size};
    cr_assert_not_null(image.bytes);
    for (int i = 0; i < 8; i++)
        image.bytes[i] = (uint8_t)((uint64_t)length >> (8 * i));
    memcpy(image.bytes + 8, header, length);
    if (data_size > 0)
        memcpy(image.bytes + 8 + length, data, data_size);
    return image;
}

/* The bytes are copied to a block of exactly their size, so that a sanitizer sees any step outside. */
static minnow_status parse(const uint8_t *bytes, size_t size, minnow_network **out) {
    uint8_t *exact = malloc(size ? size : 1);
    cr_assert_not_null(exact);
    memcpy(exact, bytes, size);
    *out = (minnow_network *)1;
    minnow_status status = safetensors_parse("F.st", exact, size, "scalar", out);
    free(exact);
    return status;
}

static void expect_refused(const uint8_t *bytes, size_t size, const char *message) {
    minnow_network *network;
    minnow_status status = parse(bytes, size, &network);
    cr_assert_eq(status, MINNOW_ERROR_INPUT, "\"%s\": status %d", message, (int)status);
    cr_assert_null(network);
    const char *error = minnow_last_error();
    cr_assert_eq(strncmp(error, "F.st: ", 6), 0, "no file name: %s", error);
    cr_assert_not_null(strstr(error, message), "expected \"%s\" in: %s", message, error);
}

Test(model_bytes, layout_is_that_of_pytorch) {
    struct image file = small_file();
    uint64_t length = header_size(file.bytes);
    cr_assert_eq((8 + length) % 64, 0);
    cr_assert_eq(file.size, 8 + length + (3 * 4 + 4 + 4 * 2 + 2) * 4);
    minnow_network *network = make_small();
    const uint8_t *data = file.bytes + 8 + length;
    for (size_t o = 0; o < 4; o++) {
        for (size_t i = 0; i < 3; i++)
            cr_assert_arr_eq(data + (o * 3 + i) * 4, weight_at(network, 0, i, o), 4);
        cr_assert_arr_eq(data + (12 + o) * 4, bias_at(network, 0, o), 4);
    }
    char expected[512], crc32[9];
    snprintf(crc32, sizeof crc32, "%08x", (unsigned)minnow_network_params_crc32(network));
    snprintf(expected, sizeof expected,
             "{\"__metadata__\":{\"format\":\"minnow\",\"format_version\":\"1\",\"architecture\":\"3-4-2\","
             "\"activation\":\"tanh\",\"loss\":\"logistic\",\"input_scaling\":\"0.00390625\","
             "\"minnow_version\":\"%s\",\"params_crc32\":\"%s\"},\"layers.0.weight\":{"
             "\"dtype\":\"F32\","
             "\"shape\":[4,3],\"data_offsets\":[0,48]},",
             minnow_version(), crc32);
    cr_assert_eq(strncmp((const char *)file.bytes + 8, expected, strlen(expected)), 0, "%.*s", (int)length,
                 (const char *)file.bytes + 8);
    minnow_network_free(network);
    free(file.bytes);
}

/* ---- Refusals: the small file with one place of its header replaced ---- */

struct damage {
    const char *from, *to; /* to may be longer or shorter */
    int data_change;       /* bytes appended to the data, or cut off */
    const char *message;
};

static char *replace(const char *text, size_t length, const char *from, const char *to, size_t *out_length) {
    const char *place = memmem(text, length, from, strlen(from));
    cr_assert_not_null(place, "the header has no %s", from);
    size_t before = (size_t)(place - text), after = length - before - strlen(from);
    char *result = malloc(length + strlen(to) + 1);
    cr_assert_not_null(result);
    memcpy(result, text, before);
    memcpy(result + before, to, strlen(to));
    memcpy(result + before + strlen(to), place + strlen(from), after);
    *out_length = before + strlen(to) + after;
    return result;
}

static void check_damage(const struct image *file, const struct damage *damage) {
    uint64_t length = header_size(file->bytes);
    size_t data_size = file->size - 8 - (size_t)length, new_length;
    uint8_t *data = calloc(1, data_size + 64);
    cr_assert_not_null(data);
    memcpy(data, file->bytes + 8 + length, data_size);
    char *header =
        replace((const char *)file->bytes + 8, (size_t)length, damage->from, damage->to, &new_length);
    struct image damaged =
        assemble(header, new_length, data, (size_t)((ptrdiff_t)data_size + damage->data_change));
    expect_refused(damaged.bytes, damaged.size, damage->message);
    free(damaged.bytes);
    free(header);
    free(data);
}

static void check_damages(const struct damage *damages, size_t count) {
    struct image file = small_file();
    for (size_t i = 0; i < count; i++)
        check_damage(&file, &damages[i]);
    free(file.bytes);
}

Test(model_bytes, refuses_bad_json) {
    static const struct damage damages[] = {
        {"}}", "}", 0, "not acceptable JSON"},
        {"}}", "}}x", 0, "not acceptable JSON"},
        {"}}", "}}{}", 0, "not acceptable JSON"},
        {"\"F32\"", "F32", 0, "not acceptable JSON"},
        {"\"F32\"", "\"F32\n\"", 0, "not acceptable JSON"},
        {"\"minnow\"", "\"\xff\"", 0, "not valid UTF-8"},
        {"\"minnow\"", "\"\xc0\xaf\"", 0, "not valid UTF-8"},
        {"\"minnow\"", "\"\xed\xa0\x80\"", 0, "not valid UTF-8"},
        {"\"minnow\"", "\"min\\u0000now\"", 0, "NUL"},
        {"layers.1.bias", "layers.1.bias\\u0000", 0, "NUL"},
        {"layers.1.bias", "layers.0.bias", 0, "duplicate"},
        {"\"activation\"", "\"format\"", 0, "duplicate"},
        {"\"shape\"", "\"dtype\"", 0, "duplicate"},
        {"[0,48]", "[0,99999999999999999999]", 0, "too big integer"},
        {"[0,48]", "[0,1e999]", 0, "overflow"},
    };
    check_damages(damages, sizeof damages / sizeof damages[0]);
}

Test(model_bytes, refuses_deep_nesting) {
    enum { DEPTH = 100000 };
    char *header = malloc(DEPTH + 6);
    memcpy(header, "{\"a\":", 5);
    memset(header + 5, '[', DEPTH);
    struct image file = assemble(header, DEPTH + 5, NULL, 0);
    expect_refused(file.bytes, file.size, "nested too deeply");
    free(file.bytes);
    free(header);
}

Test(model_bytes, refuses_bad_descriptions) {
    static const struct damage damages[] = {
        {"\"F32\"", "\"F16\"", 0, "its dtype is \"F16\""},
        {"\"F32\"", "\"F64\"", 0, "its dtype is \"F64\""},
        {"\"F32\"", "32", 0, "not described by"},
        {"\"dtype\"", "\"type\"", 0, "not described by"},
        {"\"dtype\"", "\"extra\":0,\"dtype\"", 0, "not described by"},
        {"\"layers.0.bias\":", "\"x\":[],\"layers.0.bias\":", 0, "\"x\": not described by"},
        {"[4,3]", "12", 0, "not an array"},
        {"[4,3]", "[4,-3]", 0, "dimension 1 of its shape is not a count"},
        {"[4,3]", "[4.0,3]", 0, "dimension 0 of its shape is not a count"},
        {"[4,3]", "[4,\"3\"]", 0, "dimension 1 of its shape is not a count"},
        {"[4,3]", "[4,[3]]", 0, "dimension 1 of its shape is not a count"},
        {"[4,3]", "[1,1,1,1,1,1,1,4,3]", 0, "a shape of 9 dimensions"},
        {"[4,3]", "[4294967296,4294967296,3]", 0, "larger than any memory"},
        {"[4,3]", "[4611686018427387904,4]", 0, "larger than any memory"},
        {"[4,3]", "[4,2]", 0, "takes 32 bytes, its data_offsets span 48"},
        {"[4,3]", "[4,4]", 0, "takes 64 bytes, its data_offsets span 48"},
        {"[0,48]", "[0,48,48]", 0, "not two counts"},
        {"[0,48]", "[48]", 0, "not two counts"},
        {"[0,48]", "{\"0\":48}", 0, "not two counts"},
        {"[0,48]", "[-4,44]", 0, "not two counts"},
        {"[0,48]", "[0.0,48]", 0, "not two counts"},
        {"[0,48]", "[48,0]", 0, "after its end"},
        {"[0,48]", "[0,9223372036854775807]", 0, "cut short"},
        {"[96,104]", "[96,108]", 0, "cut short"},
        {"[96,104]", "[100,108]", 4, "bytes 96 to 100 of the data, before tensor \"layers.1.bias\""},
        {"[0,48]", "[4,52]", 0, "bytes 0 to 4 of the data"},
        {"[64,96]", "[60,92]", 0, "overlap, from byte 60"},
        {"[64,96]", "[0,32]", 0, "overlap"},
        {"[96,104]", "[96,104]", 1, "the last byte belongs to no tensor"},
        {"[96,104]", "[96,104]", -1, "cut short"},
    };
    check_damages(damages, sizeof damages / sizeof damages[0]);
}

Test(model_bytes, refuses_bad_names_and_shapes) {
    static const struct damage damages[] = {
        {"layers.1.bias", "layers.1.gamma", 0, "unexpected tensor \"layers.1.gamma\""},
        {"layers.1.bias", "layers.01.bias", 0, "unexpected tensor"},
        {"layers.1.bias", "layers.1.bias ", 0, "unexpected tensor"},
        {"layers.1.bias", "layers.64.bias", 0, "unexpected tensor"},
        {"layers.1.bias", "layers.18446744073709551617.bias", 0, "unexpected tensor"},
        {"layers.1.bias", "1.bias", 0, "unexpected tensor"},
        {"layers.1.bias", "", 0, "unexpected tensor \"\""},
        {"layers.1.bias", "a\\nb\\u001b[31m", 0, "unexpected tensor \"a\\x0ab\\x1b[31m\""},
        {"layers.1.bias", "layers.2.bias", 0, "tensor layers.1.bias is missing"},
        {"layers.1.bias", "layers.63.bias", 0, "tensor layers.1.bias is missing"},
        {"layers.0.weight", "layers.2.weight", 0, "tensor layers.0.weight is missing"},
        {"[4,3]", "[3,4]", 0, "gives 3 outputs, but layers.0.bias has 4"},
        {"[4,3]", "[12]", 0, "its weight has 1 dimensions"},
        {"[4,3]", "[4,3,1]", 0, "its weight has 3 dimensions"},
        {"\"shape\":[4],", "\"shape\":[4,1],", 0, "its bias 2"},
        {"\"shape\":[2],", "\"shape\":[1,1,2],", 0, "its bias 3"},
        {"[2,4]", "[4,2]", 0, "gives 4 outputs, but layers.1.bias has 2"},
        {"[2,4],\"data_offsets\":[64,96]},\"layers.1.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_"
         "offsets\":["
         "96,104]",
         "[2,3],\"data_offsets\":[64,88]},\"layers.1.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_"
         "offsets\":["
         "88,96]",
         -8, "layers.1.weight takes 3 inputs, but the layer before it gives 4"},
        {"[4,3],\"data_offsets\":[0,48]}",
         "[4,0],\"data_offsets\":[0,0]},\"x\":{\"dtype\":\"F32\",\"shape\":[12],"
         "\"data_offsets\":[0,48]}",
         0, "unexpected tensor \"x\""},
        {"3-4-2", "3-4-3", 0, "the metadata's architecture is \"3-4-3\", but the tensors make 3-4-2"},
    };
    check_damages(damages, sizeof damages / sizeof damages[0]);
}

Test(model_bytes, refuses_bad_metadata) {
    static const struct damage damages[] = {
        {"\"format\"", "\"fmt\"", 0, "does not give \"format\""},
        {"\"minnow\"", "\"pt\"", 0, "format is \"pt\""},
        {"\"minnow\"", "1", 0, "the metadata's \"format\" is not a string"},
        {"\"minnow\"", "null", 0, "the metadata's \"format\" is not a string"},
        {"\"minnow\"", "{\"a\":{}}", 0, "the metadata's \"format\" is not a string"},
        {"\"format_version\":\"1\"", "\"format_version\":\"2\"", 0, "format_version is \"2\""},
        {"\"format_version\"", "\"version\"", 0, "does not give \"format_version\""},
        {"\"activation\"", "\"act\"", 0, "does not give \"activation\""},
        {"\"tanh\"", "\"blue\"", 0, "unknown activation \"blue\""},
        {"\"loss\"", "\"cost\"", 0, "does not give \"loss\""},
        {"\"logistic\"", "\"hinge\"", 0, "loss is \"hinge\""},
        {"\"architecture\"", "\"layers\"", 0, "does not give \"architecture\""},
        {"\"input_scaling\"", "\"scaling\"", 0, "does not give \"input_scaling\""},
        {"0.00390625", "0", 0, "input_scaling is \"0\""},
        {"0.00390625", "-1", 0, "input_scaling is \"-1\""},
        {"0.00390625", "nan", 0, "input_scaling is \"nan\""},
        {"0.00390625", "1e39", 0, "input_scaling is \"1e39\""},
        {"0.00390625", "1 ", 0, "input_scaling is \"1 \""},
        {"\"params_crc32\"", "\"crc\"", 0, "does not give \"params_crc32\""},
        {"\"params_crc32\":\"", "\"params_crc32\":\"0", 0, "damaged"},
    };
    check_damages(damages, sizeof damages / sizeof damages[0]);
}

static const char tensor_part[] =
    "\"layers.0.weight\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[0,4]},"
    "\"layers.0.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}";

static void refuse_header(const char *start, const char *end, const char *message) {
    char header[1024];
    snprintf(header, sizeof header, "%s%s", start, end);
    struct image file = assemble(header, strlen(header), (const uint8_t[8]){0}, end == tensor_part ? 8 : 0);
    expect_refused(file.bytes, file.size, message);
    free(file.bytes);
}

static const char metadata_part[] =
    "{\"__metadata__\":{\"format\":\"minnow\",\"format_version\":\"1\",\"architecture\":\"1-1\","
    "\"activation\":\"relu\",\"loss\":\"softmax\",\"input_scaling\":\"0.00390625\",\"params_crc32\":"
    "\"00000000\"}";

Test(model_bytes, refuses_odd_headers) {
    refuse_header("{", tensor_part, "no __metadata__");
    refuse_header("{\"__metadata__\":[],", tensor_part, "__metadata__ is not an object");
    refuse_header("{\"__metadata__\":\"minnow\",", tensor_part, "__metadata__ is not an object");
    refuse_header("{\"__metadata__\":{},", tensor_part, "does not give \"format\"");
    refuse_header("{}", "", "no __metadata__");
    refuse_header(metadata_part, "}", "holds no tensors");
    refuse_header("[", "]", "byte 8, the first of the header, is 0x5b instead of '{'");
    refuse_header(" {", "}", "is 0x20 instead of '{'");
    char name[300];
    memset(name, 'n', sizeof name);
    memcpy(name, "{\"", 2);
    memcpy(name + sizeof name - 5, "\":0}", 5);
    refuse_header(name, "", "name is 293 bytes long");
}

Test(model_bytes, refuses_sizes_beyond_the_limits) {
    enum { OUTPUTS = NETWORK_MAX_SIZE + 1 };
    uint8_t *data = calloc(OUTPUTS * 2, 4);
    char header[1024];
    snprintf(header, sizeof header,
             "%s,\"layers.0.weight\":{\"dtype\":\"F32\",\"shape\":[%d,1],\"data_offsets\":[0,%d]},"
             "\"layers.0.bias\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[%d,%d]}}",
             metadata_part, OUTPUTS, OUTPUTS * 4, OUTPUTS, OUTPUTS * 4, OUTPUTS * 8);
    struct image file = assemble(header, strlen(header), data, OUTPUTS * 8);
    expect_refused(file.bytes, file.size, "has the shape [65537, 1]; sizes are 1 to 65536");
    free(file.bytes);
    snprintf(
        header, sizeof header,
        "%s,\"layers.0.weight\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,0],\"data_offsets\":[0,0]},"
        "\"layers.0.bias\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}",
        metadata_part);
    file = assemble(header, strlen(header), NULL, 0);
    expect_refused(file.bytes, file.size, "larger than any memory");
    free(file.bytes);
    snprintf(header, sizeof header,
             "%s,\"layers.0.weight\":{\"dtype\":\"F32\",\"shape\":[5,0],\"data_offsets\":[0,0]},"
             "\"layers.0.bias\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}",
             metadata_part);
    file = assemble(header, strlen(header), NULL, 0);
    expect_refused(file.bytes, file.size, "has the shape [5, 0]");
    free(file.bytes);
    free(data);
}

Test(model_bytes, refuses_bad_header_lengths) {
    static const struct {
        uint64_t length;
        const char *message;
    } cases[] = {
        {0, "the header is empty"},
        {UINT64_MAX, "18446744073709551615 bytes, but only"},
        {UINT64_MAX - 7, "cut short, or not a safetensors file"},
        {(uint64_t)1 << 63, "cut short, or not a safetensors file"},
        {(uint64_t)1 << 32, "cut short, or not a safetensors file"},
        {16, "not acceptable JSON"},
    };
    struct image file = small_file();
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        for (int i = 0; i < 8; i++)
            file.bytes[i] = (uint8_t)(cases[c].length >> (8 * i));
        expect_refused(file.bytes, file.size, cases[c].message);
    }
    free(file.bytes);
    enum { LONG = 5 << 20 };
    char *header = malloc(LONG);
    memset(header, ' ', LONG);
    header[0] = '{';
    header[1] = '}';
    file = assemble(header, LONG, NULL, 0);
    expect_refused(file.bytes, file.size, "at most 4194304 are accepted");
    free(file.bytes);
    free(header);
}

/* A write that was interrupted somewhere, and something that was appended. */
Test(model_bytes, refuses_every_truncation) {
    struct image file = small_file();
    for (size_t size = 0; size < file.size; size++)
        expect_refused(file.bytes, size, "");
    expect_refused(file.bytes, 7, "starts with an 8-byte header length");
    expect_refused(file.bytes, 200, "cut short");
    expect_refused(file.bytes, file.size - 1, "cut short");
    struct image longer = assemble("", 0, file.bytes, file.size);
    memcpy(longer.bytes, file.bytes, file.size);
    expect_refused(longer.bytes, file.size + 8, "the last 8 bytes belong to no tensor");
    free(longer.bytes);
    free(file.bytes);
}

Test(model_bytes, notices_each_changed_byte_of_the_data) {
    struct image file = small_file();
    size_t data = 8 + (size_t)header_size(file.bytes);
    for (size_t i = data; i < file.size; i++) {
        file.bytes[i] ^= 0x10;
        expect_refused(file.bytes, file.size, "");
        file.bytes[i] ^= 0x10;
    }
    file.bytes[data] ^= 1;
    expect_refused(file.bytes, file.size, "the file is damaged");
    file.bytes[data] ^= 1;
    minnow_network *network;
    cr_assert_eq(parse(file.bytes, file.size, &network), MINNOW_OK, "%s", minnow_last_error());
    minnow_network_free(network);
    free(file.bytes);
}

/* The small file with these bits as element `element` of layer 0's weights, [outputs][inputs], and the CRC-32
   that follows. */
static struct image file_with(uint32_t bits, size_t element) {
    struct image file = small_file();
    minnow_network *network = make_small();
    float weights[12];
    char crc[9];
    cr_assert_eq(minnow_network_get_layer(network, 0, weights, NULL), MINNOW_OK);
    memcpy(&weights[element % 3 * 4 + element / 3], &bits, sizeof bits);
    cr_assert_eq(minnow_network_set_layer(network, 0, weights, NULL), MINNOW_OK);
    snprintf(crc, sizeof crc, "%08x", (unsigned)minnow_network_params_crc32(network));
    memcpy(file.bytes + 8 + header_size(file.bytes) + 4 * element, &bits, sizeof bits);
    uint8_t *claimed = memmem(file.bytes, file.size, "params_crc32\":\"", 15);
    memcpy(claimed + 15, crc, 8);
    minnow_network_free(network);
    return file;
}

/* A file that its own CRC-32 calls damaged stays refused; one that says what a run that diverged left is
   read, and the network tells. */
Test(model_bytes, takes_parameters_that_are_not_finite_and_counts_them) {
    static const uint32_t bits[] = {0x7fc00000, 0xffc00001, 0x7f800000, 0xff800000, 0x7f800001};
    minnow_network *network;
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        struct image file = file_with(bits[i], 5);
        cr_assert_eq(parse(file.bytes, file.size, &network), MINNOW_OK, "%s", minnow_last_error());
        cr_assert_eq(minnow_network_nonfinite_count(network), 1);
        cr_assert_arr_eq(weight_at(network, 0, 2, 1), &bits[i], 4);
        minnow_network_free(network);
        /* The last bias too, of which the CRC-32 does not know. */
        memcpy(file.bytes + file.size - 4, &bits[i], 4);
        expect_refused(file.bytes, file.size, "the file is damaged");
        free(file.bytes);
    }
    network = make_small();
    cr_assert_eq(minnow_network_nonfinite_count(network), 0);
    cr_assert_eq(minnow_network_set_layer(network, 1, NULL, (float[]){INFINITY, NAN}), MINNOW_OK);
    cr_assert_eq(minnow_network_nonfinite_count(network), 2);
    minnow_network_free(network);
}

/* Other writers sort tensors by name, do not pad, and write other white space. */
Test(model_bytes, accepts_another_order) {
    minnow_network *network =
        make_network((size_t[]){1, 1}, 1, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, 9);
    char header[1024];
    snprintf(header, sizeof header,
             "{ \"layers.0.weight\" : {\"shape\":[1, 1],\"data_offsets\":[4,8],\"dtype\":\"F32\"},\n"
             "\"layers.0.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
             "\"__metadata__\":{\"format\":\"minnow\",\"format_version\":\"1\",\"architecture\":\"1-1\","
             "\"activation\":\"relu\",\"loss\":\"softmax\",\"input_scaling\":\"0.00390625\","
             "\"params_crc32\":\"%08x\",\"more\":\"\xc3\xa9\"}}",
             (unsigned)minnow_network_params_crc32(network));
    float values[2] = {*bias_at(network, 0, 0), *weight_at(network, 0, 0, 0)};
    uint8_t data[8];
    memcpy(data, values, 8);
    struct image file = assemble(header, strlen(header), data, 8);
    minnow_network *loaded;
    cr_assert_eq(parse(file.bytes, file.size, &loaded), MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(*weight_at(loaded, 0, 0, 0), values[1]);
    cr_assert_eq(*bias_at(loaded, 0, 0), values[0]);
    minnow_network_free(loaded);
    minnow_network_free(network);
    free(file.bytes);
}
