/*
 * Synthetic handwritten digits. A sample is one of several ways to write its digit (digits_strokes.c), whose
 * points are moved a little; the curve through them is bent, slanted, turned and stretched, laid out as
 * MNIST's digits are (20 × 20 pixels in the middle of 28 × 28, the centre of mass in the centre), and drawn
 * by distance to a pen line of varying width.
 *
 * Every draw is counted by subset, sample and element, and all arithmetic is IEEE operations in a fixed order
 * and base/exact_math.h: the images are the same on every machine, whatever the number of threads.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/exact_math.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "base/team.h"
#include "data/dataset.h"
#include "data/digits_strokes.h"
#include "data/formats.h"

enum {
    SIDE = 28,
    PIXELS = SIDE * SIDE,
    DIGITS = 10,
    STEPS = 6, /* line segments for the curve between two points */
    LINE_POINTS_MAX = STROKE_POINTS_MAX * STEPS + 1,
};

/* How much the samples vary: chosen on MNIST's training images, by what a network trained on the samples
 * makes of them. */
static const double POINT_JITTER = 0.043; /* standard deviation of a point's displacement, in digit heights */
static const double END_JITTER = 0.045;   /* the same, added where a stroke starts or ends */
static const double BEND = 0.12;          /* of each coefficient of the bending polynomials */
static const double STRETCH = 0.22;       /* of the logarithm of width over height */
static const double SLANT_MEAN = 0.1;     /* horizontal shift per height: people write slanted to the right */
static const double SLANT = 0.28;         /* its standard deviation */
static const double TURN = 0.025;         /* of the rotation, in turns */
static const double BOX = 20.0;           /* pixels that height or width fill */
static const double SHRINK = 0.02;        /* at most this part less */
static const double SHIFT = 1.1;          /* of the centre, in pixels */
static const double PEN_MEAN = 1.22;      /* median half width of the line, in pixels */
static const double PEN = 0.34;           /* standard deviation of its logarithm, between samples */
static const double PRESSURE = 0.08;      /* the same within a sample, between its points */
static const double PEN_MIN = 0.55, PEN_MAX = 2.9;
static const double EDGE = 1.4;   /* pixels over which the ink fades */
static const double GRAIN = 0.05; /* at most this part of the ink is missing at a pixel */

/* ---- Random numbers of one sample ---- */

/* Elements of a sample's draws, apart from those that are taken in sequence from 0. */
enum { ELEMENT_GRAIN = 1 << 16, ELEMENT_ORDER = 1 << 17 };

struct stream {
    uint64_t seed;
    uint32_t subset, sample, element;
    double spare; /* the second of a pair of normal draws */
    bool has_spare;
};

static struct random_block next_block(struct stream *s) {
    return random_draw(s->seed, RANDOM_DIGITS, s->subset, s->sample, s->element++);
}

static double next_uniform(struct stream *s) {
    return random_unit(next_block(s).word[0]);
}

static double next_normal(struct stream *s) {
    if (s->has_spare) {
        s->has_spare = false;
        return s->spare;
    }
    double pair[2];
    random_normal_pair(next_block(s), pair);
    s->spare = pair[1];
    s->has_spare = true;
    return pair[0];
}

/* ---- The pen line ---- */

struct line_point {
    double x, y, radius;
    bool joined; /* the pen is down on the way from the point before */
};

struct line {
    size_t count;
    struct line_point points[LINE_POINTS_MAX];
};

static const struct glyph *choose_glyph(struct stream *s, unsigned digit) {
    unsigned total = 0;
    for (size_t i = 0; i < DIGIT_GLYPH_COUNT; i++)
        total += DIGIT_GLYPHS[i].digit == digit ? DIGIT_GLYPHS[i].weight : 0;
    double left = next_uniform(s) * total;
    const struct glyph *last = NULL;
    for (size_t i = 0; i < DIGIT_GLYPH_COUNT; i++) {
        if (DIGIT_GLYPHS[i].digit != digit)
            continue;
        last = &DIGIT_GLYPHS[i];
        left -= last->weight;
        if (left < 0)
            break;
    }
    return last;
}

static bool is_end(const struct glyph *glyph, size_t i) {
    return glyph->points[i].pass == PASS_START || i + 1 == glyph->count ||
           glyph->points[i + 1].pass == PASS_START;
}

/* The glyph's points, each moved on its own and with the pen's width there. [glyph->count] */
static void jitter_points(struct stream *s, const struct glyph *glyph, struct line_point *points) {
    double radius = PEN_MEAN * exact_exp(PEN * next_normal(s));
    for (size_t i = 0; i < glyph->count; i++) {
        double amount = is_end(glyph, i) ? POINT_JITTER + END_JITTER : POINT_JITTER;
        double local = radius * (1.0 + PRESSURE * next_normal(s));
        points[i].x = glyph->points[i].x + amount * next_normal(s);
        points[i].y = glyph->points[i].y + amount * next_normal(s);
        points[i].radius = fmin(fmax(local, PEN_MIN), PEN_MAX);
    }
}

/* A cubic from p1 to p2, t from 0 to 1, whose slope at each end is half the way between its neighbours
 * (Catmull & Rom 1974). */
static double spline(double p0, double p1, double p2, double p3, double t) {
    double a = 3.0 * (p1 - p2) + p3 - p0;
    double b = 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3;
    return p1 + 0.5 * t * (p2 - p0 + t * (b + t * a));
}

/* The curve through the points as short straight segments. */
static void trace(const struct glyph *glyph, const struct line_point *points, struct line *line) {
    line->count = 0;
    for (size_t i = 0; i < glyph->count; i++) {
        if (glyph->points[i].pass == PASS_START) {
            line->points[line->count] = points[i];
            line->points[line->count++].joined = false;
            continue;
        }
        /* At an end or a corner the curve knows no neighbour beyond. */
        bool breaks_before = glyph->points[i - 1].pass != PASS_SMOOTHLY;
        bool breaks_after = is_end(glyph, i) || glyph->points[i].pass == PASS_CORNER;
        const struct line_point *p1 = &points[i - 1], *p2 = &points[i];
        const struct line_point *p0 = breaks_before ? p1 : p1 - 1, *p3 = breaks_after ? p2 : p2 + 1;
        for (int step = 1; step <= STEPS; step++) {
            double t = (double)step / STEPS;
            line->points[line->count++] = (struct line_point){
                .x = spline(p0->x, p1->x, p2->x, p3->x, t),
                .y = spline(p0->y, p1->y, p2->y, p3->y, t),
                .radius = p1->radius + t * (p2->radius - p1->radius),
                .joined = true,
            };
        }
    }
}

/* ---- Distortion and layout ---- */

/* Bends the line by a random polynomial of second degree in each direction, then stretches, slants and turns
 * it. */
static void distort(struct stream *s, struct line *line) {
    double bend[8], stretch, slant, turn;
    for (size_t i = 0; i < 8; i++)
        bend[i] = BEND * next_normal(s);
    stretch = exact_exp(STRETCH * next_normal(s));
    slant = SLANT_MEAN + SLANT * next_normal(s);
    turn = TURN * next_normal(s);
    double cosine = exact_cos_turn(turn), sine = exact_sin_turn(turn);
    for (size_t i = 0; i < line->count; i++) {
        struct line_point *p = &line->points[i];
        double u = 2.0 * (p->x - 0.3), v = 2.0 * (p->y - 0.5); /* about -1 to 1 */
        double x = u + (bend[0] * u + bend[1] * v) * u + (bend[2] + bend[3] * v) * (v * v);
        double y = v + (bend[4] * u + bend[5] * v) * v + (bend[6] + bend[7] * v) * (u * u);
        x = x * stretch - slant * y;
        p->x = cosine * x - sine * y;
        p->y = sine * x + cosine * y;
    }
}

/* Moves and scales the line into the image. */
static void lay_out(struct stream *s, struct line *line) {
    double left = line->points[0].x, right = left, top = line->points[0].y, bottom = top, radius = 0.0;
    for (size_t i = 0; i < line->count; i++) {
        const struct line_point *p = &line->points[i];
        left = fmin(left, p->x);
        right = fmax(right, p->x);
        top = fmin(top, p->y);
        bottom = fmax(bottom, p->y);
        radius = fmax(radius, p->radius);
    }
    double extent = fmax(fmax(right - left, bottom - top), 0.1);
    double scale = (BOX * (1.0 - SHRINK * next_uniform(s)) - 2.0 * radius) / extent;
    double mass = 1e-9, mass_x = 0.0, mass_y = 0.0;
    for (size_t i = 1; i < line->count; i++) {
        const struct line_point *p = &line->points[i - 1], *q = &line->points[i];
        double dx = q->x - p->x, dy = q->y - p->y;
        double ink = q->joined ? sqrt(dx * dx + dy * dy) * (p->radius + q->radius) : 0.0;
        mass += ink;
        mass_x += 0.5 * ink * (p->x + q->x);
        mass_y += 0.5 * ink * (p->y + q->y);
    }
    double centre_x = 0.5 * SIDE + SHIFT * next_normal(s), centre_y = 0.5 * SIDE + SHIFT * next_normal(s);
    for (size_t i = 0; i < line->count; i++) {
        struct line_point *p = &line->points[i];
        p->x = centre_x + scale * (p->x - mass_x / mass);
        p->y = centre_y + scale * (p->y - mass_y / mass);
    }
}

/* ---- Drawing ---- */

/* The pixels from *first to *last whose centres lie within [low, high], none when *first > *last. */
static void pixel_range(double low, double high, int *first, int *last) {
    *first = (int)fmax(ceil(low - 0.5), 0.0);
    *last = (int)fmin(floor(high - 0.5), SIDE - 1.0);
}

/* Raises each pixel of `ink` near the segment from p to q to the depth it lies inside the line there. */
static void draw_segment(const struct line_point *p, const struct line_point *q, float *ink) {
    double reach = fmax(p->radius, q->radius) + 0.5 * EDGE;
    int x0, x1, y0, y1;
    pixel_range(fmin(p->x, q->x) - reach, fmax(p->x, q->x) + reach, &x0, &x1);
    pixel_range(fmin(p->y, q->y) - reach, fmax(p->y, q->y) + reach, &y0, &y1);
    float px = (float)p->x, py = (float)p->y, dx = (float)(q->x - p->x), dy = (float)(q->y - p->y);
    float length2 = dx * dx + dy * dy, inverse = length2 > 0.0F ? 1.0F / length2 : 0.0F;
    float r0 = (float)p->radius, dr = (float)(q->radius - p->radius);
    for (int y = y0; y <= y1; y++) {
        float vy = (float)y + 0.5F - py;
        float *row = ink + y * SIDE;
        for (int x = x0; x <= x1; x++) {
            float vx = (float)x + 0.5F - px;
            float t = (vx * dx + vy * dy) * inverse;
            t = t < 0.0F ? 0.0F : t;
            t = t > 1.0F ? 1.0F : t;
            float ex = vx - t * dx, ey = vy - t * dy;
            float depth = r0 + t * dr - sqrtf(ex * ex + ey * ey);
            row[x] = depth > row[x] ? depth : row[x];
        }
    }
}

/* Depths to bytes: the ink fades over EDGE pixels, and some is missing at random. Without ink a pixel is 0.
 */
static void develop(const struct stream *s, const float *ink, uint8_t *pixels) {
    for (uint32_t i = 0; i < PIXELS; i += 4) {
        float level[4], most = 0.0F;
        for (uint32_t j = 0; j < 4; j++) {
            level[j] = ink[i + j] / (float)EDGE + 0.5F;
            level[j] = level[j] < 0.0F ? 0.0F : level[j] > 1.0F ? 1.0F : level[j];
            most = level[j] > most ? level[j] : most;
        }
        memset(pixels + i, 0, 4);
        if (most == 0.0F)
            continue;
        struct random_block grain =
            random_draw(s->seed, RANDOM_DIGITS, s->subset, s->sample, ELEMENT_GRAIN + i);
        for (uint32_t j = 0; j < 4; j++) {
            float missing = (float)GRAIN * (float)(grain.word[j] >> 8) * 0x1p-24F;
            pixels[i + j] = (uint8_t)(255.0F * level[j] * (1.0F - missing) + 0.5F);
        }
    }
}

static void draw_digit(struct stream *s, unsigned digit, uint8_t *pixels) {
    struct line_point points[STROKE_POINTS_MAX];
    struct line line;
    const struct glyph *glyph = choose_glyph(s, digit);
    jitter_points(s, glyph, points);
    trace(glyph, points, &line);
    distort(s, &line);
    lay_out(s, &line);
    float ink[PIXELS];
    for (size_t i = 0; i < PIXELS; i++)
        ink[i] = -(float)EDGE;
    for (size_t i = 1; i < line.count; i++)
        if (line.points[i].joined)
            draw_segment(&line.points[i - 1], &line.points[i], ink);
    develop(s, ink, pixels);
}

/* ---- The dataset ---- */

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
                                    .c = ELEMENT_ORDER,
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
        struct stream stream = {
            .seed = drawing->seed, .subset = (uint32_t)drawing->subset, .sample = (uint32_t)i};
        dataset->labels[i] = digits[i - begin];
        draw_digit(&stream, digits[i - begin], dataset->bytes + i * PIXELS);
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

static minnow_status allocate(size_t count, uint64_t seed, minnow_dataset **out) {
    *out = NULL;
    size_t bytes;
    minnow_dataset *dataset = dataset_new();
    if (dataset == NULL || !size_multiply(count, PIXELS, &bytes)) {
        minnow_dataset_free(dataset);
        return fail_memory("the digits");
    }
    *dataset = (minnow_dataset){.count = count,
                                .features = PIXELS,
                                .classes = DIGITS,
                                .scale = PIXEL_SCALE,
                                .height = SIDE,
                                .width = SIDE};
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
    *out = NULL;
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
