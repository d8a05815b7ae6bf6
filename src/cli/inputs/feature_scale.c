#include "cli/inputs/feature_scale.h"

#include <math.h>
#include <stdbool.h>

#include "cli/frame/terminal.h"
#include "data/dataset.h"

/* Initial weights and usual learning rates suppose features whose mean square is about 1. Tables of
   measurements may be a few times that without harm, and images, mostly 0, a tenth. */
static const double LARGE_SIZE = 3.0, LARGE_VALUE = 10.0, SMALL_VALUE = 0.02;

/* So many values, of samples at even distances, are enough to see it. */
enum { VALUES_SEEN = 1 << 22 };

struct extent {
    double least, most, squares; /* the last: their sum */
    size_t count, widest;        /* of values; which feature has the largest */
    bool whole;                  /* all are integers */
};

static void see(struct extent *extent, double value, size_t feature) {
    if (fabs(value) > fmax(fabs(extent->least), fabs(extent->most)))
        extent->widest = feature;
    extent->least = fmin(extent->least, value);
    extent->most = fmax(extent->most, value);
    extent->squares += value * value;
    extent->whole = extent->whole && value == floor(value);
    extent->count++;
}

static struct extent extent_of(const minnow_dataset *dataset) {
    struct extent extent = {.whole = true};
    size_t samples_seen = VALUES_SEEN / dataset->features + 1;
    size_t stride = dataset->count / samples_seen + 1;
    for (size_t i = 0; i < dataset->count; i += stride)
        for (size_t f = 0; f < dataset->features; f++) {
            size_t at = i * dataset->features + f;
            bool bytes = dataset->bytes != NULL;
            see(&extent, (double)(bytes ? (float)dataset->bytes[at] * dataset->scale : dataset->values[at]),
                f);
        }
    return extent;
}

void feature_scale_warn(const minnow_dataset *dataset) {
    const int byte_most = 255;
    /* Pixels between 0 and 1, as they usually are, need no look at each. */
    double largest_pixel = byte_most * (double)dataset->scale;
    if (dataset->bytes != NULL && largest_pixel > 0.5 && largest_pixel <= LARGE_SIZE)
        return;

    struct extent extent = extent_of(dataset);
    double largest = fmax(fabs(extent.least), fabs(extent.most));
    double size = sqrt(extent.squares / (double)extent.count);
    if (dataset->bytes != NULL && largest >= SMALL_VALUE && largest <= LARGE_VALUE)
        return;
    if (largest > LARGE_VALUE && size > LARGE_SIZE && extent.whole && extent.least >= 0 &&
        extent.most <= byte_most)
        note("features up to %g: far from the size of 1 that training is made for, and they look like bytes; "
             "divide "
             "them by %d",
             extent.most, extent.most > byte_most / 2 ? byte_most : (int)extent.most);
    else if (largest > LARGE_VALUE && size > LARGE_SIZE)
        note("features from %g to %g, the largest in column %zu: far from the size of 1 that training is "
             "made for; "
             "subtract each column's mean and divide by its standard deviation",
             extent.least, extent.most, extent.widest + 1);
    else if (largest < SMALL_VALUE)
        note("features of at most %g: far from the size of 1 that training is made for; multiply them, or "
             "divide "
             "by less",
             largest);
}
