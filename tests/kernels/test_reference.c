/* The scalar table against double precision: each operation's formula once more, with a bound on what
 * rounding may do. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "harness/check.h"
#include "exact.h"

static const double U = 0x1p-24;     /* half an ulp of 1 */
static const double TINY = 0x1p-149; /* the least denormal */

/* A value and how far the float may be from it. */
struct bounded {
    double value, error;
};

static const struct kernel_call *before, *after; /* the same arguments, before and after the kernel ran */

static double at(const struct kernel_call *call, unsigned i, size_t row, size_t column) {
    return (double)((const float *)call->operand[i].data)[row * call->operand[i].ld + column];
}

static uint32_t integer_at(const struct kernel_call *call, unsigned i, size_t column) {
    return ((const uint32_t *)call->operand[i].data)[column];
}

static uint8_t byte_at(const struct kernel_call *call, unsigned i, size_t row, size_t column) {
    return ((const uint8_t *)call->operand[i].data)[row * call->operand[i].ld + column];
}

static struct bounded bounded(double value, double error) {
    return (struct bounded){value, error + TINY};
}

/* acc + a·b by one fused multiply-add: the bound grows by half an ulp of the new sum (a running error
   analysis; Higham, Accuracy and Stability of Numerical Algorithms, 3.3). */
static struct bounded add_product(struct bounded acc, double a, double b) {
    double value = fma(a, b, acc.value);
    return bounded(value, acc.error + U * (fabs(value) + acc.error));
}

/* Two ulp, so 4 U, for the function, besides what the argument's error makes of it. */
static struct bounded activation_of(struct bounded z) {
    const struct exact_activation *exact = &exact_activations[before->activation];
    double value = exact->of(z.value);
    return bounded(value, z.error * exact->steepest + 5 * U * fabs(value));
}

static struct bounded times_derivative(struct bounded product, double s) {
    const struct exact_activation *exact = &exact_activations[before->activation];
    double derivative = exact->derivative(s), error = exact->derivative_error(s);
    double value = product.value * derivative;
    return bounded(value,
                   product.error * fabs(derivative) + fabs(product.value) * error + 2 * U * fabs(value));
}

/* ---- Updates: operands i to i + 3 are the weights and what is kept beside them ---- */

static double settled(double moment) {
    return fabs(moment) < 0x1p-126 ? 0 : moment;
}

/* a·b + c, rounded once, for a that is exact. */
static struct bounded fused(double a, struct bounded b, struct bounded c) {
    double value = a * b.value + c.value, error = fabs(a) * b.error + c.error;
    return bounded(value, error + U * (fabs(value) + error));
}

static struct bounded times(double a, struct bounded b) {
    return fused(a, b, (struct bounded){0, 0});
}

static struct bounded exactly(double value) {
    return (struct bounded){value, 0};
}

/* What an update makes of each of its four operands. */
struct updated {
    struct bounded w, first, second, average;
};

static struct bounded quotient(struct bounded a, struct bounded b) {
    double value = a.value / b.value, least = b.value - b.error;
    double error = least > 0 ? (a.error + fabs(value) * b.error) / least : (double)INFINITY;
    return bounded(value, error + U * (fabs(value) + error));
}

/* A second moment at the edge of what is settled may be either. */
static struct bounded next_moment(double kept, double before_it, struct bounded term) {
    struct bounded moment = fused(kept, exactly(before_it), term);
    return bounded(settled(moment.value), moment.error + (fabs(moment.value) < 0x1p-125 ? 0x1p-125 : 0));
}

static struct bounded root(struct bounded second, double epsilon) {
    double value = sqrt(second.value) + epsilon;
    double error = second.value > 0 ? second.error / sqrt(second.value) : sqrt(second.error);
    return bounded(value, error + 3 * U * value);
}

static struct updated update_of(const struct update *u, struct bounded gradient, struct updated old) {
    struct bounded g = fused((double)u->l2, old.w, times((double)u->clip, gradient)), step = g;
    struct bounded w = fused(-(double)u->decay, old.w, old.w);
    struct bounded square = {(double)u->second_share * g.value * g.value, 0};
    square.error = 2 * (double)u->second_share * fabs(g.value) * g.error + g.error * g.error +
                   3 * U * square.value + TINY * (2 + fabs(g.value));
    switch (u->rule) {
    case UPDATE_PLAIN:
        old.w = fused(-(double)u->rate, gradient, old.w);
        return old;
    case UPDATE_STORE:
        old.w = gradient;
        return old;
    case UPDATE_DECAYING:
        break;
    case UPDATE_MOMENTUM:
    case UPDATE_NESTEROV:
        step = old.first = next_moment((double)u->momentum, old.first.value, g);
        if (u->rule == UPDATE_NESTEROV)
            step = fused((double)u->momentum, old.first, g);
        break;
    case UPDATE_RMSPROP:
        old.second = next_moment((double)u->second_kept, old.second.value, square);
        step = quotient(g, root(old.second, (double)u->epsilon));
        break;
    case UPDATE_ADAM:
        old.first = next_moment((double)u->momentum, old.first.value, times((double)u->first_share, g));
        old.second = next_moment((double)u->second_kept, old.second.value, square);
        step = quotient(old.first, root(old.second, (double)u->epsilon));
        break;
    }
    old.w = fused(-(double)u->rate, step, w);
    struct bounded change = {old.w.value - old.average.value, old.w.error};
    change.error += U * (fabs(change.value) + change.error);
    old.average = fused((double)u->average_share, change, old.average);
    return old;
}

/* Operand i, of those from `w` on, after an update by that gradient. */
static struct bounded updated(unsigned w, unsigned i, struct bounded gradient, size_t row, size_t column) {
    struct updated old = {exactly(at(before, w, row, column)),
                          exactly(at(before, w + 1, row, column)),
                          exactly(at(before, w + 2, row, column)),
                          {0, 0}};
    if (before->operand[w + 3].data)
        old.average = exactly(at(before, w + 3, row, column));
    struct updated new = update_of(&before->update, gradient, old);
    const struct bounded of[] = {new.w, new.first, new.second, new.average};
    return of[i - w];
}

/* ---- One function per operation: what output `i`[row][column] should be. ---- */

static struct bounded forward_of(unsigned bias, size_t row, size_t column) {
    struct bounded acc = {before->operand[bias].data ? at(before, bias, 0, column) : 0, 0};
    for (size_t k = 0; k < before->shape.k; k++)
        acc = add_product(acc, at(before, 0, row, k), at(before, 1, k, column));
    return activation_of(acc);
}

static struct bounded forward(unsigned i, size_t row, size_t column) {
    (void)i;
    return forward_of(2, row, column);
}

static struct bounded input_gradient(unsigned i, size_t row, size_t column) {
    (void)i;
    struct bounded acc = {0, 0};
    for (size_t k = 0; k < before->shape.k; k++)
        acc = add_product(acc, at(before, 0, row, k), at(before, 1, k, column));
    return before->operand[2].data ? times_derivative(acc, at(before, 2, row, column)) : acc;
}

static struct bounded weight_gradient(unsigned i, size_t row, size_t column) {
    (void)i;
    struct bounded acc = {0, 0};
    for (size_t m = 0; m < before->shape.m; m++)
        acc = add_product(acc, at(before, 0, m, row), at(before, 1, m, column));
    return acc;
}

static struct bounded weight_update(unsigned i, size_t row, size_t column) {
    return updated(2, i, weight_gradient(i, row, column), row, column);
}

static struct bounded bias_gradient(unsigned i, size_t row, size_t column) {
    (void)i, (void)row;
    struct bounded acc = {0, 0};
    for (size_t m = 0; m < before->shape.m; m++)
        acc = add_product(acc, 1, at(before, 0, m, column));
    return acc;
}

static struct bounded bias_update(unsigned i, size_t row, size_t column) {
    return updated(1, i, bias_gradient(i, row, column), 0, column);
}

static struct bounded weight_update_one(unsigned i, size_t row, size_t column) {
    struct bounded gradient =
        add_product((struct bounded){0, 0}, at(before, 0, 0, row), at(before, 1, 0, column));
    return updated(2, i, gradient, row, column);
}

static double largest(size_t row) {
    double result = -INFINITY;
    for (size_t n = 0; n < before->shape.n; n++)
        if (at(before, 0, row, n) > result) /* gcc 12 for aarch64 crashes on fmax here */
            result = at(before, 0, row, n);
    return result;
}

/* e^(z - max), whose argument is off by half an ulp of itself, and their sum. */
static struct bounded power(size_t row, size_t n, double max) {
    double x = at(before, 0, row, n) - max;
    return bounded(exp(x), exp(x) * (U * fabs(x) + 5 * U));
}

static struct bounded power_sum(size_t row) {
    struct bounded sum = {0, 0};
    double max = largest(row);
    for (size_t n = 0; n < before->shape.n; n++) {
        struct bounded e = power(row, n, max);
        sum = bounded(sum.value + e.value, sum.error + e.error);
    }
    sum.error += sum.value * U * ((double)before->shape.n / 16 + 6); /* additions on the longest way */
    return sum;
}

static struct bounded softmax(unsigned i, size_t row, size_t column) {
    (void)i;
    struct bounded e = power(row, column, largest(row)), sum = power_sum(row);
    double p = e.value / sum.value;
    return bounded(p, (e.error + p * sum.error) / sum.value + 2 * U * p);
}

/* (p − y)·scale for a p that is off by its error. */
static struct bounded scaled_difference(struct bounded p, double y) {
    double scale = (double)before->scalar, d = p.value - y;
    return bounded(d * scale, fabs(scale) * (p.error + 3 * U * fabs(d) + TINY));
}

static struct bounded softmax_loss(unsigned i, size_t row, size_t column) {
    if (i == 2)
        return scaled_difference(softmax(2, row, column), integer_at(before, 1, row) == column);
    struct bounded sum = power_sum(column);
    double z = at(before, 0, column, integer_at(before, 1, column)) - largest(column),
           logarithm = log(sum.value);
    return bounded(logarithm - z, sum.error / sum.value + 5 * U * fabs(logarithm) + U * fabs(z) +
                                      2 * U * fabs(logarithm - z));
}

static struct bounded logistic_loss(unsigned i, size_t row, size_t column) {
    if (i == 2) {
        double p = exact_sigmoid(at(before, 0, row, column));
        return scaled_difference(bounded(p, 5 * U * p), integer_at(before, 1, row) == column);
    }
    struct bounded sum = {0, 0};
    double longest = (double)before->shape.n / 16 + 6, magnitude = 0;
    for (size_t n = 0; n < before->shape.n; n++) {
        double z = at(before, 0, column, n), y = integer_at(before, 1, column) == n;
        double linear = fmax(z, 0) - z * y, rest = log1p(exp(-fabs(z)));
        sum = bounded(sum.value + linear + rest, sum.error + 3 * U * fabs(linear) + 12 * U * rest);
        magnitude += fabs(linear) + rest;
    }
    return bounded(sum.value, sum.error + longest * U * magnitude);
}

static struct bounded quadratic_loss(unsigned i, size_t row, size_t column) {
    if (i == 2) {
        double a = exact_sigmoid(at(before, 0, row, column)), y = integer_at(before, 1, row) == column;
        double scale = (double)before->scalar, slope = a * (1 - a), d = a - y;
        double error =
            fabs(slope) * (5 * U * a + U * fabs(d)) + fabs(d) * (7 * U * a + 5 * U * fabs(slope) + TINY);
        return bounded(d * slope * scale, fabs(scale) * (error + TINY) + 3 * U * fabs(d * slope * scale));
    }
    struct bounded sum = {0, 0};
    for (size_t n = 0; n < before->shape.n; n++) {
        double a = exact_sigmoid(at(before, 0, column, n)), d = a - (integer_at(before, 1, column) == n);
        sum = bounded(sum.value + d * d / 2, sum.error + fabs(d) * 6 * U * a + 3 * U * d * d);
    }
    return bounded(sum.value, sum.error + ((double)before->shape.n / 16 + 6) * U * sum.value);
}

/* ---- Losses against targets: operand 1 ---- */

static struct bounded softmax_target_loss(unsigned i, size_t row, size_t column) {
    size_t sample = i == 2 ? row : column;
    double whole = 0, size = 0, max = largest(sample), below = 0, lost = 0;
    for (size_t n = 0; n < before->shape.n; n++) {
        double t = at(before, 1, sample, n), gap = max - at(before, 0, sample, n);
        whole += t;
        size += fabs(t);
        below += t * gap;
        lost += fabs(t * gap);
    }
    double longest = (double)before->shape.n / 16 + 6;
    if (i == 2) {
        struct bounded p = softmax(2, row, column);
        double t = at(before, 1, row, column), scale = (double)before->scalar;
        double value = (p.value * whole - t) * scale;
        return bounded(value, fabs(scale) * (fabs(whole) * p.error + p.value * longest * U * size +
                                             3 * U * (fabs(p.value * whole) + fabs(t)) + TINY));
    }
    struct bounded sum = power_sum(column);
    double logarithm = log(sum.value), error = sum.error / sum.value + 5 * U * fabs(logarithm);
    return bounded(whole * logarithm + below, fabs(whole) * error + size * longest * U * fabs(logarithm) +
                                                  (longest + 3) * U * lost +
                                                  U * fabs(whole * logarithm + below));
}

static struct bounded logistic_target_loss(unsigned i, size_t row, size_t column) {
    if (i == 2) {
        double p = exact_sigmoid(at(before, 0, row, column)), t = at(before, 1, row, column);
        double scale = (double)before->scalar;
        return bounded((p - t) * scale, fabs(scale) * (5 * U * p + 3 * U * fabs(p - t) + TINY));
    }
    struct bounded sum = {0, 0};
    double magnitude = 0;
    for (size_t n = 0; n < before->shape.n; n++) {
        double z = at(before, 0, column, n), t = at(before, 1, column, n);
        double linear = fmax(z, 0) - z * t, rest = log1p(exp(-fabs(z)));
        sum = bounded(sum.value + linear + rest, sum.error + 3 * U * fabs(linear) + 12 * U * rest);
        magnitude += fabs(linear) + rest;
    }
    return bounded(sum.value, sum.error + ((double)before->shape.n / 16 + 6) * U * magnitude);
}

/* Of a loss of numbers: what an error adds to the mean, and its slope; the latter may be either side's where the
   float error is 0 or at the edge, so edges are left out of what is compared. */
static struct bounded numbers_loss(unsigned i, size_t row, size_t column, double (*of)(double),
                                   double (*slope)(double)) {
    double count = (double)before->shape.n, scale = (double)before->scalar;
    if (i == 2) {
        double error = at(before, 0, row, column) - at(before, 1, row, column);
        double value = slope(error) / count * scale;
        return bounded(value, 6 * U * fabs(value) + TINY * fabs(error));
    }
    double sum = 0;
    for (size_t n = 0; n < before->shape.n; n++)
        sum += of(at(before, 0, column, n) - at(before, 1, column, n));
    return before->shape.n == 0 ? bounded(0, 0)
                                : bounded(sum / count, (count / 16 + 12) * (U * sum / count + TINY));
}

static double square(double error) {
    return error * error;
}

static double twice(double error) {
    return 2 * error;
}

static double sign(double error) {
    return error > 0 ? 1 : error < 0 ? -1 : 0;
}

static double huber(double error) {
    return fabs(error) <= 1 ? error * error / 2 : fabs(error) - 0.5;
}

static double cut_off(double error) {
    return fmax(-1, fmin(error, 1));
}

static struct bounded squared_loss(unsigned i, size_t row, size_t column) {
    return numbers_loss(i, row, column, square, twice);
}

static struct bounded absolute_loss(unsigned i, size_t row, size_t column) {
    return numbers_loss(i, row, column, fabs, sign);
}

static struct bounded huber_loss(unsigned i, size_t row, size_t column) {
    return numbers_loss(i, row, column, huber, cut_off);
}

static struct bounded argmax(unsigned i, size_t row, size_t column) {
    (void)i, (void)row;
    double wanted = largest(column);
    for (size_t n = 0; n < before->shape.n; n++)
        if (at(before, 0, column, n) == wanted)
            return (struct bounded){(double)n, 0};
    return (struct bounded){0, 0};
}

static struct bounded function_of(double value) {
    return bounded(value, 5 * U * fabs(value));
}

static struct bounded exp_of(unsigned i, size_t row, size_t column) {
    (void)i;
    return function_of(exp(at(before, 0, row, column)));
}

static struct bounded log_of(unsigned i, size_t row, size_t column) {
    (void)i;
    return function_of(log(at(before, 0, row, column)));
}

static struct bounded activate(unsigned i, size_t row, size_t column) {
    (void)i;
    return activation_of((struct bounded){at(before, 0, row, column), 0});
}

static struct bounded apply_update(unsigned i, size_t row, size_t column) {
    return updated(1, i, exactly(at(before, 0, row, column)), row, column);
}

static struct bounded sum_squares(unsigned i, size_t row, size_t column) {
    (void)i, (void)row;
    double sum = 0;
    for (size_t n = 0; n < before->shape.n; n++)
        sum += at(before, 0, column, n) * at(before, 0, column, n);
    return bounded(sum, ((double)before->shape.n / 16 + 6) * (U * sum + TINY));
}

/* A column that is as long as the limit, but for rounding, may be scaled or not. */
static struct bounded limit_columns(unsigned i, size_t row, size_t column) {
    (void)i;
    double square = 0, w = at(before, 0, row, column), k = (double)before->shape.k,
           limit = (double)before->scalar;
    for (size_t n = 0; n < before->shape.k; n++)
        square += at(before, 0, n, column) * at(before, 0, n, column);
    double length = sqrt(square), lost = (k + 4) * (U * length + (length > 0 ? TINY / length : TINY));
    if (length <= limit)
        return bounded(w, length + lost > limit ? fabs(w) * (lost / limit + 2 * U) : 0);
    return bounded(w * (limit / length), fabs(w * limit / length) * (lost / length + 4 * U));
}

static size_t gathered(size_t row) {
    return before->operand[1].data ? integer_at(before, 1, row) : row;
}

static struct bounded gather_bytes(unsigned i, size_t row, size_t column) {
    (void)i;
    double value = (double)before->scalar * byte_at(before, 0, gathered(row), column);
    return bounded(value, U * fabs(value));
}

static struct bounded gather_floats(unsigned i, size_t row, size_t column) {
    (void)i;
    return (struct bounded){at(before, 0, gathered(row), column), 0};
}

static struct bounded transpose(unsigned i, size_t row, size_t column) {
    (void)i;
    return (struct bounded){at(before, 0, column, row), 0};
}

static struct bounded transpose_bytes(unsigned i, size_t row, size_t column) {
    (void)i;
    return (struct bounded){byte_at(before, 0, column, row), 0};
}

/* A coordinate: that of the map, with the field's displacement if there is one, within the image. */
static struct bounded coordinate(size_t axis, size_t i, double last) {
    struct bounded sum = {at(before, 1, 0, 3 * axis + 2), 0};
    sum = add_product(sum, at(before, 1, 0, 3 * axis + 1), at(before, 2, 1, i));
    sum = add_product(sum, at(before, 1, 0, 3 * axis), at(before, 2, 0, i));
    if (before->operand[3].data)
        sum = add_product(sum, 1, at(before, 3, axis, i));
    sum.value = fmin(fmax(sum.value, 0), last);
    return sum;
}

static double pixel(bool bytes, size_t row, size_t column) {
    return bytes ? byte_at(before, 0, row, column) : at(before, 0, row, column);
}

/* The interpolation is continuous, and no steeper than the largest difference of pixels: so much an error of the
   coordinates can do. Three rounded steps follow, of sums up to twice a pixel's size. */
static struct bounded resampled(bool bytes, size_t i) {
    size_t m = before->shape.m, k = before->shape.k;
    struct bounded column = coordinate(0, i, (double)(k - 4)), row = coordinate(1, i, (double)(m - 2));
    double largest = 0;
    for (size_t r = 0; r < m; r++)
        for (size_t c = 0; c < k; c++) {
            double size = fabs(pixel(bytes, r, c));
            if (size > largest)
                largest = size;
        }

    size_t r = (size_t)row.value, c = (size_t)column.value;
    double down = row.value - (double)r, right = column.value - (double)c;
    double value = (1 - down) * ((1 - right) * pixel(bytes, r, c) + right * pixel(bytes, r, c + 1)) +
                   down * ((1 - right) * pixel(bytes, r + 1, c) + right * pixel(bytes, r + 1, c + 1));
    return bounded(value, 2 * largest * (row.error + column.error) + 16 * U * largest);
}

static struct bounded resample_bytes(unsigned i, size_t row, size_t column) {
    (void)i;
    (void)row;
    struct bounded exact = resampled(true, column);
    return bounded(exact.value, exact.error + 0.5);
}

static struct bounded resample_floats(unsigned i, size_t row, size_t column) {
    (void)i;
    (void)row;
    return resampled(false, column);
}

/* The word of Philox4x32-10 that an element takes (operations.h), in 64-bit arithmetic. */
static uint32_t drawn(size_t row, size_t column) {
    uint64_t d[6], mask = UINT32_MAX;
    for (size_t i = 0; i < 6; i++)
        d[i] = integer_at(before, 0, 6 * row + i);
    uint64_t c[4] = {(d[2] + column / 64 * 16 + column % 16) & mask, d[3], d[4], d[5]};
    for (uint64_t round = 0; round < 10; round++) {
        uint64_t low = 0xd2511f53u * c[0], high = 0xcd9e8d57u * c[2];
        uint64_t key[2] = {(d[0] + round * 0x9e3779b9u) & mask, (d[1] + round * 0xbb67ae85u) & mask};
        uint64_t next[4] = {high >> 32 ^ c[1] ^ key[0], high & mask, low >> 32 ^ c[3] ^ key[1], low & mask};
        memcpy(c, next, sizeof c);
    }
    return (uint32_t)c[column / 16 % 4];
}

static struct bounded draw_kept(unsigned i, size_t row, size_t column) {
    (void)i;
    double unit = (double)(drawn(row, column) >> 8) * 0x1p-24;
    return (struct bounded){unit < (double)before->scalar ? 0 : 255, 0};
}

/* By bisection; the polynomial's own error is 3e-7 of the deviate. */
static double normal_of(double probability) {
    double low = -6, high = 6;
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (low + high);
        if (0.5 * erfc(-middle * sqrt(0.5)) < probability)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static struct bounded add_normal(unsigned i, size_t row, size_t column) {
    double sigma = (double)before->scalar, x = at(before, i, row, column);
    double normal = normal_of(((double)(drawn(row, column) >> 8) + 0.5) * 0x1p-24);
    double value = x + sigma * normal;
    return bounded(value, U * fabs(value) + 1e-6 * fabs(sigma) * (fabs(normal) + 0.1));
}

static struct bounded keep(unsigned i, size_t row, size_t column) {
    (void)i;
    double value =
        byte_at(before, 0, row, column) != 0 ? at(before, 1, row, column) * (double)before->scalar : 0;
    return bounded(value, U * fabs(value));
}

/* NULL: test_relations.c shows that it equals the dense operation. An operation that is not here fails the
 * test. */
static const struct reference {
    const char *name;
    struct bounded (*of)(unsigned i, size_t row, size_t column);
} references[] = {{"forward", forward},
                  {"input_gradient", input_gradient},
                  {"weight_gradient", weight_gradient},
                  {"weight_update", weight_update},
                  {"bias_update", bias_update},
                  {"bias_gradient", bias_gradient},
                  {"forward_one", forward},
                  {"input_gradient_one", input_gradient},
                  {"weight_update_one", weight_update_one},
                  {"sparse_forward", NULL},
                  {"sparse_weight_gradient", NULL},
                  {"sparse_weight_update", NULL},
                  {"sparse_weight_update_one", NULL},
                  {"bytes_forward", NULL},
                  {"bytes_weight_update", NULL},
                  {"softmax", softmax},
                  {"softmax_loss", softmax_loss},
                  {"logistic_loss", logistic_loss},
                  {"quadratic_loss", quadratic_loss},
                  {"softmax_target_loss", softmax_target_loss},
                  {"logistic_target_loss", logistic_target_loss},
                  {"squared_loss", squared_loss},
                  {"absolute_loss", absolute_loss},
                  {"huber_loss", huber_loss},
                  {"argmax", argmax},
                  {"exp", exp_of},
                  {"log", log_of},
                  {"activate", activate},
                  {"apply_update", apply_update},
                  {"sum_squares", sum_squares},
                  {"limit_columns", limit_columns},
                  {"gather_bytes", gather_bytes},
                  {"gather_floats", gather_floats},
                  {"transpose", transpose},
                  {"transpose_bytes", transpose_bytes},
                  {"resample_bytes", resample_bytes},
                  {"resample_floats", resample_floats},
                  {"draw_kept", draw_kept},
                  {"add_normal", add_normal},
                  {"keep", keep}};

/* ---- Running them ---- */

static void *memory[2][KERNEL_OPERANDS];

static void *place(void *context, unsigned copy, unsigned operand, size_t bytes) {
    (void)context;
    free(memory[copy][operand]);
    return memory[copy][operand] = malloc(bytes + 1);
}

static void compare(const struct kernel_entry *entry, const struct kernel_case *c,
                    const struct reference *reference, double *worst) {
    for (unsigned i = 0; i < entry->operand_count; i++) {
        const struct kernel_operand *operand = &entry->operand[i];
        if (after->operand[i].data == NULL)
            continue;
        for (size_t row = 0;
             operand->access != ACCESS_READ && row < kernel_dimension(c->shape, operand->rows); row++)
            for (size_t column = 0; column < kernel_dimension(c->shape, operand->columns); column++) {
                struct bounded expected = reference->of(i, row, column);
                double found = operand->content == CONTENT_COUNT  ? integer_at(after, i, column)
                               : operand->content == CONTENT_BYTE ? byte_at(after, i, row, column)
                                                                  : at(after, i, row, column);
                if ((isnan(found) && isnan(expected.value)) || (double)(float)expected.value == found)
                    continue;
                char text[512];
                kernel_case_describe(entry, c, text, sizeof text);
                cr_assert(fabs(found - expected.value) <= expected.error,
                          "%s[%zu][%zu] is %.9g, expected %.9g within %.2g [%s]", operand->name, row, column,
                          found, expected.value, expected.error, text);
                *worst = fmax(*worst, fabs(found - expected.value) / expected.error);
            }
    }
}

ParameterizedTestParameters(reference, scalar_against_double) {
    static int entry[256];
    for (size_t e = 0; e < kernel_catalogue_count; e++)
        entry[e] = (int)e;
    return cr_make_param_array(int, entry, kernel_catalogue_count);
}

ParameterizedTest(int *parameter, reference, scalar_against_double) {
    static const struct kernel_shape shapes[] = {{1, 1, 1},    {3, 5, 2},    {4, 16, 16}, {7, 33, 10},
                                                 {2, 784, 17}, {31, 64, 10}, {0, 3, 4},   {5, 0, 3},
                                                 {200, 3, 5},  {2, 3, 400}};
    const struct kernel_entry *entry = &kernel_catalogue[*parameter];
    const struct reference *reference = NULL;
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (strcmp(references[i].name, entry->name) == 0)
            reference = &references[i];
    cr_assert(reference, "%s has no reference in double precision", entry->name);
    if (!reference->of)
        return;
    double worst = 0;
    size_t count = 0;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (unsigned way = 0; way < 4 * KERNEL_WAYS; way++) {
            struct kernel_case c = {.shape = shapes[s],
                                    .way = way % KERNEL_WAYS,
                                    .omit_optional = way / KERNEL_WAYS % 2,
                                    .values = way / KERNEL_WAYS / 2 ? VALUES_SMALL : VALUES_ORDINARY,
                                    .row_padding = 1,
                                    .density = 0.7,
                                    .scalar = 0.17f,
                                    .seed = way};
            for (enum dimension d = DIMENSION_M; d <= DIMENSION_N; d++)
                if (!kernel_entry_uses(entry, d))
                    *(d == DIMENSION_M ? &c.shape.m : d == DIMENSION_K ? &c.shape.k : &c.shape.n) = 1;
            if (!kernel_case_valid(entry, &c))
                continue;
            struct kernel_call calls[2];
            cr_assert(kernel_prepare(entry, &c, 0, place, NULL, &calls[0]) &&
                      kernel_prepare(entry, &c, 1, place, NULL, &calls[1]));
            before = &calls[0], after = &calls[1];
            entry->run(kernel_tables[0], after);
            compare(entry, &c, reference, &worst);
            count++;
        }
    cr_assert_gt(count, 10);
    cr_log_info("%s: at most %.2f of the bound, %zu cases", entry->name, worst, count);
}
