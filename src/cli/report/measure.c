#include "cli/report/measure.h"

#include <math.h>
#include <string.h>

/* ---- Calibration ---- */

void calibration_add(struct calibration *calibration, double confidence, bool right) {
    double within = confidence > 0.0 ? fmin(confidence, 1.0) : 0.0;
    size_t bin = (size_t)(within * CALIBRATION_BINS);
    bin = bin < CALIBRATION_BINS ? bin : CALIBRATION_BINS - 1;
    calibration->total++;
    calibration->count[bin]++;
    calibration->right[bin] += right;
    calibration->confidence[bin] += within;
}

double calibration_error(const struct calibration *calibration) {
    double sum = 0.0;
    for (size_t i = 0; i < CALIBRATION_BINS; i++)
        sum += fabs((double)calibration->right[i] - calibration->confidence[i]);
    return calibration->total > 0 ? sum / (double)calibration->total : NAN;
}

/* ---- Histograms ---- */

enum { HALF = HISTOGRAM_BINS / 2, NARROWEST = -40 };

void histogram_init(struct histogram *histogram) {
    *histogram = (struct histogram){.exponent = NARROWEST};
}

/* Bin i goes to where its place, counted from 0, is halved: bins HALF ± 2k and the one above it share one. */
static void widen(struct histogram *histogram) {
    size_t merged[HISTOGRAM_BINS] = {0};
    for (size_t i = 0; i < HISTOGRAM_BINS; i++)
        merged[HALF / 2 + i / 2] += histogram->count[i];
    memcpy(histogram->count, merged, sizeof merged);
    histogram->exponent++;
}

void histogram_add(struct histogram *histogram, const float *values, size_t count) {
    double scale = ldexp(1.0, -histogram->exponent);
    histogram->total += count;
    for (size_t i = 0; i < count; i++) {
        float value = values[i];
        if (value == 0.0f) {
            histogram->zeros++;
            continue;
        }
        if (!isfinite(value)) {
            histogram->left_out++;
            continue;
        }
        /* Rounding towards minus infinity; a power of two scales without rounding. */
        double place = floor((double)value * scale);
        while (place < -HALF || place >= HALF) {
            widen(histogram);
            scale *= 0.5;
            place = floor((double)value * scale);
        }
        histogram->count[HALF + (int)place]++;
    }
}

double histogram_edge(const struct histogram *histogram, size_t bin) {
    return ldexp((double)bin - HALF, histogram->exponent);
}

bool histogram_bounds(const struct histogram *histogram, size_t *begin, size_t *end) {
    *begin = 0;
    *end = HISTOGRAM_BINS;
    while (*begin < HISTOGRAM_BINS && histogram->count[*begin] == 0)
        ++*begin;
    while (*end > *begin && histogram->count[*end - 1] == 0)
        --*end;
    return *begin < *end;
}

/* ---- Units ---- */

void unit_ranges_add(struct unit_ranges *ranges, const float *values, size_t count, size_t stride) {
    for (size_t i = 0; i < count; i++, values += stride) {
        bool first = ranges->samples++ == 0;
        for (size_t unit = 0; unit < ranges->units; unit++) {
            if (first || values[unit] < ranges->least[unit])
                ranges->least[unit] = values[unit];
            if (first || values[unit] > ranges->most[unit])
                ranges->most[unit] = values[unit];
        }
    }
}

bool unit_is_dead(const struct unit_ranges *ranges, size_t unit) {
    return ranges->samples > 1 && ranges->least[unit] == ranges->most[unit];
}

size_t unit_dead_count(const struct unit_ranges *ranges) {
    size_t dead = 0;
    for (size_t unit = 0; unit < ranges->units; unit++)
        dead += unit_is_dead(ranges, unit);
    return dead;
}

/* ---- Permutation importance ---- */

void permute_columns(const float *from, float *values, size_t count, size_t features, size_t first,
                     size_t width, const uint32_t *order) {
    for (size_t i = 0; i < count; i++)
        memcpy(values + i * features + first, from + order[i] * features + first, width * sizeof *values);
}

struct mean_and_spread mean_and_spread_of(const double *values, size_t count) {
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    double mean = count > 0 ? sum / (double)count : NAN;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return (struct mean_and_spread){mean, count > 1 ? sqrt(squares / (double)(count - 1)) : 0.0};
}

/* ---- Axes ---- */

double axis_step(double low, double high, unsigned most) {
    double least = (high - low) / most, power = pow(10.0, floor(log10(least)));
    static const double steps[] = {1.0, 2.0, 5.0};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (steps[i] * power >= least * (1.0 - 1e-9))
            return steps[i] * power;
    return 10.0 * power;
}
