#include "cli/inputs/feature_scale.h"

#include <math.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>

#include "cli/frame/terminal.h"
#include "base/number.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/preprocessing/extent.h"

/* Initial weights and usual learning rates suppose features whose mean square is about 1. Tables of
   measurements may be a few times that without harm, and images, mostly 0, a tenth. */
static const double LARGE_SIZE = 3.0, LARGE_VALUE = 10.0, SMALL_VALUE = 0.02;

void feature_scale_warn(const minnow_dataset *dataset) {
    const int byte_most = 255;
    /* Pixels between 0 and 1, as they usually are, need no look at each. */
    double largest_pixel = byte_most * (double)dataset->scale;
    if (dataset->bytes != NULL && largest_pixel > 0.5 && largest_pixel <= LARGE_SIZE)
        return;

    struct extent extent = extent_of(dataset);
    double largest = extent_largest(&extent), size = extent_size(&extent);
    if (dataset->bytes != NULL && largest >= SMALL_VALUE && largest <= LARGE_VALUE)
        return;
    if (largest > LARGE_VALUE && size > LARGE_SIZE && extent_looks_like_bytes(&extent))
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

/* ---- The range that a network was trained on ---- */

#define RANGE_KEY "input_range" /* of the metadata: [least, most] */

minnow_status input_range_record(minnow_network *network, const minnow_dataset *dataset) {
    struct extent extent = {.most = UINT8_MAX * (double)dataset->scale};
    if (dataset->bytes == NULL)
        extent = extent_of(dataset);
    char least[NUMBER_TEXT], most[NUMBER_TEXT], text[2 * NUMBER_TEXT + 8];
    number_write_shortest((float)extent.least, least);
    number_write_shortest((float)extent.most, most);
    snprintf(text, sizeof text, "[%s,%s]", least, most);
    return minnow_network_set_metadata(network, RANGE_KEY, text);
}

static bool read_range(const minnow_network *network, double *least, double *most) {
    const char *text = minnow_network_metadata(network, RANGE_KEY);
    json_t *range = text != NULL ? json_loads(text, 0, NULL) : NULL;
    bool numbers = json_array_size(range) == 2 && json_is_number(json_array_get(range, 0)) &&
                   json_is_number(json_array_get(range, 1));
    if (numbers) {
        *least = json_number_value(json_array_get(range, 0));
        *most = json_number_value(json_array_get(range, 1));
    }
    json_decref(range);
    return numbers;
}

/* Values that are ten times as large as any in training are hardly measurements of the same thing in the same unit. */
static const double FAR_BEYOND = 10.0;

bool input_range_warn(const minnow_network *network, const struct extent *extent, const char *data) {
    double least, most, largest = extent_largest(extent);
    if (!read_range(network, &least, &most)) {
        bool bytes = extent_looks_like_bytes(extent) && extent->most > UINT8_MAX / 2;
        if (bytes)
            note("%s: features are whole numbers up to %g, and are taken as they are; if the network was "
                 "trained "
                 "on 0 to 1, divide them by 255",
                 data, extent->most);
        return bytes;
    }
    if (largest <= FAR_BEYOND * fmax(fabs(least), fabs(most)))
        return false;
    note("%s: features from %g to %g, but the network was trained on %g to %g: %s", data, extent->least,
         extent->most, least, most,
         extent_looks_like_bytes(extent) && most <= 1 ? "divide them by 255"
                                                      : "are they the same features in the same units?");
    return true;
}
