/* Structs whose size the caller states: shorter, equal and longer than the library's, and never initialised. */
#include <criterion/criterion.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/sized.h"

/* What the library works on. The callers below have the beginning of it, or all of it and more. */
struct library {
    size_t struct_size;
    uint64_t first, second;
};

enum { ROOM = 128, CANARY = 0xA5 };

static const struct library defaults = {.struct_size = sizeof(struct library), .first = 11, .second = 22};

/* A caller's struct of `size` bytes; whatever lies behind it must stay a canary. */
struct caller {
    size_t size;
    _Alignas(16) unsigned char bytes[ROOM];
};

static struct caller caller_of(size_t size) {
    struct caller caller = {.size = size};
    memset(caller.bytes, CANARY, sizeof caller.bytes);
    return caller;
}

static uint64_t word(const struct caller *caller, size_t offset) {
    uint64_t value;
    memcpy(&value, caller->bytes + offset, sizeof value);
    return value;
}

static void set_word(struct caller *caller, size_t offset, uint64_t value) {
    cr_assert_leq(offset + sizeof value, sizeof caller->bytes);
    memcpy(caller->bytes + offset, &value, sizeof value);
}

/* That the struct holds the library's values as far as it reaches, zeros beyond, and nothing behind it. */
static void expect_filled(const struct caller *caller) {
    cr_expect_eq(word(caller, 0), caller->size);
    for (size_t offset = sizeof(size_t); offset < caller->size; offset += sizeof(uint64_t)) {
        uint64_t expected = offset == offsetof(struct library, first)    ? 11
                            : offset == offsetof(struct library, second) ? 22
                                                                         : 0;
        cr_expect_eq(word(caller, offset), expected, "size %zu, offset %zu: %llu", caller->size, offset,
                     (unsigned long long)word(caller, offset));
    }
    for (size_t i = caller->size; i < ROOM; i++)
        cr_expect_eq(caller->bytes[i], CANARY, "size %zu: byte %zu was written", caller->size, i);
}

static void expect_untouched(const struct caller *caller) {
    const struct caller before = caller_of(0);
    cr_expect(memcmp(caller->bytes, before.bytes, ROOM) == 0, "size %zu: was written", caller->size);
}

static const size_t sizes[] = {8, 16, 24, 32, 64};
static const size_t impossible[] = {0, 1, 7, 9, 23, 65537, 65544, SIZE_MAX, SIZE_MAX - 7};

#define COUNT(array) (sizeof(array) / sizeof *(array))

Test(sized, init_fills_as_much_as_the_caller_has) {
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct caller caller = caller_of(sizes[i]);
        sized_init(caller.bytes, caller.size, &defaults, sizeof defaults);
        expect_filled(&caller);
    }
}

Test(sized, init_leaves_alone_what_no_struct_can_be) {
    for (size_t i = 0; i < COUNT(impossible); i++) {
        struct caller caller = caller_of(impossible[i]);
        sized_init(caller.bytes, caller.size, &defaults, sizeof defaults);
        expect_untouched(&caller);
    }
    sized_init(NULL, sizeof defaults, &defaults, sizeof defaults);
}

Test(sized, write_fills_as_much_as_the_caller_has) {
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct caller caller = caller_of(sizes[i]);
        set_word(&caller, 0, sizes[i]);
        sized_write(&defaults, sizeof defaults, caller.bytes);
        expect_filled(&caller);
    }
}

Test(sized, write_leaves_alone_what_was_never_initialised) {
    for (size_t i = 0; i < COUNT(impossible); i++) {
        struct caller caller = caller_of(impossible[i]);
        set_word(&caller, 0, impossible[i]);
        sized_write(&defaults, sizeof defaults, caller.bytes);
        cr_expect_eq(word(&caller, 0), impossible[i]);
        set_word(&caller, 0, 0x0101010101010101u * CANARY);
        expect_untouched(&caller);
    }
    sized_write(&defaults, sizeof defaults, NULL);
}

/* Reads a caller's struct whose words after the size are 101, 102, …, up to the library's end, then zeros. */
static struct library read_words(size_t size) {
    struct caller caller = caller_of(size);
    set_word(&caller, 0, size);
    for (size_t offset = sizeof(size_t), i = 1; offset < size; offset += sizeof(uint64_t), i++)
        set_word(&caller, offset, offset < sizeof(struct library) ? 100 + i : 0);
    struct library own = defaults;
    cr_assert_eq(sized_read("test config", caller.bytes, &own, sizeof own), MINNOW_OK, "%s",
                 minnow_last_error());
    return own;
}

Test(sized, read_keeps_the_defaults_of_what_the_caller_does_not_have) {
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct library own = read_words(sizes[i]);
        cr_expect_eq(own.struct_size, sizeof own, "the library's own size, whatever the caller's");
        cr_expect_eq(own.first, sizes[i] >= 16 ? 101 : 11);
        cr_expect_eq(own.second, sizes[i] >= 24 ? 102 : 22);
    }
}

static void expect_refused(const void *theirs, const char *message) {
    struct library own = defaults;
    cr_expect_eq(sized_read("test config", theirs, &own, sizeof own), MINNOW_ERROR_ARGUMENT);
    cr_expect_not_null(strstr(minnow_last_error(), message), "\"%s\" in: %s", message, minnow_last_error());
    cr_expect(memcmp(&own, &defaults, sizeof own) == 0, "a refused struct has changed the library's");
}

Test(sized, read_refuses_members_that_the_library_does_not_know) {
    struct caller caller = caller_of(64);
    for (size_t at = sizeof(struct library); at < caller.size; at++) {
        memset(caller.bytes, 0, caller.size);
        set_word(&caller, 0, caller.size);
        caller.bytes[at] = 1;
        expect_refused(caller.bytes, "test config: sets a member that this version of minnow, ");
        cr_expect_not_null(strstr(minnow_last_error(), minnow_version()));
    }
}

Test(sized, read_refuses_what_was_never_initialised) {
    for (size_t i = 0; i < COUNT(impossible); i++) {
        struct caller caller = caller_of(ROOM);
        set_word(&caller, 0, impossible[i]);
        expect_refused(caller.bytes, "call its _init function first");
    }
    expect_refused(NULL, "test config: NULL");
}
