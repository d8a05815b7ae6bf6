/* What a report measures. Functions of numbers alone: nothing here knows of networks, files or pages. */
#ifndef MINNOW_CLI_REPORT_MEASURE_H
#define MINNOW_CLI_REPORT_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Calibration ----

   Of the samples that a network is so and so sure about, how many does it get right? Samples are put into bins of equal
   width by their confidence, the largest output; the expected calibration error is the mean over samples of the distance
   between the mean confidence of a bin and the share of it that is right (Guo et al. 2017, eq. 3). */

enum { CALIBRATION_BINS = 10 };

struct calibration {
    size_t total;
    size_t count[CALIBRATION_BINS], right[CALIBRATION_BINS];
    double confidence[CALIBRATION_BINS]; /* the sum over the bin */
};

/* A confidence outside 0 to 1 counts as the nearer of them; one that is NaN as 0. */
void calibration_add(struct calibration *calibration, double confidence, bool right);
/* 0 to 1; NaN without samples. */
double calibration_error(const struct calibration *calibration);

/* ---- Histograms ----

   Bins of one width, a power of two, around 0. They begin narrow; a number that lies outside doubles the width, as often as
   is needed, which merges pairs of bins. So counts are exact, and no order of the numbers matters. */

enum { HISTOGRAM_BINS = 128 };

struct histogram {
    int exponent; /* bins are 2^exponent wide; bin HISTOGRAM_BINS / 2 begins at 0 */
    size_t count[HISTOGRAM_BINS];
    size_t total,
        zeros;       /* zeros are no part of the bins: relu makes so many that nothing else would be seen */
    size_t left_out; /* what is not finite */
};

void histogram_init(struct histogram *histogram);
void histogram_add(struct histogram *histogram, const float *values, size_t count);
/* Where bin `bin` begins, and the last one ends: bin HISTOGRAM_BINS. */
double histogram_edge(const struct histogram *histogram, size_t bin);
/* The first and one past the last bin with anything in it; false when all are empty. */
bool histogram_bounds(const struct histogram *histogram, size_t *begin, size_t *end);

/* ---- Units ---- */

/* The least and the largest activation of each unit. */
struct unit_ranges {
    size_t units, samples;
    float *least, *most; /* [units] */
};

/* values: [count][units], rows `stride` apart. */
void unit_ranges_add(struct unit_ranges *ranges, const float *values, size_t count, size_t stride);
/* A unit is dead that gives the same, whatever the sample: a relu's that is never above 0, a sigmoid's that is at its
   end. Two samples at least are needed to tell. */
bool unit_is_dead(const struct unit_ranges *ranges, size_t unit);
size_t unit_dead_count(const struct unit_ranges *ranges);

/* ---- Permutation importance ---- */

/* Exchanges among the rows of values[count][features] what stands in the columns first … first + width - 1: row i receives
   those of row order[i] of `from`. */
void permute_columns(const float *from, float *values, size_t count, size_t features, size_t first,
                     size_t width, const uint32_t *order);

struct mean_and_spread {
    double mean, spread; /* the sample's standard deviation; 0 of a single number */
};
struct mean_and_spread mean_and_spread_of(const double *values, size_t count);

/* ---- Axes ---- */

/* A step of 1, 2 or 5 times a power of ten that divides low … high into at most `most` parts. low < high, finite. */
double axis_step(double low, double high, unsigned most);

#endif
