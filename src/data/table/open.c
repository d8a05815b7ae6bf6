/* What a table is read from: a file, standard input or memory, compressed or not, and written as text with delimiters, as
   Weka's ARFF or in UTF-16. All of it becomes one text, which read.c reads. */
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/crc32.h"
#include "base/file.h"
#include "base/status.h"
#include "base/stream.h"
#include "data/formats/arff.h"
#include "data/formats/gzip.h"
#include "data/table/read.h"
#include "data/table/utf16.h"

/* A text in another form is read as the CSV in UTF-8 that it becomes. */
static minnow_status from_converted(minnow_status (*convert)(const char *name, const uint8_t *data,
                                                             size_t size, struct file_bytes *out),
                                    const char *name, const char *text, size_t size,
                                    const struct table_options *options, struct table **out) {
    struct file_bytes csv;
    minnow_status status = convert(name, (const uint8_t *)text, size, &csv);
    if (status != MINNOW_OK)
        return status;
    status = table_from_memory(name, (const char *)csv.data, csv.size, options, out);
    file_bytes_free(&csv);
    return status;
}

minnow_status table_from_memory(const char *name, const char *text, size_t size,
                                const struct table_options *options, struct table **out) {
    *out = NULL;
    if (utf16_detect((const uint8_t *)text, size))
        return from_converted(utf16_to_utf8, name, text, size, options, out);
    if (arff_detect((const uint8_t *)text, size))
        return from_converted(arff_to_csv, name, text, size, options, out);

    struct dialect dialect;
    minnow_status status = dialect_find(name, text, size, options, &dialect);
    if (status != MINNOW_OK)
        return status;

    status = reading_table(&dialect, options, out);
    if (status == MINNOW_OK)
        (*out)->crc32 = crc32_bytes(0, text, size);
    return status;
}

/* Standard input, or a file that is not a regular one. */
static minnow_status gather(const char *path, struct byte_stream *stream) {
    minnow_status status = strcmp(path, "-") == 0 ? stream_from_fd("standard input", STDIN_FILENO, stream)
                                                  : stream_open(path, stream);
    if (status == MINNOW_OK)
        status = stream_gather(stream, SIZE_MAX);
    return status;
}

static minnow_status from_bytes(const char *name, const uint8_t *bytes, size_t size,
                                const struct table_options *options, struct table **out) {
    if (!gzip_detect(bytes, size))
        return table_from_memory(name, (const char *)bytes, size, options, out);
    struct file_bytes expanded;
    minnow_status status = gzip_expand(name, bytes, size, INT_MAX, &expanded);
    if (status != MINNOW_OK)
        return status;
    status = table_from_memory(name, (const char *)expanded.data, expanded.size, options, out);
    file_bytes_free(&expanded);
    return status;
}

minnow_status table_open(const char *path, const struct table_options *options, struct table **out) {
    *out = NULL;
    if (strcmp(path, "-") == 0) {
        struct byte_stream stream = {0};
        minnow_status status = gather(path, &stream);
        if (status == MINNOW_OK)
            status =
                from_bytes(stream.name, stream.bytes + stream.begin, stream.end - stream.begin, options, out);
        stream_close(&stream);
        return status;
    }

    struct file_bytes file;
    minnow_status status = file_map(path, SIZE_MAX / 4, &file);
    if (status != MINNOW_OK)
        return status;
    status = from_bytes(path, file.data, file.size, options, out);
    file_bytes_free(&file);
    return status;
}
