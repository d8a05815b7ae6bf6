#include "train/schedules.h"

#include <string.h>

#include "base/exact_math.h"

static double constant_share(double part) {
    (void)part;
    return 1.0;
}

static double linear_share(double part) {
    return 1.0 - part;
}

static double cosine_share(double part) {
    return 0.5 * (1.0 + exact_cos_turn(0.5 * part));
}

const struct schedule_row schedule_rows[] = {
    [MINNOW_SCHEDULE_CONSTANT] = {"constant", "stays as it is", constant_share},
    [MINNOW_SCHEDULE_LINEAR] = {"linear", "falls to 0 at the end", linear_share},
    [MINNOW_SCHEDULE_COSINE] = {"cosine", "falls to 0 along half a cosine", cosine_share},
};
const size_t schedule_row_count = sizeof schedule_rows / sizeof *schedule_rows;

bool schedule_find(const char *name, minnow_schedule *out) {
    for (size_t i = 0; i < schedule_row_count; i++)
        if (strcmp(schedule_rows[i].name, name) == 0) {
            *out = (minnow_schedule)i;
            return true;
        }
    return false;
}

double schedule_rate(minnow_schedule schedule, double rate, double warmup, uint64_t step, uint64_t steps) {
    double now = (double)step, total = (double)steps;
    if (now + 1.0 <= warmup)
        return rate * ((now + 1.0) / warmup);

    double part = total > warmup ? (now - warmup) / (total - warmup) : 0.0;
    return rate * schedule_rows[schedule].share(part < 0.0 ? 0.0 : part);
}
