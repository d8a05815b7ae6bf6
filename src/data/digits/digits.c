/* Datasets of synthetic digits: which digit each sample shows. draw.c draws it. */
#include <stdio.h>

#include "base/argument.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "base/team.h"
#include "data/dataset.h"
#include "data/digits/draw.h"

enum { DIGITS = 10 };

struct drawing {
    minnow_dataset *dataset;
    uint64_t seed;
    minnow_subset subset;
};

/* The digits of samples 10 · group and following: each once, in random order. */
static void order_digits(const struct drawing *drawing, uint32_t group, uint32_t digits[DIGITS]) {
    struct random_sequence draws = {.seed = drawing->seed,
                                    .purpose = RANDOM_DIGITS,
                                    .a = (uint32_t)drawing->subset,
                                    .b = group,
                                    .c = DIGIT_ELEMENT_ORDER,
                                    .words = 1};
    uint32_t order[DIGITS];
    random_shuffle(order, DIGITS, &draws);

    /* The inverse of the shuffle is as random as the shuffle. It stands here because the first version of
       this function shuffled from the last element to the first, and the digits must stay what they are. */
    for (uint32_t i = 0; i < DIGITS; i++)
        digits[order[i]] = i;
}

static void draw_group(const struct drawing *drawing, size_t group) {
    uint32_t digits[DIGITS];
    order_digits(drawing, (uint32_t)group, digits);

    minnow_dataset *dataset = drawing->dataset;
    size_t begin = group * DIGITS, end = size_min(begin + DIGITS, dataset->count);
    for (size_t i = begin; i < end; i++) {
        dataset->labels[i] = digits[i - begin];
        digit_draw(drawing->seed, (uint32_t)drawing->subset, (uint32_t)i, digits[i - begin],
                   dataset->bytes + i * DIGIT_PIXELS);
    }
}

/* The member's part of the groups. */
static void draw_slice(struct team_member member, void *context) {
    const struct drawing *drawing = context;
    size_t groups = (drawing->dataset->count + DIGITS - 1) / DIGITS, begin, end;
    team_slice(member, groups, 1, &begin, &end);
    for (size_t group = begin; group < end; group++)
        draw_group(drawing, group);
}

/* A dataset without its digits yet. */
static minnow_status allocate(size_t count, uint64_t seed, minnow_dataset **out) {
    *out = NULL;
    size_t bytes;
    minnow_dataset *dataset = dataset_new();
    if (dataset == NULL || !size_multiply(count, DIGIT_PIXELS, &bytes)) {
        minnow_dataset_free(dataset);
        return fail_memory("the digits");
    }
    *dataset = (minnow_dataset){.count = count,
                                .features = DIGIT_PIXELS,
                                .classes = DIGITS,
                                .scale = PIXEL_SCALE,
                                .height = DIGIT_SIDE,
                                .width = DIGIT_SIDE};
    char source[64];
    snprintf(source, sizeof source, "built-in digits, seed %llu", (unsigned long long)seed);
    dataset->source = memory_copy_string(source);
    dataset->bytes = memory_allocate(bytes, 1);
    dataset->labels = memory_allocate(count, sizeof(uint32_t));
    if (dataset->source == NULL || dataset->bytes == NULL || dataset->labels == NULL) {
        minnow_dataset_free(dataset);
        return fail_memory("the digits");
    }
    *out = dataset;
    return MINNOW_OK;
}

minnow_status minnow_dataset_digits(minnow_subset subset, size_t count, uint64_t seed, minnow_dataset **out) {
    if (!CLEARED(out))
        return MINNOW_ERROR_ARGUMENT;

    if (subset != MINNOW_SUBSET_TRAIN && subset != MINNOW_SUBSET_TEST)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "digits: subset %d, expected MINNOW_SUBSET_TRAIN or MINNOW_SUBSET_TEST", (int)subset);
    if (count < 1 || count > DATASET_COUNT_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "digits: count %zu, expected 1 to %zu", count, DATASET_COUNT_MAX);
    minnow_dataset *dataset;
    minnow_status status = allocate(count, seed, &dataset);
    if (status != MINNOW_OK)
        return status;
    team_run(team_threads(0), draw_slice, &(struct drawing){dataset, seed, subset});
    *out = dataset;
    return MINNOW_OK;
}
