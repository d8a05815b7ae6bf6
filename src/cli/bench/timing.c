#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "cli/bench/bench.h"
#include "cli/frame/clock.h"

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

/* The shorter of two: where threads wait for a processor, starting them may take longer than the work. */
static double time_sample(struct contender *contender, size_t repetitions) {
    contender->repetitions = repetitions;
    return fmin(time_once(contender), time_once(contender)) * (double)repetitions;
}

/* Finds how many repetitions make a sample; warms up as it goes. A sample must be long enough, and so must
   its work: on a busy machine the threads of a team may take longer to start than to work, but then four
   times the work takes much less than four times as long. */
static void calibrate(struct contender *contender) {
    size_t repetitions = 1;
    contender->samples = 0;
    while (repetitions < SIZE_MAX / 64) {
        double taken = time_sample(contender, repetitions);
        double factor = taken > 0 ? sample_seconds / taken : 16;
        if (taken < sample_seconds / 2)
            repetitions *= (size_t)fmin(fmax(factor, 2), 16);
        else if (taken > 50 * sample_seconds || time_sample(contender, 4 * repetitions) > 2 * taken)
            break;
        else
            repetitions *= 4;
    }
    contender->repetitions = repetitions;
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
