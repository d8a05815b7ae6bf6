/* A zip archive of stored members, written by the tests themselves. */
#ifndef MINNOW_TESTS_ZIP_H
#define MINNOW_TESTS_ZIP_H

#include "base/crc32.h"
#include "support/dataset_files.h"

struct zip {
    struct bytes all, directory;
    size_t members;
};

static inline void put_le(struct bytes *bytes, uint64_t value, size_t size) {
    for (size_t i = 0; i < size; i++)
        put(bytes, &(uint8_t){(uint8_t)(i < sizeof value ? value >> (8 * i) : 0)}, 1);
}

/* What a member's header and its entry in the directory share: versions, flags, method, time, sizes. */
static inline void zip_facts(struct bytes *bytes, const char *name, struct bytes content, size_t claimed) {
    put_le(bytes, 20, 2);
    put_le(bytes, 0, 2 + 2 + 4);
    put_le(bytes, crc32_bytes(0, content.data, content.size), 4);
    put_le(bytes, content.size, 4);
    put_le(bytes, claimed, 4);
    put_le(bytes, strlen(name), 2);
    put_le(bytes, 0, 2);
}

static inline void zip_add(struct zip *zip, const char *name, struct bytes content) {
    size_t offset = zip->all.size;
    put(&zip->all, "PK\3\4", 4);
    zip_facts(&zip->all, name, content, content.size);
    put(&zip->all, name, strlen(name));
    put(&zip->all, content.data, content.size);

    put(&zip->directory, "PK\1\2", 4);
    put_le(&zip->directory, 20, 2);
    zip_facts(&zip->directory, name, content, content.size);
    put_le(&zip->directory, 0, 2 + 2 + 2 + 4);
    put_le(&zip->directory, offset, 4);
    put(&zip->directory, name, strlen(name));
    zip->members++;
}

static inline struct bytes zip_end(struct zip *zip) {
    size_t offset = zip->all.size;
    put(&zip->all, zip->directory.data, zip->directory.size);
    put(&zip->all, "PK\5\6", 4);
    put_le(&zip->all, 0, 4);
    put_le(&zip->all, zip->members, 2);
    put_le(&zip->all, zip->members, 2);
    put_le(&zip->all, zip->directory.size, 4);
    put_le(&zip->all, offset, 4);
    put_le(&zip->all, 0, 2);
    return zip->all;
}

#endif
