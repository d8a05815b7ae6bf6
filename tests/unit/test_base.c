/* Numbers as text, random draws, exact functions, checked sizes, messages, and the thread team. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/exact_math.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"
#include "base/status.h"
#include "base/team.h"

/* ---- Numbers ---- */

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void expect_float(const char *text, float expected, size_t consumed) {
    size_t length = strlen(text);
    char *exact = malloc(length ? length : 1); /* without a NUL: the end alone must stop the reader */
    memcpy(exact, text, length);
    const char *at = exact;
    float value;
    cr_assert(number_read_float(&at, exact + length, &value), "\"%s\"", text);
    cr_assert_eq(bits_of(value), bits_of(expected), "\"%s\" gave %a, not %a", text, (double)value,
                 (double)expected);
    cr_assert_eq((size_t)(at - exact), consumed, "\"%s\": %zu characters read", text, (size_t)(at - exact));
    free(exact);
}

Test(base, reads_floats) {
    expect_float("1", 1.0f, 1);
    expect_float("-0", -0.0f, 2);
    expect_float("+.5e1x", 5.0f, 5);
    expect_float("5.,", 5.0f, 2);
    expect_float("1e", 1.0f, 1);
    expect_float("1e+", 1.0f, 1);
    expect_float("0x10", 0.0f, 1);
    expect_float("1,5", 1.0f, 1);
    expect_float("1e-46", 0.0f, 5);
    expect_float("1e40", INFINITY, 4);
    expect_float("-InFiNiTy", -INFINITY, 9);
    expect_float("infx", INFINITY, 3);
    expect_float("1e99999999999999999999", INFINITY, 22);
    expect_float("-1e-99999999999999999999", -0.0f, 24);
    expect_float("1e4294967297", INFINITY, 12);
    expect_float("00000000000000000000000000000000000001", 1.0f, 38);
    /* 16 digits whose nearest double is the middle between two floats, and lies on the other side of the
       number: rounding to double and then to float goes astray. */
    expect_float("5.000000715255737", 0x1.400002p2f, 17);
    expect_float("-5.000000715255737", -0x1.400002p2f, 18);
    expect_float("16777217", 16777216.0f, 8); /* ties to even */
    expect_float("16777219", 16777220.0f, 8);
    expect_float("16777217.000000000000000000000000001", 16777218.0f, 36);
    expect_float("340282346638528859811704183484516925440", FLT_MAX, 39);
    expect_float("340282356779733661637539395458142568447", FLT_MAX, 39);
    expect_float("340282356779733661637539395458142568448", INFINITY, 39);
    expect_float("1.401298464324817e-45", 0x1p-149f, 21);
    expect_float("1.1754943508222875e-38", 0x1p-126f, 22);
    expect_float("1.1754942807573643e-38", 0x1p-126f,
                 22); /* just above the middle below the smallest normal float */
    expect_float("1.1754942807573642e-38", 0x0.fffffep-126f, 22);
}

Test(base, refuses_what_is_no_number) {
    static const char *const texts[] = {"",   "-",   "+", ".",  "-.", "e5",  ".e5",
                                        " 1", "\t1", "x", "na", "in", "--1", "+-1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *at = texts[i];
        float value;
        double wide;
        cr_assert(!number_read_float(&at, at + strlen(at), &value), "\"%s\"", texts[i]);
        cr_assert_eq(at, texts[i]);
        cr_assert(!number_read_double(&at, at + strlen(at), &wide), "\"%s\"", texts[i]);
        cr_assert_eq(at, texts[i]);
    }
}

/* Numbers made of random digits, against the C library. */
Test(base, agrees_with_the_c_library) {
    for (uint32_t i = 0; i < 200000; i++) {
        struct random_block draw = random_draw(1, RANDOM_SHUFFLE, 0, 0, i);
        char text[96];
        int length = snprintf(text, sizeof text, "%s%.*u%.*s%ue%d", draw.word[0] & 1 ? "-" : "",
                              (int)(draw.word[0] >> 8 & 7) + 1, draw.word[1] >> (draw.word[0] >> 16 & 31),
                              (int)(draw.word[0] >> 1 & 1), ".", draw.word[2] >> (draw.word[0] >> 24 & 31),
                              (int)(draw.word[3] % 61) - 30);
        const char *at = text;
        float value;
        cr_assert(number_read_float(&at, text + length, &value), "%s", text);
        cr_assert_eq(bits_of(value), bits_of(strtof(text, NULL)), "%s", text);
        double wide;
        cr_assert(number_parse_double(text, &wide), "%s", text);
        cr_assert_eq(wide, strtod(text, NULL), "%s", text);
    }
}

Test(base, parses_whole_strings) {
    double wide;
    cr_assert(number_parse_double("2.5e-3", &wide) && wide == 0.0025);
    cr_assert(number_parse_double("nan", &wide) && isnan(wide));
    cr_assert(!number_parse_double("", &wide));
    cr_assert(!number_parse_double("1 ", &wide));
    cr_assert(!number_parse_double("1x", &wide));
    cr_assert(!number_parse_double(" 1", &wide));
    uint64_t whole;
    cr_assert(number_parse_u64("0", &whole) && whole == 0);
    cr_assert(number_parse_u64("18446744073709551615", &whole) && whole == UINT64_MAX);
    static const char *const wrong[] = {
        "", "18446744073709551616", "99999999999999999999", "-1", "+1", "1.0", "1e3", "0x1", " 1", "1 "};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_assert(!number_parse_u64(wrong[i], &whole), "\"%s\"", wrong[i]);
}

Test(base, writes_numbers_that_read_back) {
    char text[NUMBER_TEXT];
    cr_assert_eq(number_write_e18(-1.0 / 3.0, text), 25);
    cr_assert_str_eq(text, "-3.333333333333333148e-01");
    cr_assert_eq(number_write_e18(-DBL_MAX, text), 26);
    cr_assert_str_eq(text, "-1.797693134862315708e+308");
    static const struct {
        float value;
        const char *text;
    } shortest[] = {{0.0f, "0"},
                    {-0.0f, "-0"},
                    {1.0f, "1"},
                    {0.1f, "0.1"},
                    {0.17f, "0.17"},
                    {1e10f, "1e+10"},
                    {16777216.0f, "16777216"},
                    {0x1p-149f, "1e-45"},
                    {FLT_MAX, "3.4028235e+38"},
                    {0.3f, "0.3"},
                    {1.0f / 3.0f, "0.33333334"}};
    for (size_t i = 0; i < sizeof shortest / sizeof shortest[0]; i++) {
        cr_assert_eq(number_write_shortest(shortest[i].value, text), strlen(shortest[i].text));
        cr_assert_str_eq(text, shortest[i].text);
    }
    for (uint32_t i = 0; i < 100000; i++) {
        uint32_t bits = random_draw(2, RANDOM_SHUFFLE, 0, 0, i).word[0];
        float value, back;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        const char *at = text;
        size_t length = number_write_shortest(value, text);
        cr_assert(number_read_float(&at, text + length, &back) && at == text + length);
        cr_assert_eq(bits_of(back), bits, "%s", text);
        at = text;
        length = number_write_e18((double)value, text);
        cr_assert(number_read_float(&at, text + length, &back) && at == text + length);
        cr_assert_eq(bits_of(back), bits, "%s", text);
    }
}

/* ---- Random numbers: the known answers that come with Random123 ---- */

static void expect_draw(const uint32_t counter[4], const uint32_t key[2], const uint32_t expected[4]) {
    uint64_t seed = (uint64_t)key[1] << 32 | key[0];
    struct random_block block =
        random_draw(seed, (enum random_purpose)counter[3], counter[2], counter[1], counter[0]);
    cr_assert_arr_eq(block.word, expected, sizeof block.word);
}

Test(base, philox_gives_the_known_answers) {
    expect_draw((uint32_t[]){0, 0, 0, 0}, (uint32_t[]){0, 0},
                (uint32_t[]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    expect_draw((uint32_t[]){UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX},
                (uint32_t[]){UINT32_MAX, UINT32_MAX},
                (uint32_t[]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    expect_draw((uint32_t[]){0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                (uint32_t[]){0xa4093822, 0x299f31d0},
                (uint32_t[]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

/* Mean, variance, fourth moment and correlation of a million draws, each within five standard errors. */
Test(base, normal_draws_are_normal) {
    enum { PAIRS = 500000 };
    double sum = 0, squares = 0, fourths = 0, products = 0;
    for (uint32_t i = 0; i < PAIRS; i++) {
        double pair[2];
        random_normal_pair(random_draw(3, RANDOM_INIT, 0, 0, i), pair);
        for (int j = 0; j < 2; j++) {
            sum += pair[j];
            squares += pair[j] * pair[j];
            fourths += pair[j] * pair[j] * pair[j] * pair[j];
        }
        products += pair[0] * pair[1];
    }
    double n = 2.0 * PAIRS;
    cr_assert_lt(fabs(sum / n), 5 * sqrt(1 / n));
    cr_assert_lt(fabs(squares / n - 1), 5 * sqrt(2 / n));
    cr_assert_lt(fabs(fourths / n - 3), 5 * sqrt(96 / n));
    cr_assert_lt(fabs(products / PAIRS), 5 * sqrt(1.0 / PAIRS));
}

Test(base, the_rarest_draws_are_finite) {
    static const uint32_t edge[] = {0, 1, 0x3fffffff, 0x40000000, 0x80000000, 0xfffffffe, UINT32_MAX};
    for (size_t a = 0; a < 7; a++)
        for (size_t b = 0; b < 7; b++) {
            double pair[2];
            random_normal_pair((struct random_block){{edge[a], edge[b], 0, 0}}, pair);
            cr_assert(isfinite(pair[0]) && isfinite(pair[1]));
            cr_assert_lt(fabs(pair[0]), 6.7);
            double radius = sqrt(-2 * log(1.0 - edge[a] * 0x1p-32)), turn = edge[b] * 0x1p-32;
            cr_assert_float_eq(pair[0], radius * cos(2 * M_PI * turn), 1e-14);
            cr_assert_float_eq(pair[1], radius * sin(2 * M_PI * turn), 1e-14);
        }
    cr_assert_eq(random_unit(0), 0.0);
    cr_assert_lt(random_unit(UINT32_MAX), 1.0);
}

/* ---- Exact functions, against the C library's long double ---- */

static double relative(double value, long double expected) {
    if (expected == 0)
        return fabs(value);
    return (double)(fabsl((long double)value - expected) / fabsl(expected));
}

static double uniform(uint32_t index, double low, double high) {
    struct random_block draw = random_draw(4, RANDOM_SHUFFLE, 0, 0, index);
    return low + (high - low) * (draw.word[0] * 0x1p-32 + draw.word[1] * 0x1p-64);
}

Test(base, exact_functions_agree_with_libm) {
    for (uint32_t i = 0; i < 200000; i++) {
        double x = uniform(i, -700, 700);
        cr_assert_lt(relative(exact_exp(x), expl((long double)x)), 1e-15, "exp(%a)", x);
        x = exp(uniform(i, -740, 709));
        cr_assert_lt(relative(exact_log(x), logl((long double)x)), 1e-15, "log(%a)", x);
        x = uniform(i, 0.5, 2);
        cr_assert_lt(relative(exact_log(x), logl((long double)x)), 1e-15, "log(%a)", x);
        double t = uniform(i, -3, 3) * (i % 3 == 0 ? 0x1p28 : 1);
        long double angle = 2 * acosl(-1.0L) * ((long double)t - roundl((long double)t));
        cr_assert_lt(fabs((double)((long double)exact_cos_turn(t) - cosl(angle))), 1e-15, "cos(2π %a)", t);
        cr_assert_lt(fabs((double)((long double)exact_sin_turn(t) - sinl(angle))), 1e-15, "sin(2π %a)", t);
    }
    static const double edges[] = {
        DBL_MIN,   0x1p-1074,       0x1.8p-1060,        DBL_MAX, 1.0, 2.0, 0.5, M_SQRT2,
        M_SQRT1_2, 1 + DBL_EPSILON, 1 - DBL_EPSILON / 2};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
        cr_assert_lt(relative(exact_log(edges[i]), logl((long double)edges[i])), 1e-15, "log(%a)", edges[i]);
    cr_assert_eq(exact_log(1.0), 0.0);
    cr_assert_eq(exact_exp(0.0), 1.0);
    cr_assert_eq(exact_cos_turn(0.0), 1.0);
    cr_assert_eq(exact_cos_turn(0.5), -1.0);
    cr_assert_eq(exact_sin_turn(0.25), 1.0);
    cr_assert_eq(exact_cos_turn(0.25), 0.0);
}

/* Bits fixed once, so that a machine or compiler that gives others is noticed. */
Test(base, exact_functions_give_the_same_bits_everywhere) {
    uint64_t hash = 14695981039346656037u;
    for (uint32_t i = 0; i < 10000; i++) {
        double results[4] = {exact_exp(uniform(i, -700, 700)), exact_log(uniform(i, 1e-300, 10)),
                             exact_cos_turn(uniform(i, -2, 2)), exact_sin_turn(uniform(i, -2, 2))};
        for (int j = 0; j < 4; j++) {
            uint64_t bits;
            memcpy(&bits, &results[j], sizeof bits);
            hash = (hash ^ bits) * 1099511628211u;
        }
    }
    cr_assert_eq(hash, 0x2d84c51f396c0f5du, "0x%016llx", (unsigned long long)hash);
}

/* ---- Sizes and memory ---- */

Test(base, sizes_are_checked) {
    size_t out;
    cr_assert(size_multiply(SIZE_MAX / 3, 3, &out) && out == SIZE_MAX / 3 * 3);
    cr_assert(!size_multiply(SIZE_MAX / 3 + 1, 3, &out));
    cr_assert(size_multiply(0, SIZE_MAX, &out) && out == 0);
    cr_assert(size_add(SIZE_MAX - 1, 1, &out) && out == SIZE_MAX);
    cr_assert(!size_add(SIZE_MAX, 1, &out));
    cr_assert_eq(size_round_up(0, 16), 0);
    cr_assert_eq(size_round_up(1, 16), 16);
    cr_assert_eq(size_round_up(16, 16), 16);
    cr_assert_eq(size_round_up(17, 16), 32);
}

Test(base, memory_is_aligned_zeroed_and_refused) {
    for (size_t i = 0; i < 400; i++) {
        size_t count = i / 2 * 7 % 200; /* each twice: the second time, memory that was used before */
        char *memory = memory_allocate(count, 3);
        cr_assert_not_null(memory);
        cr_assert_eq((uintptr_t)memory % CACHE_LINE, 0);
        for (size_t j = 0; j < count * 3; j++)
            cr_assert_eq(memory[j], 0);
        memset(memory, 1, count * 3);
        memory_free(memory);
    }
    volatile size_t huge = SIZE_MAX;
    cr_assert_null(memory_allocate(huge, 2));
    cr_assert_null(memory_allocate(huge / 2 + 2, 2));
    cr_assert_null(memory_allocate(huge, 1));
    cr_assert_null(memory_allocate(huge / 2, 1));
    memory_free(NULL);
}

/* ---- Messages ---- */

Test(base, messages_are_one_line_of_plain_text) {
    cr_assert_str_eq(minnow_last_error(), "");
    cr_assert_eq(fail(MINNOW_ERROR_INPUT, "%s: byte %d", "a\nb\r\x1b[31m\x7f\t", 7), MINNOW_ERROR_INPUT);
    cr_assert_str_eq(minnow_last_error(), "a\\x0ab\\x0d\\x1b[31m\\x7f\\x09: byte 7");
    fail(MINNOW_ERROR_INPUT, "%s", "größe – 数");
    cr_assert_str_eq(minnow_last_error(), "größe – 数");
    fail(MINNOW_ERROR_OUTPUT, "while: %s", minnow_last_error());
    cr_assert_str_eq(minnow_last_error(), "while: größe – 数");
    cr_assert_eq(fail_memory("a cat"), MINNOW_ERROR_MEMORY);
    cr_assert_not_null(strstr(minnow_last_error(), "a cat"));
}

Test(base, long_messages_are_cut) {
    char *text = malloc(100000);
    for (int c = 'x'; c >= 1; c -= 'x' - 1) {
        memset(text, c, 99999);
        text[99999] = '\0';
        fail(MINNOW_ERROR_INPUT, "%s", text);
        cr_assert_geq(strlen(minnow_last_error()), 1000);
        cr_assert_lt(strlen(minnow_last_error()), 2000);
    }
    free(text);
}

static void fail_elsewhere(struct team_member member, void *context) {
    (void)context;
    if (member.index != 0)
        fail(MINNOW_ERROR_INPUT, "thread %u", member.index);
}

Test(base, each_thread_has_its_message) {
    fail(MINNOW_ERROR_INPUT, "mine");
    team_run(3, fail_elsewhere, NULL);
    cr_assert_str_eq(minnow_last_error(), "mine");
}

/* ---- The team ---- */

Test(base, slices_cover_everything_once) {
    static const size_t totals[] = {0, 1, 15, 16, 17, 100, 784, 65536, SIZE_MAX / 2},
                        grains[] = {1, 4, 16, 64};
    for (unsigned count = 1; count < 12; count++)
        for (size_t t = 0; t < sizeof totals / sizeof totals[0]; t++)
            for (size_t g = 0; g < sizeof grains / sizeof grains[0]; g++) {
                size_t total = totals[t], grain = grains[g], next = 0, largest = 0, smallest = SIZE_MAX;
                for (unsigned index = 0; index < count; index++) {
                    size_t begin, end;
                    team_slice((struct team_member){index, count, NULL}, total, grain, &begin, &end);
                    cr_assert_eq(begin, next);
                    cr_assert_leq(begin, end);
                    cr_assert(begin % grain == 0 || begin == total);
                    next = end;
                    size_t size = (end - begin + grain - 1) / grain;
                    largest = size > largest ? size : largest;
                    smallest = size_min(size, smallest);
                }
                cr_assert_eq(next, total);
                cr_assert_leq(largest - smallest, 1, "an even split");
            }
}

Test(base, thread_counts_are_within_bounds) {
    cr_assert_geq(team_threads(0), 1);
    cr_assert_leq(team_threads(UINT32_MAX), 1024);
#ifdef _OPENMP
    cr_assert_eq(team_threads(3), 3);
    cr_assert_eq(team_threads(1000000), 1024);
#else
    cr_assert_eq(team_threads(3), 1);
#endif
}

enum { ROUNDS = 2000, MOST = 7 };

struct meeting {
    atomic_uint present, wrong;
    unsigned seats[MOST];
    unsigned count;
};

/* Each round every member writes its seat, and after the barrier must find all seats written for this round.
 */
static void meet(struct team_member member, void *context) {
    struct meeting *meeting = context;
    atomic_fetch_add(&meeting->present, 1);
    if (member.index == 0)
        meeting->count = member.count;
    for (unsigned round = 1; round <= ROUNDS; round++) {
        meeting->seats[member.index] = round;
        team_barrier(member);
        for (unsigned i = 0; i < member.count; i++)
            if (meeting->seats[i] != round)
                atomic_fetch_add(&meeting->wrong, 1);
        team_barrier(member);
    }
}

Test(base, barriers_hold_everyone) {
    for (unsigned threads = 1; threads <= MOST; threads++) {
        struct meeting meeting = {0};
        team_run(threads, meet, &meeting);
        cr_assert_eq(atomic_load(&meeting.wrong), 0);
        cr_assert_eq(atomic_load(&meeting.present), meeting.count);
#ifdef _OPENMP
        cr_assert_eq(meeting.count, threads);
#endif
    }
}
