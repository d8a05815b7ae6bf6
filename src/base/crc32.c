#include "base/crc32.h"

#include <libdeflate.h>

#include "base/byte_order.h"

uint32_t crc32_bytes(uint32_t crc, const void *bytes, size_t size) {
    return libdeflate_crc32(crc, bytes, size);
}

uint32_t crc32_u64(uint32_t crc, uint64_t value) {
    uint8_t bytes[sizeof value];
    store_le64(bytes, value);
    return crc32_bytes(crc, bytes, sizeof bytes);
}

/* n words of 32 bits, of whatever type. */
static uint32_t crc_words(uint32_t crc, const void *words, size_t n) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return crc32_bytes(crc, words, n * sizeof(uint32_t));
#else
    for (size_t i = 0; i < n; i++) {
        uint32_t word;
        uint8_t bytes[sizeof word];
        memcpy(&word, (const uint8_t *)words + i * sizeof word, sizeof word);
        store_le32(bytes, word);
        crc = crc32_bytes(crc, bytes, sizeof bytes);
    }
    return crc;
#endif
}

uint32_t crc32_u32s(uint32_t crc, const uint32_t *x, size_t n) {
    return crc_words(crc, x, n);
}

uint32_t crc32_floats(uint32_t crc, const float *x, size_t n) {
    return crc_words(crc, x, n);
}
