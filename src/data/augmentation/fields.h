/* The pool of displacement fields of an epoch. */
#ifndef MINNOW_DATA_AUGMENTATION_FIELDS_H
#define MINNOW_DATA_AUGMENTATION_FIELDS_H

#include "base/team.h"
#include "kernels.h"
#include "minnow/minnow.h"

struct fields {
    const struct kernels *kernels;
    size_t count, height, width;
    size_t plane;        /* floats from a field's displacements by columns to those by rows */
    float *displacement; /* [count][2][plane], in pixels */

    /* The Gaussian as matrices, which smooth rows from the right, [width][width], and columns, times alpha, from the
       left, [height][height]. */
    float *across, *down;
    float *
        scratch; /* [threads][2][plane]: the noise, and then the noise smoothed along the rows, each [2][height][width] */
    size_t scratch_size;
};

/* Errors: ARGUMENT (the pool would be too large), MEMORY; then nothing is kept. */
minnow_status fields_open(const minnow_distortion_config *config, size_t height, size_t width,
                          const struct kernels *kernels, unsigned threads, struct fields *out);
void fields_close(struct fields *fields);

/* Draws this member's part of the fields of an epoch. */
void fields_draw(struct fields *fields, uint64_t seed, uint32_t epoch, struct team_member member);

/* [2][plane] */
static inline const float *fields_at(const struct fields *fields, size_t index) {
    return fields->displacement + index * 2 * fields->plane;
}

#endif
