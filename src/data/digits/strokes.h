/* How people write the ten digits: strokes through points, for draw.c. */
#ifndef MINNOW_DATA_DIGITS_STROKES_H
#define MINNOW_DATA_DIGITS_STROKES_H

#include <stddef.h>

/* How the pen passes a point. */
enum pass {
    PASS_SMOOTHLY,
    PASS_CORNER, /* the stroke changes direction abruptly */
    PASS_START,  /* the pen is set down: a stroke begins */
};

struct stroke_point {
    enum pass pass;
    float x, y; /* x to the right, y down; a digit is about 1 high */
};

enum { STROKE_POINTS_MAX = 24 };

/* One way to write a digit. */
struct glyph {
    unsigned digit;
    unsigned weight; /* how common it is among the ways to write this digit */
    size_t count;    /* of points, 1 to STROKE_POINTS_MAX; the first has PASS_START */
    struct stroke_point points[STROKE_POINTS_MAX];
};

extern const struct glyph DIGIT_GLYPHS[];
extern const size_t DIGIT_GLYPH_COUNT;

#endif
