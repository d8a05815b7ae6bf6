/*
 * Numbers as bytes in a stated order, whatever the order of the machine and the alignment of the bytes. le is
 * little-endian, the lowest byte first; be is big-endian. Compilers make one load or store of each function.
 */
#ifndef MINNOW_BASE_BYTE_ORDER_H
#define MINNOW_BASE_BYTE_ORDER_H

#include <stdint.h>
#include <string.h>

/* ---- Floating point and its bits ---- */

static inline uint32_t float_to_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t double_to_bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double double_from_bits(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- Loads ---- */

static inline uint16_t load_le16(const uint8_t *p) {
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t load_le32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t load_le64(const uint8_t *p) {
    return load_le32(p) | (uint64_t)load_le32(p + 4) << 32;
}

static inline uint32_t load_be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static inline uint64_t load_be64(const uint8_t *p) {
    return (uint64_t)load_be32(p) << 32 | load_be32(p + 4);
}

static inline float load_le_float(const uint8_t *p) {
    return float_from_bits(load_le32(p));
}

static inline float load_be_float(const uint8_t *p) {
    return float_from_bits(load_be32(p));
}

static inline double load_le_double(const uint8_t *p) {
    return double_from_bits(load_le64(p));
}

static inline double load_be_double(const uint8_t *p) {
    return double_from_bits(load_be64(p));
}

/* ---- Stores ---- */

static inline void store_le16(uint8_t *p, uint16_t value) {
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static inline void store_le32(uint8_t *p, uint32_t value) {
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    p[2] = (uint8_t)(value >> 16);
    p[3] = (uint8_t)(value >> 24);
}

static inline void store_le64(uint8_t *p, uint64_t value) {
    store_le32(p, (uint32_t)value);
    store_le32(p + 4, (uint32_t)(value >> 32));
}

static inline void store_be32(uint8_t *p, uint32_t value) {
    p[0] = (uint8_t)(value >> 24);
    p[1] = (uint8_t)(value >> 16);
    p[2] = (uint8_t)(value >> 8);
    p[3] = (uint8_t)value;
}

static inline void store_le_float(uint8_t *p, float value) {
    store_le32(p, float_to_bits(value));
}

#endif
