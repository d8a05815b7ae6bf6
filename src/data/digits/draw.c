/* Synthetic handwritten digits.

   A sample starts from one of several ways to write its digit (strokes.c). Each point of the strokes is moved
   a little, a smooth curve is drawn through the points, and the curve is bent, stretched, slanted and turned.
   It is then laid out as in MNIST: about 20 × 20 pixels within 28 × 28, with the centre of mass near the
   image's centre. A pixel's ink follows from its distance to the curve and the pen's width there, which
   varies along the curve.

   The images are the same on every machine and for any number of threads: every random draw is addressed by
   subset, sample and element, and all arithmetic is IEEE operations in a fixed order and functions of
   base/exact_math.h. */
#include "data/digits/draw.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/exact_math.h"
#include "base/random.h"
#include "data/digits/strokes.h"

enum {
    STEPS = 6, /* straight segments for the curve between two points */
    LINE_POINTS_MAX = STROKE_POINTS_MAX * STEPS + 1,
};

/* How much the samples vary. These values were tuned by training networks on the samples and testing them on
   MNIST's training images. Unless a comment says otherwise, a constant is the standard deviation of a normal
   distribution. */

/* Each point is displaced in x and y, in digit heights; where a stroke starts or ends, by this much more. */
static const double POINT_JITTER = 0.043, END_JITTER = 0.045;

/* Each coefficient of the polynomials that bend the line. */
static const double BEND = 0.12;

/* The logarithm of width over height. */
static const double STRETCH = 0.22;

/* The horizontal shift for each unit of height, and its mean: people write slanted to the right. */
static const double SLANT = 0.28, SLANT_MEAN = 0.1;

/* The angle of rotation, in full turns. */
static const double TURN = 0.025;

/* The larger of height and width is BOX pixels, less a share drawn uniformly from 0 to SHRINK. */
static const double BOX = 20.0, SHRINK = 0.02;

/* The displacement of the centre of mass from the image's centre, in pixels. */
static const double SHIFT = 1.1;

/* Half the line's width in pixels: the median, the deviation of its logarithm from sample to sample, the
   relative deviation from point to point within a sample, and the limits. */
static const double PEN_MEAN = 1.22, PEN = 0.34, PRESSURE = 0.08, PEN_MIN = 0.55, PEN_MAX = 2.9;

/* The width in pixels of the line's soft edge, over which the ink fades to 0. */
static const double EDGE = 1.4;

/* Each pixel lacks a share of its ink, drawn uniformly from 0 to GRAIN. */
static const double GRAIN = 0.05;

/* ---- Random numbers of one sample ---- */

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

/* One of the glyphs of the digit, at random by their weights. */
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

/* To points [glyph->count]: the glyph's points, each displaced on its own, and the pen's radius at each. */
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

/* The point at t, from 0 to 1, of the Catmull-Rom spline from p1 to p2: the cubic whose slope is
   (p2 - p0) / 2 at p1 and (p3 - p1) / 2 at p2 (Catmull & Rom 1974). */
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

        /* The curve does not continue smoothly beyond an end or a corner, so the point itself takes the place
           of its neighbour there. */
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

/* Bends the line by adding a random polynomial of x and y to each of them, then stretches, slants and turns
   it. */
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

/* Scales the line to its size in the image, and moves its centre of mass near the image's centre. */
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

    /* The centre of mass; the tiny start keeps it defined for a line without length. */
    double mass = 1e-9, mass_x = 0.0, mass_y = 0.0;
    for (size_t i = 1; i < line->count; i++) {
        const struct line_point *p = &line->points[i - 1], *q = &line->points[i];
        double dx = q->x - p->x, dy = q->y - p->y;
        double ink = q->joined ? sqrt(dx * dx + dy * dy) * (p->radius + q->radius) : 0.0;
        mass += ink;
        mass_x += 0.5 * ink * (p->x + q->x);
        mass_y += 0.5 * ink * (p->y + q->y);
    }

    double centre_x = 0.5 * DIGIT_SIDE + SHIFT * next_normal(s),
           centre_y = 0.5 * DIGIT_SIDE + SHIFT * next_normal(s);
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
    *last = (int)fmin(floor(high - 0.5), DIGIT_SIDE - 1.0);
}

/* `ink` holds for each pixel how deep its centre lies inside the line, in pixels, negative outside it. Raises
   this depth to the one inside the segment from p to q, for the pixels near it. */
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
        float *row = ink + y * DIGIT_SIDE;
        for (int x = x0; x <= x1; x++) {
            float vx = (float)x + 0.5F - px;

            /* t in [0, 1] is where on the segment the nearest point to the pixel's centre lies. */
            float t = (vx * dx + vy * dy) * inverse;
            t = t < 0.0F ? 0.0F : t;
            t = t > 1.0F ? 1.0F : t;

            float ex = vx - t * dx, ey = vy - t * dy;
            float depth = r0 + t * dr - sqrtf(ex * ex + ey * ey);
            row[x] = depth > row[x] ? depth : row[x];
        }
    }
}

/* Depths to bytes: the ink fades over EDGE pixels, and each pixel lacks a random share of it. Four pixels at a
   time, for one draw gives four random words; none is drawn where none of the four has ink. */
static void develop(const struct stream *s, const float *ink, uint8_t *pixels) {
    for (uint32_t i = 0; i < DIGIT_PIXELS; i += 4) {
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
            random_draw(s->seed, RANDOM_DIGITS, s->subset, s->sample, DIGIT_ELEMENT_GRAIN + i);
        for (uint32_t j = 0; j < 4; j++) {
            float missing = (float)GRAIN * (float)(grain.word[j] >> 8) * 0x1p-24F;
            pixels[i + j] = (uint8_t)(255.0F * level[j] * (1.0F - missing) + 0.5F);
        }
    }
}

void digit_draw(uint64_t seed, uint32_t subset, uint32_t sample, unsigned digit, uint8_t *pixels) {
    struct stream stream = {.seed = seed, .subset = subset, .sample = sample}, *s = &stream;
    struct line_point points[STROKE_POINTS_MAX];
    struct line line;
    const struct glyph *glyph = choose_glyph(s, digit);
    jitter_points(s, glyph, points);
    trace(glyph, points, &line);
    distort(s, &line);
    lay_out(s, &line);

    float ink[DIGIT_PIXELS];
    for (size_t i = 0; i < DIGIT_PIXELS; i++)
        ink[i] = -(float)EDGE;

    for (size_t i = 1; i < line.count; i++)
        if (line.points[i].joined)
            draw_segment(&line.points[i - 1], &line.points[i], ink);

    develop(s, ink, pixels);
}
