/* LIBSVM's and SVMlight's text: a line a sample, its label and then INDEX:VALUE for each feature that is not 0, indices
   ascending. What is left out stays left out: such datasets are sparse in memory. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "data/formats/format.h"
#include "data/formats/gzip.h"
#include "data/formats/libsvm.h"

/* ---- Lines ---- */

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

void libsvm_begin(struct libsvm_reader *reader, const char *name, const uint8_t *bytes, size_t size) {
    *reader =
        (struct libsvm_reader){.name = name, .at = (const char *)bytes, .end = (const char *)bytes + size};
}

/* To the next line that has something on it but a comment. False at the end. */
static bool next_line(struct libsvm_reader *reader) {
    while (reader->at < reader->end) {
        const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
        const char *line_end = newline != NULL ? newline : reader->end;
        const char *comment = memchr(reader->at, '#', (size_t)(line_end - reader->at));
        reader->cursor = reader->at;
        reader->line_end = comment != NULL ? comment : line_end;
        reader->at = newline != NULL ? newline + 1 : reader->end;
        reader->line++;
        while (reader->cursor < reader->line_end && is_space(*reader->cursor))
            reader->cursor++;
        if (reader->cursor < reader->line_end)
            return true;
    }
    return false;
}

static minnow_status unexpected(const struct libsvm_reader *reader, const char *expected) {
    int left = (int)size_min((size_t)(reader->line_end - reader->cursor), 24);
    return fail(MINNOW_ERROR_INPUT, "%s: line %zu: expected %s, found \"%.*s\"", reader->name, reader->line,
                expected, left, reader->cursor);
}

/* Whether a number, or a whole pair, ends where the cursor is. */
static bool ends_here(const struct libsvm_reader *reader) {
    return reader->cursor == reader->line_end || is_space(*reader->cursor);
}

/* Whether the line begins with a pair, and so has no label. */
static bool begins_with_pair(const struct libsvm_reader *reader) {
    const char *p = reader->cursor;
    size_t left = (size_t)(reader->line_end - p);
    if (left > 4 && memcmp(p, "qid:", 4) == 0)
        return true;
    while (p < reader->line_end && *p >= '0' && *p <= '9')
        p++;
    return p > reader->cursor && p < reader->line_end && *p == ':';
}

minnow_status libsvm_next_row(struct libsvm_reader *reader, double *label, bool *got) {
    *got = next_line(reader);
    if (!*got)
        return MINNOW_OK;
    reader->previous = -1;
    if (reader->labels_optional && begins_with_pair(reader)) {
        *label = (double)NAN;
        return MINNOW_OK;
    }
    if (!number_read_double(&reader->cursor, reader->line_end, label) || !ends_here(reader) ||
        !isfinite(*label)) {
        *got = false;
        return unexpected(reader, "one number for a label");
    }
    return MINNOW_OK;
}

static bool read_index(struct libsvm_reader *reader, int64_t *out) {
    const char *first = reader->cursor;
    *out = 0;
    for (; reader->cursor < reader->line_end && *reader->cursor >= '0' && *reader->cursor <= '9';
         reader->cursor++)
        if (*out <= DATASET_SPARSE_FEATURES_MAX)
            *out = *out * 10 + (*reader->cursor - '0');
    return reader->cursor > first && reader->cursor < reader->line_end && *reader->cursor++ == ':';
}

minnow_status libsvm_next_entry(struct libsvm_reader *reader, size_t *index, float *value, bool *got) {
    int64_t number;
    *got = false;
    while (reader->cursor < reader->line_end && is_space(*reader->cursor))
        reader->cursor++;
    if (reader->cursor == reader->line_end)
        return MINNOW_OK;

    /* SVMlight groups the samples of a query: qid:7. */
    const char *start = reader->cursor;
    if (reader->line_end - start > 4 && memcmp(start, "qid:", 4) == 0) {
        while (!ends_here(reader))
            reader->cursor++;
        return libsvm_next_entry(reader, index, value, got);
    }

    bool indexed = read_index(reader, &number);
    const char *text = reader->cursor;
    if (!indexed || !number_read_float(&reader->cursor, reader->line_end, value) || !ends_here(reader) ||
        !isfinite(*value)) {
        reader->cursor = start;
        return unexpected(reader, "INDEX:VALUE");
    }
    reader->inexact |= number_text_is_rounded(text, reader->cursor, *value);
    if (number > DATASET_SPARSE_FEATURES_MAX)
        return fail(MINNOW_ERROR_INPUT, "%s: line %zu: index %lld, expected at most %d", reader->name,
                    reader->line, (long long)number, DATASET_SPARSE_FEATURES_MAX);
    if (number <= reader->previous)
        return fail(MINNOW_ERROR_INPUT, "%s: line %zu: index %lld behind %lld, expected them to ascend",
                    reader->name, reader->line, (long long)number, (long long)reader->previous);
    reader->previous = number;
    *index = (size_t)number;
    *got = true;
    return MINNOW_OK;
}

/* ---- Whole files ---- */

/* Arrays with room for all that the bytes can hold: a pair has a colon, and a sample a line. */
static minnow_status make_room(const char *name, const uint8_t *bytes, size_t size, minnow_dataset *dataset) {
    size_t entries = 0, lines = 1;
    for (size_t i = 0; i < size; i++) {
        entries += bytes[i] == ':';
        lines += bytes[i] == '\n';
    }
    if (entries > UINT32_MAX || lines > DATASET_COUNT_MAX)
        return fail(MINNOW_ERROR_INPUT, "%s: %zu values in %zu lines, expected at most %u values", name,
                    entries, lines, UINT32_MAX);

    struct sparse_features *sparse = &dataset->sparse;
    sparse->start = memory_allocate_unset(lines + 1, sizeof *sparse->start);
    sparse->index = memory_allocate_unset(entries, sizeof *sparse->index);
    sparse->value = memory_allocate_unset(entries, sizeof *sparse->value);
    dataset->labels = memory_allocate_unset(lines, sizeof *dataset->labels);
    bool there =
        sparse->start != NULL && sparse->index != NULL && sparse->value != NULL && dataset->labels != NULL;
    return there ? MINNOW_OK : fail_memory(name);
}

/* Classes are whole numbers from 0 up; the two of many such files, -1 and +1, are told apart later. */
static minnow_status keep_label(const struct libsvm_reader *reader, double label, minnow_dataset *dataset) {
    bool minus = label == -1.0;
    if (!minus && (label < 0.0 || label > DATASET_CLASSES_MAX || label != floor(label)))
        return fail(MINNOW_ERROR_INPUT,
                    "%s: line %zu: label %g, expected a class: a whole number from 0 to %d, or -1 and 1",
                    reader->name, reader->line, label, DATASET_CLASSES_MAX - 1);
    dataset->labels[dataset->count] = minus ? UINT32_MAX : (uint32_t)label;
    return MINNOW_OK;
}

static minnow_status read_rows(struct libsvm_reader *reader, minnow_dataset *dataset, size_t *least) {
    struct sparse_features *sparse = &dataset->sparse;
    size_t entries = 0;
    sparse->start[0] = 0;
    for (;; dataset->count++) {
        double label;
        bool got;
        minnow_status status = libsvm_next_row(reader, &label, &got);
        if (status != MINNOW_OK || !got)
            return status;
        status = keep_label(reader, label, dataset);
        while (status == MINNOW_OK && got) {
            size_t index;
            float value;
            status = libsvm_next_entry(reader, &index, &value, &got);
            if (status != MINNOW_OK || !got)
                continue;
            *least = size_min(*least, index);
            dataset->features = index + 1 > dataset->features ? index + 1 : dataset->features;
            sparse->index[entries] = (uint32_t)index;
            sparse->value[entries] = value;
            entries += value != 0.0f;
        }
        if (status != MINNOW_OK)
            return status;
        sparse->start[dataset->count + 1] = (uint32_t)entries;
    }
}

/* -1 and +1 become the classes 0 and 1, which keep their names. */
static minnow_status settle_signs(const char *name, minnow_dataset *dataset) {
    bool minus = false, others = false;
    for (size_t i = 0; i < dataset->count; i++) {
        minus = minus || dataset->labels[i] == UINT32_MAX;
        others = others || (dataset->labels[i] != UINT32_MAX && dataset->labels[i] != 1);
    }
    if (!minus)
        return MINNOW_OK;
    if (others || (dataset->classes != 0 && dataset->classes != 2))
        return fail(MINNOW_ERROR_INPUT, "%s: labels of -1 beside others than 1; expected two classes", name);

    for (size_t i = 0; i < dataset->count; i++)
        dataset->labels[i] = dataset->labels[i] == 1;
    dataset->classes = 2;
    dataset->class_names = calloc(2, sizeof *dataset->class_names);
    if (dataset->class_names == NULL || (dataset->class_names[0] = memory_copy_string("-1")) == NULL ||
        (dataset->class_names[1] = memory_copy_string("+1")) == NULL)
        return fail_memory(name);
    return MINNOW_OK;
}

minnow_status libsvm_read(const char *name, const uint8_t *bytes, size_t size, minnow_dataset *dataset) {
    struct libsvm_reader reader;
    size_t least = SIZE_MAX;
    libsvm_begin(&reader, name, bytes, size);
    dataset->scale = 1.0f;
    minnow_status status = make_room(name, bytes, size, dataset);
    if (status == MINNOW_OK)
        status = read_rows(&reader, dataset, &least);
    if (status == MINNOW_OK && (dataset->count == 0 || dataset->features == 0))
        status = fail(MINNOW_ERROR_INPUT,
                      "%s: no samples with features; expected lines of LABEL INDEX:VALUE ...", name);
    if (status == MINNOW_OK)
        status = settle_signs(name, dataset);
    if (status == MINNOW_OK)
        status = data_format_check_labels(name, dataset);
    dataset->inexact = reader.inexact;
    if (status != MINNOW_OK || least == 0)
        return status;

    /* Indices count from 1, as they do unless one is 0. */
    for (size_t i = 0; i < dataset->sparse.start[dataset->count]; i++)
        dataset->sparse.index[i]--;
    dataset->features--;
    return MINNOW_OK;
}

/* ---- The row ---- */

/* Whether the first line is a label, which may be optional, and pairs, as far as it is there. */
static bool begins_as_rows(const uint8_t *bytes, size_t size, bool labels_optional) {
    struct libsvm_reader reader;
    const uint8_t *newline = memchr(bytes, '\n', size);
    double label;
    size_t index, pairs = 0;
    float value;
    bool got;
    libsvm_begin(&reader, "", bytes, newline != NULL ? (size_t)(newline - bytes) : size);
    reader.labels_optional = labels_optional;
    if (libsvm_next_row(&reader, &label, &got) != MINNOW_OK || !got)
        return false;
    while (libsvm_next_entry(&reader, &index, &value, &got) == MINNOW_OK && got)
        pairs++;

    /* A line that is longer than what is there ends within a pair. */
    return pairs > 0 && (reader.cursor == reader.line_end || (newline == NULL && pairs > 2));
}

/* To predict from, a label is not needed. To train, a table of times of day, 12:30 13:45, must not be taken for pairs. */
static bool recognise(const uint8_t *bytes, size_t size) {
    return begins_as_rows(bytes, size, true);
}

/* FILE.t, or FILE.t.gz, holds the test samples of FILE or FILE.gz, as LIBSVM's own data sets have it. The path of what
   there is, from malloc, or NULL. */
static minnow_status find_test(const char *path, char **out) {
    static const char *const endings[] = {".t", ".t.gz"};
    size_t length = strlen(path);
    size_t stem = length > 3 && strcmp(path + length - 3, ".gz") == 0 ? length - 3 : length;
    *out = NULL;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char *test;
        struct stat info;
        if (asprintf(&test, "%.*s%s", (int)stem, path, endings[i]) < 0)
            return fail_memory(path);
        if (stat(test, &info) == 0) {
            *out = test;
            return MINNOW_OK;
        }
        free(test);
    }
    return MINNOW_OK;
}

static minnow_status subset_path(const char *path, minnow_subset subset, char **out, bool *whole) {
    minnow_status status = find_test(path, out);
    *whole = *out == NULL;
    if (status != MINNOW_OK || (*out != NULL && subset == MINNOW_SUBSET_TEST))
        return status;
    free(*out);
    *out = memory_copy_string(path);
    return *out != NULL ? MINNOW_OK : fail_memory(path);
}

/* Whether a file of these first bytes is one, compressed or not. */
static bool has_rows(const uint8_t *bytes, size_t size) {
    uint8_t text[DATA_FORMAT_PEEK];
    if (!gzip_detect(bytes, size))
        return begins_as_rows(bytes, size_min(size, DATA_FORMAT_PEEK), false);
    size_t length = gzip_peek(bytes, size, text, sizeof text);
    return length > 0 && begins_as_rows(text, length, false);
}

static minnow_status has(const char *path, minnow_subset subset, bool *out) {
    (void)subset;
    enum { COMPRESSED_PEEK = 1 << 14 };
    uint8_t bytes[COMPRESSED_PEEK];
    struct stat info;
    bool regular = stat(path, &info) == 0 && S_ISREG(info.st_mode);
    FILE *file = regular ? fopen(path, "rbe") : NULL;
    size_t size = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file != NULL)
        fclose(file);
    *out = has_rows(bytes, size);
    return MINNOW_OK;
}

static minnow_status read_file(const char *path, bool map, struct file_bytes *out) {
    minnow_status status = map ? file_map(path, SIZE_MAX / 2, out) : file_read(path, SIZE_MAX / 2, out);
    if (status != MINNOW_OK || !gzip_detect(out->data, out->size))
        return status;
    struct file_bytes expanded;
    status = gzip_expand(path, out->data, out->size, SIZE_MAX / 2, &expanded);
    file_bytes_free(out);
    *out = expanded;
    return status;
}

static minnow_status read_subset(const char *path, minnow_subset subset, const struct data_request *request,
                                 minnow_dataset *dataset) {
    char *own;
    struct file_bytes bytes;
    minnow_status status = subset_path(path, subset, &own, &dataset->whole);
    if (status != MINNOW_OK)
        return status;
    status = read_file(own, request->map, &bytes);
    if (status == MINNOW_OK) {
        status = libsvm_read(own, bytes.data, bytes.size, dataset);
        file_bytes_free(&bytes);
    }
    free(own);
    return status;
}

/* ---- Samples to predict from ---- */

struct libsvm_samples {
    struct sample_stream base;
    struct byte_stream bytes;
    struct libsvm_reader reader;
    size_t features, first; /* first: the index of the first feature, 1, or 0 when one has appeared */
};

static void close_samples(struct sample_stream *stream) {
    struct libsvm_samples *samples = (struct libsvm_samples *)stream;
    stream_close(&samples->bytes);
    free(samples);
}

static minnow_status next_sample(struct sample_stream *stream, bool wait, float *values, bool *got) {
    (void)wait;
    struct libsvm_samples *samples = (struct libsvm_samples *)stream;
    double label;
    minnow_status status = libsvm_next_row(&samples->reader, &label, got);
    if (status != MINNOW_OK || !*got)
        return status;

    memset(values, 0, samples->features * sizeof *values);
    for (bool more = true; more;) {
        size_t index;
        float value;
        status = libsvm_next_entry(&samples->reader, &index, &value, &more);
        if (status == MINNOW_OK && more &&
            (index < samples->first || index - samples->first >= samples->features))
            status = fail(MINNOW_ERROR_INPUT, "%s: line %zu: index %zu, but the network takes %zu values",
                          samples->reader.name, samples->reader.line, index, samples->features);
        if (status != MINNOW_OK) {
            *got = false;
            return status;
        }
        if (more)
            values[index - samples->first] = value;
    }
    return MINNOW_OK;
}

/* Whether any line has the index 0. What is wrong with a line is said when it is its turn. */
static bool counts_from_zero(struct libsvm_reader reader) {
    double label;
    size_t index;
    float value;
    bool got;
    while (libsvm_next_row(&reader, &label, &got) == MINNOW_OK && got)
        if (libsvm_next_entry(&reader, &index, &value, &got) == MINNOW_OK && got && index == 0)
            return true;
    return false;
}

static minnow_status stream_samples(struct byte_stream *bytes, const struct sample_form *form,
                                    struct sample_stream **out) {
    *out = NULL;
    minnow_status status = stream_gather(bytes, (size_t)INT_MAX + 1);
    if (status == MINNOW_OK && !bytes->at_end)
        status = fail(MINNOW_ERROR_INPUT, "%s: larger than the %d bytes such an input may have", bytes->name,
                      INT_MAX);
    if (status != MINNOW_OK)
        return status;

    struct libsvm_samples *samples = calloc(1, sizeof *samples);
    if (samples == NULL)
        return fail_memory(bytes->name);
    *samples = (struct libsvm_samples){
        .base = {.next = next_sample, .close = close_samples}, .bytes = *bytes, .features = form->features};
    libsvm_begin(&samples->reader, bytes->name, bytes->bytes + bytes->begin, bytes->end - bytes->begin);
    samples->reader.labels_optional = true;
    samples->first = !counts_from_zero(samples->reader);
    *bytes = (struct byte_stream){0};
    *out = &samples->base;
    return MINNOW_OK;
}

const struct data_format libsvm_format = {
    .name = "libsvm",
    .help =
        "LIBSVM's and SVMlight's LABEL INDEX:VALUE ... lines, in FILE and FILE.t,\ngzip-compressed or not",
    .files = {"file of LABEL INDEX:VALUE lines", "file of LABEL INDEX:VALUE lines"},
    .has = has,
    .recognise = recognise,
    .read = read_subset,
    .stream = stream_samples,
};
