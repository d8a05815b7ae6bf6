/* Which pixels of a picture are the drawing, and how strongly. */
#ifndef MINNOW_DATA_PICTURES_INK_H
#define MINNOW_DATA_PICTURES_INK_H

#include "data/pictures/picture.h"

struct ink {
    size_t height, width;   /* of the view: the picture, shrunk where it is large */
    float *level;           /* [height][width], 0 (ground) to 1 (ink) */
    struct picture_box box; /* the smallest that holds all of the drawing */
};

/* The picture is grey. Errors: INPUT (nothing is drawn there), MEMORY; then there is nothing to free. */
minnow_status ink_find(const char *name, const struct picture *picture, struct ink *out);
void ink_free(struct ink *ink);

#endif
