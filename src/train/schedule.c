#include "train/schedule.h"

#include <string.h>

#include "base/exact_math.h"

static const char *const names[] = {[MINNOW_SCHEDULE_CONSTANT] = "constant",
                                    [MINNOW_SCHEDULE_LINEAR] = "linear",
                                    [MINNOW_SCHEDULE_COSINE] = "cosine"};
enum { SCHEDULES = sizeof names / sizeof names[0] };

const char *schedule_name(minnow_schedule schedule) {
    return (unsigned)schedule < SCHEDULES ? names[schedule] : NULL;
}

bool schedule_parse(const char *name, minnow_schedule *out) {
    for (int i = 0; i < SCHEDULES; i++)
        if (strcmp(names[i], name) == 0) {
            *out = (minnow_schedule)i;
            return true;
        }
    return false;
}

double schedule_rate(minnow_schedule schedule, double rate, double warmup, uint64_t step, uint64_t steps) {
    double now = (double)step, total = (double)steps;
    if (now + 1.0 <= warmup)
        return rate * ((now + 1.0) / warmup);
    double part = total > warmup ? (now - warmup) / (total - warmup) : 0.0; /* of the schedule that is over */
    if (part < 0.0)
        part = 0.0;
    switch (schedule) {
    case MINNOW_SCHEDULE_LINEAR:
        return rate * (1.0 - part);
    case MINNOW_SCHEDULE_COSINE:
        return rate * (0.5 * (1.0 + exact_cos_turn(0.5 * part)));
    default:
        return rate;
    }
}
