#include "data/formats/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file_kind.h"
#include "base/memory.h"
#include "base/status.h"
#include "data/formats/gzip.h"

/* ---- Which files are archives ---- */

static bool ends(const char *path, const char *ending) {
    size_t length = strlen(path), tail = strlen(ending);
    return length >= tail && strcmp(path + length - tail, ending) == 0;
}

/* What is compressed as a whole shows only by its name that it is an archive. */
static bool is_compressed_tar(const char *path, const uint8_t *bytes, size_t size) {
    static const char *const endings[] = {".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", NULL};
    bool compressed = size >= 6 && (gzip_detect(bytes, size) ||
                                    memcmp(bytes,
                                           "\xfd"
                                           "7zXZ",
                                           6) == 0 ||
                                    memcmp(bytes, "BZh", 3) == 0);
    for (size_t i = 0; compressed && endings[i] != NULL; i++)
        if (ends(path, endings[i]))
            return true;
    return false;
}

static bool is_tar(const uint8_t *bytes, size_t size) {
    enum { MAGIC_AT = 257 };
    return size >= MAGIC_AT + 5 && memcmp(bytes + MAGIC_AT, "ustar", 5) == 0;
}

bool archive_detect(const char *path) {
    struct stat info;
    uint8_t bytes[FILE_KIND_BYTES];
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return false;
    FILE *file = fopen(path, "rbe");
    size_t size = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file != NULL)
        fclose(file);

    enum file_kind kind = file_kind_of(bytes, size);
    return kind == FILE_KIND_NPZ || kind == FILE_KIND_ZIP || is_tar(bytes, size) ||
           is_compressed_tar(path, bytes, size);
}

#ifdef MINNOW_HAVE_ARCHIVE

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

enum { MEMBERS_MAX = 1000000, BLOCK = 1 << 16 };

/* An archive being read. */
struct reading {
    const char *path;
    struct archive *archive;
    size_t members;
    size_t plausible;      /* the most bytes that its members may expand to, together */
    size_t expanded;       /* bytes of members that were read so far */
    locale_t utf8, before; /* this thread's locale while it reads, and until then; 0 where there is none */
};

/* Names that an archive says are UTF-8 come out in the locale of the thread, if they can be written in it: in a C locale
   they would be lost. */
static void take_locale(struct reading *reading) {
    reading->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (reading->utf8 != (locale_t)0)
        reading->before = uselocale(reading->utf8);
}

static void give_locale_back(const struct reading *reading) {
    if (reading->utf8 == (locale_t)0)
        return;
    uselocale(reading->before);
    freelocale(reading->utf8);
}

static minnow_status fail_archive(const struct reading *reading) {
    const char *why = archive_error_string(reading->archive);
    return fail(MINNOW_ERROR_INPUT, "%s: cannot be read as an archive: %s; get it again", reading->path,
                why != NULL ? why : "it is damaged");
}

static minnow_status fail_implausible(const struct reading *reading) {
    return fail(
        MINNOW_ERROR_INPUT,
        "%s: expands to more than %zu bytes, which its own size makes implausible; unpack it, and give "
        "what is in it",
        reading->path, reading->plausible);
}

static minnow_status begin(const char *path, struct reading *out) {
    struct stat info;
    *out = (struct reading){.path = path, .archive = archive_read_new()};
    if (out->archive == NULL)
        return fail_memory(path);
    out->plausible = gzip_plausible(stat(path, &info) == 0 && info.st_size > 0 ? (size_t)info.st_size : 0);

    struct archive *archive = out->archive;
    archive_read_support_format_zip(archive);
    archive_read_support_format_tar(archive);
    archive_read_support_filter_gzip(archive);
    archive_read_support_filter_bzip2(archive);
    archive_read_support_filter_xz(archive);
    return archive_read_open_filename(archive, path, BLOCK) == ARCHIVE_OK ? MINNOW_OK : fail_archive(out);
}

/* The next member that is a file; *name is NULL behind the last. Also what is skipped of a compressed archive was
   expanded, which filter 0 counts. */
static minnow_status next_member(struct reading *reading, struct archive_entry **entry, const char **name) {
    for (*name = NULL; *name == NULL;) {
        int result = archive_read_next_header(reading->archive, entry);
        if (result == ARCHIVE_EOF)
            return MINNOW_OK;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            return fail_archive(reading);
        if (++reading->members > MEMBERS_MAX)
            return fail(MINNOW_ERROR_INPUT, "%s: more than %d members", reading->path, MEMBERS_MAX);
        if (archive_filter_bytes(reading->archive, 0) > (la_int64_t)reading->plausible)
            return fail_implausible(reading);
        if (archive_entry_filetype(*entry) != AE_IFREG)
            continue;
        *name = archive_entry_pathname_utf8(*entry);
        if (*name == NULL)
            *name = archive_entry_pathname(*entry);
        if (*name == NULL)
            return fail(MINNOW_ERROR_INPUT,
                        "%s: the name of member %zu cannot be read; unpack the archive, and "
                        "give the folder",
                        reading->path, reading->members);
    }
    return MINNOW_OK;
}

/* Memory grows with what is there, not with what the member's header claims. */
static minnow_status read_member(struct reading *reading, struct file_bytes *out) {
    size_t capacity = BLOCK, size = 0;
    uint8_t *bytes = malloc(capacity);
    minnow_status status = MINNOW_OK;
    while (bytes != NULL) {
        la_ssize_t got = archive_read_data(reading->archive, bytes + size, capacity - size);
        if (got < 0)
            status = fail_archive(reading);
        if (got <= 0)
            break;
        size += (size_t)got;
        reading->expanded += (size_t)got;
        if (reading->expanded > reading->plausible) {
            status = fail_implausible(reading);
            break;
        }
        if (size < capacity)
            continue;
        uint8_t *larger = realloc(bytes, capacity *= 2);
        if (larger == NULL)
            free(bytes);
        bytes = larger;
    }

    if (bytes == NULL)
        return fail_memory(reading->path);
    *out = (struct file_bytes){bytes, size, false};
    if (status != MINNOW_OK)
        file_bytes_free(out);
    return status;
}

static minnow_status visit(struct reading *reading, const struct archive_reader *reader) {
    for (;;) {
        struct archive_entry *entry;
        const char *name;
        minnow_status status = next_member(reading, &entry, &name);
        if (status != MINNOW_OK || name == NULL)
            return status;
        if (!reader->wants(reader->context, name))
            continue;

        struct file_bytes bytes = {0};
        status = read_member(reading, &bytes);
        if (status == MINNOW_OK)
            status = reader->take(reader->context, name, &bytes);
        file_bytes_free(&bytes);
        if (status != MINNOW_OK)
            return status;
    }
}

minnow_status archive_read(const char *path, const struct archive_reader *reader) {
    struct reading reading;
    minnow_status status = begin(path, &reading);
    take_locale(&reading);
    if (status == MINNOW_OK)
        status = visit(&reading, reader);
    if (reading.archive != NULL)
        archive_read_free(reading.archive);
    give_locale_back(&reading);
    return status;
}

#else

minnow_status archive_read(const char *path, const struct archive_reader *reader) {
    (void)reader;
    return fail(
        MINNOW_ERROR_INPUT,
        "%s: an archive, and this minnow was built without libarchive, which reads them; unpack it, and "
        "give the folder",
        path);
}

#endif

/* ---- Names ---- */

struct listing {
    struct name_set *list;
    minnow_status status;
};

/* Takes the name and wants nothing of the content. */
static bool note_name(void *context, const char *name) {
    struct listing *listing = context;
    if (listing->status == MINNOW_OK)
        listing->status = name_set_add(listing->list, name);
    return false;
}

minnow_status archive_list(const char *path, struct name_set *out) {
    *out = (struct name_set){0};
    struct listing listing = {out, MINNOW_OK};
    minnow_status status = archive_read(path, &(struct archive_reader){note_name, NULL, &listing});
    if (status == MINNOW_OK)
        status = listing.status;
    if (status == MINNOW_OK)
        name_set_sort(out);
    else
        name_set_free(out);
    return status;
}
