/* Byte order and checksums. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include "base/byte_order.h"
#include "base/crc32.h"

/* One byte behind the beginning, so that nothing is aligned. */
static const uint8_t bytes[] = {0, 0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8};

Test(bytes, loads_in_the_stated_order) {
    cr_assert_eq(load_le16(bytes + 1), 0x9281);
    cr_assert_eq(load_le32(bytes + 1), 0xb4a39281);
    cr_assert_eq(load_le64(bytes + 1), 0xf8e7d6c5b4a39281);
    cr_assert_eq(load_be32(bytes + 1), 0x8192a3b4);
    cr_assert_eq(load_be64(bytes + 1), 0x8192a3b4c5d6e7f8);
}

Test(bytes, stores_in_the_stated_order) {
    uint8_t stored[10], expected[10];
    static const uint8_t big[] = {0xb4, 0xa3, 0x92, 0x81};

    for (size_t size = 2; size <= 8; size *= 2) {
        memset(stored, 0xee, sizeof stored);
        memset(expected, 0xee, sizeof expected);
        memcpy(expected + 1, bytes + 1, size);
        if (size == 2)
            store_le16(stored + 1, 0x9281);
        else if (size == 4)
            store_le32(stored + 1, 0xb4a39281);
        else
            store_le64(stored + 1, 0xf8e7d6c5b4a39281);
        cr_assert_arr_eq(stored, expected, sizeof stored, "%zu bytes", size);
    }

    store_be32(stored + 1, 0xb4a39281);
    cr_assert_arr_eq(stored + 1, big, sizeof big);
}

Test(bytes, floats_keep_their_bits) {
    static const uint8_t third[] = {0xab, 0xaa, 0xaa, 0x3e}, reversed[] = {0x3e, 0xaa, 0xaa, 0xab};
    static const uint8_t wide[] = {0x18, 0x2d, 0x44, 0x54, 0xfb, 0x21, 0x09, 0xc0},
                         wide_reversed[] = {0xc0, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18};
    uint8_t stored[4];
    cr_assert_eq(load_le_float(third), 1.0f / 3);
    cr_assert_eq(load_be_float(reversed), 1.0f / 3);
    cr_assert_eq(load_le_double(wide), -M_PI);
    cr_assert_eq(load_be_double(wide_reversed), -M_PI);
    store_le_float(stored, 1.0f / 3);
    cr_assert_arr_eq(stored, third, sizeof third);

    static const uint32_t bits[] = {0, 0x80000000, 1, 0x7f800000, 0xff800000, 0x7fc12345};
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        cr_assert_eq(float_to_bits(float_from_bits(bits[i])), bits[i]);
    cr_assert_eq(double_to_bits(-0.0), UINT64_C(1) << 63);
    cr_assert_eq(double_from_bits(0x3ff8000000000000), 1.5);
}

/* The check value of the CRC catalogues, and pieces that make the same as the whole. */
Test(bytes, checksums) {
    cr_assert_eq(crc32_bytes(0, "123456789", 9), 0xcbf43926);
    cr_assert_eq(crc32_bytes(crc32_bytes(0, "1234", 4), "56789", 5), 0xcbf43926);

    static const uint8_t words[] = {1, 0, 0, 0, 4, 3, 2, 1};
    uint32_t expected = crc32_bytes(0, words, sizeof words);
    cr_assert_eq(crc32_u32s(0, (const uint32_t[]){1, 0x01020304}, 2), expected);
    cr_assert_eq(crc32_u64(0, 0x0102030400000001), expected);

    const float floats[] = {float_from_bits(1), float_from_bits(0x01020304)};
    cr_assert_eq(crc32_floats(0, floats, 2), expected);
    cr_assert_eq(crc32_floats(crc32_floats(0, floats, 1), floats + 1, 1), expected);
    cr_assert_eq(crc32_floats(expected, floats, 0), expected);
}
