#include <math.h>
#include <stdlib.h>
#include <time.h>
#include "cli/bench.h"
#include "cli/clock.h"

static const double sample_seconds = 2e-3; /* long beside a clock reading, short beside a change of speed */

static void let_rest(double seconds) {
    struct timespec pause = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
    if (seconds > 0)
        nanosleep(&pause, NULL);
}

static double time_once(struct contender *contender) {
    double start = clock_seconds();
    contender->run(contender, contender->repetitions);
    return (clock_seconds() - start) / (double)contender->repetitions;
}

/* Finds how many repetitions make a sample; warms up as it goes. The faster of two tries counts: one may have
   waited for another program, or for threads to start. */
static void calibrate(struct contender *contender) {
    contender->samples = 0;
    contender->repetitions = 1;
    for (;;) {
        double taken = time_once(contender) * (double)contender->repetitions;
        if (taken >= sample_seconds / 2 && taken < 50 * sample_seconds)
            taken = fmin(taken, time_once(contender) * (double)contender->repetitions);
        if (taken >= sample_seconds / 2 || contender->repetitions > SIZE_MAX / 32)
            break;
        double factor = taken > 0 ? sample_seconds / taken : 16;
        contender->repetitions *= (size_t)fmin(fmax(factor, 2), 16);
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void bench_time(struct contender *const *contenders, size_t count, double budget, double rest) {
    enum { AT_LEAST = 5, AT_LEAST_IF_SLOW = 2 };
    const double slow = 20; /* times the budget */
    for (size_t i = 0; i < count; i++)
        if (contenders[i]->run) {
            let_rest(rest);
            calibrate(contenders[i]);
        }
    double start = clock_seconds();
    for (size_t round = 0; round < BENCH_SAMPLES; round++) {
        size_t running = 0;
        for (size_t i = 0; i < count; i++) {
            struct contender *contender = contenders[i];
            if (!contender->run)
                continue;
            running++;
            let_rest(rest);
            double seconds = time_once(contender);
            contender->seconds[contender->samples++] = seconds;
            if (seconds * (double)contender->repetitions <
                sample_seconds / 4) /* calibrated at a bad moment */
                contender->repetitions *= 2;
        }
        double over = (clock_seconds() - start) / (budget * (double)running);
        if (round + 1 >= (over > slow ? AT_LEAST_IF_SLOW : AT_LEAST) && !(over <= 1))
            break;
    }
    for (size_t i = 0; i < count; i++)
        qsort(contenders[i]->seconds, contenders[i]->samples, sizeof(double), ascending);
}

double contender_best(const struct contender *contender) {
    return contender->samples ? contender->seconds[0] : NAN;
}

double contender_median(const struct contender *contender) {
    size_t middle = contender->samples / 2;
    if (contender->samples == 0)
        return NAN;
    return contender->samples % 2 ? contender->seconds[middle]
                                  : (contender->seconds[middle - 1] + contender->seconds[middle]) / 2;
}
