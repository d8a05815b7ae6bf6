#include "base/npy.h"

#include <string.h>

#include "base/byte_order.h"
#include "base/memory.h"
#include "base/status.h"

enum {
    MAGIC = 6,            /* bytes; then two of the version, then the header's length */
    MAX_HEADER = 1 << 16, /* NumPy itself writes 54 to 118 bytes, and reads at most 10,000 by default */
};
static const uint8_t magic[MAGIC] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

/* ---- The header's dictionary ---- */

struct cursor {
    const char *name; /* of the file */
    enum file_use use;
    const char *start, *at, *end; /* the header */
};

static minnow_status unexpected(const struct cursor *cursor, const char *expected) {
    int left = (int)size_min((size_t)(cursor->end - cursor->at), 24);
    return fail(MINNOW_ERROR_INPUT, "%s: byte %zu of the header: expected %s, found \"%.*s\"", cursor->name,
                (size_t)(cursor->at - cursor->start), expected, left, cursor->at);
}

static void skip_space(struct cursor *cursor) {
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t' || *cursor->at == '\n'))
        cursor->at++;
}

/* Takes the character, if it comes next. */
static bool take(struct cursor *cursor, char wanted) {
    skip_space(cursor);
    if (cursor->at == cursor->end || *cursor->at != wanted)
        return false;
    cursor->at++;
    return true;
}

static bool take_word(struct cursor *cursor, const char *word) {
    size_t length = strlen(word);
    skip_space(cursor);
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length) != 0)
        return false;
    cursor->at += length;
    return true;
}

/* A string between quotes of either kind, as far as it fits into `out`; strings with escapes are no keys or
   types that there are. */
static bool take_string(struct cursor *cursor, char *out, size_t size) {
    char quote = take(cursor, '\'') ? '\'' : take(cursor, '"') ? '"' : '\0';
    if (quote == '\0')
        return false;
    const char *close = memchr(cursor->at, quote, (size_t)(cursor->end - cursor->at));
    if (close == NULL)
        return false;
    size_t length = size_min((size_t)(close - cursor->at), size - 1);
    memcpy(out, cursor->at, length);
    out[length] = '\0';
    cursor->at = close + 1;
    return true;
}

/* NumPy's letters for the types that are read. */
static const struct {
    const char *letters;
    enum array_type type;
} TYPES[] = {
    {"f4", ARRAY_FLOAT32}, {"f8", ARRAY_FLOAT64}, {"b1", ARRAY_UINT8}, {"u1", ARRAY_UINT8},
    {"i1", ARRAY_INT8},    {"u2", ARRAY_UINT16},  {"i2", ARRAY_INT16}, {"u4", ARRAY_UINT32},
    {"i4", ARRAY_INT32},   {"u8", ARRAY_UINT64},  {"i8", ARRAY_INT64}, {"f2", ARRAY_FLOAT16},
};
enum { TYPE_COUNT = sizeof TYPES / sizeof TYPES[0], FLOAT_TYPES = 2 };

/* A byte has no order of bytes, which NumPy writes as '|'. */
static bool find_type(const char *type, enum file_use use, struct array *out) {
    size_t count = use == FILE_AS_MODEL ? FLOAT_TYPES : TYPE_COUNT;
    for (size_t i = 0; i < count && type[0] != '\0'; i++) {
        if (strcmp(type + 1, TYPES[i].letters) != 0)
            continue;
        out->type = TYPES[i].type;
        out->big_endian = type[0] == '>';
        return type[0] == '<' || type[0] == '>' || (type[0] == '|' && array_element_size(out->type) == 1);
    }
    return false;
}

static minnow_status read_descr(struct cursor *cursor, struct array *out) {
    const char *wanted = cursor->use == FILE_AS_MODEL ? "float32 or float64" : "integers or floats";
    char type[24];
    skip_space(cursor);
    if (cursor->at < cursor->end && *cursor->at == '[')
        return fail(MINNOW_ERROR_INPUT, "%s: an array of records; expected %s", cursor->name, wanted);
    if (!take_string(cursor, type, sizeof type))
        return unexpected(cursor, "a type in quotes");
    if (strchr(type, 'O') != NULL)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: an array of Python objects (%s): reading those can run code; expected %s",
                    cursor->name, type, wanted);
    if (!find_type(type, cursor->use, out))
        return fail(MINNOW_ERROR_INPUT,
                    "%s: numbers of type \"%s\"; expected %s, \"<f4\" or \"%s\": "
                    "array.astype('<f4')",
                    cursor->name, type, wanted, cursor->use == FILE_AS_MODEL ? "<f8" : "|u1");
    return MINNOW_OK;
}

static minnow_status read_order(struct cursor *cursor, struct array *out) {
    out->fortran_order = take_word(cursor, "True");
    if (!out->fortran_order && !take_word(cursor, "False"))
        return unexpected(cursor, "True or False");
    return MINNOW_OK;
}

/* Digits; Python 2 wrote an L behind them. */
static minnow_status read_dimension(struct cursor *cursor, size_t *out) {
    size_t value = 0, digits = 0;
    for (; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++, digits++)
        if (!size_multiply(value, 10, &value) || !size_add(value, (size_t)(*cursor->at - '0'), &value))
            return fail(MINNOW_ERROR_INPUT, "%s: its shape is larger than any memory", cursor->name);
    if (digits == 0)
        return unexpected(cursor, "a size");
    if (cursor->at < cursor->end && *cursor->at == 'L')
        cursor->at++;
    *out = value;
    return MINNOW_OK;
}

static minnow_status read_shape(struct cursor *cursor, struct array *out) {
    if (!take(cursor, '('))
        return unexpected(cursor, "a shape in parentheses");
    bool comma = true;
    while (!take(cursor, ')')) {
        if (!comma)
            return unexpected(cursor, "a comma or ')'");
        if (out->rank == ARRAY_MAX_RANK)
            return fail(MINNOW_ERROR_INPUT, "%s: more than %d dimensions", cursor->name, ARRAY_MAX_RANK);
        minnow_status status = read_dimension(cursor, &out->shape[out->rank++]);
        if (status != MINNOW_OK)
            return status;
        comma = take(cursor, ',');
    }
    if (out->rank == 1 && !comma) /* in Python, (3) is a number */
        return fail(MINNOW_ERROR_INPUT, "%s: the header's shape is a number, not a tuple", cursor->name);
    return MINNOW_OK;
}

static minnow_status read_entry(struct cursor *cursor, bool seen[3], struct array *out) {
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    static minnow_status (*const readers[])(struct cursor *, struct array *) = {read_descr, read_order,
                                                                                read_shape};
    char key[24];
    if (!take_string(cursor, key, sizeof key))
        return unexpected(cursor, "a key in quotes");
    for (int i = 0; i < 3; i++) {
        if (strcmp(key, keys[i]) != 0)
            continue;
        if (seen[i])
            return fail(MINNOW_ERROR_INPUT, "%s: the header gives '%s' twice", cursor->name, key);
        seen[i] = true;
        if (!take(cursor, ':'))
            return unexpected(cursor, "':'");
        return readers[i](cursor, out);
    }
    return fail(MINNOW_ERROR_INPUT,
                "%s: the header has a key '%s'; expected 'descr', 'fortran_order' and 'shape'", cursor->name,
                key);
}

static minnow_status read_dictionary(struct cursor *cursor, struct array *out) {
    bool seen[3] = {false, false, false}, comma = true;
    if (!take(cursor, '{'))
        return unexpected(cursor, "'{'");
    while (!take(cursor, '}')) {
        if (!comma)
            return unexpected(cursor, "a comma or '}'");
        minnow_status status = read_entry(cursor, seen, out);
        if (status != MINNOW_OK)
            return status;
        comma = take(cursor, ',');
    }
    if (!seen[0] || !seen[1] || !seen[2])
        return fail(MINNOW_ERROR_INPUT, "%s: the header does not give '%s'", cursor->name,
                    !seen[0]   ? "descr"
                    : !seen[1] ? "fortran_order"
                               : "shape");
    skip_space(cursor);
    return cursor->at == cursor->end ? MINNOW_OK : unexpected(cursor, "spaces to the end");
}

/* ---- The file ---- */

/* Where the header begins and how long it is. */
static minnow_status find_header(const char *name, const uint8_t *bytes, size_t size, enum file_use use,
                                 size_t *begin, size_t *length) {
    if ((size < MAGIC + 4 || memcmp(bytes, magic, MAGIC) != 0) &&
        file_kind_check(name, bytes, size, FILE_KIND_NPY, use) != MINNOW_OK)
        return MINNOW_ERROR_INPUT;
    if (size < MAGIC + 4 || memcmp(bytes, magic, MAGIC) != 0)
        return fail(MINNOW_ERROR_INPUT, "%s: not a .npy file: it does not begin with \\x93NUMPY", name);
    unsigned major = bytes[MAGIC], minor = bytes[MAGIC + 1];
    if (major < 1 || major > 3 || minor != 0)
        return fail(MINNOW_ERROR_INPUT, "%s: version %u.%u of the format; 1.0, 2.0 and 3.0 are known", name,
                    major, minor);
    size_t width = major == 1 ? 2 : 4;
    *begin = MAGIC + 2 + width;
    *length = 0;
    if (size < *begin)
        return fail(MINNOW_ERROR_INPUT, "%s: cut short after %zu bytes, in the header's length", name, size);
    const uint8_t *stored = bytes + MAGIC + 2;
    *length = width == 2 ? load_le16(stored) : load_le32(stored);
    if (*length > MAX_HEADER)
        return fail(MINNOW_ERROR_INPUT, "%s: a header of %zu bytes; at most %d are accepted", name, *length,
                    MAX_HEADER);
    if (*length > size - *begin)
        return fail(MINNOW_ERROR_INPUT, "%s: cut short: a header of %zu bytes is announced, %zu follow", name,
                    *length, size - *begin);
    return MINNOW_OK;
}

static minnow_status check_size(const char *name, const struct array *array, size_t found) {
    size_t bytes;
    if (!array_product(array, 0, &bytes) || !size_multiply(bytes, array_element_size(array->type), &bytes))
        return fail(MINNOW_ERROR_INPUT, "%s: its shape is larger than any memory", name);
    if (bytes != found)
        return fail(MINNOW_ERROR_INPUT, "%s: its shape takes %zu bytes, but %zu follow the header%s", name,
                    bytes, found, found < bytes ? ": the file is cut short" : "");
    return MINNOW_OK;
}

minnow_status npy_read(const char *name, const uint8_t *bytes, size_t size, enum file_use use,
                       struct array *out) {
    struct array array = {0};
    size_t begin = 0, length = 0;
    *out = array;
    minnow_status status = find_header(name, bytes, size, use, &begin, &length);
    if (status != MINNOW_OK)
        return status;

    const char *header = (const char *)bytes + begin;
    struct cursor cursor = {name, use, header, header, header + length};
    status = read_dictionary(&cursor, &array);
    if (status == MINNOW_OK)
        status = check_size(name, &array, size - begin - length);
    array.data = bytes + begin + length;
    if (status == MINNOW_OK)
        *out = array;
    return status;
}
