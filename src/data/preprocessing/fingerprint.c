#include <libdeflate.h>
#include <string.h>

#include "data/dataset.h"

static uint32_t crc_u64(uint32_t crc, uint64_t value) {
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    return libdeflate_crc32(crc, bytes, sizeof bytes);
}

/* Continues a CRC over words of 32 bits, floats or labels, as little-endian bytes. */
static uint32_t crc_words(uint32_t crc, const void *words, size_t count) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return libdeflate_crc32(crc, words, count * sizeof(uint32_t));
#else
    for (size_t i = 0; i < count; i++) {
        uint32_t word;
        memcpy(&word, (const uint8_t *)words + i * sizeof word, sizeof word);
        word = __builtin_bswap32(word);
        crc = libdeflate_crc32(crc, &word, sizeof word);
    }
    return crc;
#endif
}

uint32_t dataset_crc32(const minnow_dataset *dataset) {
    size_t values = dataset->count * dataset->features;
    uint32_t crc = crc_u64(crc_u64(0, dataset->count), dataset->features);
    if (dataset->bytes != NULL)
        crc = libdeflate_crc32(crc, dataset->bytes, values);
    else
        crc = crc_words(crc, dataset->values, values);
    return crc_words(crc, dataset->labels, dataset->count);
}
