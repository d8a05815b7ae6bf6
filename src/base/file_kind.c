#include "base/file_kind.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"

/* ---- Tests of the first bytes, where a fixed beginning does not do ---- */

/* The name of a zip archive's first member: its length is at byte 26, the name itself at byte 30. */
static bool zip_member(const uint8_t *bytes, size_t size, const char **name, size_t *length) {
    enum { LENGTH_AT = 26, NAME_AT = 30 };
    if (size < NAME_AT || memcmp(bytes, "PK\3\4", 4) != 0)
        return false;

    *length = size_min((size_t)(bytes[LENGTH_AT] | bytes[LENGTH_AT + 1] << 8), size - NAME_AT);
    *name = (const char *)bytes + NAME_AT;
    return true;
}

static bool zip_member_ends(const uint8_t *bytes, size_t size, const char *ending) {
    const char *name;
    size_t length, tail = strlen(ending);
    return zip_member(bytes, size, &name, &length) && length >= tail &&
           memcmp(name + length - tail, ending, tail) == 0;
}

/* torch.save writes NAME/data.pkl first. */
static bool is_pytorch(const uint8_t *bytes, size_t size) {
    return zip_member_ends(bytes, size, "/data.pkl");
}

static bool is_npz(const uint8_t *bytes, size_t size) {
    return zip_member_ends(bytes, size, ".npy");
}

static bool is_keras(const uint8_t *bytes, size_t size) {
    return zip_member_ends(bytes, size, "metadata.json") || zip_member_ends(bytes, size, "config.json");
}

static bool is_office(const uint8_t *bytes, size_t size) {
    return zip_member_ends(bytes, size, "[Content_Types].xml");
}

/* Opcode PROTO and a protocol's number, as protocols 2 to 5 begin. */
static bool is_pickle(const uint8_t *bytes, size_t size) {
    return size >= 2 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5;
}

/* Two zeros, the type of the elements, and how many dimensions there are. */
static bool is_idx(const uint8_t *bytes, size_t size) {
    return size >= 4 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] >= 0x08 && bytes[2] <= 0x0e &&
           bytes[3] >= 1 && bytes[3] <= 4;
}

/* A header length that fits 32 bits, and the brace that begins the header. */
static bool is_safetensors(const uint8_t *bytes, size_t size) {
    return size >= 10 && memcmp(bytes + 4, "\0\0\0\0{\"", 6) == 0;
}

/* A message whose first field, ir_version, is a small integer, followed by the producer's name, the graph or
   the operator sets. */
static bool is_onnx(const uint8_t *bytes, size_t size) {
    return size >= 4 && bytes[0] == 0x08 && bytes[1] >= 1 && bytes[1] <= 32 &&
           (bytes[2] == 0x12 || bytes[2] == 0x3a || bytes[2] == 0x42);
}

/* Whether the text, after white space, begins so; letters in either case. */
static bool begins(const uint8_t *bytes, size_t size, const char *beginning) {
    size_t at = 0, length = strlen(beginning);
    while (at < size && strchr(" \t\r\n", bytes[at]) != NULL && bytes[at] != '\0')
        at++;
    for (size_t i = 0; i < length; i++) {
        uint8_t c = at + i < size ? bytes[at + i] : '\0';
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        if (c != (uint8_t)beginning[i])
            return false;
    }
    return true;
}

static bool is_html(const uint8_t *bytes, size_t size) {
    return begins(bytes, size, "<!doctype html") || begins(bytes, size, "<html");
}

/* Text as far as we look: no control characters but those of lines, and no byte that UTF-8 never has. */
static bool is_text(const uint8_t *bytes, size_t size) {
    enum { UTF8_AFTER = 0xf5 }; /* the first of the bytes beyond those that begin a sequence */
    for (size_t i = 0; i < size; i++)
        if (bytes[i] >= UTF8_AFTER)
            return false;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] == 0x7f ||
            (bytes[i] < ' ' && (bytes[i] == '\0' || strchr("\t\n\r\f", bytes[i]) == NULL)))
            return false;
    return size > 0;
}

static bool is_json(const uint8_t *bytes, size_t size) {
    return (begins(bytes, size, "{") || begins(bytes, size, "[")) && is_text(bytes, size);
}

/* The first line is of numbers, and there are at least two, or there is a second line. */
static bool is_csv(const uint8_t *bytes, size_t size) {
    const uint8_t *newline = memchr(bytes, '\n', size);
    size_t line = newline != NULL ? (size_t)(newline - bytes) : size, digits = 0;
    for (size_t i = 0; i < line; i++) {
        if (bytes[i] == '\0' || strchr("0123456789+-.eE, \t\r", bytes[i]) == NULL)
            return false;
        digits += bytes[i] >= '0' && bytes[i] <= '9';
    }
    return digits > 0 && (newline != NULL || memchr(bytes, ',', line) != NULL);
}

/* ---- The table ---- */

#define SAVE_SAFETENSORS "safetensors.torch.save_file(model.state_dict(), \"net.safetensors\")"
#define SAVE_NPY                                                                                             \
    "a folder of arrays, layers.0.weight.npy [outputs, inputs], layers.0.bias.npy, and so on: numpy.save"
#define DATA_FORMATS                                                                                         \
    "data are a table as CSV, or a folder or archive of IDX files, as MNIST's, of NumPy's arrays or of "     \
    "pictures"
#define MODEL_WANTED                                                                                         \
    "a model is a safetensors file, as 'minnow train --save FILE' writes it, or a folder of arrays"

static const struct kind_row {
    const char *name;  /* completes "is …" and "not …" */
    const char *magic; /* the first bytes; NULL: `test` tells */
    size_t magic_size; /* of them */
    bool (*test)(const uint8_t *bytes, size_t size);
    const char *as_model; /* what to do when a model was wanted */
    const char *as_data;  /* what to do when data was wanted */
} rows[FILE_KIND_UNKNOWN] = {
    [FILE_KIND_PYTORCH] = {.name = "a PyTorch file (a zip archive)",
                           .test = is_pytorch,
                           .as_model = "save it with " SAVE_SAFETENSORS,
                           .as_data = "write the tensor as IDX, or as rows: "
                                      "numpy.savetxt(\"rows.csv\", tensor.numpy(), delimiter=\",\")"},
    [FILE_KIND_NPZ] = {.name = "a NumPy archive (.npz)",
                       .test = is_npz,
                       .as_model = "save each of its arrays into " SAVE_NPY,
                       .as_data = "to train, --data takes one of x_train, y_train, x_test and y_test; to "
                                  "predict, save one array of samples: numpy.save(\"x.npy\", array)"},
    [FILE_KIND_KERAS] = {.name = "a Keras model (a zip archive)",
                         .test = is_keras,
                         .as_model = "load it in Keras and save each layer's kernel, transposed, and bias "
                                     "into " SAVE_NPY,
                         .as_data = "it holds a network; " DATA_FORMATS},
    [FILE_KIND_OFFICE] = {.name = "a spreadsheet or document of Office",
                          .test = is_office,
                          .as_model = MODEL_WANTED,
                          .as_data = "save the sheet as CSV, with a first line of names"},
    [FILE_KIND_ZIP] = {.name = "a zip archive",
                       .magic = "PK\3\4",
                       .magic_size = 4,
                       .as_model = "unpack it, and give the file in it",
                       .as_data = "unpack it, and give the file in it"},
    [FILE_KIND_PICKLE] = {.name = "a Python pickle, as older PyTorch wrote models",
                          .test = is_pickle,
                          .as_model = "reading those can run code, so load it where you trust it and save it "
                                      "with " SAVE_SAFETENSORS,
                          .as_data = "reading those can run code, so load it where you trust it and write "
                                     "IDX or CSV"},
    [FILE_KIND_HDF5] = {.name = "an HDF5 file, as Keras and h5py write them",
                        .magic = "\x89HDF\r\n\x1a\n",
                        .magic_size = 8,
                        .as_model = "load it in Keras and save each layer's kernel, transposed, and bias "
                                    "into " SAVE_NPY,
                        .as_data = "read it with h5py and write the array as rows: "
                                   "numpy.savetxt(\"rows.csv\", array, delimiter=\",\")"},
    [FILE_KIND_GGUF] = {.name = "a GGUF file, a language model of llama.cpp",
                        .magic = "GGUF",
                        .magic_size = 4,
                        .as_model = "such networks are not multilayer perceptrons, and cannot be read",
                        .as_data = "it holds a network; " DATA_FORMATS},
    [FILE_KIND_NPY] = {.name = "a .npy file (a NumPy array)",
                       .magic = "\x93NUMPY",
                       .magic_size = 6,
                       .as_model = "a network is a folder of such arrays, layers.0.weight.npy, "
                                   "layers.0.bias.npy, and so on: give the folder",
                       .as_data =
                           "to train, name it x_train.npy beside y_train.npy, x_test.npy and y_test.npy, "
                           "and give the folder"},
    [FILE_KIND_PNG] = {.name = "a PNG image",
                       .magic = "\x89PNG\r\n\x1a\n",
                       .magic_size = 8,
                       .as_model = MODEL_WANTED,
                       .as_data = "to train on pictures, give a folder that has one for each class"},
    [FILE_KIND_JPEG] = {.name = "a JPEG image",
                        .magic = "\xff\xd8\xff",
                        .magic_size = 3,
                        .as_model = MODEL_WANTED,
                        .as_data = "to train on pictures, give a folder that has one for each class"},
    [FILE_KIND_GZIP] = {.name = "a gzip-compressed file",
                        .magic = "\x1f\x8b",
                        .magic_size = 2,
                        .as_model = "expand it first: gzip -d",
                        .as_data = "expand it first: gzip -d"},
    [FILE_KIND_IDX] = {.name = "an IDX file, which holds data",
                       .test = is_idx,
                       .as_model = MODEL_WANTED,
                       .as_data = "name it as MNIST's files are, train-images-idx3-ubyte and so on"},
    [FILE_KIND_SAFETENSORS] = {.name = "a safetensors file",
                               .test = is_safetensors,
                               .as_model = "give the file itself where a model file is asked for",
                               .as_data = "it holds a network; " DATA_FORMATS},
    [FILE_KIND_ONNX] = {.name = "an ONNX model",
                        .test = is_onnx,
                        .as_model = "ONNX is written, not read: save the network in the program it comes "
                                    "from with " SAVE_SAFETENSORS,
                        .as_data = "it holds a network; " DATA_FORMATS},
    [FILE_KIND_GIT_LFS] = {.name = "a Git LFS pointer, which stands for the file",
                           .magic = "version https://git-lfs",
                           .magic_size = 23,
                           .as_model = "fetch the file itself: git lfs pull",
                           .as_data = "fetch the file itself: git lfs pull"},
    [FILE_KIND_HTML] = {.name = "an HTML page",
                        .test = is_html,
                        .as_model =
                            "the download gave a page instead of the file: get it again by its direct "
                            "link",
                        .as_data = "the download gave a page instead of the file: get it again by its direct "
                                   "link"},
    [FILE_KIND_JSON] = {.name = "JSON text",
                        .test = is_json,
                        .as_model = "where it describes a model, give the model's .safetensors file instead",
                        .as_data = DATA_FORMATS},
    [FILE_KIND_CSV] =
        {.name = "rows of comma-separated values",
         .test = is_csv,
         .as_model = "a model is a safetensors file, or the folder of weights_1.csv, "
                     "biases_1.csv, and so on",
         .as_data =
             "as a table, train, test, predict and data take it; elsewhere, name it train_images.csv and "
             "so on"},
    [FILE_KIND_TEXT] = {.name = "plain text",
                        .test = is_text,
                        .as_model = MODEL_WANTED,
                        .as_data = DATA_FORMATS},
};

enum file_kind file_kind_of(const uint8_t *bytes, size_t size) {
    if (size == 0)
        return FILE_KIND_UNKNOWN;
    size = size_min(size, FILE_KIND_BYTES);
    enum file_kind kind = 0;
    for (; kind < FILE_KIND_UNKNOWN; kind++) {
        const struct kind_row *row = &rows[kind];
        if (row->test != NULL ? row->test(bytes, size)
                              : size >= row->magic_size && memcmp(bytes, row->magic, row->magic_size) == 0)
            break;
    }
    return kind;
}

/* ---- Saying so ---- */

minnow_status file_kind_check(const char *name, const uint8_t *bytes, size_t size, enum file_kind wanted,
                              enum file_use use) {
    enum file_kind kind = file_kind_of(bytes, size);
    bool says_nothing = kind == FILE_KIND_UNKNOWN || kind == wanted ||
                        (wanted == FILE_KIND_CSV && (kind == FILE_KIND_TEXT || kind == FILE_KIND_JSON));
    if (says_nothing)
        return MINNOW_OK;

    const struct kind_row *row = &rows[kind];
    return fail(MINNOW_ERROR_INPUT, "%s: is %s, not %s; %s", name, row->name, rows[wanted].name,
                use == FILE_AS_MODEL ? row->as_model : row->as_data);
}

minnow_status file_kind_check_folder(const char *path, const char *contents, enum file_use use) {
    const char *folder = use == FILE_AS_MODEL ? "a folder of " : "";
    struct stat info;
    if (stat(path, &info) != 0)
        return fail(MINNOW_ERROR_INPUT, "%s: cannot be opened: %s; expected %s%s", path, strerror(errno),
                    folder, contents);
    if (S_ISDIR(info.st_mode))
        return MINNOW_OK;

    uint8_t bytes[FILE_KIND_BYTES];
    size_t count;
    uint64_t size;
    (void)file_read_beginning(path, bytes, sizeof bytes, &count, &size);

    enum file_kind kind = file_kind_of(bytes, count);
    if (kind == FILE_KIND_UNKNOWN)
        return fail(MINNOW_ERROR_INPUT, "%s: is a file, expected %s%s", path, folder, contents);
    return fail(MINNOW_ERROR_INPUT, "%s: is %s, expected %s%s; %s", path, rows[kind].name, folder, contents,
                use == FILE_AS_MODEL ? rows[kind].as_model : rows[kind].as_data);
}
