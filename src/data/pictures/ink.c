/* The ground, paper or canvas, is most of the picture and changes slowly: a surface of the second degree follows the light
   on it. What differs from the ground is noise, to both sides, and the drawing, to one. */
#include "data/pictures/ink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

enum {
    VIEW = 160, /* pixels of the view's longer side at most: enough for a digit, and it averages noise away */
    TERMS = 6,  /* 1, x, y, x², xy, y² */
    LEAST_INK = 10, /* of 255 levels: what differs less from the ground is no drawing */
    SPECK = 20,     /* parts below the largest one's area divided by this are specks */
};

void ink_free(struct ink *ink) {
    memory_free(ink->level);
    *ink = (struct ink){0};
}

/* ---- The ground ---- */

static int compare_floats(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The middle of the values, or of their distances from 0; `scratch` has room for all. */
static float median(const float *values, size_t count, bool distances, float *scratch) {
    for (size_t i = 0; i < count; i++)
        scratch[i] = distances ? fabsf(values[i]) : values[i];
    qsort(scratch, count, sizeof *scratch, compare_floats);
    return scratch[count / 2];
}

static void terms_at(const struct ink *ink, size_t i, double term[TERMS]) {
    double x = 2.0 * ((double)(i % ink->width) + 0.5) / (double)ink->width - 1.0;
    double y = 2.0 * ((double)(i / ink->width) + 0.5) / (double)ink->height - 1.0;
    const double all[TERMS] = {1.0, x, y, x * x, x * y, y * y};
    memcpy(term, all, sizeof all);
}

/* Solves the normal equations, which a small ridge keeps regular, by elimination. */
static void solve(double a[TERMS][TERMS + 1]) {
    for (int i = 0; i < TERMS; i++)
        for (int row = 0; row < TERMS; row++) {
            double factor = row == i ? 0.0 : a[row][i] / a[i][i];
            for (int column = i; column <= TERMS && factor != 0.0; column++)
                a[row][column] -= factor * a[i][column];
        }
    for (int i = 0; i < TERMS; i++)
        a[i][TERMS] /= a[i][i];
}

/* Fits the surface to those pixels whose difference is within `limit`, and sets `difference` to that from the surface. */
static void fit_surface(const struct ink *ink, float limit, float *difference) {
    double a[TERMS][TERMS + 1] = {{0}}, term[TERMS];
    size_t count = ink->height * ink->width;
    for (size_t i = 0; i < count; i++) {
        if (fabsf(difference[i]) > limit)
            continue;
        terms_at(ink, i, term);
        for (int r = 0; r < TERMS; r++) {
            for (int c = 0; c < TERMS; c++)
                a[r][c] += term[r] * term[c];
            a[r][TERMS] += term[r] * (double)ink->level[i];
        }
    }
    for (int r = 0; r < TERMS; r++)
        a[r][r] += 1e-3;
    solve(a);

    for (size_t i = 0; i < count; i++) {
        double ground = 0.0;
        terms_at(ink, i, term);
        for (int r = 0; r < TERMS; r++)
            ground += a[r][TERMS] * term[r];
        difference[i] = (float)((double)ink->level[i] - ground);
    }
}

/* Replaces the levels by their differences from the ground. Returns the spread of the noise. */
static float subtract_ground(struct ink *ink, float *difference, float *scratch) {
    const float SPREAD = 1.4826f; /* the median distance of normal noise, to its standard deviation */
    size_t count = ink->height * ink->width;
    float middle = median(ink->level, count, false, scratch);
    for (size_t i = 0; i < count; i++)
        difference[i] = ink->level[i] - middle;

    float spread = 0.0f;
    for (int round = 0; round < 5; round++) {
        spread = fmaxf(SPREAD * median(difference, count, true, scratch), 1.0f);
        fit_surface(ink, 2.5f * spread, difference);
    }
    memcpy(ink->level, difference, count * sizeof *difference);
    return fmaxf(SPREAD * median(difference, count, true, scratch), 1.0f);
}

/* ---- The drawing ---- */

/* Turns levels round so that ink is positive, and cuts the other side off: the side that reaches further is ink. */
static void choose_side(struct ink *ink, float spread) {
    double cubes = 0.0;
    size_t count = ink->height * ink->width;
    for (size_t i = 0; i < count; i++)
        if (fabsf(ink->level[i]) > 2.5f * spread)
            cubes += pow((double)ink->level[i], 3.0);
    for (size_t i = 0; i < count; i++)
        ink->level[i] = fmaxf(cubes < 0.0 ? -ink->level[i] : ink->level[i], 0.0f);
}

/* Means over three by three pixels, which single pixels of noise do not reach through. */
static void smooth(const struct ink *ink, float *out) {
    for (size_t y = 0; y < ink->height; y++)
        for (size_t x = 0; x < ink->width; x++) {
            float sum = 0.0f;
            size_t counted = 0;
            for (size_t v = y > 0 ? y - 1 : 0; v <= y + 1 && v < ink->height; v++)
                for (size_t u = x > 0 ? x - 1 : 0; u <= x + 1 && u < ink->width; u++, counted++)
                    sum += ink->level[v * ink->width + u];
            out[y * ink->width + x] = sum / (float)counted;
        }
}

/* N. Otsu's threshold (1979): it parts the levels so that the variance between both sides is largest. Returns the mean of
   the upper side. */
static float mean_of_ink(const float *level, size_t count) {
    enum { BINS = 256 };
    size_t bins[BINS] = {0};
    float most = 0.0f;
    for (size_t i = 0; i < count; i++)
        most = fmaxf(most, level[i]);
    if (most <= 0.0f)
        return 0.0f;
    for (size_t i = 0; i < count; i++)
        bins[size_min((size_t)(level[i] / most * (BINS - 1) + 0.5f), BINS - 1)]++;

    double total = 0.0, below = 0.0, below_sum = 0.0, best = -1.0, upper = 0.0;
    for (size_t b = 0; b < BINS; b++)
        total += (double)b * (double)bins[b];
    for (size_t b = 0; b + 1 < BINS; b++) {
        below += (double)bins[b];
        below_sum += (double)b * (double)bins[b];
        double above = (double)count - below;
        if (below == 0.0 || above == 0.0)
            continue;
        double low = below_sum / below, high = (total - below_sum) / above;
        double variance = below * above * (high - low) * (high - low);
        if (variance > best) {
            best = variance;
            upper = high;
        }
    }
    return (float)upper / (BINS - 1) * most;
}

/* Marks the part of the drawing that holds pixel `first` with `mark`; returns its area. `stack` has room for all. */
static size_t fill(const struct ink *ink, const float *smoothed, float threshold, size_t first, uint32_t mark,
                   uint32_t *marks, uint32_t *stack) {
    size_t area = 0, used = 0;
    stack[used++] = (uint32_t)first;
    marks[first] = mark;
    while (used > 0) {
        size_t at = stack[--used], y = at / ink->width, x = at % ink->width;
        area++;
        for (size_t v = y > 0 ? y - 1 : 0; v <= y + 1 && v < ink->height; v++)
            for (size_t u = x > 0 ? x - 1 : 0; u <= x + 1 && u < ink->width; u++) {
                size_t next = v * ink->width + u;
                if (marks[next] != 0 || smoothed[next] < threshold)
                    continue;
                marks[next] = mark;
                stack[used++] = (uint32_t)next;
            }
    }
    return area;
}

/* Marks all parts from 1 up, and sets area[mark]. Returns the largest area. */
static size_t find_parts(const struct ink *ink, const float *smoothed, float threshold, uint32_t *marks,
                         uint32_t *stack, uint32_t *area) {
    size_t largest = 0, count = ink->height * ink->width;
    uint32_t mark = 0;
    for (size_t i = 0; i < count; i++) {
        if (marks[i] != 0 || smoothed[i] < threshold)
            continue;
        mark++;
        area[mark] = (uint32_t)fill(ink, smoothed, threshold, i, mark, marks, stack);
        largest = area[mark] > largest ? area[mark] : largest;
    }
    return largest;
}

/* Keeps the levels within two pixels of parts that are large enough, and finds their box. */
static void keep_parts(struct ink *ink, const uint32_t *marks, const uint32_t *area, size_t largest,
                       const float *smoothed, float full) {
    enum { NEAR = 2 };
    size_t top = ink->height, left = ink->width, bottom = 0, right = 0;
    for (size_t i = 0; i < ink->height * ink->width; i++)
        ink->level[i] = fminf(fmaxf(ink->level[i] / full - 0.10f, 0.0f) / 0.90f, 1.0f);
    for (size_t y = 0; y < ink->height; y++)
        for (size_t x = 0; x < ink->width; x++) {
            bool near = false;
            for (size_t v = y > NEAR ? y - NEAR : 0; v <= y + NEAR && v < ink->height && !near; v++)
                for (size_t u = x > NEAR ? x - NEAR : 0; u <= x + NEAR && u < ink->width && !near; u++) {
                    uint32_t mark = marks[v * ink->width + u];
                    near = mark != 0 && (size_t)area[mark] * SPECK >= largest;
                }
            size_t i = y * ink->width + x;
            if (!near)
                ink->level[i] = 0.0f;
            if (!near || ink->level[i] < 0.35f || smoothed[i] < 0.25f * full)
                continue;
            top = size_min(top, y);
            left = size_min(left, x);
            bottom = y > bottom ? y : bottom;
            right = x > right ? x : right;
        }
    if (bottom >= top && right >= left)
        ink->box = (struct picture_box){top, left, bottom - top + 1, right - left + 1};
}

/* `scratch` holds four arrays of the view's pixels and one element more each. */
static minnow_status separate(const char *name, struct ink *ink, float *const scratch[4]) {
    size_t count = ink->height * ink->width;
    float spread = subtract_ground(ink, scratch[0], scratch[1]);
    choose_side(ink, spread);
    smooth(ink, scratch[0]);

    float full = mean_of_ink(scratch[0], count);
    if (full < LEAST_INK)
        return fail(
            MINNOW_ERROR_INPUT,
            "%s: nothing is drawn there that differs from the ground; expected a digit, dark on light or "
            "light on dark",
            name);
    uint32_t *marks = (uint32_t *)scratch[1], *stack = (uint32_t *)scratch[2], *area = (uint32_t *)scratch[3];
    memset(marks, 0, count * sizeof *marks);
    size_t largest = find_parts(ink, scratch[0], 0.5f * full, marks, stack, area);
    keep_parts(ink, marks, area, largest, scratch[0], full);
    if (ink->box.height == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: nothing is drawn there but noise; expected a digit", name);
    return MINNOW_OK;
}

minnow_status ink_find(const char *name, const struct picture *picture, struct ink *out) {
    size_t longest = picture->height > picture->width ? picture->height : picture->width;
    double shrink = longest > VIEW ? (double)VIEW / (double)longest : 1.0;
    *out = (struct ink){.height = (size_t)fmax(1.0, round((double)picture->height * shrink)),
                        .width = (size_t)fmax(1.0, round((double)picture->width * shrink))};

    size_t room = size_round_up(out->height * out->width + 1, CACHE_LINE_FLOATS);
    float *memory = memory_allocate(4 * room, sizeof *memory);
    float *scratch[4] = {memory, memory + room, memory + 2 * room, memory + 3 * room};
    out->level = memory_allocate(room, sizeof *out->level);
    minnow_status status = memory != NULL && out->level != NULL ? MINNOW_OK : fail_memory(name);
    if (status == MINNOW_OK)
        status = picture_resize(picture, out->height, out->width, out->level);
    if (status == MINNOW_OK)
        status = separate(name, out, scratch);
    memory_free(memory);
    if (status != MINNOW_OK)
        ink_free(out);
    return status;
}
