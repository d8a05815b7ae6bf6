#include "cli/frame/spark.h"

#include <math.h>

#include "cli/frame/terminal.h"

static double height(double value, bool logarithmic) {
    return logarithmic ? log(value) : value;
}

/* Of the values that one sign stands for. */
static double mean(const double *value, size_t count, size_t column, size_t columns) {
    size_t begin = column * count / columns, end = (column + 1) * count / columns;
    double sum = 0;
    for (size_t i = begin; i < end; i++)
        sum += value[i];
    return sum / (double)(end - begin);
}

void spark_print(const double *value, size_t count, size_t columns, bool logarithmic, bool utf8) {
    enum { LEVELS = 8 };
    static const char *const blocks[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const signs[LEVELS] = {"_", ".", "-", "=", "+", "*", "%", "#"};
    double low = INFINITY, high = -INFINITY;
    columns = count < columns ? count : columns;
    for (size_t x = 0; x < columns; x++) {
        double at = height(mean(value, count, x, columns), logarithmic);
        low = fmin(low, at);
        high = fmax(high, at);
    }

    for (size_t x = 0; x < columns; x++) {
        double at = height(mean(value, count, x, columns), logarithmic);
        double share = high > low ? (at - low) / (high - low) : 0.5;
        size_t level = (size_t)(share * (LEVELS - 1) + 0.5);
        print("%s", utf8 ? blocks[level] : signs[level]);
    }
}
