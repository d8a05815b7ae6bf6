/* The CRC-32 of gzip and PNG (ISO 3309), by which parameters, datasets and checkpoints are recognised again. */
#ifndef MINNOW_BASE_CRC32_H
#define MINNOW_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Each continues `crc`, which is 0 before the first piece, over what it is given, and returns the result.
   Numbers count as their little-endian bytes, so that a checksum is the same on every machine. */
uint32_t crc32_bytes(uint32_t crc, const void *bytes, size_t size);
uint32_t crc32_u64(uint32_t crc, uint64_t value);
uint32_t crc32_u32s(uint32_t crc, const uint32_t *x, size_t n);
uint32_t crc32_floats(uint32_t crc, const float *x, size_t n);

#endif
